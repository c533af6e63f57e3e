//! Templates: claims to start from, and what their service accepts. keyfob's own stand in
//! `assets/claims/`, the user's in `claims/` of the configuration folder; both have one schema.

mod builtin;
mod draft;
mod findings;
mod overrides;
mod recognition;
mod schema;

use std::time::Duration;

use serde_json::{Map, Value};

pub use self::{
    draft::{ClaimError, Moment, parse_claim, parse_header, resolve, resolve_claim},
    findings::{Finding, TABLE as FINDINGS, Token, Weight, findings},
    overrides::Overrides,
};
use super::{
    algorithm::{Algorithm, SignatureAlgorithm},
    claims::JsonObject,
    header::HeaderMember,
    key::PublicKey,
    time,
};

/// A template as its YAML file describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    /// What `--template` names.
    pub name: String,
    /// One line.
    pub description: String,
    /// Where it comes from.
    pub origin: Origin,
    /// `typ` of the header.
    pub typ: String,
    /// Header members that are filled from the key beside `kid`.
    pub header: Vec<HeaderMember>,
    /// What the service accepts; none: anything.
    pub algorithms: Rule<Vec<SignatureAlgorithm>>,
    /// How long a token may live there.
    pub lifetime: Rule<Lifetime>,
    /// Claims that the service wants; none: it is not known.
    pub needs: Vec<String>,
    /// What stands in the claims as `{name}`, to be filled.
    pub fields: Vec<Field>,
    claims: Map<String, Value>,
}

/// Where a template comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// keyfob's own.
    BuiltIn,
    /// A file of the user.
    File(String),
}

/// What a service asks for, and where that stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule<T> {
    /// What it asks for.
    pub value: T,
    /// Where that stands.
    pub source: Source,
}

/// Where a rule stands. A rule with a source refuses, one without warns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// Documentation that says so.
    Confirmed(String),
    /// Nowhere that was read.
    NotConfirmed,
}

/// The bounds of a lifetime, from `iat` (else `nbf`, else now) to `exp`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Lifetime {
    /// The shortest that is accepted.
    pub shortest: Option<Duration>,
    /// The longest that is accepted.
    pub longest: Option<Duration>,
}

/// A named field to fill.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    /// What `--set` names, and what stands in braces in the claims.
    pub name: String,
    /// What it is and where it is found, in a few words.
    pub help: String,
    /// What is there unless another is given.
    pub given: Given,
    /// What it becomes where it is the whole of a claim.
    pub kind: FieldKind,
}

/// What a field holds from the start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Given {
    /// It will do as it is.
    Default(String),
    /// It only shows what belongs there.
    Example(String),
}

/// What a field becomes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldKind {
    /// A text.
    Text,
    /// JSON: a number, for example.
    Json,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TemplateError {
    /// A field that is JSON was filled with something else.
    #[error("{template}: {field} is JSON, a number for example: {reason}")]
    Field {
        /// The template.
        template: String,
        /// The field.
        field: String,
        /// What the parser said.
        reason: String,
    },
    /// The YAML is wrong.
    #[error("{file}: {reason}")]
    File {
        /// Its name.
        file: String,
        /// What the parser said, with line and column.
        reason: String,
    },
    /// No such field.
    #[error("{template} has no field {field}: it has {known}")]
    NoField {
        /// The template.
        template: String,
        /// What was named.
        field: String,
        /// The fields there are.
        known: String,
    },
    /// The claims name the public key, and a shared secret has none.
    #[error("{0} holds the fingerprint of a public key: a shared secret has none")]
    NoPublicKey(String),
    /// Two files of the user have one name.
    #[error("{file}: {other} is named {name} too: rename one of them")]
    Twice {
        /// The later file.
        file: String,
        /// The earlier one.
        other: String,
        /// The name.
        name: String,
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

impl Template {
    /// keyfob's own, in alphabetical order but for `blank`, which is the last.
    pub fn builtin() -> Result<Vec<Self>, TemplateError> {
        builtin::FILES
            .iter()
            .map(|(file, yaml)| {
                let template = Self::parse(file, yaml)?;
                Ok(Self {
                    origin: Origin::BuiltIn,
                    ..template
                })
            })
            .collect()
    }

    /// The user's own and those of keyfob that none of them replaces.
    pub fn all(own: &[Self]) -> Result<Vec<Self>, TemplateError> {
        let mut all = own.to_vec();
        let is_own = |name: &str| own.iter().any(|each| each.name == name);
        all.extend(
            Self::builtin()?
                .into_iter()
                .filter(|each| !is_own(&each.name)),
        );
        Ok(all)
    }

    /// The template `name` of the user's own, else of the built-in ones.
    pub fn named(name: &str, own: &[Self]) -> Result<Self, TemplateError> {
        let all = Self::all(own)?;
        let names: Vec<&str> = all.iter().map(|template| template.name.as_str()).collect();
        let known = names.join(", ");
        let found = all.iter().find(|template| template.name == name);
        found.cloned().ok_or(TemplateError::Unknown {
            name: name.to_owned(),
            known,
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
        schema::parse(file, yaml).map_err(|reason| TemplateError::File {
            file: file.to_owned(),
            reason,
        })
    }

    /// The claims as a person edits them: times as `now` and `+1h`, `jti` as `uuid`, fields filled
    /// with `values` by name, else with what they hold from the start.
    pub fn draft(
        &self,
        values: &[(String, String)],
        key: Option<&PublicKey>,
    ) -> Result<JsonObject, TemplateError> {
        draft::filled(self, values, key)
    }

    /// `10 min at most`, `30 min to 48 h`, `any`.
    pub fn lives(&self) -> String {
        let span = |bound: Duration| time::span(bound.as_secs());
        let lifetime = &self.lifetime.value;
        match (lifetime.shortest.map(span), lifetime.longest.map(span)) {
            (None, None) => "any".to_owned(),
            (None, Some(longest)) => format!("{longest} at most"),
            (Some(shortest), None) => format!("{shortest} at least"),
            (Some(shortest), Some(longest)) => format!("{shortest} to {longest}"),
        }
    }

    /// Whether it has a claim of that name.
    pub fn has_claim(&self, name: &str) -> bool {
        self.claims.contains_key(name)
    }

    /// The claims before any field is filled.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Whether the service takes tokens of `key` signed with `algorithm`.
    pub fn accepts(&self, algorithm: Algorithm, key: &PublicKey) -> bool {
        key.supports(algorithm) && self.takes(SignatureAlgorithm::Asymmetric(algorithm))
    }

    /// Whether the service takes tokens of an algorithm.
    pub fn takes(&self, algorithm: SignatureAlgorithm) -> bool {
        let accepted = &self.algorithms.value;
        accepted.is_empty() || accepted.contains(&algorithm)
    }

    /// The names of the algorithms that the service takes; `any`.
    pub fn algorithm_names(&self) -> String {
        let names: Vec<&str> = self
            .algorithms
            .value
            .iter()
            .map(|algorithm| algorithm.name())
            .collect();
        if names.is_empty() {
            "any".to_owned()
        } else {
            names.join(", ")
        }
    }
}

impl Source {
    /// The address of the documentation, or `not confirmed`.
    pub fn text(&self) -> &str {
        match self {
            Self::Confirmed(source) => source,
            Self::NotConfirmed => "not confirmed",
        }
    }
}

impl Field {
    /// What it holds from the start.
    pub fn start(&self) -> &str {
        match &self.given {
            Given::Default(text) | Given::Example(text) => text,
        }
    }
}

#[cfg(test)]
mod tests;
