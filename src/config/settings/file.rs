//! One YAML file of the configuration, section by section. Names are checked while they are read,
//! so that the error of a name defined twice has its line.

use std::{collections::BTreeMap, fmt, marker::PhantomData, path::PathBuf, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{
    EndpointSettings,
    client::ClientSettings,
    scalar::{Bits, Plain, Text},
    secret_source::SecretSource,
    theme_name::ThemeName,
};
use crate::{
    jose::algorithm::Algorithm,
    net::url::{Scheme, Url},
};

/// The sections there are.
const SECTIONS: [&str; 4] = ["clients", "defaults", "endpoints", "keys"];

/// What one file says.
#[derive(Default)]
pub(super) struct File {
    pub(super) clients: Vec<(String, ClientSettings)>,
    pub(super) defaults: DefaultsFile,
    pub(super) endpoints: Vec<(String, EndpointSettings)>,
    /// Action and key.
    pub(super) keys: Vec<(String, String)>,
}

/// `defaults:` as far as the file says it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DefaultsFile {
    pub(super) algorithm: Option<Text<Algorithm>>,
    pub(super) bits: Option<Bits>,
    pub(super) certificate: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) ttl: Option<Text<Duration>>,
    pub(super) clear_clipboard: Option<Text<Duration>>,
    pub(super) lock_after: Option<Text<Duration>>,
    pub(super) theme: Option<Text<ThemeName>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointFile {
    preset: String,
    #[serde(default)]
    url: Option<Text<Url>>,
    #[serde(default)]
    token: Option<SecretSource>,
    #[serde(default)]
    ca_file: Option<PathBuf>,
    #[serde(default)]
    allow_http: bool,
    #[serde(default)]
    timeout: Option<Text<Duration>>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, Plain>,
}

/// The names defined so far, each with the file that did.
#[derive(Default)]
pub(super) struct Defined {
    clients: BTreeMap<String, String>,
    endpoints: BTreeMap<String, String>,
    keys: BTreeMap<String, String>,
}

impl File {
    /// Whether a secret of it comes from a command.
    pub(super) fn runs_a_program(&self) -> bool {
        let tokens = self.endpoints.iter().map(|(_, endpoint)| &endpoint.token);
        let secrets = self.clients.iter().map(|(_, client)| &client.secret);
        let mut sources = tokens.chain(secrets).flatten();
        sources.any(|source| matches!(source, SecretSource::Command(_)))
    }
}

/// Reads the file called `name`, after those that `defined` remembers.
pub(super) fn parse(
    name: &str,
    yaml: &str,
    defined: &mut Defined,
) -> Result<File, serde_yaml::Error> {
    FileSeed { name, defined }.deserialize(serde_yaml::Deserializer::from_str(yaml))
}

struct FileSeed<'a> {
    name: &'a str,
    defined: &'a mut Defined,
}

impl<'de> DeserializeSeed<'de> for FileSeed<'_> {
    type Value = File;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<File, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FileSeed<'_> {
    type Value = File;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sections clients, defaults, endpoints and keys")
    }

    /// An empty file.
    fn visit_none<E: Error>(self) -> Result<File, E> {
        Ok(File::default())
    }

    /// A file of comments is null, not a map.
    fn visit_unit<E: Error>(self) -> Result<File, E> {
        Ok(File::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<File, A::Error> {
        let mut file = File::default();
        let mut seen = Vec::new();
        let mut section = |name: &str| {
            let known = SECTIONS.into_iter().find(|section| *section == name);
            let known = known.ok_or_else(|| {
                format!("unknown section {name}: write clients, defaults, endpoints or keys")
            })?;
            if seen.contains(&known) {
                return Err(format!(
                    "the section {name} stands twice: write it once, with everything in it"
                ));
            }
            seen.push(known);
            Ok(())
        };
        while let Some(name) = map.next_key_seed(Name {
            check: &mut section,
        })? {
            match name.as_str() {
                "clients" => {
                    file.clients =
                        map.next_value_seed(Entries::new(self.name, &mut self.defined.clients))?;
                }
                "defaults" => {
                    file.defaults = map
                        .next_value::<Option<DefaultsFile>>()?
                        .unwrap_or_default();
                }
                "endpoints" => {
                    file.endpoints =
                        map.next_value_seed(Entries::new(self.name, &mut self.defined.endpoints))?;
                }
                "keys" => {
                    file.keys =
                        map.next_value_seed(Entries::new(self.name, &mut self.defined.keys))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(file)
    }
}

/// A name, checked where it stands.
struct Name<'a> {
    check: &'a mut dyn FnMut(&str) -> Result<(), String>,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<String, E> {
        (self.check)(name).map_err(E::custom)?;
        Ok(name.to_owned())
    }
}

/// A section of names with values, each name once over all files.
struct Entries<'a, T> {
    file: &'a str,
    defined: &'a mut BTreeMap<String, String>,
    value: PhantomData<T>,
}

impl<'a, T> Entries<'a, T> {
    fn new(file: &'a str, defined: &'a mut BTreeMap<String, String>) -> Self {
        Self {
            file,
            defined,
            value: PhantomData,
        }
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Entries<'_, T> {
    type Value = Vec<(String, T)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<'_, T> {
    type Value = Vec<(String, T)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names with their values, NAME: …")
    }

    /// Every entry is commented out.
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut unique =
            |name: &str| match self.defined.insert(name.to_owned(), self.file.to_owned()) {
                None => Ok(()),
                Some(first) if first == self.file => Err(format!(
                    "{name} is defined twice: rename one or take it out"
                )),
                Some(first) => Err(format!(
                    "{name} is defined in {first} too: rename one or take it out"
                )),
            };
        let mut entries = Vec::new();
        while let Some(name) = map.next_key_seed(Name { check: &mut unique })? {
            entries.push((name, map.next_value()?));
        }
        Ok(entries)
    }
}

/// By hand, so that what its fields say together is checked where it stands.
impl<'de> Deserialize<'de> for EndpointSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;
        impl<'de> Visitor<'de> for OfMap {
            type Value = EndpointSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an endpoint: {preset: NAME, url: URL, …}")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EndpointSettings, A::Error> {
                EndpointFile::deserialize(MapAccessDeserializer::new(map))?
                    .checked()
                    .map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(OfMap)
    }
}

impl EndpointFile {
    fn checked(self) -> Result<EndpointSettings, String> {
        let url = self.url.map(|url| url.0);
        let is_plain = |url: &Url| url.scheme() == Scheme::Http && !url.is_loopback();
        if url.as_ref().is_some_and(is_plain) && !self.allow_http {
            return Err(
                "its url is plain http, which anybody on the way can read: write https, or \
                 allow_http: true"
                    .to_owned(),
            );
        }
        Ok(EndpointSettings {
            preset: self.preset,
            url: url.map_or_else(String::new, |url| url.as_str().to_owned()),
            token: self.token,
            ca_file: self.ca_file,
            allow_http: self.allow_http,
            timeout: self.timeout.map(|timeout| timeout.0),
            scope: self.scope,
            values: self
                .values
                .into_iter()
                .map(|(name, value)| (name, value.0))
                .collect(),
        })
    }
}
