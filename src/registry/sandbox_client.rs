//! The sandbox's own OAuth client: a key registered there is one, and its id there is the client's.

use super::{answer::State, book::SANDBOX, endpoint::Endpoint, error::RegistryError};
use crate::{
    config::settings::{ClientServer, ClientSettings},
    keystore::record::{Half, Record},
    oauth::client::Client,
};

/// The client of the key that was registered last at `sandbox` and is still there.
pub fn find(sandbox: &Endpoint, records: &[Record]) -> Result<Client, RegistryError> {
    let mut known: Vec<_> = records
        .iter()
        .filter(|record| record.half == Half::Private)
        .flat_map(|record| record.registrations.iter().map(move |one| (one, record)))
        .filter(|(registration, _)| registration.endpoint == SANDBOX)
        .collect();
    known.sort_by_key(|(registration, _)| std::cmp::Reverse(registration.at));
    for (registration, record) in known {
        if let State::Registered { id } = sandbox.state(&record.jwk(), Some(&registration.id))? {
            let server = ClientServer::Issuer(sandbox.url.clone());
            return Ok(Client {
                name: SANDBOX.to_owned(),
                settings: ClientSettings::new(server, &id, &record.kid),
            });
        }
    }
    Err(RegistryError::NoClient)
}

/// What is known of a client's key at `endpoint`, where something is amiss, with what to do.
pub fn key_state(endpoint: &Endpoint, record: &Record, id: &str) -> Option<String> {
    let (kid, name) = (&record.kid, &endpoint.name);
    match endpoint.state(&record.jwk(), Some(id)) {
        Ok(State::Registered { .. }) => None,
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
