//! `config.yaml` and `config.d/*.yaml` as checked values.

mod client;
mod client_auth;
mod file;
mod grant;
mod render;
mod scalar;
mod secret_source;
mod theme_name;
mod token_kind;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use self::file::{DefaultsFile, Defined};
pub use self::{
    client::{AssertionHeader, Audience, ClientServer, ClientSettings, DEFAULT_LIFETIME},
    client_auth::{Binding, ClientAuth},
    grant::Grant,
    secret_source::SecretSource,
    theme_name::{ThemeName, UnknownTheme},
    token_kind::TokenKind,
};
use super::{
    exposure::Exposure,
    home::Home,
    own_files::{self, OwnFileError, yaml_files},
};
use crate::jose::algorithm::Algorithm;

/// One entry of `endpoints:`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndpointSettings {
    /// Its kind.
    pub preset: String,
    /// Its address; empty where the preset needs none, or knows it.
    pub url: String,
    /// Its API token.
    pub token: Option<SecretSource>,
    /// Roots that replace the system's for it (PEM).
    pub ca_file: Option<PathBuf>,
    /// Whether plain http to another machine is allowed.
    pub allow_http: bool,
    /// For the whole of a request.
    pub timeout: Option<Duration>,
    /// What its API token may do, where the service asks.
    pub scope: Option<String>,
    /// The preset's own values by name.
    pub values: BTreeMap<String, String>,
}

/// `defaults:`, the built-in ones where no file says anything; a later file wins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Defaults {
    /// Of a new key.
    pub algorithm: Algorithm,
    /// Of a new RSA key.
    pub bits: u32,
    /// The certificate profile of a new key.
    pub certificate: String,
    /// Where a key is registered first.
    pub endpoint: String,
    /// How long a token lives; none: as its template says.
    pub ttl: Option<Duration>,
    /// After how long what was copied is taken off the clipboard; zero: never.
    pub clear_clipboard: Duration,
    /// After how long without a key press the keys are locked; zero: never.
    pub lock_after: Duration,
    /// The colours.
    pub theme: ThemeName,
}

/// Everything the user configured.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Settings {
    /// By name.
    pub clients: BTreeMap<String, ClientSettings>,
    /// The file that each entry of [`Self::clients`] stands in.
    pub client_files: BTreeMap<String, String>,
    /// By name.
    pub endpoints: BTreeMap<String, EndpointSettings>,
    /// Defaults.
    pub defaults: Defaults,
    /// The key of an action, by the action's name. Both are checked where actions are known.
    pub keys: BTreeMap<String, String>,
    /// The file that each entry of [`Self::keys`] stands in, by the action's name.
    pub key_files: BTreeMap<String, String>,
    /// The file that each entry of [`Self::endpoints`] stands in.
    pub endpoint_files: BTreeMap<String, String>,
}

/// What is wrong with the configuration, where, and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file cannot be read.
    #[error(transparent)]
    Disk(#[from] OwnFileError),
    /// Others could put their own program into a file that names one to run.
    #[error("{file} names a program to run and {exposure}")]
    Exposed {
        /// Its path.
        file: String,
        /// How.
        exposure: Exposure,
    },
    /// A file says what cannot be.
    #[error("{file}: {reason}")]
    File {
        /// Its path.
        file: String,
        /// What, where and what to write instead.
        reason: String,
    },
}

impl Settings {
    /// Reads `config.yaml`, then `config.d/*.yaml` by name; no file is fine.
    pub fn load(home: &Home) -> Result<Self, SettingsError> {
        Self::of(files(home)?)
    }

    /// What `load` would read, were the text of `file` this one.
    pub(super) fn load_with(home: &Home, file: &str, yaml: &str) -> Result<Self, SettingsError> {
        let mut files = files(home)?;
        files.retain(|(each, _)| each != file);
        files.push((file.to_owned(), yaml.to_owned()));
        Self::of(files)
    }

    fn of(files: Vec<(String, String)>) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        let mut defined = Defined::default();
        for (file, yaml) in files {
            let parsed =
                file::parse(&file, &yaml, &mut defined).map_err(|error| SettingsError::File {
                    file: file.clone(),
                    reason: placed(&error),
                })?;
            if parsed.runs_a_program()
                && let Some(exposure) = Exposure::of_file(Path::new(&file))
            {
                return Err(SettingsError::Exposed { file, exposure });
            }
            for (name, mut client) in parsed.clients {
                client.ca_file = beside(&file, client.ca_file);
                settings.client_files.insert(name.clone(), file.clone());
                settings.clients.insert(name, client);
            }
            for (name, mut endpoint) in parsed.endpoints {
                endpoint.ca_file = beside(&file, endpoint.ca_file);
                settings.endpoint_files.insert(name.clone(), file.clone());
                settings.endpoints.insert(name, endpoint);
            }
            settings.defaults.merge(parsed.defaults);
            for (action, key) in parsed.keys {
                settings.key_files.insert(action.clone(), file.clone());
                settings.keys.insert(action, key);
            }
        }
        Ok(settings)
    }
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Rs256,
            bits: 2048,
            certificate: "minimal".to_owned(),
            endpoint: "sandbox".to_owned(),
            ttl: None,
            clear_clipboard: Duration::from_secs(45),
            lock_after: Duration::from_secs(300),
            theme: ThemeName::Dark,
        }
    }
}

impl Defaults {
    fn merge(&mut self, file: DefaultsFile) {
        let old = self.clone();
        *self = Self {
            algorithm: file.algorithm.map_or(old.algorithm, |text| text.0),
            bits: file.bits.map_or(old.bits, |bits| bits.0),
            certificate: file.certificate.unwrap_or(old.certificate),
            endpoint: file.endpoint.unwrap_or(old.endpoint),
            ttl: file.ttl.map(|text| text.0).or(old.ttl),
            clear_clipboard: file
                .clear_clipboard
                .map_or(old.clear_clipboard, |text| text.0),
            lock_after: file.lock_after.map_or(old.lock_after, |text| text.0),
            theme: file.theme.map_or(old.theme, |text| text.0),
        };
    }
}

fn files(home: &Home) -> Result<Vec<(String, String)>, OwnFileError> {
    let path = home.config().join("config.yaml");
    let mut files = match own_files::read(&path) {
        Ok(text) => vec![(path.display().to_string(), text)],
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(OwnFileError::Disk { path, error }),
    };
    files.extend(yaml_files(home, "config.d")?);
    Ok(files)
}

/// The parser's words with a place; it leaves out the place of what stands at the very beginning.
fn placed(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    if text.contains(" at line ") {
        text
    } else {
        format!("{text} at line 1 column 1")
    }
}

/// What a file names by a relative path lies beside it, wherever keyfob was started.
fn beside(file: &str, named: Option<PathBuf>) -> Option<PathBuf> {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    named.map(|named| folder.join(named))
}

#[cfg(test)]
mod tests;
