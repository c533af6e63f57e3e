//! Templates of `assets/claims/`: claims to start from.

use jiff::Timestamp;

use super::claims::JsonObject;

/// A template as its YAML file describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    pub name: String,
    pub description: String,
}

/// Why a template file cannot be used: file, line, remedy. (owner: jose)
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub String);

/// What the placeholders of a template are filled from.
#[derive(Clone, Debug)]
pub struct Moment {
    pub now: Timestamp,
    /// 16 random bytes: the `jti` becomes a version 4 UUID of them.
    pub random: [u8; 16],
}

/// What the caller asks for on top of the template; later ones win over the template.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub iss: Option<String>,
    pub sub: Option<String>,
    pub aud: Vec<String>,
    pub ttl: Option<std::time::Duration>,
    /// `--claim k=v`, in order; already JSON.
    pub claims: Vec<(String, serde_json::Value)>,
}

impl Template {
    /// The built-in ones: `gooddata`, `access-token`, `client-assertion`, `blank`.
    pub fn builtin() -> Vec<Self> {
        unimplemented!()
    }
    pub fn parse(file: &str, yaml: &str) -> Result<Self, TemplateError> {
        unimplemented!("{file}{yaml}")
    }
    /// The claims as a person edits them: times as `now`, `+1h`, `jti` as `uuid`; indented JSON.
    pub fn draft(&self, overrides: &Overrides) -> String {
        unimplemented!("{overrides:?}")
    }
}

/// Resolves what a person writes into claims: `iat`, `nbf`, `exp` as `now`, `+5m`, `+1h30m`, RFC 3339
/// or epoch seconds; `jti` as `uuid`. The order of members is kept.
pub fn resolve(draft: &str, moment: &Moment) -> Result<JsonObject, super::claims::JsonError> {
    unimplemented!("{draft}{moment:?}")
}
