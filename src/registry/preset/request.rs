//! Requests with holes, and what is kept of their answers.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::{
    filling::Filling,
    pointer::{Pointer, Pointers},
    template::{Document, Template},
};
use crate::net::request::Method;

/// A request with holes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RequestTemplate {
    /// What it is good for, where it is one of several.
    #[serde(default)]
    pub about: Option<String>,
    /// The method.
    pub method: MethodName,
    /// What follows the endpoint's address.
    #[serde(default)]
    pub path: Option<Template>,
    /// A whole address instead, as the service's metadata or an earlier answer named it.
    #[serde(default)]
    pub url: Option<Template>,
    /// Headers beside those of every request; one whose text is empty is left out.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// A JSON body.
    #[serde(default)]
    pub body: Option<Document>,
    /// A body of plain text.
    #[serde(default)]
    pub text: Option<Template>,
    /// The fields of a form (RFC 7578); a file where its field names one.
    #[serde(default)]
    pub multipart: Vec<Field>,
    /// The remembered token that it carries instead of the endpoint's.
    #[serde(default)]
    pub token: Option<String>,
}

/// A field of a form.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    /// The name of a file, where the service wants one.
    #[serde(default)]
    pub file: Option<String>,
    pub value: Document,
}

/// A request and what its answer has to be.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is sent.
    pub request: RequestTemplate,
    /// Statuses that say it was done, or was so already.
    pub success: Vec<u16>,
    /// What later requests need of the answer, by the name of their holes.
    #[serde(default)]
    pub keep: BTreeMap<String, Keep>,
    /// It is left out otherwise.
    #[serde(default)]
    pub only_if: Option<Condition>,
}

/// What is kept of an answer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged, expecting = "a JSON pointer, or {at: POINTER, …}")]
pub enum Keep {
    At(Pointer),
    Part(KeepPart),
}

/// A part of an answer, with something left out.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct KeepPart {
    /// Where it stands.
    pub at: Pointers,
    /// Of an object: members that are left out.
    #[serde(default)]
    pub without: Vec<String>,
    /// Of an array: the item that is left out.
    #[serde(default)]
    pub except: Option<Except>,
    /// What to tell where it is not there: the act ends with it.
    #[serde(default)]
    pub needed: Option<Template>,
}

/// An item of an array, by one of its members.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Except {
    pub at: Pointer,
    pub is: Template,
}

/// When a step is taken: by what was kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "BTreeMap<String, String>")]
pub enum Condition {
    Empty(String),
    Filled(String),
}

/// A method's name in upper case, or the value of the endpoint that holds one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub enum MethodName {
    Fixed(Method),
    OfValue(String),
}

impl RequestTemplate {
    /// The names of all its holes.
    pub fn holes(&self) -> Vec<&str> {
        let templates = [&self.path, &self.url, &self.text].into_iter().flatten();
        let templates = templates.chain(self.headers.values());
        let documents = self.body.iter();
        let documents = documents.chain(self.multipart.iter().map(|field| &field.value));
        templates
            .flat_map(Template::holes)
            .chain(documents.flat_map(Document::holes))
            .collect()
    }

    /// What the types cannot say.
    pub fn check(&self) -> Result<(), String> {
        match (&self.path, &self.url) {
            (Some(path), None) if path.is_empty() || path.begins_with("/") => {}
            (Some(path), None) if path.begins_with("?") || path.holes().next().is_some() => {}
            (Some(_), None) => return Err("path must begin with a /".to_owned()),
            (None, Some(_)) => {}
            _ => return Err("write its path, or its url".to_owned()),
        }
        let bodies = [
            self.body.is_some(),
            self.text.is_some(),
            !self.multipart.is_empty(),
        ];
        if bodies.into_iter().filter(|is| *is).count() > 1 {
            return Err("write one of body, text and multipart".to_owned());
        }
        Ok(())
    }
}

impl Step {
    /// Whether it is to be taken, where `is_filled` says what is known.
    pub fn is_due(&self, is_filled: impl Fn(&str) -> bool) -> bool {
        let condition = self.only_if.as_ref();
        condition.is_none_or(|condition| condition.holds(is_filled))
    }
}

impl Condition {
    /// Whether it holds, where `is_filled` tells of each name.
    pub fn holds(&self, is_filled: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Empty(name) => !is_filled(name),
            Self::Filled(name) => is_filled(name),
        }
    }

    /// The name that it asks about.
    pub fn name(&self) -> &str {
        match self {
            Self::Empty(name) | Self::Filled(name) => name,
        }
    }
}

impl TryFrom<BTreeMap<String, String>> for Condition {
    type Error = String;

    fn try_from(written: BTreeMap<String, String>) -> Result<Self, String> {
        let mut written = written.into_iter();
        let (one, more) = (written.next(), written.next());
        match (
            one.as_ref().map(|(word, _)| word.as_str()),
            one.as_ref(),
            more,
        ) {
            (Some("empty"), Some((_, name)), None) => Ok(Self::Empty(name.clone())),
            (Some("filled"), Some((_, name)), None) => Ok(Self::Filled(name.clone())),
            _ => Err("a condition: write {empty: NAME} or {filled: NAME}".to_owned()),
        }
    }
}

impl MethodName {
    /// The method; POST where the value holds none.
    pub fn of(&self, filling: &Filling) -> Method {
        match self {
            Self::Fixed(method) => *method,
            Self::OfValue(name) => named(&filling.text(name)).unwrap_or(Method::Post),
        }
    }
}

impl TryFrom<String> for MethodName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(value) = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            return Ok(Self::OfValue(value.to_owned()));
        }
        named(&text).map(Self::Fixed).ok_or_else(|| {
            format!("unknown method `{text}`: write DELETE, GET, PATCH, POST or PUT")
        })
    }
}

fn named(text: &str) -> Option<Method> {
    [
        Method::Delete,
        Method::Get,
        Method::Patch,
        Method::Post,
        Method::Put,
    ]
    .into_iter()
    .find(|method| method.name() == text)
}
