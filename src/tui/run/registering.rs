//! What workers ask of endpoints and do there.

use std::{sync::Arc, thread};

use jiff::Timestamp;

use super::{
    shared::Shared,
    terminal::WORKER,
    worker::{told, words},
};
use crate::{
    keystore::{
        record::{Origin, Record},
        store::Keystore,
    },
    registry::{
        answer::{Receipt, State},
        book::Endpoints,
        endpoint::Endpoint,
        error::RegistryError,
        registration,
        view::{self, Sight},
    },
    tui::app::msg::{Acted, Refusal},
};

/// Registers a key, and notes where it was seen.
pub(super) fn register(record: &Record, name: &str, shared: &Shared) -> Result<Receipt, Refusal> {
    let (keystore, endpoint) = at(name, shared)?;
    if record.origin == Origin::NewHere {
        // The request was shown, and Enter was the word for it.
        told(keystore.confirm(&record.thumbprint())).map_err(said)?;
    }
    registration::register(&keystore, record, &endpoint, Timestamp::now()).map_err(refusal)
}

/// Removes a key, and forgets that it was there.
pub(super) fn unregister(record: &Record, name: &str, shared: &Shared) -> Result<Receipt, Refusal> {
    let (keystore, endpoint) = at(name, shared)?;
    registration::unregister(&keystore, record, &endpoint, Timestamp::now()).map_err(refusal)
}

/// Every key at an endpoint, and what it is to ours.
pub(super) fn list(
    name: &str,
    here: &[Arc<Record>],
    shared: &Shared,
) -> Result<Vec<Sight>, Refusal> {
    let (_, endpoint) = at(name, shared)?;
    let there = endpoint.list().map_err(refusal)?;
    Ok(view::seen(&endpoint, here, &there, Timestamp::now()))
}

/// Notes where keys were found: one that fails holds up no other.
pub(super) fn adopt(name: &str, found: Vec<(Arc<Record>, String)>, shared: &Shared) -> Vec<Acted> {
    let note = |record: &Record, id: &str| {
        let keystore = shared.keystore()?;
        registration::note(&keystore, record, name, id, Timestamp::now()).map(Arc::new)
    };
    found
        .into_iter()
        .map(|(record, id)| Acted {
            kid: record.kid.clone(),
            result: told(note(&record, &id)),
        })
        .collect()
}

/// The keystore, and the endpoint `name` with its API token.
fn at(name: &str, shared: &Shared) -> Result<(Keystore, Endpoint), Refusal> {
    let keystore = told(shared.keystore()).map_err(said)?;
    let endpoints = shared.endpoints().map_err(said)?;
    let endpoint = resolved(&endpoints, name, Some(&keystore), shared).map_err(refusal)?;
    Ok((keystore, endpoint))
}

/// The endpoint `name` with its API token, a sealed one too while the keystore is open.
fn resolved(
    endpoints: &Endpoints,
    name: &str,
    keystore: Option<&Keystore>,
    shared: &Shared,
) -> Result<Endpoint, RegistryError> {
    let opened = match keystore {
        Some(keystore) if endpoints.is_sealed(name)? => {
            let unlocked = shared.unlocked(keystore).ok();
            unlocked.map(|unlocked| (keystore, unlocked))
        }
        _ => None,
    };
    let opened = opened
        .as_ref()
        .map(|(keystore, unlocked)| (*keystore, unlocked));
    endpoints.resolved(name, shared.home(), opened)
}

/// All endpoints at once: one that hangs holds up no other.
pub(super) fn states(
    record: &Record,
    names: Vec<String>,
    shared: &Shared,
) -> Vec<(String, Result<State, String>)> {
    let endpoints = match shared.endpoints() {
        Ok(endpoints) => endpoints,
        Err(reason) => {
            return names
                .into_iter()
                .map(|name| (name, Err(reason.clone())))
                .collect();
        }
    };
    let keystore = shared.keystore().ok();
    let ask = |name: &str| {
        let endpoint = resolved(&endpoints, name, keystore.as_ref(), shared)?;
        match &keystore {
            Some(keystore) => registration::state(keystore, record, &endpoint, Timestamp::now()),
            None => endpoint.state(&record.jwk(), Some(&registration::remote_id(record, name))),
        }
    };
    thread::scope(|scope| {
        let asked: Vec<_> = names
            .iter()
            .map(|name| {
                thread::Builder::new()
                    .name(format!("{WORKER}-state"))
                    .spawn_scoped(scope, || ask(name).map_err(|error| error.to_string()))
            })
            .collect();
        names
            .iter()
            .cloned()
            .zip(asked.into_iter().map(|asked| {
                let joined = asked.ok().and_then(|thread| thread.join().ok());
                joined.unwrap_or_else(|| Err(words()))
            }))
            .collect()
    })
}

fn said(summary: String) -> Refusal {
    Refusal {
        summary,
        exchanges: Vec::new(),
    }
}

fn refusal(error: RegistryError) -> Refusal {
    Refusal {
        summary: error.to_string(),
        exchanges: error.exchanges().to_vec(),
    }
}
