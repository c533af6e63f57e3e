//! Settings as the YAML that is read back as the same settings.

use serde_yaml::{Mapping, Value};

use super::{EndpointSettings, SecretSource};

impl EndpointSettings {
    /// Its entry in a file; what is as it would be anyway is left out.
    pub fn to_yaml(&self) -> Mapping {
        let mut entry = Mapping::new();
        let mut set = |name: &str, value: Value| entry.insert(text(name), value);
        set("preset", text(&self.preset));
        set("url", text(&self.url));
        if let Some(token) = &self.token {
            set("token", token.to_yaml());
        }
        if let Some(file) = &self.ca_file {
            set("ca_file", text(&file.display().to_string()));
        }
        if self.allow_http {
            set("allow_http", Value::Bool(true));
        }
        if let Some(timeout) = self.timeout {
            set("timeout", text(&format!("{}s", timeout.as_secs())));
        }
        if let Some(scope) = &self.scope {
            set("scope", text(scope));
        }
        if !self.values.is_empty() {
            let values = self.values.iter();
            let values = values.map(|(name, value)| (text(name), text(value)));
            set("values", Value::Mapping(values.collect()));
        }
        entry
    }
}

impl SecretSource {
    /// `{env: NAME}`, `{sealed: NAME}` or `{command: [PROGRAM, …]}`.
    pub fn to_yaml(&self) -> Value {
        let (kind, value) = match self {
            Self::Command(words) => (
                "command",
                Value::Sequence(words.iter().map(|word| text(word)).collect()),
            ),
            Self::Env(name) => ("env", text(name)),
            Self::Sealed(name) => ("sealed", text(name)),
        };
        Value::Mapping([(text(kind), value)].into_iter().collect())
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}
