//! Presets: what a kind of endpoint wants, as `assets/endpoints/*.yaml` say it.

mod authentication;
mod builtin;
mod document;
mod entries;
mod errors;
mod form;
mod request;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use self::builtin::BUILTIN;
pub use self::{
    authentication::{Authentication, CHOICE, OwnHeader, Scheme},
    document::{ClientPlace, KeyDocument, KeysPlace},
    entries::{
        Absence, Absent, Change, Confirm, Create, Entries, Expectation, Find, IdPlace, List, Pages,
        Read, Until,
    },
    errors::Errors,
    form::{PageForm, Paste},
    request::{Condition, Except, Field, Keep, KeepPart, MethodName, RequestTemplate, Step},
    values::{Help, ValueKind, ValueSpec, complete},
};
use super::{
    capabilities::{Capabilities, Certificate, Overlap},
    error::RegistryError,
    projection::Projection,
    template::{Template, UserText},
};

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
    /// Further values it needs, in the order in which they are asked for.
    #[serde(default)]
    pub values: Vec<ValueSpec>,
    /// How a request proves that it may.
    #[serde(default)]
    pub authentication: Authentication,
    /// Members of the metadata of the authorization server at the endpoint's address that its
    /// requests need (RFC 8414, OpenID Connect Discovery 1.0).
    #[serde(default)]
    pub discovery: Vec<String>,
    /// The form of key it wants.
    #[serde(with = "serde_yaml::with::singleton_map")]
    pub key: Projection,
    /// What it takes.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// How it keeps keys.
    #[serde(with = "serde_yaml::with::singleton_map")]
    pub service: Service,
    /// How refusals are told.
    pub errors: Errors,
}

/// How a service keeps keys.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// One document holds them all beside other things.
    Document(Box<KeyDocument>),
    /// Each key is an entry of its own.
    Entries(Box<Entries>),
    /// A person pastes each key into a form of a web page.
    Form(Box<PageForm>),
    /// One JWK Set (RFC 7517 section 5) holds them all, and is written whole.
    JwkSet(SetFile),
    /// One JWK Set in a file of this machine, which a web server publishes at the endpoint's address.
    LocalJwkSet(LocalSet),
}

/// Where a JWK Set of this machine lies.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LocalSet {
    /// The path of its file.
    pub file: Template,
}

/// How one JWK Set is kept at the endpoint's address: read with GET, written with PUT.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SetFile {
    /// Headers of the PUT beside those of every request; `If-Match` or `If-None-Match` is added.
    #[serde(default)]
    pub write_headers: BTreeMap<String, Template>,
    /// Statuses of a GET that say that there is no set yet.
    pub absent: Vec<u16>,
    /// Statuses of a PUT that say that somebody else wrote in between.
    pub changed: Vec<u16>,
}

/// The names that are known at every request.
const KNOWN: [&str; 10] = [
    "id",
    "key",
    "kid",
    "alg",
    "thumbprint",
    "page",
    "cursor",
    "url",
    "scope",
    "others",
];

impl Preset {
    /// Those that keyfob comes with.
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

    /// The names under which something is remembered for each endpoint.
    pub fn remembers(&self) -> impl Iterator<Item = &str> {
        let document = match &self.service {
            Service::Document(document) => Some(document),
            Service::Entries(_)
            | Service::Form(_)
            | Service::JwkSet(_)
            | Service::LocalJwkSet(_) => None,
        };
        document
            .into_iter()
            .flat_map(|document| document.remember.keys().map(String::as_str))
    }

    /// Whether what is remembered under `name` is a token.
    pub fn is_token(&self, name: &str) -> bool {
        let Service::Document(document) = &self.service else {
            return false;
        };
        let mut requests = document.requests().into_iter();
        requests.any(|(_, request)| request.token.as_deref() == Some(name))
    }

    /// What it takes where the values of an endpoint say so.
    pub fn settle(&mut self, values: &BTreeMap<String, String>) {
        let Service::Form(form) = &self.service else {
            return;
        };
        let is_filled = |name: &str| values.get(name).is_some_and(|text| !text.is_empty());
        let pasted = form.chosen(is_filled).map(|paste| {
            let of_value = |hole: &str| {
                let value = values.get(hole).map(|text| UserText::parse(text));
                value.and_then(Result::ok).map(|text| text.holes())
            };
            let holes = paste.text.holes();
            let all =
                holes.flat_map(|hole| of_value(hole).unwrap_or_else(|| vec![hole.to_owned()]));
            all.collect::<Vec<_>>()
        });
        let mut pasted = pasted.into_iter().flatten();
        if pasted.any(|hole| hole.starts_with("certificate")) {
            self.capabilities.certificate = Certificate::Required;
        }
        let overlap = form.overlap_if.as_ref();
        self.capabilities.overlap = if overlap.is_some_and(|beside| beside.holds(is_filled)) {
            Overlap::Possible
        } else {
            Overlap::Impossible
        };
    }

    /// What the types cannot say.
    fn check(&self) -> Result<(), String> {
        let (requests, kept): (_, Vec<&str>) = match &self.service {
            Service::Document(document) => (document.requests(), document.kept().collect()),
            Service::Entries(entries) => (entries.requests(), entries.kept().collect()),
            Service::Form(_) | Service::JwkSet(_) | Service::LocalJwkSet(_) => {
                (Vec::new(), Vec::new())
            }
        };
        let values = self.values.iter().map(|value| value.name.as_str());
        let mut known: BTreeSet<&str> = BTreeSet::from(KNOWN);
        for name in Projection::names() {
            known.insert(name);
        }
        known.extend(values.clone());
        known.extend(self.discovery.iter().map(String::as_str));
        known.extend(kept);
        for (name, request) in requests {
            request
                .check()
                .map_err(|why| format!("{name}.request: {why}"))?;
            check_holes(&request.holes(), &known)
                .map_err(|why| format!("{name}.request: {why}"))?;
            if let Some(token) = &request.token
                && !self.remembers().any(|name| name == token)
            {
                return Err(format!("{name}.request: token {token} is not remembered"));
            }
        }
        if let Service::Form(form) = &self.service {
            form.check()?;
            check_holes(&form.holes(), &known).map_err(|why| format!("form: {why}"))?;
        }
        let mut seen = BTreeSet::new();
        for name in values {
            if KNOWN.contains(&name) || name == CHOICE || !seen.insert(name) {
                return Err(format!(
                    "values: {name} has a meaning already: choose another name"
                ));
            }
        }
        self.check_values()
    }

    fn check_values(&self) -> Result<(), String> {
        for value in &self.values {
            if let Some(default) = &value.default {
                value
                    .check(default)
                    .map_err(|why| format!("values: {why}"))?;
            }
        }
        Ok(())
    }
}

/// Every one of `holes` is `known`.
fn check_holes(holes: &[&str], known: &BTreeSet<&str>) -> Result<(), String> {
    match holes.iter().find(|hole| !known.contains(*hole)) {
        None => Ok(()),
        Some(hole) => {
            let known: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
            Err(format!("{{{hole}}} is none of {}", known.join(", ")))
        }
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
        let expected: Vec<&str> = BUILTIN.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, expected);
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
                "create.request: path must begin with a /",
            ),
            ("RS512]", "RS999]", "unknown algorithm `RS999`"),
            (
                "id: \"{id}\"",
                "id: \"{name}\"",
                "create.request: {name} is none of {alg}, ",
            ),
            (
                "key: {jwk: /data/attributes/content}",
                "key: {jwk: data}",
                "`data` is no JSON pointer",
            ),
            (
                "authentication:",
                "values: [{name: id, help: x}]\nauthentication:",
                "values: id has a meaning already",
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
