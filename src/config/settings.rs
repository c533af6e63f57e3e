//! `config.yaml` and `config.d/*.yaml` as checked values.

use std::{collections::BTreeMap, fmt, fs, io, path::PathBuf, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Unexpected, Visitor},
};

use super::{
    home::Home,
    own_files::{OwnFileError, yaml_files},
};
use crate::jose::{algorithm::Algorithm, time};

/// Where a secret that the configuration names comes from; never plain text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SecretSource {
    /// A program and its arguments, run without a shell; the first line it prints.
    Command(Vec<String>),
    /// An environment variable.
    Env(String),
}

/// One entry of `endpoints:`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndpointSettings {
    /// Its kind.
    pub preset: String,
    /// Its address.
    pub url: String,
    /// Its API token.
    pub token: Option<SecretSource>,
    /// Roots that replace the system's for it (PEM).
    pub ca_file: Option<PathBuf>,
    /// Whether plain http to another machine is allowed.
    pub allow_http: bool,
    /// For the whole of a request.
    pub timeout: Option<Duration>,
}

/// `defaults:`, the built-in ones where the file says nothing.
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
}

/// Everything the user configured.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// By name.
    pub endpoints: BTreeMap<String, EndpointSettings>,
    /// Defaults.
    pub defaults: Defaults,
}

/// What is wrong with the configuration, where, and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file cannot be read.
    #[error(transparent)]
    Disk(#[from] OwnFileError),
    /// A file says what cannot be.
    #[error("{file}: {reason}")]
    File {
        /// Its path.
        file: String,
        /// What and where.
        reason: String,
    },
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    endpoints: BTreeMap<String, EndpointFile>,
    defaults: DefaultsFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointFile {
    preset: String,
    url: String,
    #[serde(default)]
    token: Option<SecretSource>,
    #[serde(default)]
    ca_file: Option<PathBuf>,
    #[serde(default)]
    allow_http: bool,
    #[serde(default)]
    timeout: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DefaultsFile {
    algorithm: Option<String>,
    bits: Option<u32>,
    certificate: Option<String>,
    endpoint: Option<String>,
}

impl Settings {
    /// Reads `config.yaml`, then `config.d/*.yaml` by name; no file is fine.
    pub fn load(home: &Home) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        let mut defined = BTreeMap::new();
        for (file, yaml) in files(home)? {
            let wrong = |reason: String| SettingsError::File {
                file: file.clone(),
                reason,
            };
            // A file of comments is null, not a map.
            let empty = matches!(serde_yaml::from_str(&yaml), Ok(serde_yaml::Value::Null));
            let parsed = if empty {
                File::default()
            } else {
                serde_yaml::from_str(&yaml).map_err(|error| wrong(error.to_string()))?
            };
            for (name, endpoint) in parsed.endpoints {
                if let Some(first) = defined.insert(name.clone(), file.clone()) {
                    return Err(wrong(format!(
                        "endpoint {name} is defined twice: in {first} too; rename one"
                    )));
                }
                let checked = endpoint
                    .checked()
                    .map_err(|reason| wrong(format!("endpoint {name}: {reason}")))?;
                settings.endpoints.insert(name, checked);
            }
            settings.defaults.merge(parsed.defaults).map_err(wrong)?;
        }
        Ok(settings)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoints: BTreeMap::new(),
            defaults: Defaults {
                algorithm: Algorithm::Rs256,
                bits: 2048,
                certificate: "minimal".to_owned(),
                endpoint: "sandbox".to_owned(),
            },
        }
    }
}

impl Defaults {
    fn merge(&mut self, file: DefaultsFile) -> Result<(), String> {
        if let Some(algorithm) = file.algorithm {
            self.algorithm = algorithm
                .parse()
                .map_err(|error| format!("defaults.algorithm: {error}"))?;
        }
        if let Some(bits) = file.bits {
            self.bits = bits;
        }
        if let Some(certificate) = file.certificate {
            self.certificate = certificate;
        }
        if let Some(endpoint) = file.endpoint {
            self.endpoint = endpoint;
        }
        Ok(())
    }
}

impl EndpointFile {
    fn checked(self) -> Result<EndpointSettings, String> {
        let timeout = self
            .timeout
            .as_deref()
            .map(|text| time::parse_duration(text).map_err(|error| format!("timeout: {error}")))
            .transpose()?;
        if let Some(SecretSource::Command(words)) = &self.token
            && words.is_empty()
        {
            return Err("token.command is empty: write [PROGRAM, ARGUMENT, …]".to_owned());
        }
        Ok(EndpointSettings {
            preset: self.preset,
            url: self.url,
            token: self.token,
            ca_file: self.ca_file,
            allow_http: self.allow_http,
            timeout,
        })
    }
}

/// By hand, so that a token written in plain text is never repeated in the error.
impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Source;
        impl<'de> Visitor<'de> for Source {
            type Value = SecretSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("{env: NAME} or {command: [PROGRAM, ARGUMENT, …]}")
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<SecretSource, E> {
                Err(E::custom(
                    "an API token is never written here: \
                     write {env: NAME} or {command: [PROGRAM, ARGUMENT, …]}",
                ))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretSource, A::Error> {
                let source = match map.next_key::<String>()?.as_deref() {
                    Some("env") => SecretSource::Env(map.next_value()?),
                    Some("command") => SecretSource::Command(map.next_value()?),
                    _ => return Err(A::Error::invalid_type(Unexpected::Map, &self)),
                };
                match map.next_key::<String>()? {
                    None => Ok(source),
                    Some(_) => Err(A::Error::custom("name one source of the token, not two")),
                }
            }
        }
        deserializer.deserialize_any(Source)
    }
}

/// `from $GOODDATA_TOKEN`, `from the command pass`.
impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(words) => {
                let program = words.first().map_or("", String::as_str);
                write!(f, "from the command {program}")
            }
            Self::Env(name) => write!(f, "from ${name}"),
        }
    }
}

fn files(home: &Home) -> Result<Vec<(String, String)>, OwnFileError> {
    let path = home.config().join("config.yaml");
    let mut files = match fs::read_to_string(&path) {
        Ok(text) => vec![(path.display().to_string(), text)],
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(OwnFileError::Disk { path, error }),
    };
    files.extend(yaml_files(home, "config.d")?);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn load(files: &[(&str, &str)]) -> (String, Result<Settings, SettingsError>) {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let at = folder.path().display().to_string();
        (at, Settings::load(&Home::at(folder.path())))
    }

    #[test]
    fn no_file_and_an_empty_file_are_the_defaults() {
        assert_eq!(load(&[]).1.unwrap(), Settings::default());
        assert_eq!(
            load(&[("config.yaml", "# nothing\n")]).1.unwrap(),
            Settings::default()
        );
    }

    #[test]
    fn endpoints_come_from_every_file() {
        let yaml = "endpoints:\n  a: {preset: gooddata, url: https://a.example, \
                    token: {env: A_TOKEN}, timeout: 5s}\n";
        let more = "endpoints:\n  b: {preset: gooddata, url: https://b.example}\n";
        let settings = load(&[("config.yaml", yaml), ("config.d/b.yaml", more)])
            .1
            .unwrap();
        let names: Vec<&String> = settings.endpoints.keys().collect();
        assert_eq!(names, ["a", "b"]);
        let a = &settings.endpoints["a"];
        assert_eq!(a.token, Some(SecretSource::Env("A_TOKEN".to_owned())));
        assert_eq!(a.timeout, Some(Duration::from_secs(5)));
    }

    #[test]
    fn what_is_wrong_is_told_with_file_and_place() {
        for (yaml, expected) in [
            (
                "defaults: {}\nendpoint: {}\n",
                "unknown field `endpoint`, expected `endpoints` or `defaults` at line 2 column 1",
            ),
            (
                "endpoints:\n  a: {preset: gooddata, url: u, token: secret}\n",
                "endpoints.a.token: an API token is never written here: write {env: NAME}",
            ),
            ("defaults: {bits: many}\n", "defaults.bits: invalid type"),
            (
                "defaults: {algorithm: HS256}\n",
                "defaults.algorithm: unknown algorithm HS256",
            ),
            (
                "endpoints: {a: {preset: p, url: u, timeout: soon}}\n",
                "endpoint a: timeout: \"soon\" is no duration: write 90s, 5m, 1h30m or 2d",
            ),
        ] {
            let (at, result) = load(&[("config.yaml", yaml)]);
            let error = result.unwrap_err().to_string();
            let start = format!("{at}/config.yaml: ");
            assert!(
                error.starts_with(&start) && error.contains(expected),
                "{error}"
            );
        }
    }

    #[test]
    fn a_name_defined_twice_names_both_files() {
        let yaml = "endpoints:\n  a: {preset: gooddata, url: https://a.example}\n";
        let (at, result) = load(&[("config.yaml", yaml), ("config.d/a.yaml", yaml)]);
        assert_eq!(
            result.unwrap_err().to_string(),
            format!(
                "{at}/config.d/a.yaml: endpoint a is defined twice: in {at}/config.yaml too; \
                 rename one"
            )
        );
    }
}
