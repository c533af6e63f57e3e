//! Carries out effects, each on a thread of its own, through the functions that the command line
//! calls.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc::Sender},
    thread,
};

use aws_lc_rs::rand::SystemRandom;
use jiff::Timestamp;

use super::{
    clients, completion, files, judging, registering, shared::Shared, terminal::WORKER, way,
};
use crate::{
    jose::{
        template::{Moment, resolve},
        thumbprint::Thumbprint,
        token,
    },
    keystore::{
        certify,
        error::KeystoreError,
        generate::Wanted,
        record::Record,
        sealing::Protection,
        store::{Keystore, Sealed},
    },
    net::{
        http,
        policy::Policy,
        request::{HeaderValue, Method, Request},
    },
    registry::answer::Exchange,
    sandbox::remote::{self, RemoteError},
    secret::Secret,
    tui::app::{
        effect::{CertificateOrder, Effect, MintOrder, Target},
        msg::{Acted, Certified, Minted, Msg, NotTold, Outcome, Presented},
        task::TaskId,
    },
};

/// A thread whose panic does not touch the screen.
pub(super) fn thread(name: &str, work: impl FnOnce() + Send + 'static) {
    let spawned = thread::Builder::new()
        .name(format!("{WORKER}-{name}"))
        .spawn(work);
    // Without threads left the system is at its end, and so is the app's patience: the task stays
    // under way, and Esc cancels it.
    drop(spawned);
}

/// Carries out `effect` on a thread of its own; its end comes back as a message.
pub(super) fn spawn(effect: Effect, shared: &Shared, sender: &Sender<Msg>) {
    let (shared, sender) = (shared.clone(), sender.clone());
    thread("effect", move || {
        let Some(task) = task_of(&effect) else { return };
        let words = words();
        let outcome = catch_unwind(AssertUnwindSafe(|| carry_out(effect, &shared, &sender)));
        // Nobody receives any more: the app has ended.
        let _ = match outcome {
            Ok(Some(outcome)) => sender.send(Msg::Done(task, outcome)),
            Ok(None) => Ok(()),
            Err(_) => sender.send(Msg::Done(task, Outcome::Broken(words))),
        };
    });
}

fn words() -> String {
    "keyfob itself failed at this: nothing is half-done, please report it".to_owned()
}

fn task_of(effect: &Effect) -> Option<TaskId> {
    match effect {
        Effect::Adopt { task, .. }
        | Effect::ChangeTags { task, .. }
        | Effect::CompletePath { task, .. }
        | Effect::Confirm { task, .. }
        | Effect::CreateKeystore { task, .. }
        | Effect::Export { task, .. }
        | Effect::Generate { task, .. }
        | Effect::GoTheWay { task, .. }
        | Effect::Import { task, .. }
        | Effect::ImportCertificate { task, .. }
        | Effect::ImportChosen { task, .. }
        | Effect::ImportPublished { task, .. }
        | Effect::IssueCertificate { task, .. }
        | Effect::ListEndpoint { task, .. }
        | Effect::ListTrash { task }
        | Effect::Mint { task, .. }
        | Effect::Present { task, .. }
        | Effect::ReadBody { task, .. }
        | Effect::ReadClipboard { task }
        | Effect::ReadKeys { task, .. }
        | Effect::Register { task, .. }
        | Effect::CheckEndpoint { task, .. }
        | Effect::RemoveClient { task, .. }
        | Effect::RemoveEndpoint { task, .. }
        | Effect::RegisterSeveral { task, .. }
        | Effect::Rename { task, .. }
        | Effect::RequestCertificate { task, .. }
        | Effect::Restore { task, .. }
        | Effect::Rotate { task, .. }
        | Effect::SaveClient { task, .. }
        | Effect::SaveEndpoint { task, .. }
        | Effect::SetStatus { task, .. }
        | Effect::StartSandbox { task }
        | Effect::Survey { task, .. }
        | Effect::TellSandbox { task, .. }
        | Effect::Trash { task, .. }
        | Effect::Unlock { task, .. }
        | Effect::Unregister { task, .. } => Some(*task),
        Effect::Cancel(_)
        | Effect::ClearClipboard
        | Effect::Copy { .. }
        | Effect::KeepArrangement(_)
        | Effect::ListKeys
        | Effect::LoadConfiguration
        | Effect::Lock
        | Effect::MouseCapture(_)
        | Effect::OpenPage(_)
        | Effect::Quit(_)
        | Effect::ReadSubjects(_)
        | Effect::Redraw
        | Effect::SetFaults(_)
        | Effect::StopSandbox
        | Effect::Suspend => None,
    }
}

fn carry_out(effect: Effect, shared: &Shared, sender: &Sender<Msg>) -> Option<Outcome> {
    Some(match effect {
        Effect::GoTheWay { task, order } => {
            Outcome::WayGone(Box::new(way::go(task, *order, shared, sender)))
        }
        Effect::ReadBody { path, .. } => Outcome::Body(files::body(&path)),
        Effect::SaveClient { order, .. } => {
            let saved = clients::save(&order, shared);
            Outcome::ClientSaved(order.name, saved.map(Box::new))
        }
        Effect::RemoveClient { name, .. } => {
            let removed = clients::remove(&name, shared);
            Outcome::ClientRemoved(name, removed)
        }
        Effect::CreateKeystore { protection, .. } => {
            Outcome::Created(told(create(&protection, shared)))
        }
        Effect::Confirm { thumbprint, .. } => {
            let keystore = shared.keystore();
            Outcome::Confirmed(told(
                keystore.and_then(|keystore| keystore.confirm(&thumbprint)),
            ))
        }
        Effect::CompletePath { path, .. } => Outcome::Completed(completion::of(&path)),
        Effect::Export { order, .. } => Outcome::Exported(files::export(&order, shared)),
        Effect::Generate { task, wanted } => {
            Outcome::Generated(told(generate(task, &wanted, shared)))
        }
        Effect::Import {
            source,
            passphrase,
            kid,
            ..
        } => files::import(source, passphrase.as_ref(), kid.as_deref(), shared),
        Effect::ImportChosen {
            offered, places, ..
        } => Outcome::Imported(files::import_chosen(&offered, &places, shared)),
        Effect::ImportPublished { place, .. } => files::published(&place, shared),
        Effect::ImportCertificate { record, source, .. } => {
            Outcome::Certified(files::import_certificate(record, source, shared).map(Box::new))
        }
        Effect::IssueCertificate { order, .. } => {
            Outcome::Certified(told(issue(*order, shared)).map(Box::new))
        }
        Effect::RequestCertificate { order, file, .. } => {
            Outcome::Requested(files::request(*order, file, shared))
        }
        Effect::ListTrash { .. } => {
            let trashed = shared.keystore().and_then(|keystore| keystore.trashed());
            Outcome::Trash(told(trashed))
        }
        Effect::Mint { order, .. } => Outcome::Minted(mint(*order, shared).map(Box::new)),
        Effect::TellSandbox { running, order, .. } => {
            let told = remote::ask(&running, order).map_err(|error| match error {
                RemoteError::Net(error) => NotTold::Gone(error.to_string()),
                RemoteError::Unknown { .. } => NotTold::Refused(error.to_string()),
            });
            Outcome::SandboxTold(order, told)
        }
        Effect::Present { token, url, .. } => Outcome::Presented(present(token, url).map(Box::new)),
        Effect::ReadKeys { source, .. } => {
            Outcome::ReadKeys(Box::new(judging::read(&source, shared)))
        }
        Effect::Rename { kid, new, .. } => Outcome::Renamed(told(rename(&kid, &new, shared))),
        Effect::Unlock { passphrase, .. } => Outcome::Unlocked(told(unlock(&passphrase, shared))),
        other => return on_each(other, shared, sender),
    })
}

/// The acts on several keys, and what else there is.
fn on_each(effect: Effect, shared: &Shared, sender: &Sender<Msg>) -> Option<Outcome> {
    Some(match effect {
        Effect::ChangeTags { keys, change, .. } => {
            Outcome::Tagged(each(keys, shared, |keystore, thumbprint| {
                keystore.change_tags(thumbprint, &change)
            }))
        }
        Effect::SetStatus { keys, status, .. } => {
            let acted = each(keys, shared, |keystore, thumbprint| {
                keystore.set_status(thumbprint, status)
            });
            Outcome::StatusSet(status, acted)
        }
        Effect::Restore { keys, .. } => {
            Outcome::Restored(each(keys, shared, |keystore, thumbprint| {
                keystore.restore(&thumbprint.hex())
            }))
        }
        Effect::Trash { keys, .. } => {
            Outcome::Trashed(each(keys, shared, |keystore, thumbprint| {
                keystore.trash(&thumbprint.hex())
            }))
        }
        other => return registering::carry_out(other, shared, sender),
    })
}

/// Does something to each of the keys: one that fails holds up no other.
fn each(
    keys: Vec<Target>,
    shared: &Shared,
    act: impl Fn(&Keystore, &Thumbprint) -> Result<Record, KeystoreError>,
) -> Vec<Acted> {
    let one = |thumbprint: &Thumbprint| act(&shared.keystore()?, thumbprint);
    keys.into_iter()
        .map(|key| Acted {
            result: told(one(&key.thumbprint).map(Arc::new)),
            kid: key.kid,
        })
        .collect()
}

pub(super) fn told<T>(result: Result<T, KeystoreError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn create(protection: &Protection, shared: &Shared) -> Result<Sealed, KeystoreError> {
    let (keystore, unlocked) = Keystore::create(shared.home(), protection)?;
    shared.set_unlocked(unlocked);
    Ok(keystore.sealed())
}

fn unlock(passphrase: &Secret<String>, shared: &Shared) -> Result<(), KeystoreError> {
    let unlocked = shared.keystore()?.unlock(Some(passphrase))?;
    shared.set_unlocked(unlocked);
    Ok(())
}

fn generate(task: TaskId, wanted: &Wanted, shared: &Shared) -> Result<Arc<Record>, KeystoreError> {
    let keystore = shared.keystore()?;
    if let Some(kid) = &wanted.kid {
        keystore.check_free(kid)?;
    }
    let turn = shared.generation();
    if shared.is_cancelled(task) {
        return Err(KeystoreError::Cancelled);
    }
    let now = Timestamp::now();
    let new = wanted.make(now)?;
    drop(turn);
    if shared.is_cancelled(task) {
        return Err(KeystoreError::Cancelled);
    }
    keystore.add(new, now).map(Arc::new)
}

fn rename(kid: &str, new: &str, shared: &Shared) -> Result<Arc<Record>, KeystoreError> {
    let keystore = shared.keystore()?;
    let unlocked = shared.unlocked(&keystore)?;
    keystore.rename(kid, new, &unlocked).map(Arc::new)
}

fn issue(order: CertificateOrder, shared: &Shared) -> Result<Certified, KeystoreError> {
    let keystore = shared.keystore()?;
    let unlocked = shared.unlocked(&keystore)?;
    let (old, now) = (order.record, Timestamp::now());
    let new = certify::issue(&keystore, &old, &unlocked, &order.wanted, now)?;
    let notes = match order.left_out.as_slice() {
        [] => Vec::new(),
        left_out => vec![format!(
            "! no profile can say these of the old certificate: {}",
            left_out.join(", ")
        )],
    };
    Ok(Certified {
        old,
        new: Arc::new(new),
        notes,
    })
}

fn mint(order: MintOrder, shared: &Shared) -> Result<Minted, String> {
    let keystore = told(shared.keystore())?;
    let unlocked = told(shared.unlocked(&keystore))?;
    let private = told(keystore.private(&order.record, &unlocked))?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| error.to_string())?;
    let moment = Moment {
        now: order.now,
        zone: &order.zone,
        random,
    };
    let claims = resolve(&order.draft, &moment).map_err(|error| error.to_string())?;
    let alg = order.record.alg;
    let token = token::mint(&order.header, &claims, alg, &private, &SystemRandom::new())
        .map_err(|error| error.to_string())?;
    // What a key minted from last is offered next; a keystore that cannot be written now signs all
    // the same.
    let record = match &order.template {
        Some(template) if order.record.template.as_ref() != Some(template) => {
            let noted = keystore.set_template(&order.record.thumbprint(), template);
            noted.map_or(order.record, Arc::new)
        }
        _ => order.record,
    };
    Ok(Minted {
        record,
        template: order.template,
        token: Secret::new(token),
        header: order.header,
        claims,
    })
}

fn present(token: Secret<String>, url: String) -> Result<Presented, String> {
    let authorization = HeaderValue::Secret {
        scheme: "Bearer".to_owned(),
        value: token,
    };
    let request = Request {
        method: Method::Get,
        url,
        headers: vec![("Authorization".to_owned(), authorization)],
        body: None,
    };
    let response = http::send(&request, &Policy::default()).map_err(|error| error.to_string())?;
    Ok(Presented {
        exchange: Exchange { request, response },
    })
}
