//! Texts and JSON documents with holes in them.

use serde::Deserialize;
use serde_json::Value;

use super::{filling::Filling, json_tree::Tree};

/// A text with holes, `/api/v1/entities/jwks/{id}` for example.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Template(Vec<Part>);

/// A JSON document with holes: `{name}` within its strings; a string that is nothing but `{name}`
/// becomes what fills it, an object for example; `{...name}` in an array becomes the items of what
/// fills it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "Value")]
pub enum Document {
    Array(Vec<Self>),
    /// `{"{json}": …}`: the text of that document.
    Json(Box<Self>),
    Object(Vec<(Member, Self)>),
    Other(Value),
    /// The items of an array, or the members of an object, that an earlier answer held.
    Spread(String),
    Text(Template),
    Whole(String),
}

/// A text of the user's with holes of its own.
#[derive(Clone, Debug)]
pub enum UserText {
    Document(Document),
    Template(Template),
}

/// The name of a member.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Member {
    /// `...`: the members of an object that an earlier answer held; those behind it win.
    All,
    /// As it stands.
    Always(String),
    /// `name?`: left out where its text is empty.
    IfAny(String),
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Hole(String),
    Text(String),
}

impl Template {
    /// The text, with what fills the holes percent-encoded as one segment of a URL (RFC 3986).
    pub fn in_url(&self, filling: &Filling) -> String {
        self.filled(|name| filling.in_url(name))
    }

    /// The text as it is.
    pub fn plain(&self, filling: &Filling) -> String {
        self.filled(|name| filling.text(name))
    }

    /// The names in its braces.
    pub fn holes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Hole(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Whether it begins with `text`.
    pub fn begins_with(&self, text: &str) -> bool {
        matches!(self.0.first(), Some(Part::Text(first)) if first.starts_with(text))
    }

    /// Whether it has neither text nor holes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is one hole and nothing else.
    pub fn is_one_hole(&self) -> bool {
        self.whole().is_some()
    }

    /// The name of the hole that is the whole of it.
    fn whole(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Hole(name)] => Some(name),
            _ => None,
        }
    }

    fn filled(&self, fill: impl Fn(&str) -> String) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Hole(name) => fill(name),
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
            parts.push(Part::Hole(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }
}

impl Document {
    /// The document's JSON, indented, with what fills its holes.
    pub fn filled(&self, filling: &Filling) -> String {
        self.tree(filling).pretty()
    }

    /// The names in its braces.
    pub fn holes(&self) -> Vec<&str> {
        match self {
            Self::Array(items) => items.iter().flat_map(Self::holes).collect(),
            Self::Json(document) => document.holes(),
            Self::Object(members) => members.iter().flat_map(|(_, v)| v.holes()).collect(),
            Self::Other(_) => Vec::new(),
            Self::Spread(name) | Self::Whole(name) => vec![name],
            Self::Text(template) => template.holes().collect(),
        }
    }

    /// The text of a field of a form: strings as they are, everything else as JSON.
    pub fn field(&self, filling: &Filling) -> String {
        match self {
            Self::Text(template) => template.plain(filling),
            Self::Whole(name) => filling.text(name),
            Self::Other(Value::String(text)) => text.clone(),
            _ => self.tree(filling).compact(),
        }
    }

    fn tree(&self, filling: &Filling) -> Tree {
        match self {
            Self::Array(items) => {
                let filled = items.iter().flat_map(|item| match item {
                    Self::Spread(name) => filling.items(name),
                    _ => vec![item.tree(filling)],
                });
                Tree::Array(filled.collect())
            }
            Self::Json(document) => Tree::text(&document.tree(filling).compact()),
            Self::Object(members) => {
                let mut filled: Vec<(String, Tree)> = Vec::new();
                for (member, value) in members {
                    match (member, value) {
                        (Member::All, Self::Whole(name)) => filled.extend(filling.members(name)),
                        (Member::All, _) => {}
                        (Member::IfAny(_), value) if value.field(filling).is_empty() => {}
                        (Member::Always(name) | Member::IfAny(name), value) => {
                            let value = value.tree(filling);
                            match filled.iter_mut().find(|(known, _)| known == name) {
                                Some((_, known)) => *known = value,
                                None => filled.push((name.clone(), value)),
                            }
                        }
                    }
                }
                Tree::Object(filled)
            }
            Self::Other(value) => Tree::Raw(value.to_string()),
            // Only an array has a place for the items of another.
            Self::Spread(_) => Tree::Raw("null".to_owned()),
            Self::Text(template) => Tree::text(&template.plain(filling)),
            Self::Whole(name) => filling.value(name),
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
            Value::Object(members) => object(members)?,
            Value::String(text) => {
                let template = Template::try_from(text)?;
                match template.whole() {
                    Some(name) => match name.strip_prefix("...") {
                        Some(name) => Self::Spread(name.to_owned()),
                        None => Self::Whole(name.to_owned()),
                    },
                    None => Self::Text(template),
                }
            }
            other => Self::Other(other),
        })
    }
}

impl UserText {
    /// JSON becomes a document, everything else is text.
    pub fn parse(text: &str) -> Result<Self, String> {
        match serde_json::from_str::<Value>(text) {
            Ok(json @ (Value::Array(_) | Value::Object(_))) => {
                Document::try_from(json).map(Self::Document)
            }
            _ => Template::try_from(text.to_owned()).map(Self::Template),
        }
    }

    /// The names in its braces.
    pub fn holes(&self) -> Vec<String> {
        match self {
            Self::Document(document) => document.holes().into_iter().map(str::to_owned).collect(),
            Self::Template(template) => template.holes().map(str::to_owned).collect(),
        }
    }
}

fn object(members: serde_json::Map<String, Value>) -> Result<Document, String> {
    let mut read = Vec::new();
    for (name, value) in members {
        if name == "{json}" {
            return Ok(Document::Json(Box::new(Document::try_from(value)?)));
        }
        let member = match name.strip_suffix('?') {
            _ if name == "..." => Member::All,
            Some(name) => Member::IfAny(name.to_owned()),
            None => Member::Always(name),
        };
        let value = Document::try_from(value)?;
        if member == Member::All && !matches!(value, Document::Whole(_)) {
            return Err("write `...: \"{name}\"`, with the name of something kept".to_owned());
        }
        read.push((member, value));
    }
    Ok(Document::Object(read))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_cannot_leave_its_segment_of_the_path() {
        let template = Template::try_from("/keys/{id}/x".to_owned()).unwrap();
        for (id, expected) in [
            ("a.b_c~d-9", "/keys/a.b_c~d-9/x"),
            ("../admin?a=b#c", "/keys/..%2Fadmin%3Fa%3Db%23c/x"),
            ("a b\r\nX: y%", "/keys/a%20b%0D%0AX%3A%20y%25/x"),
            ("ü", "/keys/%C3%BC/x"),
        ] {
            let filling = Filling::default().with_text("id", id);
            assert_eq!(template.in_url(&filling), expected);
        }
    }

    #[test]
    fn a_document_keeps_its_order_and_escapes_what_fills_it() {
        let document = json!({"z": "{id}", "a": ["{key}", 1, "{site}/{page}"]});
        let document = Document::try_from(document).unwrap();
        let filling = Filling::default()
            .with_text("id", "\"},{\"")
            .with_text("site", "s")
            .with_text("page", "2")
            .with_json("key", r#"{"kty":"RSA"}"#);
        let filled: Value = serde_json::from_str(&document.filled(&filling)).unwrap();
        assert_eq!(
            filled.to_string(),
            r#"{"z":"\"},{\"","a":[{"kty":"RSA"},1,"s/2"]}"#
        );
    }

    #[test]
    fn what_was_kept_is_spread_to_the_letter_and_what_stands_behind_it_wins() {
        let document = json!({
            "...": "{client}",
            "keys": ["{...others}", "{key}"],
            "scope?": "{scope}",
            "text": {"{json}": {"k": ["{...others}"]}},
        });
        let document = Document::try_from(document).unwrap();
        let filling = Filling::default()
            .with_json("client", r#"{"a":1.50,"keys":[7],"z":"\u0041"}"#)
            .with_json("others", r#"[{"n" : 1e2}, 3]"#)
            .with_text("scope", "")
            .with_json("key", "{}");
        assert_eq!(
            document.filled(&filling),
            "{\n  \"a\": 1.50,\n  \"keys\": [\n    {\"n\" : 1e2},\n    3,\n    {}\n  ],\n  \
             \"z\": \"\\u0041\",\n  \"text\": \"{\\\"k\\\":[{\\\"n\\\" : 1e2},3]}\"\n}"
        );
    }

    #[test]
    fn an_open_brace_and_a_spread_of_nothing_kept_are_refused() {
        assert!(Template::try_from("/keys/{id".to_owned()).is_err());
        assert!(Document::try_from(json!({"...": 1})).is_err());
    }
}
