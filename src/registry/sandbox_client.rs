//! The clients that no file names: a key registered at the sandbox is one, and its id there is the
//! client's; and what endpoints know of a client's key.

use super::{
    answer::State,
    book::{Endpoints, SANDBOX},
    endpoint::Endpoint,
    error::RegistryError,
};
use crate::{
    config::{
        home::Home,
        settings::{ClientServer, ClientSettings},
    },
    keystore::{
        record::{Entry, Half, Record, Registration},
        sealing::Unlocked,
        store::Keystore,
    },
    net::url::Url,
    oauth::client::Client,
};

/// The client of the key that was registered last at `sandbox` and is still there.
pub fn find(sandbox: &Endpoint, keystore: &Keystore) -> Result<Client, RegistryError> {
    let entries = keystore.list().map_err(|source| RegistryError::Keystore {
        endpoint: SANDBOX.to_owned(),
        source,
    })?;
    let records: Vec<Record> = entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Key(record) => Some(*record),
            Entry::Unreadable { .. } => None,
        })
        .collect();
    for (registration, record) in noted(&records) {
        if let State::Registered { id } = sandbox.state(&record.jwk(), Some(&registration.id))? {
            return Ok(client(&sandbox.url, &id, record));
        }
    }
    Err(RegistryError::NoClient)
}

/// The keys that are noted as registered at the sandbox, the last one first.
pub fn noted<'a>(
    records: impl IntoIterator<Item = &'a Record>,
) -> Vec<(&'a Registration, &'a Record)> {
    let mut noted: Vec<_> = records
        .into_iter()
        .filter(|record| record.half == Half::Private)
        .flat_map(|record| record.registrations.iter().map(move |one| (one, record)))
        .filter(|(registration, _)| registration.endpoint == SANDBOX)
        .collect();
    noted.sort_by_key(|(registration, _)| std::cmp::Reverse(registration.at));
    noted
}

/// The client that `record` is at the sandbox at `url`, where it is registered as `id`.
pub fn client(url: &str, id: &str, record: &Record) -> Client {
    let server = ClientServer::Issuer(url.to_owned());
    Client {
        name: SANDBOX.to_owned(),
        settings: ClientSettings::new(server, id, &record.kid),
    }
}

/// What is amiss with the key of `client` at the endpoints on its server, with what to do. Those
/// whose API token is sealed are asked where `opened` is the open keystore.
pub fn key_state(
    endpoints: &Endpoints,
    home: &Home,
    opened: Option<(&Keystore, &Unlocked)>,
    client: &Client,
    record: &Record,
) -> Option<String> {
    let (ClientServer::Issuer(server) | ClientServer::TokenUrl(server)) = &client.settings.server;
    let server = Url::parse(server).ok()?.origin();
    let names = endpoints.summaries().into_iter();
    let told = names.filter_map(|summary| {
        let is_there = |url: &str| Url::parse(url).is_ok_and(|url| url.origin() == server);
        // Where the sandbox is, only asking tells.
        if summary.name != SANDBOX && !is_there(&summary.url) {
            return None;
        }
        let endpoint = endpoints.resolved(&summary.name, home, opened).ok()?;
        let own = |place: &&Registration| place.endpoint == summary.name;
        let known = record.registrations.iter().find(own);
        let id = known.map_or(client.settings.client_id.as_str(), |known| &known.id);
        is_there(&endpoint.url)
            .then(|| amiss(&endpoint, record, id))
            .flatten()
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn amiss(endpoint: &Endpoint, record: &Record, id: &str) -> Option<String> {
    let (kid, name) = (&record.kid, &endpoint.name);
    match endpoint.state(&record.jwk(), Some(id)) {
        Ok(State::Registered { .. } | State::Said { .. }) => None,
        Ok(State::NotThere) => Some(format!(
            "the key {kid} is not registered at {name}: keyfob register {kid} --at {name}"
        )),
        Ok(State::Differs { what, .. }) => Some(format!(
            "the key {kid} at {name} differs in {}: keyfob register {kid} --at {name}",
            what.join(", ")
        )),
        Ok(State::Unknown { why }) => Some(format!("the key {kid} at {name}: {why}")),
        Err(error) => Some(format!("the key {kid} at {name}: {error}")),
    }
}
