//! Presets: what a kind of endpoint wants, as `assets/endpoints/*.yaml` say it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    capabilities::Capabilities,
    error::RegistryError,
    pointer::Pointer,
    projection::Projection,
    template::{Document, Hole, Template},
};
use crate::net::request::Method;

/// A kind of endpoint.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The name of its file; `preset:` of an endpoint names it.
    #[serde(skip)]
    pub name: String,
    /// What people call the service.
    pub title: String,
    /// One line: what a registration there is good for.
    pub description: String,
    /// The endpoint's address.
    pub url: Help,
    /// How a request proves that it may.
    pub authentication: Authentication,
    /// The form of key it wants.
    #[serde(with = "serde_yaml::with::singleton_map")]
    pub key: Projection,
    /// What it takes.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How it keeps keys.
    #[serde(with = "serde_yaml::with::singleton_map")]
    pub service: Service,
    /// How refusals are told.
    pub errors: Errors,
}

/// What a person is told when asked for a value.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Help {
    /// What it is.
    pub help: String,
    /// How it looks.
    #[serde(default)]
    pub example: String,
    /// What it is where nothing is said.
    #[serde(default)]
    pub default: Option<String>,
}

/// How a request proves that it may.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// `Authorization: Bearer` (RFC 6750).
    pub bearer: Help,
}

/// How a service keeps keys.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Each key is an entry of its own.
    Entries(Box<Entries>),
    /// One JWK Set (RFC 7517 section 5) holds them all, and is written whole.
    JwkSet(SetFile),
}

/// What is asked of a service that keeps each key as an entry of its own.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Entries {
    /// How a key is created.
    pub create: Create,
    /// How a key is read.
    pub read: Read,
    /// How all keys are listed.
    pub list: List,
    /// How a key is replaced.
    pub replace: Change,
    /// How a key is deleted.
    pub delete: Change,
    /// How a key that is not there is answered.
    pub absent: Absent,
}

/// How one JWK Set is kept at the endpoint's address: read with GET, written with PUT.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SetFile {
    /// Headers of the PUT beside those of every request; `If-Match` or `If-None-Match` is added.
    #[serde(default)]
    pub write_headers: BTreeMap<String, String>,
    /// Statuses of a GET that say that there is no set yet.
    pub absent: Vec<u16>,
    /// Statuses of a PUT that say that somebody else wrote in between.
    pub changed: Vec<u16>,
}

/// A request with holes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RequestTemplate {
    /// The method.
    pub method: MethodName,
    /// What follows the endpoint's address.
    pub path: Template,
    /// Headers beside those of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The JSON body.
    #[serde(default)]
    pub body: Option<Document>,
}

/// How a key is created.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// What is sent.
    pub request: RequestTemplate,
    /// Statuses that say it was done.
    pub success: Vec<u16>,
    /// Statuses that may say that the id is taken.
    #[serde(default)]
    pub taken: Vec<u16>,
    /// Where the answer names the key's id.
    pub id: Pointer,
}

/// How a key is read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// What is sent.
    pub request: RequestTemplate,
    /// Statuses that say it was done.
    pub success: Vec<u16>,
    /// Where the answer holds the key.
    pub key: Pointer,
}

/// How all keys are listed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// What is sent for a page.
    pub request: RequestTemplate,
    /// Statuses that say it was done.
    pub success: Vec<u16>,
    /// Where the answer holds the entries.
    pub items: Pointer,
    /// Where an entry holds its id.
    pub id: Pointer,
    /// Where an entry holds its key.
    pub key: Pointer,
    /// How pages follow each other.
    pub pages: Pages,
}

/// How pages follow each other.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// The number of the first page.
    pub first: u32,
    /// What ends the list.
    pub until: Until,
}

/// What ends a list.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// A page without entries.
    Empty,
}

/// A request whose answer needs no reading.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What is sent.
    pub request: RequestTemplate,
    /// Statuses that say it was done.
    pub success: Vec<u16>,
}

/// How a key that is not there is answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Absent {
    /// The statuses.
    pub statuses: Vec<u16>,
    /// What they mean.
    pub means: Absence,
}

/// What "not there" means.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// It is not there.
    Absent,
    /// It is not there, or the token may not see it: both are answered alike.
    AbsentOrHidden,
}

/// How refusals are told.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Where an answer holds its own reason; the first that is there counts.
    pub detail: Vec<Pointer>,
    /// What to tell people, by status; `{token}` names where the API token comes from.
    pub say: BTreeMap<u16, String>,
}

/// A method's name in upper case.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct MethodName(pub Method);

/// The built-in presets by name.
const BUILTIN: [(&str, &str); 3] = [
    (
        "sandbox",
        include_str!("../../assets/endpoints/sandbox.yaml"),
    ),
    (
        "gooddata",
        include_str!("../../assets/endpoints/gooddata.yaml"),
    ),
    (
        "jwks-file",
        include_str!("../../assets/endpoints/jwks-file.yaml"),
    ),
];

impl Preset {
    /// `sandbox`, `gooddata`, `jwks-file`.
    pub fn builtin() -> Result<Vec<Self>, RegistryError> {
        BUILTIN
            .iter()
            .map(|(name, yaml)| Self::parse(name, &format!("{name}.yaml"), yaml))
            .collect()
    }

    /// Reads a preset's YAML; `file` is named in errors.
    pub fn parse(name: &str, file: &str, yaml: &str) -> Result<Self, RegistryError> {
        let wrong = |reason: String| RegistryError::Configuration(format!("{file}: {reason}"));
        let mut preset: Self =
            serde_yaml::from_str(yaml).map_err(|error| wrong(error.to_string()))?;
        name.clone_into(&mut preset.name);
        preset.check().map_err(wrong)?;
        Ok(preset)
    }

    /// What the types cannot say.
    fn check(&self) -> Result<(), String> {
        for (name, request) in self.requests() {
            if !request.path.begins_with("/") {
                return Err(format!("{name}.request.path must begin with a /"));
            }
            let body = request
                .body
                .as_ref()
                .map(Document::holes)
                .unwrap_or_default();
            let unknown = request
                .path
                .holes()
                .chain(body)
                .find_map(|hole| match hole {
                    Hole::Value(value) => Some(value.clone()),
                    Hole::Id | Hole::Key | Hole::Page => None,
                });
            if let Some(value) = unknown {
                return Err(format!(
                    "{name}.request: {{{value}}} is none of {{id}}, {{key}}, {{page}}"
                ));
            }
        }
        Ok(())
    }

    fn requests(&self) -> Vec<(&'static str, &RequestTemplate)> {
        match &self.service {
            Service::Entries(entries) => vec![
                ("create", &entries.create.request),
                ("read", &entries.read.request),
                ("list", &entries.list.request),
                ("replace", &entries.replace.request),
                ("delete", &entries.delete.request),
            ],
            Service::JwkSet(_) => Vec::new(),
        }
    }
}

impl TryFrom<String> for MethodName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        [
            Method::Delete,
            Method::Get,
            Method::Patch,
            Method::Post,
            Method::Put,
        ]
        .into_iter()
        .find(|method| method.name() == text)
        .map(Self)
        .ok_or_else(|| format!("unknown method `{text}`: write DELETE, GET, PATCH, POST or PUT"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_presets_are_sound() {
        let names: Vec<String> = Preset::builtin()
            .unwrap()
            .into_iter()
            .map(|preset| preset.name)
            .collect();
        assert_eq!(names, ["sandbox", "gooddata", "jwks-file"]);
    }

    #[test]
    fn a_wrong_preset_is_named_with_file_and_place() {
        let (_, yaml) = BUILTIN[1];
        for (from, to, expected) in [
            (
                "title: GoodData",
                "titel: GoodData",
                "mine.yaml: unknown field `titel`",
            ),
            (
                "method: POST",
                "method: SEND",
                "unknown method `SEND`: write DELETE",
            ),
            (
                "path: /api/v1/entities/jwks\n",
                "path: x\n",
                "create.request.path must begin with a /",
            ),
            ("RS512]", "RS999]", "unknown algorithm `RS999`"),
            (
                "id: \"{id}\"",
                "id: \"{name}\"",
                "create.request: {name} is none of {id}",
            ),
        ] {
            let wrong = yaml.replacen(from, to, 1);
            assert_ne!(wrong, yaml, "{from}");
            let error = Preset::parse("mine", "mine.yaml", &wrong)
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("mine.yaml: ") && error.contains(expected),
                "{error}"
            );
        }
    }
}
