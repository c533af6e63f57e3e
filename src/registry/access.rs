//! The access token of a client of keyfob's own, by which an endpoint is managed.

use jiff::Timestamp;

use super::error::RegistryError;
use crate::{
    keystore::{error::KeystoreError, sealing::Unlocked, store::Keystore},
    oauth::{
        client::Client,
        discovery::Discovery,
        keys::Keys,
        run::{Depth, Run},
    },
    secret::Secret,
};

/// Gets an access token for the endpoint `name` as `client`, whose key is in `keystore`.
pub(super) fn token(
    name: &str,
    client: &Client,
    keystore: &Keystore,
    unlocked: &Unlocked,
) -> Result<Secret<String>, RegistryError> {
    let failed = |source: KeystoreError| RegistryError::Keystore {
        endpoint: name.to_owned(),
        source,
    };
    if client.settings.bind.is_some() {
        return Err(RegistryError::Configuration(format!(
            "{name}: the access tokens of the client {} are bound to its key, and an endpoint is \
             sent a bearer token: name a client without bind",
            client.name
        )));
    }
    let keys = Keys::open(client, keystore, unlocked).map_err(failed)?;
    let run = Run {
        client,
        keys: &keys,
        subject: None,
        discovery: &Discovery::default(),
        depth: Depth::Expiry,
        clock: &Timestamp::now,
        key_state: &|| None,
        is_wanted: &|| true,
    };
    let access = run.access_token(&mut |_| {});
    let access = access.map_err(|error| RegistryError::Refused {
        summary: format!(
            "{name}: its token comes from the client {}, which got none: {error}",
            client.name
        ),
        exchanges: Vec::new(),
    })?;
    Ok(access.token().clone())
}
