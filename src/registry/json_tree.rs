//! JSON that is written around texts that stay as they are.

use serde_json::Value;

/// A JSON value; what came from a service stays the text that it was.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
    /// JSON.
    Raw(String),
}

impl Tree {
    /// A string of this text.
    pub(super) fn text(text: &str) -> Self {
        Self::Raw(Value::from(text).to_string())
    }

    /// A value of ours.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::Array(items.iter().map(Self::of).collect()),
            Value::Object(members) => {
                let members = members.iter();
                Self::Object(members.map(|(n, v)| (n.clone(), Self::of(v))).collect())
            }
            other => Self::Raw(other.to_string()),
        }
    }

    /// On one line.
    pub(super) fn compact(&self) -> String {
        match self {
            Self::Array(items) => {
                let items: Vec<String> = items.iter().map(Self::compact).collect();
                format!("[{}]", items.join(","))
            }
            Self::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| {
                        format!("{}:{}", Value::from(name.as_str()), value.compact())
                    })
                    .collect();
                format!("{{{}}}", members.join(","))
            }
            Self::Raw(json) => json.clone(),
        }
    }

    /// Indented by two spaces.
    pub(super) fn pretty(&self) -> String {
        self.indented("")
    }

    fn indented(&self, before: &str) -> String {
        let within = format!("{before}  ");
        match self {
            Self::Array(items) if !items.is_empty() => {
                let lines: Vec<String> = items
                    .iter()
                    .map(|item| format!("{within}{}", item.indented(&within)))
                    .collect();
                format!("[\n{}\n{before}]", lines.join(",\n"))
            }
            Self::Object(members) if !members.is_empty() => {
                let lines: Vec<String> = members
                    .iter()
                    .map(|(name, value)| {
                        let name = Value::from(name.as_str());
                        format!("{within}{name}: {}", value.indented(&within))
                    })
                    .collect();
                format!("{{\n{}\n{before}}}", lines.join(",\n"))
            }
            Self::Raw(json) => json.clone(),
            empty => empty.compact(),
        }
    }
}
