//! Claims sets and headers as JSON whose member order is kept and whose members are unique.

/// A JSON object whose members are unique at every depth and whose text is kept as written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JsonObject {
    text: String,
}

/// Where and why a text is no JSON object (line and column from 1).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct JsonError {
    pub line: usize,
    pub column: usize,
    pub reason: String,
}

impl JsonObject {
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        unimplemented!("{text}")
    }
    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Its members in order (numbers keep their digits: `arbitrary_precision`).
    pub fn members(&self) -> &serde_json::Map<String, serde_json::Value> {
        unimplemented!()
    }
    /// Indented by two spaces, order kept.
    pub fn pretty(&self) -> String {
        unimplemented!()
    }
    /// One line, order kept.
    pub fn compact(&self) -> String {
        unimplemented!()
    }
}
