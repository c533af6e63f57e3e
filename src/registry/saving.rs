//! Endpoints in the configuration: written and taken away, with the secrets that are theirs.

use std::path::PathBuf;

use super::{book::SANDBOX, memory};
use crate::{
    config::{
        added::{self, AddedError, Section},
        home::Home,
        settings::{EndpointSettings, SecretSource, Settings},
    },
    jose::thumbprint::Thumbprint,
    keystore::{error::KeystoreError, record::Entry, store::Keystore},
    secret::Secret,
};

/// Why an endpoint was not written, or not taken away.
#[derive(Debug, thiserror::Error)]
pub enum SavingError {
    /// The file.
    #[error(transparent)]
    Added(#[from] AddedError),
    /// The secret's name is taken.
    #[error("the sealed secret {secret} is the token of {other}: choose another name")]
    InUse { secret: String, other: String },
    /// The secret, or what key files note.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}

/// What the sealed token of the endpoint `name` is called.
#[must_use]
pub fn secret_name(name: &str) -> String {
    format!("endpoint-{name}")
}

/// Adds an endpoint; `token` is sealed as its own secret. Returns the file.
pub fn add(
    home: &Home,
    settings: &Settings,
    name: &str,
    endpoint: &EndpointSettings,
    token: Option<(&Keystore, &Secret<String>)>,
) -> Result<PathBuf, SavingError> {
    let secret = secret_name(name);
    if let Some((keystore, token)) = token {
        check_unused(settings, name, &secret)?;
        keystore.set_secret(&secret, token)?;
    }
    let added = added::add(home, Section::Endpoints, name, &endpoint.to_yaml());
    if let (Err(_), Some((keystore, _))) = (&added, token) {
        keystore.remove_secret(&secret)?;
    }
    Ok(added?)
}

/// Puts an endpoint in the place of the one that keyfob added as `name`; `token` is sealed as its
/// own secret, and one that serves no more is removed. Returns the file.
pub fn replace(
    home: &Home,
    settings: &Settings,
    name: &str,
    endpoint: &EndpointSettings,
    keystore: &Keystore,
    token: Option<&Secret<String>>,
) -> Result<PathBuf, SavingError> {
    let secret = secret_name(name);
    if token.is_some() {
        check_unused(settings, name, &secret)?;
    }
    let file = added::replace(home, Section::Endpoints, name, &endpoint.to_yaml())?;
    let own = Some(SecretSource::Sealed(secret.clone()));
    if let Some(token) = token {
        keystore.set_secret(&secret, token)?;
    } else if is_own(settings, name) && endpoint.token != own {
        keystore.remove_secret(&secret)?;
    }
    Ok(file)
}

/// Takes away an endpoint that keyfob added, what key files note of it, and its own secrets.
/// Returns the file that was.
pub fn remove(
    home: &Home,
    settings: &Settings,
    name: &str,
    keystore: Option<&Keystore>,
) -> Result<PathBuf, SavingError> {
    let file = added::remove(home, Section::Endpoints, name)?;
    if let Some(keystore) = keystore {
        remove_rest(settings, name, keystore)?;
    }
    Ok(file)
}

/// Takes away what a removal that was stopped left: what key files note, and the secrets. Whether
/// there was anything.
pub fn remove_rest(
    settings: &Settings,
    name: &str,
    keystore: &Keystore,
) -> Result<bool, SavingError> {
    let registered = registered(keystore, name)?;
    for (_, thumbprint) in &registered {
        keystore.remove_registration(thumbprint, name)?;
    }
    let secrets = rest(settings, name, keystore)?;
    for secret in &secrets {
        keystore.remove_secret(secret)?;
    }
    Ok(!registered.is_empty() || !secrets.is_empty())
}

/// The secrets that lie here for an endpoint alone.
pub fn rest(
    settings: &Settings,
    name: &str,
    keystore: &Keystore,
) -> Result<Vec<String>, KeystoreError> {
    let mut secrets = keystore.secrets()?;
    let is_gone = !settings.endpoints.contains_key(name);
    let token = secret_name(name);
    let token_is_own =
        is_own(settings, name) || (is_gone && check_unused(settings, name, &token).is_ok());
    secrets.retain(|secret| {
        (*secret == token && token_is_own) || *secret == memory::secret_name(name)
    });
    Ok(secrets)
}

/// Secrets of endpoints that nobody configured, each with the endpoint's name: a removal was stopped
/// on its way.
pub fn left_over(
    settings: &Settings,
    keystore: &Keystore,
) -> Result<Vec<(String, String)>, KeystoreError> {
    let mut found = Vec::new();
    for secret in keystore.secrets()? {
        let prefixes = [secret_name(""), memory::secret_name("")];
        let mut names = prefixes
            .iter()
            .filter_map(|prefix| secret.strip_prefix(prefix));
        if let Some(name) = names.next()
            && name != SANDBOX
            && !settings.endpoints.contains_key(name)
            && rest(settings, name, keystore)?.contains(&secret)
        {
            found.push((secret.clone(), name.to_owned()));
        }
    }
    Ok(found)
}

/// The keys noted at an endpoint.
pub fn registered(
    keystore: &Keystore,
    name: &str,
) -> Result<Vec<(String, Thumbprint)>, KeystoreError> {
    let mut found = Vec::new();
    for entry in keystore.list()? {
        if let Entry::Key(record) = entry
            && record
                .registrations
                .iter()
                .any(|each| each.endpoint == name)
        {
            found.push((record.kid.clone(), record.thumbprint()));
        }
    }
    Ok(found)
}

/// Whether the token of an endpoint is a secret of its own.
fn is_own(settings: &Settings, name: &str) -> bool {
    let endpoint = settings.endpoints.get(name);
    let token = endpoint.and_then(|endpoint| endpoint.token.as_ref());
    token == Some(&SecretSource::Sealed(secret_name(name)))
}

/// A secret left over from an endpoint that is gone is replaced, one that another uses is not.
fn check_unused(settings: &Settings, name: &str, secret: &str) -> Result<(), SavingError> {
    let source = SecretSource::Sealed(secret.to_owned());
    let mut endpoints = settings.endpoints.iter();
    let other = endpoints
        .find(|(other, endpoint)| *other != name && endpoint.token.as_ref() == Some(&source));
    match other {
        None => Ok(()),
        Some((other, _)) => Err(SavingError::InUse {
            secret: secret.to_owned(),
            other: other.clone(),
        }),
    }
}
