//! Clients in the configuration: written and taken away, with the secret that is theirs.

use std::path::PathBuf;

use crate::{
    config::{
        added::{self, AddedError, Section},
        home::Home,
        settings::{ClientSettings, SecretSource, Settings},
    },
    keystore::{error::KeystoreError, store::Keystore},
    secret::Secret,
};

/// Why a client was not written, or not taken away.
#[derive(Debug, thiserror::Error)]
pub enum SavingError {
    /// The file.
    #[error(transparent)]
    Added(#[from] AddedError),
    /// The secret's name is taken.
    #[error("there is a sealed secret {0} already: choose another name for the client")]
    InUse(String),
    /// The secret.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}

/// What the sealed secret of the client `name` is called.
#[must_use]
pub fn secret_name(name: &str) -> String {
    format!("client-{name}")
}

/// Adds a client; `secret` is sealed as its own. Returns the file.
pub fn add(
    home: &Home,
    name: &str,
    client: &ClientSettings,
    secret: Option<&Secret<String>>,
) -> Result<PathBuf, SavingError> {
    let own = secret_name(name);
    let entry = client.to_yaml();
    let Some(secret) = secret else {
        return Ok(added::add(home, Section::Clients, name, &entry)?);
    };
    let keystore = Keystore::open(home)?;
    if keystore.secrets()?.contains(&own) {
        return Err(SavingError::InUse(own));
    }
    keystore.set_secret(&own, secret)?;
    let added = added::add(home, Section::Clients, name, &entry);
    if added.is_err() {
        keystore.remove_secret(&own)?;
    }
    Ok(added?)
}

/// Puts a client in the place of the one that keyfob added as `name`; `secret` is sealed as its own,
/// and one that serves no more is removed. Returns the file.
pub fn replace(
    home: &Home,
    name: &str,
    client: &ClientSettings,
    secret: Option<&Secret<String>>,
) -> Result<PathBuf, SavingError> {
    let own = secret_name(name);
    let had_own = has_own(home, name);
    let file = added::replace(home, Section::Clients, name, &client.to_yaml())?;
    if let Some(secret) = secret {
        Keystore::open(home)?.set_secret(&own, secret)?;
    } else if had_own && client.secret != Some(SecretSource::Sealed(own.clone())) {
        Keystore::open(home)?.remove_secret(&own)?;
    }
    Ok(file)
}

/// Takes away a client that keyfob added, with the secret that was sealed as its own. Returns the
/// file that was.
pub fn remove(home: &Home, name: &str) -> Result<PathBuf, SavingError> {
    let had_own = has_own(home, name);
    let file = added::remove(home, Section::Clients, name)?;
    if had_own {
        Keystore::open(home)?.remove_secret(&secret_name(name))?;
    }
    Ok(file)
}

/// Whether a client has a secret that was sealed as its own, and that is there.
fn has_own(home: &Home, name: &str) -> bool {
    let own = secret_name(name);
    // A configuration that cannot be read, or a keystore, tells of no secret.
    let settings = Settings::load(home).ok();
    let client = settings.and_then(|settings| settings.clients.get(name).cloned());
    let source = client.and_then(|client| client.secret);
    let known = Keystore::open(home).and_then(|keystore| keystore.secrets());
    source == Some(SecretSource::Sealed(own.clone()))
        && known.is_ok_and(|names| names.contains(&own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::settings::{ClientAuth, ClientServer},
        keystore::sealing::Protection,
    };

    #[test]
    fn the_secret_of_a_client_comes_and_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(&folder.path().join("home"));
        let (keystore, unlocked) = Keystore::create(&home, &Protection::None).unwrap();
        let server = ClientServer::TokenUrl("https://idp.example/token".to_owned());
        let mut client = ClientSettings::new(server, "7", "");
        client.auth = ClientAuth::ClientSecretBasic;
        client.secret = Some(SecretSource::Sealed(secret_name("a")));
        let secret = |text: &str| Secret::new(text.to_owned());
        add(&home, "a", &client, Some(&secret("one"))).unwrap();
        let read = || keystore.secret("client-a", &unlocked).unwrap();
        assert_eq!(read().expose(), "one");
        assert_eq!(Settings::load(&home).unwrap().clients["a"], client);
        replace(&home, "a", &client, Some(&secret("two"))).unwrap();
        replace(&home, "a", &client, None).unwrap();
        assert_eq!(read().expose(), "two");
        client.secret = Some(SecretSource::Env("SECRET".to_owned()));
        replace(&home, "a", &client, None).unwrap();
        assert_eq!(keystore.secrets().unwrap(), [""; 0]);
        client.secret = Some(SecretSource::Sealed(secret_name("a")));
        replace(&home, "a", &client, Some(&secret("three"))).unwrap();
        remove(&home, "a").unwrap();
        assert_eq!(keystore.secrets().unwrap(), [""; 0]);
        // One of somebody else's is not replaced.
        keystore.set_secret("client-a", &secret("other")).unwrap();
        let error = add(&home, "a", &client, Some(&secret("four"))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is a sealed secret client-a already: choose another name for the client"
        );
        assert_eq!(read().expose(), "other");
    }
}
