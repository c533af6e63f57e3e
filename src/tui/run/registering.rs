//! What workers ask of endpoints and do there.

use std::{
    ops::ControlFlow,
    sync::{Arc, mpsc::Sender},
};

use jiff::Timestamp;

use super::{endpoints, rotating, shared::Shared, worker::told};
use crate::{
    keystore::{
        record::{Origin, Record},
        store::Keystore,
    },
    registry::{
        answer::Receipt,
        book::Endpoints,
        endpoint::{Endpoint, Word},
        error::RegistryError,
        registration,
        survey::{Question, survey},
        view::{self, Sight},
    },
    tui::app::{
        effect::Effect,
        msg::{Acted, Msg, Outcome, Progress, Refusal},
        task::TaskId,
    },
};

/// What is done about registrations and endpoints.
pub(super) fn carry_out(effect: Effect, shared: &Shared, sender: &Sender<Msg>) -> Option<Outcome> {
    Some(match effect {
        Effect::Adopt {
            endpoint, found, ..
        } => Outcome::Adopted(adopt(&endpoint, found, shared)),
        Effect::ListEndpoint { endpoint, here, .. } => {
            Outcome::Looked(list(&endpoint, &here, shared))
        }
        Effect::CheckEndpoint { order, .. } => {
            Outcome::EndpointChecked(endpoints::check(*order, shared))
        }
        Effect::SaveEndpoint { order, .. } => {
            let saved = endpoints::save(&order, shared);
            Outcome::EndpointSaved(order.name, saved)
        }
        Effect::RemoveEndpoint { name, .. } => {
            Outcome::EndpointRemoved(endpoints::remove(name, shared))
        }
        Effect::Register {
            record, endpoint, ..
        } => Outcome::Registered(register(&record, &endpoint, shared)),
        Effect::Unregister {
            record, endpoint, ..
        } => Outcome::Unregistered(unregister(&record, &endpoint, shared)),
        Effect::RegisterSeveral {
            task,
            records,
            endpoint,
        } => {
            register_several(task, &records, &endpoint, shared, sender);
            Outcome::RegisteredSeveral
        }
        Effect::Rotate { order, .. } => Outcome::Rotated(Box::new(rotating::turn(*order, shared))),
        Effect::Survey { task, questions } => {
            ask(task, &questions, shared, sender);
            Outcome::Surveyed
        }
        _ => return None,
    })
}

/// Registers a key, and notes where it was seen.
fn register(record: &Record, name: &str, shared: &Shared) -> Result<Receipt, Refusal> {
    let (keystore, endpoint) = at(name, shared)?;
    if record.origin == Origin::NewHere {
        // The request was shown, and Enter was the word for it.
        told(keystore.confirm(&record.thumbprint())).map_err(said)?;
    }
    // Where a person does it, Enter was their word that it is done.
    let endpoint = endpoint.with_word(Word::Given);
    registration::register(&keystore, record, &endpoint, Timestamp::now()).map_err(refusal)
}

/// Registers keys one after the other, until the task is cancelled.
fn register_several(
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
fn unregister(record: &Record, name: &str, shared: &Shared) -> Result<Receipt, Refusal> {
    let (keystore, endpoint) = at(name, shared)?;
    let endpoint = endpoint.with_word(Word::Given);
    registration::unregister(&keystore, record, &endpoint, Timestamp::now()).map_err(refusal)
}

/// Every key at an endpoint, and what it is to ours.
fn list(name: &str, here: &[Arc<Record>], shared: &Shared) -> Result<Vec<Sight>, Refusal> {
    let (_, endpoint) = at(name, shared)?;
    let there = endpoint.list().map_err(refusal)?;
    Ok(view::seen(&endpoint, here, &there, Timestamp::now()))
}

/// Notes where keys were found: one that fails holds up no other.
fn adopt(name: &str, found: Vec<(Arc<Record>, String)>, shared: &Shared) -> Vec<Acted> {
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
pub(super) fn resolved(
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
fn ask(task: TaskId, questions: &[Question], shared: &Shared, sender: &Sender<Msg>) {
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

pub(super) fn said(summary: String) -> Refusal {
    Refusal {
        summary,
        exchanges: Vec::new(),
    }
}

pub(super) fn refusal(error: RegistryError) -> Refusal {
    Refusal {
        summary: error.to_string(),
        exchanges: error.exchanges().to_vec(),
    }
}
