//! How work ended.

use crate::{
    keystore::store::Sealed,
    tui::app::{
        action::Action,
        activity::Severity,
        dialog::{Act, Dialog, FormKind, Menu, MenuKind, MenuRow},
        effect::Effect,
        msg::{Import, Outcome},
        state::{State, Vault},
        task::TaskId,
        waiting::{Then, Waiting},
    },
};

/// Whether what waited may go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Well,
    Badly,
}

/// Takes the end of a piece of work; one that nobody waits for is dropped.
pub(super) fn done(state: &mut State, task: TaskId, outcome: Outcome) -> Vec<Effect> {
    if state.tasks.end(task).is_none() {
        return dropped(outcome);
    }
    let waiting = match state.waiting.take() {
        Some(waiting) if waiting.task == task => Some(waiting),
        other => {
            state.waiting = other;
            None
        }
    };
    let then = waiting.as_ref().and_then(|waiting| waiting.then);
    let (end, mut effects) = taken(state, task, outcome, then);
    // What came to a good end is not asked again.
    state.sent.take_if(|(sent, _)| *sent == task);
    if let (Some(waiting), End::Well) = (waiting, end) {
        effects.extend(go_on(state, waiting));
    }
    effects
}

/// What was cancelled and came true all the same is shown at least.
fn dropped(outcome: Outcome) -> Vec<Effect> {
    match outcome {
        Outcome::Generated(_)
        | Outcome::Imported(_)
        | Outcome::Rotated(_)
        | Outcome::Registered(_)
        | Outcome::RegisteredSeveral
        | Outcome::Unregistered(_) => vec![Effect::ListKeys],
        _ => Vec::new(),
    }
}

/// What was asked for before the work ended, then the keys that were pressed meanwhile.
fn go_on(state: &mut State, waiting: Waiting) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(then) = waiting.then {
        effects.extend(resume(state, then));
    }
    for key in waiting.keys {
        effects.extend(super::pressed(state, key));
    }
    effects
}

/// What was asked for and had to wait.
pub(super) fn resume(state: &mut State, then: Then) -> Vec<Effect> {
    match then {
        Then::Form => super::forms::go_on(state),
        Then::Mint => super::perform(state, Action::Mint),
        Then::MintEdited => super::token::mint::mint_edited(state),
        Then::Register => super::perform(state, Action::Register),
        Then::RegisterHere => super::perform(state, Action::RegisterHere),
        Then::Rename => super::perform(state, Action::Rename),
        Then::Way => super::clients::resume(state),
    }
}

fn taken(
    state: &mut State,
    task: TaskId,
    outcome: Outcome,
    then: Option<Then>,
) -> (End, Vec<Effect>) {
    match outcome {
        Outcome::Broken(reason) => {
            state.keys.drop_pending(task);
            super::registration::cancelled(state, task);
            super::forms::cancelled(state, task);
            super::clients::broken(state, task);
            failed(state, reason)
        }
        Outcome::Created(result) => created(state, result),
        Outcome::Unlocked(result) => unlocked(state, result, then),
        Outcome::Generated(result) => {
            let end = of(&result);
            super::keys::generated(state, task, result);
            (end, Vec::new())
        }
        Outcome::Minted(result) => match result {
            Ok(minted) => (End::Well, super::token::mint::minted(state, *minted)),
            Err(reason) => {
                state
                    .activity
                    .add(state.now, Severity::Bad, reason.clone(), &[]);
                state.say(Severity::Bad, format!("no token: {reason}"));
                (End::Badly, Vec::new())
            }
        },
        Outcome::ReadKeys(read) => {
            let end = of(&read.keys);
            super::forms::checked_with(state, task, *read);
            (end, Vec::new())
        }
        Outcome::Presented(result) => {
            super::token::mint::presented(state, result.map(|presented| *presented));
            (End::Well, Vec::new())
        }
        Outcome::Registered(result) => {
            let end = of(&result);
            (
                end,
                super::registration::ended(state, task, Act::Register, result),
            )
        }
        Outcome::Unregistered(result) => {
            let end = of(&result);
            (
                end,
                super::registration::ended(state, task, Act::Unregister, result),
            )
        }
        Outcome::Sandbox(result) => match result {
            Ok(start) => {
                let effects = super::registration::sandbox_started(state, start);
                super::registration::refresh_dialog(state);
                (End::Well, effects)
            }
            Err(reason) => failed(state, reason),
        },
        Outcome::SandboxTold(order, result) => {
            let end = of(&result);
            (end, super::sandbox::told(state, order, result))
        }
        Outcome::Looked(result) => {
            super::registration::looked(state, task, result);
            (End::Well, Vec::new())
        }
        Outcome::Adopted(acted) => {
            super::registration::adopted(state, acted);
            (End::Well, Vec::new())
        }
        Outcome::RegisteredSeveral => {
            let effects = super::registration::all_registered(state, task);
            (End::Well, effects)
        }
        Outcome::Rotated(rotated) => {
            let end = of(&rotated.result);
            (end, super::rotation::ended(state, task, *rotated))
        }
        Outcome::Surveyed => {
            super::registration::surveyed(state, task);
            (End::Well, Vec::new())
        }
        other => of_clients(state, task, other),
    }
}

fn of_clients(state: &mut State, task: TaskId, outcome: Outcome) -> (End, Vec<Effect>) {
    match outcome {
        Outcome::Body(result) => {
            let end = of(&result);
            (end, super::forms::body_read(state, task, result))
        }
        Outcome::WayGone(gone) => (End::Well, super::clients::gone(state, task, *gone)),
        Outcome::EndpointChecked(result) => {
            super::forms::endpoint::checked(state, task, result);
            (End::Badly, Vec::new())
        }
        Outcome::EndpointSaved(name, result) => {
            let end = of(&result);
            let effects = super::forms::endpoint::saved(state, task, &name, result);
            (end, effects)
        }
        Outcome::EndpointRemoved(Ok(name)) => (
            End::Well,
            super::registration::endpoint_removed(state, &name),
        ),
        Outcome::EndpointRemoved(Err(reason)) => failed(state, reason),
        Outcome::ClientSaved(name, result) => {
            let end = of(&result);
            (end, super::clients::saved(state, task, &name, result))
        }
        Outcome::ClientRemoved(name, result) => {
            let end = of(&result);
            (end, super::clients::removed(state, &name, result))
        }
        other => of_keys(state, task, other),
    }
}

fn of_keys(state: &mut State, task: TaskId, outcome: Outcome) -> (End, Vec<Effect>) {
    match outcome {
        Outcome::Certified(result) => {
            let end = of(&result);
            super::forms::certified(state, task, result);
            return (end, Vec::new());
        }
        Outcome::Requested(result) => {
            let end = of(&result);
            return (end, super::forms::requested(state, task, result));
        }
        Outcome::Completed(completion) => super::forms::completed(state, completion),
        Outcome::Offered(offered) => super::checklist::open(state, offered),
        Outcome::Clipboard(text) => super::token::decode::clipboard(state, text),
        Outcome::Confirmed(result) => {
            let end = of(&result);
            return match result {
                Ok(()) => {
                    super::keys::confirmed(state);
                    (end, vec![Effect::ListKeys])
                }
                Err(reason) => failed(state, reason),
            };
        }
        Outcome::Exported(result) => {
            let end = of(&result);
            super::forms::exported(state, task, result);
            return (end, Vec::new());
        }
        Outcome::Imported(Err(problem)) => {
            super::forms::not_imported(state, task, problem);
            return (End::Badly, Vec::new());
        }
        Outcome::Imported(Ok(import)) => imported(state, import),
        Outcome::Renamed(result) => super::keys::renamed(state, result),
        Outcome::Restored(acted) => super::several::restored(state, acted),
        Outcome::StatusSet(status, acted) => super::several::status_set(state, status, acted),
        Outcome::Tagged(acted) => super::several::tagged(state, acted),
        Outcome::Trashed(acted) => super::several::trashed(state, acted),
        Outcome::Trash(Ok(trashed)) if trashed.is_empty() => {
            state.say(Severity::Good, "the trash is empty");
        }
        Outcome::Trash(Ok(trashed)) => {
            let rows = trashed.iter().map(|each| MenuRow {
                text: each.kid.clone(),
                detail: each.thumbprint.hex(),
                key: String::new(),
            });
            let menu = Menu::new(MenuKind::Trash, rows.collect());
            state.dialog = Some(Dialog::Menu(menu));
        }
        Outcome::Trash(Err(reason)) => return failed(state, reason),
        _ => {}
    }
    (End::Well, Vec::new())
}

fn of<T, E>(result: &Result<T, E>) -> End {
    match result {
        Ok(_) => End::Well,
        Err(_) => End::Badly,
    }
}

fn failed(state: &mut State, reason: String) -> (End, Vec<Effect>) {
    state
        .activity
        .add(state.now, Severity::Bad, reason.clone(), &[]);
    state.say(Severity::Bad, reason);
    (End::Badly, Vec::new())
}

fn created(state: &mut State, result: Result<Sealed, String>) -> (End, Vec<Effect>) {
    match result {
        Ok(sealed) => {
            let (vault, what) = match sealed {
                Sealed::Passphrase => (
                    Vault::Unlocked,
                    "keystore created, sealed with your passphrase",
                ),
                Sealed::Open => (Vault::Open, "keystore created without a passphrase"),
            };
            state.vault = vault;
            state.activity.add(state.now, Severity::Good, what, &[]);
            state.say(Severity::Good, format!("✓ {what}: n makes a key"));
            let mut effects = vec![Effect::ListKeys];
            effects.extend(super::text::opened(state));
            (End::Well, effects)
        }
        Err(reason) => failed(state, reason),
    }
}

fn unlocked(
    state: &mut State,
    result: Result<(), String>,
    then: Option<Then>,
) -> (End, Vec<Effect>) {
    match result {
        Ok(()) => {
            state.vault = Vault::Unlocked;
            state.touched = state.now;
            state.say(Severity::Good, "✓ unlocked");
            (End::Well, Vec::new())
        }
        Err(reason) => {
            // The question again, with why the answer was none.
            super::forms::open(state, FormKind::Unlock(then));
            if let Some(Dialog::Form(dialog)) = &mut state.dialog {
                dialog.problem = Some(reason);
            }
            (End::Badly, Vec::new())
        }
    }
}

fn imported(state: &mut State, import: Import) {
    state.kept.retain(|dialog| dialog.kind != FormKind::Import);
    for record in &import.added {
        state.keys.put(record, None);
    }
    if let Some(record) = import.added.last() {
        state.keys.select_key(record);
        super::movement::selection_changed(state);
    }
    let names: Vec<&str> = import
        .added
        .iter()
        .map(|record| record.kid.as_str())
        .collect();
    let added = match names.len() {
        0 => "nothing new".to_owned(),
        1..=3 => format!("imported {}", names.join(", ")),
        count => format!("imported {count} keys"),
    };
    let mut text = added;
    for left in &import.left {
        text.push_str("; ");
        text.push_str(left);
    }
    let severity = if import.left.is_empty() {
        Severity::Good
    } else {
        Severity::Care
    };
    state.activity.add(state.now, severity, text.clone(), &[]);
    state.say(severity, text);
}
