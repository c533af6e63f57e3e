//! `config.yaml` and `config.d/*.yaml` as checked values.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::home::Home;
use crate::jose::algorithm::Algorithm;

/// Where a secret that configuration names comes from; never plain text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SecretSource {
    Env(String),
    Command(Vec<String>),
    Sealed(String),
}

/// One entry of `endpoints:`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndpointSettings {
    pub preset: String,
    pub url: String,
    pub token: Option<SecretSource>,
    pub ca_file: Option<PathBuf>,
    pub allow_http: bool,
    pub timeout: Option<Duration>,
    pub scope: Option<String>,
    pub values: BTreeMap<String, String>,
}

/// `defaults:`, with the built-in defaults filled in (RS256, 2048, minimal, sandbox, 5m, 45s, 300s, dark).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Defaults {
    pub algorithm: Algorithm,
    pub bits: u32,
    pub certificate: String,
    pub endpoint: String,
    pub ttl: Duration,
    pub clear_clipboard: Duration,
    pub lock_after: Duration,
    pub theme: String,
}

/// Everything the user configured.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    pub endpoints: BTreeMap<String, EndpointSettings>,
    /// Clients are checked here and used by the OAuth room (a `ClientSettings` of its own).
    pub defaults: Defaults,
    /// `keys: {register: r}`: action name to key.
    pub keys: BTreeMap<String, String>,
}

/// file, line, column, what is wrong, what to write instead. (owner: config)
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub String);

impl Settings {
    /// No file is fine: the defaults.
    pub fn load(home: &Home) -> Result<Self, SettingsError> {
        unimplemented!("{home:?}")
    }
}
