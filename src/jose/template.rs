//! Templates of `assets/claims/`: claims to start from, and what their service accepts.

mod draft;
mod schema;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use self::draft::{ClaimError, Finding, parse_claim, resolve};
use super::{algorithm::Algorithm, claims::JsonObject, key::PublicKey, time};

/// A template as its YAML file describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    /// What `--template` names.
    pub name: String,
    /// One line.
    pub description: String,
    /// What the service accepts; empty: anything.
    pub algorithms: Vec<Algorithm>,
    /// `typ` of the header.
    pub typ: String,
    /// The longest lifetime the service accepts.
    pub longest: Option<Duration>,
    /// Where that rule stands; `not confirmed` where nowhere.
    pub longest_source: Option<String>,
    /// Claims that the service wants.
    pub needs: Vec<String>,
    claims: Map<String, Value>,
}

/// Why a template file cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TemplateError {
    /// The YAML is wrong.
    #[error("{file}: {reason}")]
    File {
        /// Its name.
        file: String,
        /// What the parser said, with line and column.
        reason: String,
    },
    /// No such template.
    #[error("no template {name}: there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
}

/// What the placeholders of a draft are filled from.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The clock.
    pub now: Timestamp,
    /// Randomness: `uuid` becomes a version 4 UUID of it (RFC 9562 section 5.4).
    pub random: [u8; 16],
}

/// What the caller asks for on top of a template; it wins over the template.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `iss`.
    pub iss: Option<String>,
    /// `sub`.
    pub sub: Option<String>,
    /// `aud`: one is text, several an array.
    pub aud: Vec<String>,
    /// `exp`, counted from now.
    pub ttl: Option<Duration>,
    /// Any claims, in order.
    pub claims: Vec<(String, Value)>,
}

/// The built-in templates, file by file.
const BUILTIN: [(&str, &str); 4] = [
    (
        "gooddata.yaml",
        include_str!("../../assets/claims/gooddata.yaml"),
    ),
    (
        "access-token.yaml",
        include_str!("../../assets/claims/access-token.yaml"),
    ),
    (
        "client-assertion.yaml",
        include_str!("../../assets/claims/client-assertion.yaml"),
    ),
    ("blank.yaml", include_str!("../../assets/claims/blank.yaml")),
];

impl Template {
    /// `gooddata`, `access-token`, `client-assertion`, `blank`.
    pub fn builtin() -> Result<Vec<Self>, TemplateError> {
        BUILTIN
            .iter()
            .map(|(file, yaml)| Self::parse(file, yaml))
            .collect()
    }

    /// The template `name` of the user's own, else of the built-in ones.
    pub fn named(name: &str, own: &[Self]) -> Result<Self, TemplateError> {
        let builtin = Self::builtin()?;
        let all = || own.iter().chain(&builtin);
        all()
            .find(|template| template.name == name)
            .cloned()
            .ok_or_else(|| {
                let names: Vec<&str> = all().map(|template| template.name.as_str()).collect();
                TemplateError::Unknown {
                    name: name.to_owned(),
                    known: names.join(", "),
                }
            })
    }

    /// What a key mints from when nothing was said: `gooddata` for RS256, RS384 and RS512, else
    /// `access-token`.
    pub fn default_name(algorithm: Algorithm) -> &'static str {
        match algorithm {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => "gooddata",
            _ => "access-token",
        }
    }

    /// Reads a template's YAML; `file` is named in errors.
    pub fn parse(file: &str, yaml: &str) -> Result<Self, TemplateError> {
        schema::parse(yaml).map_err(|reason| TemplateError::File {
            file: file.to_owned(),
            reason,
        })
    }

    /// The claims as a person edits them: times as `now` and `+1h`, `jti` as `uuid`.
    pub fn draft(&self, overrides: &Overrides) -> JsonObject {
        overrides.applied(self.claims.clone())
    }

    /// Whether it has a claim of that name.
    pub fn has_claim(&self, name: &str) -> bool {
        self.claims.contains_key(name)
    }

    /// Whether the service takes tokens of `key` signed with `algorithm`.
    pub fn accepts(&self, algorithm: Algorithm, key: &PublicKey) -> bool {
        key.supports(algorithm)
            && (self.algorithms.is_empty() || self.algorithms.contains(&algorithm))
    }

    /// What is worth a word about resolved claims before they are signed.
    pub fn findings(&self, claims: &JsonObject, algorithm: Algorithm) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !self.algorithms.is_empty() && !self.algorithms.contains(&algorithm) {
            let names: Vec<&str> = self.algorithms.iter().map(|one| one.name()).collect();
            findings.push(Finding(format!(
                "{}: {algorithm} is not among the algorithms its service takes ({})",
                self.name,
                names.join(", ")
            )));
        }
        for name in &self.needs {
            if !claims.members().contains_key(name) {
                findings.push(Finding(format!(
                    "{name} is missing: {} needs it",
                    self.name
                )));
            }
        }
        let date = |name| claims.members().get(name).and_then(time::numeric_date);
        match (
            date("iat").or_else(|| date("nbf")),
            date("exp"),
            self.longest,
        ) {
            (_, None, _) if !self.needs.iter().any(|name| name == "exp") => {
                findings.push(Finding(
                    "exp is missing: the token never expires".to_owned(),
                ));
            }
            (Some(from), Some(until), Some(longest)) => {
                let lifetime = until.duration_since(from).as_secs();
                if lifetime.unsigned_abs() > longest.as_secs() && lifetime > 0 {
                    let source = self.longest_source.as_deref().unwrap_or("not confirmed");
                    findings.push(Finding(format!(
                        "it lives {}: {} takes {} at most ({source})",
                        time::span(lifetime.unsigned_abs()),
                        self.name,
                        time::span(longest.as_secs())
                    )));
                }
            }
            _ => {}
        }
        findings
    }
}

impl Overrides {
    /// Puts them into claims that were given: those there keep their place, new ones follow.
    pub fn over(&self, claims: &JsonObject) -> JsonObject {
        if self.is_empty() {
            claims.clone()
        } else {
            self.applied(claims.members().clone())
        }
    }

    fn is_empty(&self) -> bool {
        self.iss.is_none()
            && self.sub.is_none()
            && self.aud.is_empty()
            && self.ttl.is_none()
            && self.claims.is_empty()
    }

    fn applied(&self, mut claims: Map<String, Value>) -> JsonObject {
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        for (name, value) in [("iss", &self.iss), ("sub", &self.sub)] {
            if let Some(value) = value {
                put(name, value.clone().into());
            }
        }
        match self.aud.as_slice() {
            [] => {}
            [one] => {
                put("aud", one.clone().into());
            }
            many => {
                put("aud", many.to_vec().into());
            }
        }
        if let Some(ttl) = self.ttl {
            put("exp", format!("+{}s", ttl.as_secs()).into());
        }
        for (name, value) in &self.claims {
            put(name, value.clone());
        }
        JsonObject::from_members(claims)
    }
}

#[cfg(test)]
mod tests;
