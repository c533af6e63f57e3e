//! The whole act: from the key file to the service and back.

use jiff::Timestamp;

use super::{answer::Receipt, endpoint::Endpoint, error::RegistryError};
use crate::keystore::{
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
    let thumbprint = record.thumbprint();
    let registration = Registration {
        endpoint: endpoint.name.clone(),
        id: receipt.id.clone(),
        at: Timestamp::from_second(now.as_second()).unwrap_or(now),
        thumbprint: thumbprint.to_string(),
    };
    match keystore.set_registration(&thumbprint, registration) {
        Ok(_) => Ok(receipt),
        Err(source) => Err(RegistryError::NotRecorded {
            endpoint: endpoint.name.clone(),
            source,
            exchanges: receipt.exchanges,
        }),
    }
}

/// Removes a key and forgets that it was there. The id is the one recorded, else the kid.
pub fn unregister(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
) -> Result<Receipt, RegistryError> {
    let recorded = record
        .registrations
        .iter()
        .find(|known| known.endpoint == endpoint.name);
    let id = recorded.map_or(record.kid.as_str(), |known| known.id.as_str());
    let receipt = endpoint.unregister(id)?;
    match keystore.remove_registration(&record.thumbprint(), &endpoint.name) {
        Ok(_) => Ok(receipt),
        Err(source) => Err(RegistryError::NotRecorded {
            endpoint: endpoint.name.clone(),
            source,
            exchanges: receipt.exchanges,
        }),
    }
}
