//! Texts and JSON documents with holes in them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A text with holes, `/api/v1/entities/jwks/{id}` for example.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Template(Vec<Part>);

/// A JSON document whose strings are templates; the string `{key}` becomes the key itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "Value")]
pub enum Document {
    Array(Vec<Self>),
    Key,
    Object(Vec<(String, Self)>),
    Other(Value),
    Text(Template),
}

/// What can stand in braces.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Hole {
    /// The key's id at the service.
    Id,
    /// The key, in the form that the service wants.
    Key,
    /// The number of a page.
    Page,
    /// One of the preset's values.
    Value(String),
}

/// What the holes are filled with.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    pub id: &'a str,
    pub page: u32,
    pub values: &'a BTreeMap<String, String>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Hole(Hole),
    Text(String),
}

impl Template {
    /// The text, with what fills the holes percent-encoded as one segment of a URL (RFC 3986).
    pub fn in_url(&self, filling: &Filling<'_>) -> String {
        self.filled(filling, percent_encoded)
    }

    /// The text as it is.
    pub fn plain(&self, filling: &Filling<'_>) -> String {
        self.filled(filling, str::to_owned)
    }

    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.0.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Text(_) => None,
        })
    }

    /// Whether it begins with `text`.
    pub fn begins_with(&self, text: &str) -> bool {
        matches!(self.0.first(), Some(Part::Text(first)) if first.starts_with(text))
    }

    fn filled(&self, filling: &Filling<'_>, encode: impl Fn(&str) -> String) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Hole(Hole::Id) => encode(filling.id),
                Part::Hole(Hole::Page) => filling.page.to_string(),
                Part::Hole(Hole::Value(name)) => filling
                    .values
                    .get(name)
                    .map_or_else(String::new, |v| encode(v)),
                // Only a whole string of a document can be the key: a preset says otherwise in vain.
                Part::Hole(Hole::Key) => String::new(),
            })
            .collect()
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let Some((name, after)) = after.split_once('}') else {
                return Err(format!("`{text}` opens a brace and never closes it"));
            };
            parts.push(Part::Hole(Hole::named(name)));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }
}

impl Document {
    /// The document with `key` where it says `{key}`.
    pub fn filled(&self, filling: &Filling<'_>, key: &Value) -> Value {
        match self {
            Self::Array(items) => items.iter().map(|i| i.filled(filling, key)).collect(),
            Self::Key => key.clone(),
            Self::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), value.filled(filling, key)))
                    .collect::<Map<_, _>>(),
            ),
            Self::Other(value) => value.clone(),
            Self::Text(template) => Value::String(template.plain(filling)),
        }
    }

    pub fn holes(&self) -> Vec<&Hole> {
        match self {
            Self::Array(items) => items.iter().flat_map(Self::holes).collect(),
            Self::Key => vec![&Hole::Key],
            Self::Object(members) => members.iter().flat_map(|(_, v)| v.holes()).collect(),
            Self::Other(_) => Vec::new(),
            Self::Text(template) => template.holes().collect(),
        }
    }
}

impl TryFrom<Value> for Document {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Ok(match value {
            Value::Array(items) => Self::Array(
                items
                    .into_iter()
                    .map(Self::try_from)
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(name, value)| Ok((name, Self::try_from(value)?)))
                    .collect::<Result<_, String>>()?,
            ),
            Value::String(text) if text == "{key}" => Self::Key,
            Value::String(text) => {
                let template = Template::try_from(text)?;
                if template.holes().any(|hole| *hole == Hole::Key) {
                    return Err("{key} must be the whole of a string, not a part of it".to_owned());
                }
                Self::Text(template)
            }
            other => Self::Other(other),
        })
    }
}

impl Hole {
    /// As it is written between the braces.
    pub fn name(&self) -> &str {
        match self {
            Self::Id => "id",
            Self::Key => "key",
            Self::Page => "page",
            Self::Value(name) => name,
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "id" => Self::Id,
            "key" => Self::Key,
            "page" => Self::Page,
            other => Self::Value(other.to_owned()),
        }
    }
}

/// Everything but the unreserved characters of RFC 3986 section 2.3 as `%XX`.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_cannot_leave_its_segment_of_the_path() {
        let template = Template::try_from("/keys/{id}/x".to_owned()).unwrap();
        let values = BTreeMap::new();
        for (id, expected) in [
            ("a.b_c~d-9", "/keys/a.b_c~d-9/x"),
            ("../admin?a=b#c", "/keys/..%2Fadmin%3Fa%3Db%23c/x"),
            ("a b\r\nX: y%", "/keys/a%20b%0D%0AX%3A%20y%25/x"),
            ("ü", "/keys/%C3%BC/x"),
        ] {
            let filling = Filling {
                id,
                page: 0,
                values: &values,
            };
            assert_eq!(template.in_url(&filling), expected);
        }
    }

    #[test]
    fn a_document_keeps_its_order_and_escapes_what_fills_it() {
        let document = json!({"z": "{id}", "a": ["{key}", 1, "{site}/{page}"]});
        let document = Document::try_from(document).unwrap();
        let values = BTreeMap::from([("site".to_owned(), "s".to_owned())]);
        let filling = Filling {
            id: "\"},{\"",
            page: 2,
            values: &values,
        };
        assert_eq!(
            document
                .filled(&filling, &json!({"kty": "RSA"}))
                .to_string(),
            r#"{"z":"\"},{\"","a":[{"kty":"RSA"},1,"s/2"]}"#
        );
    }

    #[test]
    fn a_key_within_a_text_and_an_open_brace_are_refused() {
        assert!(Document::try_from(json!("x{key}")).is_err());
        assert!(Template::try_from("/keys/{id".to_owned()).is_err());
    }
}
