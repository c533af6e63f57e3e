//! What the holes of a preset's templates are filled with.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

use super::{
    json_tree::Tree,
    members::Members,
    template::{Document, Template, UserText},
};

/// Values by the names that stand in braces.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    known: BTreeMap<String, Filled>,
    missing: Missing,
}

/// What stands for a value that is not known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Missing {
    /// Nothing.
    #[default]
    Empty,
    /// `‹name›`: an earlier answer will say it.
    Named,
}

#[derive(Clone, Debug)]
enum Filled {
    /// A value that has holes of its own.
    Document(Document),
    /// JSON as it stood.
    Json(String),
    Template(Template),
    Text(String),
    /// A value of ours.
    Value(Value),
}

impl Filling {
    /// Nothing is known yet.
    pub fn new(missing: Missing) -> Self {
        Self {
            known: BTreeMap::new(),
            missing,
        }
    }

    #[must_use]
    pub fn with_text(mut self, name: &str, text: &str) -> Self {
        self.set_text(name, text);
        self
    }

    #[must_use]
    pub fn with_json(mut self, name: &str, json: &str) -> Self {
        self.set_json(name, json);
        self
    }

    pub fn set_text(&mut self, name: &str, text: &str) {
        self.set(name, Filled::Text(text.to_owned()));
    }

    /// JSON; a string is kept as its text.
    pub fn set_json(&mut self, name: &str, json: &str) {
        let filled = match serde_json::from_str::<String>(json) {
            Ok(text) => Filled::Text(text),
            Err(_) => Filled::Json(json.to_owned()),
        };
        self.set(name, filled);
    }

    /// A value of ours; a string is its text.
    pub fn set_value(&mut self, name: &str, value: Value) {
        let filled = match value {
            Value::String(text) => Filled::Text(text),
            other => Filled::Value(other),
        };
        self.set(name, filled);
    }

    /// A text of the user's with holes of its own; JSON becomes a document.
    pub fn set_template(&mut self, name: &str, text: &str) -> Result<(), String> {
        let filled = match UserText::parse(text)? {
            UserText::Document(document) => Filled::Document(document),
            UserText::Template(template) => Filled::Template(template),
        };
        self.set(name, filled);
        Ok(())
    }

    /// Whether something fills the hole `name`, and more than an empty text or array.
    pub fn has(&self, name: &str) -> bool {
        match self.known.get(name) {
            None => false,
            Some(Filled::Text(text)) => !text.is_empty(),
            Some(Filled::Template(template)) => !template.is_empty(),
            Some(Filled::Json(json)) => !matches!(json.as_str(), "null" | "[]" | "{}"),
            Some(Filled::Document(_) | Filled::Value(_)) => true,
        }
    }

    /// As text; JSON as it is written.
    pub fn text(&self, name: &str) -> String {
        match self.known.get(name) {
            None => self.missing(name),
            Some(Filled::Document(document)) => document.filled(self),
            Some(Filled::Json(json)) => json.clone(),
            Some(Filled::Template(template)) => template.plain(self),
            Some(Filled::Text(text)) => text.clone(),
            Some(Filled::Value(value)) => value.to_string(),
        }
    }

    /// As text that stays within one segment of a URL; of a value with holes of its own, what fills
    /// them does.
    pub fn in_url(&self, name: &str) -> String {
        match self.known.get(name) {
            None => self.missing(name),
            Some(Filled::Template(template)) => template.in_url(self),
            Some(_) => percent_encoded(&self.text(name)),
        }
    }

    /// As a JSON value.
    pub(super) fn value(&self, name: &str) -> Tree {
        match self.known.get(name) {
            Some(Filled::Json(json)) => Tree::Raw(json.clone()),
            Some(Filled::Value(value)) => Tree::of(value),
            _ => Tree::text(&self.text(name)),
        }
    }

    /// The items of an array.
    pub(super) fn items(&self, name: &str) -> Vec<Tree> {
        match self.known.get(name) {
            Some(Filled::Json(json)) => {
                let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
                let raw = items.into_iter().map(|item| item.get().to_owned());
                raw.map(Tree::Raw).collect()
            }
            None if self.missing == Missing::Named => vec![Tree::text(&self.missing(name))],
            _ => Vec::new(),
        }
    }

    /// The members of an object.
    pub(super) fn members(&self, name: &str) -> Vec<(String, Tree)> {
        match self.known.get(name) {
            Some(Filled::Json(json)) => match serde_json::from_str(json) {
                Ok(Members(members)) => members
                    .into_iter()
                    .map(|(name, value)| (name, Tree::Raw(value.get().to_owned())))
                    .collect(),
                Err(_) => Vec::new(),
            },
            Some(Filled::Value(Value::Object(members))) => members
                .iter()
                .map(|(name, value)| (name.clone(), Tree::of(value)))
                .collect(),
            None if self.missing == Missing::Named => {
                vec![("...".to_owned(), Tree::text(&self.missing(name)))]
            }
            _ => Vec::new(),
        }
    }

    fn set(&mut self, name: &str, filled: Filled) {
        self.known.insert(name.to_owned(), filled);
    }

    fn missing(&self, name: &str) -> String {
        match self.missing {
            Missing::Empty => String::new(),
            Missing::Named => format!("‹{name}›"),
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
