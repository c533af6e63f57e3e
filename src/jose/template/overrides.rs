//! What the caller asks for on top of claims.

use std::time::Duration;

use serde_json::Value;

use crate::jose::claims::JsonObject;

/// Claims that are asked for by name; they win over a template.
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

impl Overrides {
    /// Puts them into claims: those there keep their place, new ones follow, and the rest of the
    /// text stays byte for byte.
    pub fn over(&self, claims: &JsonObject) -> JsonObject {
        let mut claims = claims.clone();
        let mut put = |name: &str, value: Value| claims = claims.with(name, &value);
        for (name, value) in [("iss", &self.iss), ("sub", &self.sub)] {
            if let Some(value) = value {
                put(name, value.clone().into());
            }
        }
        match self.aud.as_slice() {
            [] => {}
            [one] => put("aud", one.clone().into()),
            many => put("aud", many.to_vec().into()),
        }
        if let Some(ttl) = self.ttl {
            put("exp", format!("+{}s", ttl.as_secs()).into());
        }
        for (name, value) in &self.claims {
            put(name, value.clone());
        }
        claims
    }
}
