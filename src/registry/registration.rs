//! The whole act: from the key file to the service and back.

use jiff::Timestamp;

use super::{answer::Receipt, endpoint::Endpoint, error::RegistryError};
use crate::keystore::{
    error::KeystoreError,
    record::{Record, Registration},
    store::Keystore,
};

/// Registers a key and notes in its file where it was seen.
pub fn register(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Receipt, RegistryError> {
    let receipt = endpoint.register(&record.jwk())?;
    match note(keystore, record, &endpoint.name, &receipt.id, now) {
        Ok(_) => Ok(receipt),
        Err(source) => Err(RegistryError::NotRecorded {
            endpoint: endpoint.name.clone(),
            source,
            exchanges: receipt.exchanges,
        }),
    }
}

/// Notes that a key was seen at `endpoint` as `id`.
pub fn note(
    keystore: &Keystore,
    record: &Record,
    endpoint: &str,
    id: &str,
    now: Timestamp,
) -> Result<Record, KeystoreError> {
    let thumbprint = record.thumbprint();
    let registration = Registration {
        endpoint: endpoint.to_owned(),
        id: id.to_owned(),
        at: Timestamp::from_second(now.as_second()).unwrap_or(now),
        thumbprint: thumbprint.to_string(),
    };
    keystore.set_registration(&thumbprint, registration)
}

/// What an endpoint calls a key: the id recorded, else the kid.
pub fn remote_id(record: &Record, endpoint: &str) -> String {
    let mut known = record.registrations.iter();
    known
        .find(|known| known.endpoint == endpoint)
        .map_or_else(|| record.kid.clone(), |known| known.id.clone())
}

/// Removes a key and forgets that it was there.
pub fn unregister(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
) -> Result<Receipt, RegistryError> {
    let receipt = endpoint.unregister(&record.jwk(), &remote_id(record, &endpoint.name))?;
    match keystore.remove_registration(&record.thumbprint(), &endpoint.name) {
        Ok(_) => Ok(receipt),
        Err(source) => Err(RegistryError::NotRecorded {
            endpoint: endpoint.name.clone(),
            source,
            exchanges: receipt.exchanges,
        }),
    }
}
