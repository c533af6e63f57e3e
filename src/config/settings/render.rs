//! Settings as the YAML that is read back as the same settings.

use serde_yaml::{Mapping, Value};

use super::{ClientServer, ClientSettings, EndpointSettings, SecretSource};

impl EndpointSettings {
    /// Its entry in a file; what is as it would be anyway is left out.
    pub fn to_yaml(&self) -> Mapping {
        let mut entry = Mapping::new();
        let mut set = |name: &str, value: Value| entry.insert(text(name), value);
        set("preset", text(&self.preset));
        if !self.url.is_empty() {
            set("url", text(&self.url));
        }
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

impl ClientSettings {
    /// Its entry in a file; what is as it would be anyway is left out.
    pub fn to_yaml(&self) -> Mapping {
        let plain = Self::new(self.server.clone(), &self.client_id, "");
        let mut entry = Mapping::new();
        let mut set = |name: &str, value: Value| entry.insert(text(name), value);
        match &self.server {
            ClientServer::Issuer(url) => set("issuer", text(url)),
            ClientServer::TokenUrl(url) => set("token_url", text(url)),
        };
        set("client_id", text(&self.client_id));
        if let Some(kid) = &self.key {
            set("key", text(kid));
        }
        if let Some(algorithm) = self.algorithm {
            set("algorithm", text(algorithm.name()));
        }
        if self.audience != plain.audience {
            set("audience", text(&self.audience.to_string()));
        }
        if self.lifetime != plain.lifetime {
            set("lifetime", text(&format!("{}s", self.lifetime.as_secs())));
        }
        for (name, value) in [
            ("scope", &self.scope),
            ("resource", &self.resource),
            ("request_audience", &self.request_audience),
        ] {
            if let Some(value) = value {
                set(name, text(value));
            }
        }
        if !self.extra.is_empty() {
            let extra = self.extra.iter();
            let extra = extra.map(|(name, value)| (text(name), text(value)));
            set("extra", Value::Mapping(extra.collect()));
        }
        if self.header != plain.header {
            let members = self.header.iter().map(|member| text(member.name()));
            set("header", Value::Sequence(members.collect()));
        }
        if !self.claims.is_empty() {
            let json = serde_json::Value::Object(self.claims.clone()).to_string();
            // JSON is YAML.
            set("claims", serde_yaml::from_str(&json).unwrap_or_default());
        }
        if self.auth != plain.auth {
            set("auth", text(self.auth.name()));
        }
        if let Some(secret) = &self.secret {
            set("secret", secret.to_yaml());
        }
        if self.grant != plain.grant {
            set("grant", text(self.grant.name()));
        }
        if let Some(subject) = &self.subject {
            set("subject", text(subject));
        }
        if let Some(binding) = self.bind {
            set("bind", text(binding.name()));
        }
        if let Some(kid) = &self.dpop_key {
            set("dpop_key", text(kid));
        }
        if let Some(file) = &self.ca_file {
            set("ca_file", text(&file.display().to_string()));
        }
        if self.allow_http {
            set("allow_http", Value::Bool(true));
        }
        entry
    }
}

impl SecretSource {
    /// `{env: NAME}`, `{sealed: NAME}`, `{client: NAME}` or `{command: [PROGRAM, …]}`.
    pub fn to_yaml(&self) -> Value {
        let (kind, value) = match self {
            Self::Command(words) => (
                "command",
                Value::Sequence(words.iter().map(|word| text(word)).collect()),
            ),
            Self::Client(name) => ("client", text(name)),
            Self::Env(name) => ("env", text(name)),
            Self::Sealed(name) => ("sealed", text(name)),
        };
        Value::Mapping([(text(kind), value)].into_iter().collect())
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}
