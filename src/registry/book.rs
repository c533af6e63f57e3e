//! The endpoints there are: the configured ones and the sandbox.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    access, drift,
    endpoint::{Endpoint, Word},
    error::RegistryError,
    journal::Journal,
    memory::{self, Memory},
    preset::{self, CHOICE, Preset, Scheme, Service, ValueKind, ValueSpec},
};
use crate::{
    config::{
        home::Home,
        own_files, resolve,
        settings::{ClientSettings, EndpointSettings, SecretSource, Settings},
    },
    jose::jwk::PublicJwk,
    keystore::{sealing::Unlocked, store::Keystore},
    net::policy::{PlainHttp, Policy, SET_LIMIT},
    oauth::client::Client,
    sandbox::server::{Sandbox, TOKEN},
    secret::Secret,
};

/// The name of the endpoint that is always there.
pub const SANDBOX: &str = "sandbox";

/// Every endpoint by name.
#[derive(Clone, Debug)]
pub struct Endpoints {
    presets: Vec<Preset>,
    configured: BTreeMap<String, EndpointSettings>,
    clients: BTreeMap<String, ClientSettings>,
    /// The endpoints of which something was remembered when they were loaded.
    remembered: BTreeSet<String>,
}

/// An endpoint in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Summary {
    /// Its name.
    pub name: String,
    /// Its preset's name.
    pub preset: String,
    /// Its address.
    pub url: String,
}

impl Endpoints {
    /// The endpoints of `settings`, with the built-in presets and the user's own.
    pub fn load(home: &Home, settings: &Settings) -> Result<Self, RegistryError> {
        let wrong = |reason: String| RegistryError::Configuration(reason);
        let own =
            own_files::yaml_files(home, "endpoints").map_err(|error| wrong(error.to_string()))?;
        let mut presets = Vec::new();
        for (file, yaml) in &own {
            let name = std::path::Path::new(file).file_stem().unwrap_or_default();
            presets.push(Preset::parse(&name.to_string_lossy(), file, yaml)?);
        }
        presets.extend(Preset::builtin()?);
        for (name, endpoint) in &settings.endpoints {
            let mut all = presets.iter();
            let Some(preset) = all.find(|preset| preset.name == endpoint.preset) else {
                let known: Vec<&str> = presets.iter().map(|preset| preset.name.as_str()).collect();
                return Err(wrong(format!(
                    "endpoint {name}: no preset {}: there are {}",
                    endpoint.preset,
                    known.join(", ")
                )));
            };
            if let Err(why) = preset.url.completed(&endpoint.url) {
                let file = settings.endpoint_files.get(name);
                let file = file.map_or_else(String::new, |file| format!("{file}: "));
                return Err(wrong(format!("{file}endpoint {name}: {why}")));
            }
        }
        let mut remembered = BTreeSet::new();
        if Keystore::exists(home)
            && let Ok(secrets) = Keystore::open(home).and_then(|keystore| keystore.secrets())
        {
            let names = settings.endpoints.keys();
            let lies_there = |name: &&String| secrets.contains(&memory::secret_name(name));
            remembered.extend(names.filter(lies_there).cloned());
        }
        Ok(Self {
            presets,
            configured: settings.endpoints.clone(),
            clients: settings.clients.clone(),
            remembered,
        })
    }

    /// The kinds of endpoint there are, the user's own first.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// Every endpoint, the sandbox first.
    pub fn summaries(&self) -> Vec<Summary> {
        let sandbox = Summary {
            name: SANDBOX.to_owned(),
            preset: SANDBOX.to_owned(),
            url: "where the running sandbox is".to_owned(),
        };
        let configured = self.configured.iter().filter(|(name, _)| *name != SANDBOX);
        std::iter::once(sandbox)
            .chain(configured.map(|(name, endpoint)| Summary {
                name: name.clone(),
                preset: endpoint.preset.clone(),
                url: self.place(endpoint),
            }))
            .collect()
    }

    /// The address of an endpoint; where it has none, the file that stands for it.
    fn place(&self, endpoint: &EndpointSettings) -> String {
        let is_path = |spec: &&ValueSpec| spec.kind == ValueKind::Path;
        let preset = self.preset(&endpoint.preset).ok();
        let path = preset.and_then(|preset| preset.values.iter().find(is_path));
        let file = path.and_then(|spec| endpoint.values.get(&spec.name));
        match file {
            Some(file) if endpoint.url.is_empty() => file.clone(),
            _ => endpoint.url.clone(),
        }
    }

    /// What is known of an endpoint, as label and text.
    pub fn describe(&self, name: &str) -> Result<Vec<(String, String)>, RegistryError> {
        let summary = self
            .summaries()
            .into_iter()
            .find(|summary| summary.name == name)
            .ok_or_else(|| self.unknown(name))?;
        let preset = self.preset(&summary.preset)?;
        let algorithms: Vec<&str> = preset
            .capabilities
            .algorithms
            .iter()
            .map(|algorithm| algorithm.0.name())
            .collect();
        let algorithms = if algorithms.is_empty() {
            "all".to_owned()
        } else {
            algorithms.join(", ")
        };
        let token = match self.token_source(name)? {
            Some(source) => source.to_string(),
            None if name == SANDBOX => format!("the word {TOKEN}"),
            None => "none".to_owned(),
        };
        Ok([
            ("name", summary.name),
            ("preset", summary.preset),
            ("title", preset.title.clone()),
            ("description", preset.description.clone()),
            ("url", summary.url),
            ("token", token),
            ("algorithms", algorithms),
            ("ids", preset.capabilities.id.to_string()),
        ]
        .into_iter()
        .map(|(label, text)| (label.to_owned(), text))
        .collect())
    }

    /// What of `ours` differs from `theirs` in the form in which the endpoint `name` keeps a key.
    pub fn differences(
        &self,
        name: &str,
        ours: &PublicJwk,
        theirs: &PublicJwk,
    ) -> Result<Vec<String>, RegistryError> {
        let preset = match self.configured.get(name) {
            Some(endpoint) => &endpoint.preset,
            None if name == SANDBOX => SANDBOX,
            None => return Err(self.unknown(name)),
        };
        Ok(drift::differences(&self.preset(preset)?.key, ours, theirs))
    }

    /// The preset of the endpoint `name`, as its values settle it.
    pub fn preset_of(&self, name: &str) -> Result<Preset, RegistryError> {
        let Some(settings) = self.configured.get(name) else {
            return match name {
                SANDBOX => self.preset(SANDBOX).cloned(),
                _ => Err(self.unknown(name)),
            };
        };
        let mut preset = self.preset(&settings.preset)?.clone();
        let wrong = |why: String| RegistryError::Configuration(format!("endpoint {name}: {why}"));
        let values = preset::complete(&preset.values, &settings.values).map_err(wrong)?;
        preset.settle(&values);
        Ok(preset)
    }

    /// Where the API token of an endpoint comes from.
    pub fn token_source(&self, name: &str) -> Result<Option<&SecretSource>, RegistryError> {
        match self.configured.get(name) {
            Some(endpoint) => Ok(endpoint.token.as_ref()),
            None if name == SANDBOX => Ok(None),
            None => Err(self.unknown(name)),
        }
    }

    /// Whether the endpoint `name` needs what is sealed in the keystore: its token, the key of the
    /// client that gets it, or what it gave out once.
    pub fn is_sealed(&self, name: &str) -> Result<bool, RegistryError> {
        let source = self.token_source(name)?;
        let is_sealed = matches!(
            source,
            Some(SecretSource::Client(_) | SecretSource::Sealed(_))
        );
        Ok(is_sealed || self.remembered.contains(name))
    }

    /// The endpoint `name` with its API token, from the environment, a command or, where it is
    /// `opened`, the keystore; the sandbox is the one that runs in `home`.
    pub fn resolved(
        &self,
        name: &str,
        home: &Home,
        opened: Option<(&Keystore, &Unlocked)>,
    ) -> Result<Endpoint, RegistryError> {
        if opened.is_none() && self.is_sealed(name)? {
            return Err(RegistryError::Locked(name.to_owned()));
        }
        let token = match (self.token_source(name)?, opened) {
            (None, _) => None,
            (Some(SecretSource::Client(client)), Some((keystore, unlocked))) => {
                let client = self.client(name, client)?;
                Some(access::token(name, &client, keystore, unlocked)?)
            }
            (Some(SecretSource::Sealed(secret)), Some((keystore, unlocked))) => {
                let opened = keystore.secret(secret, unlocked);
                Some(opened.map_err(|source| RegistryError::Keystore {
                    endpoint: name.to_owned(),
                    source,
                })?)
            }
            (Some(source), _) => Some(resolve::secret(source)?),
        };
        let sandbox = Sandbox::running(home).map(|running| running.auth);
        let mut endpoint = self.endpoint(name, token, sandbox.as_deref())?;
        if endpoint.preset.remembers().next().is_some() && Keystore::exists(home) {
            let failed = |source| RegistryError::Keystore {
                endpoint: name.to_owned(),
                source,
            };
            let keystore = Keystore::open(home).map_err(failed)?;
            // Another process may have registered there since.
            if opened.is_none() && memory::lies_there(&keystore, name).map_err(failed)? {
                return Err(RegistryError::Locked(name.to_owned()));
            }
            let unlocked = opened.map(|(_, unlocked)| unlocked);
            endpoint.memory = Memory::open(&keystore, unlocked, name).map_err(failed)?;
        }
        Ok(endpoint)
    }

    /// These endpoints and `settings` as `name`, as they would be were it saved.
    pub fn with(&self, name: &str, settings: EndpointSettings) -> Result<Self, RegistryError> {
        let preset = self.preset(&settings.preset)?;
        let wrong = |why: String| RegistryError::Configuration(format!("{name}: {why}"));
        preset.url.completed(&settings.url).map_err(wrong)?;
        preset::complete(&preset.values, &settings.values).map_err(wrong)?;
        let choice = settings.values.get(CHOICE).map(String::as_str);
        preset.authentication.chosen(choice).map_err(wrong)?;
        let mut with = self.clone();
        with.configured.insert(name.to_owned(), settings);
        Ok(with)
    }

    /// The endpoint `name`, its token resolved by the caller; `sandbox` is the address of the one
    /// that runs.
    pub fn endpoint(
        &self,
        name: &str,
        token: Option<Secret<String>>,
        sandbox: Option<&str>,
    ) -> Result<Endpoint, RegistryError> {
        if name == SANDBOX && !self.configured.contains_key(name) {
            let url = sandbox.ok_or(RegistryError::SandboxStopped)?;
            let preset = self.preset(SANDBOX)?.clone();
            return Ok(Endpoint {
                name: name.to_owned(),
                scheme: preset.authentication.schemes().first().copied(),
                preset,
                url: url.to_owned(),
                values: BTreeMap::new(),
                scope: None,
                memory: Memory::default(),
                token: Some((Secret::new(TOKEN.to_owned()), "of the sandbox".to_owned())),
                policy: Policy::default(),
                journal: Journal::default(),
                word: Word::default(),
            });
        }
        let settings = self
            .configured
            .get(name)
            .ok_or_else(|| self.unknown(name))?;
        let source = settings
            .token
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let mut policy = Policy {
            ca_file: settings.ca_file.clone(),
            ..Policy::default()
        };
        if settings.allow_http {
            policy.plain_http = PlainHttp::Allowed;
        }
        if let Some(timeout) = settings.timeout {
            policy.total = timeout;
        }
        let mut preset = self.preset(&settings.preset)?.clone();
        if let Service::Form(_) | Service::JwkSet(_) | Service::LocalJwkSet(_) = preset.service {
            policy.body_limit = SET_LIMIT;
        }
        let wrong = |why: String| RegistryError::Configuration(format!("endpoint {name}: {why}"));
        let values = preset::complete(&preset.values, &settings.values).map_err(wrong)?;
        let url = preset.url.completed(&settings.url).map_err(wrong)?;
        preset.settle(&values);
        let choice = match &settings.token {
            Some(SecretSource::Client(_)) => Some(Scheme::Bearer.name()),
            _ => values.get(CHOICE).map(String::as_str),
        };
        let scheme = preset.authentication.chosen(choice).map_err(wrong)?;
        Ok(Endpoint {
            name: name.to_owned(),
            preset,
            url: url.trim_end_matches('/').to_owned(),
            values,
            scope: settings.scope.clone(),
            scheme,
            memory: Memory::closed(self.remembered.contains(name)),
            token: token.map(|token| (token, source)),
            policy,
            journal: Journal::default(),
            word: Word::default(),
        })
    }

    /// The client of the configuration that gets the token of the endpoint `name`.
    fn client(&self, name: &str, client: &str) -> Result<Client, RegistryError> {
        let settings = self.clients.get(client).ok_or_else(|| {
            RegistryError::Configuration(format!(
                "endpoint {name}: no client {client}: keyfob clients list names them"
            ))
        })?;
        Ok(Client {
            name: client.to_owned(),
            settings: settings.clone(),
        })
    }

    fn preset(&self, name: &str) -> Result<&Preset, RegistryError> {
        self.presets
            .iter()
            .find(|preset| preset.name == name)
            .ok_or_else(|| {
                let known: Vec<&str> = self.presets.iter().map(|each| each.name.as_str()).collect();
                let known = known.join(", ");
                RegistryError::Configuration(format!("no preset {name}: there are {known}"))
            })
    }

    fn unknown(&self, name: &str) -> RegistryError {
        let known: Vec<String> = self
            .summaries()
            .into_iter()
            .map(|summary| summary.name)
            .collect();
        RegistryError::NoEndpoint {
            name: name.to_owned(),
            known: known.join(", "),
        }
    }
}
