//! What workers ask of endpoints and do there.

use std::{
    ops::ControlFlow,
    sync::{Arc, mpsc::Sender},
};

use jiff::Timestamp;

use super::{shared::Shared, worker::told};
use crate::{
    keystore::{
        record::{Origin, Record},
        store::Keystore,
    },
    registry::{
        answer::Receipt,
        book::Endpoints,
        endpoint::Endpoint,
        error::RegistryError,
        registration,
        survey::{Question, survey},
        view::{self, Sight},
    },
    tui::app::{
        msg::{Acted, Msg, Progress, Refusal},
        task::TaskId,
    },
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

/// Registers keys one after the other, until the task is cancelled.
pub(super) fn register_several(
    task: TaskId,
    records: &[Arc<Record>],
    name: &str,
    shared: &Shared,
    sender: &Sender<Msg>,
) {
    for record in records {
        if shared.is_cancelled(task) {
            return;
        }
        let thumbprint = record.thumbprint();
        let begun = Msg::Progress(task, Progress::Registering(thumbprint));
        let result = sender
            .send(begun)
            .ok()
            .map(|()| register(record, name, shared));
        let Some(result) = result else {
            // The app has ended: nothing more is sent.
            return;
        };
        let ended = Progress::Registered(thumbprint, result);
        let _ = sender.send(Msg::Progress(task, ended));
    }
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
    let endpoint = resolved(&endpoints, name, &keystore, shared).map_err(refusal)?;
    Ok((keystore, endpoint))
}

/// The endpoint `name` with its API token, a sealed one too while the keystore is open.
fn resolved(
    endpoints: &Endpoints,
    name: &str,
    keystore: &Keystore,
    shared: &Shared,
) -> Result<Endpoint, RegistryError> {
    let unlocked = if endpoints.is_sealed(name)? {
        shared.unlocked(keystore).ok()
    } else {
        None
    };
    let opened = unlocked.as_ref().map(|unlocked| (keystore, unlocked));
    endpoints.resolved(name, shared.home(), opened)
}

/// Asks all endpoints at once: one that hangs holds up no other. Each answer is told as it comes.
pub(super) fn ask(task: TaskId, questions: &[Question], shared: &Shared, sender: &Sender<Msg>) {
    // A keystore that is gone meanwhile has no keys to tell of.
    let Ok(keystore) = shared.keystore() else {
        return;
    };
    let endpoints = shared.endpoints();
    let resolve = |name: &str| {
        let endpoints = endpoints.as_ref().map_err(Clone::clone)?;
        resolved(endpoints, name, &keystore, shared).map_err(|error| error.to_string())
    };
    survey(
        &keystore,
        questions,
        &resolve,
        Timestamp::now(),
        &mut |answer| {
            let question = &questions[answer.question];
            let seen = Progress::Seen {
                thumbprint: question.record.thumbprint(),
                endpoint: question.endpoint.clone(),
                state: answer.state,
            };
            // Nobody receives any more: the app has ended.
            let sent = sender.send(Msg::Progress(task, seen));
            if sent.is_err() || shared.is_cancelled(task) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
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
