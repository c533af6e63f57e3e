//! Claims sets and headers: JSON objects whose text is kept as written and whose members are unique.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// A JSON object whose members are unique at every depth (RFC 7515 section 4, RFC 7519 section 4)
/// and whose text is kept as written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JsonObject {
    text: String,
    members: Map<String, Value>,
}

/// Where and why a text is no JSON object; line and column count from 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct JsonError {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

impl JsonObject {
    /// Reads an object; numbers keep their digits and members their order.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        serde_json::from_str::<Unique>(text).map_err(|error| json_error(&error))?;
        let members = serde_json::from_str(text).map_err(|error| json_error(&error))?;
        Ok(Self {
            text: text.to_owned(),
            members,
        })
    }

    /// An object of members, written on one line.
    pub fn from_members(members: Map<String, Value>) -> Self {
        Self {
            text: one_line(&members),
            members,
        }
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its members in order.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// Indented by two spaces, order kept.
    pub fn pretty(&self) -> String {
        format!("{:#}", Value::Object(self.members.clone()))
    }

    /// One line, order kept.
    pub fn compact(&self) -> String {
        one_line(&self.members)
    }
}

fn one_line(members: &Map<String, Value>) -> String {
    // Names are text and every value is JSON already, so that writing cannot fail.
    serde_json::to_string(members).unwrap_or_default()
}

fn json_error(error: &serde_json::Error) -> JsonError {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    JsonError {
        line: error.line().max(1),
        column: error.column().max(1),
        reason: text.strip_suffix(&place).unwrap_or(&text).to_owned(),
    }
}

/// Proof that an object's members are unique at every depth.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnyValue)?;
        Ok(Self)
    }
}

/// Walks any value; an object refuses a name that it has seen.
struct AnyValue;

impl<'de> DeserializeSeed<'de> for AnyValue {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(AnyValue)?;
            if seen.contains(&name) {
                return Err(A::Error::custom(format_args!(
                    "the member {name:?} stands twice"
                )));
            }
            seen.insert(name);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element_seed(AnyValue)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_digits_are_kept() {
        let text = r#"{"z":1.10,"a":123456789012345678901234567890,"m":[{"b":1}]}"#;
        let object = JsonObject::parse(text).unwrap();
        assert_eq!(object.text(), text);
        assert_eq!(object.compact(), text);
    }

    #[test]
    fn duplicate_members_are_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            let error = JsonObject::parse(text).unwrap_err();
            assert_eq!(error.reason, "the member \"a\" stands twice", "{text}");
        }
    }

    #[test]
    fn an_error_names_line_and_column() {
        let error = JsonObject::parse("{\n  \"a\": ,\n}").unwrap_err();
        assert_eq!(error.to_string(), "line 2, column 8: expected value");
        for text in ["", "[]", "1", "{} x", "{\"a\":1"] {
            assert!(JsonObject::parse(text).is_err(), "{text}");
        }
    }
}
