//! The forms of a key that services want.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::jose::jwk::PublicJwk;

/// The form in which a service wants a key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Projection {
    /// A JWK with these members, where the key has them, in this order.
    Jwk { members: Vec<String> },
}

impl Projection {
    /// `jwk` in this form.
    pub fn of(&self, jwk: &PublicJwk) -> Value {
        match self {
            Self::Jwk { members } => {
                let all = jwk.to_value();
                let listed = members
                    .iter()
                    .filter_map(|name| Some((name.clone(), all.get(name)?.clone())));
                Value::Object(listed.collect::<Map<_, _>>())
            }
        }
    }

    /// Whether this form carries the JWK member `name`.
    pub fn carries(&self, name: &str) -> bool {
        match self {
            Self::Jwk { members } => members.iter().any(|each| each == name),
        }
    }
}
