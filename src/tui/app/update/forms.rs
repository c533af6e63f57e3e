//! The forms: what they ask, and what their `Enter` does.

mod export;
mod export_marked;
mod import;
mod new_key;
mod vault;

use std::sync::Arc;

pub(super) use self::export::exported;
use crate::{
    keystore::kid,
    secret::Secret,
    tui::app::{
        dialog::{Dialog, FormDialog, FormKind},
        effect::Effect,
        form::{Field, Form},
        key::Key,
        state::{State, Vault},
        waiting::Waiting,
    },
};

/// Opens a form, as it was left where it was left without an end.
pub(super) fn open(state: &mut State, kind: FormKind) -> Vec<Effect> {
    if kind == FormKind::NewKey && state.vault == Vault::Missing {
        return open(state, FormKind::FirstStart);
    }
    let kept = state.kept.iter().position(|each| each.kind == kind);
    let dialog = match kept {
        Some(place) => state.kept.remove(place),
        None => FormDialog {
            form: form(state, &kind),
            kind,
            problem: None,
        },
    };
    state.dialog = Some(Dialog::Form(dialog));
    Vec::new()
}

/// Key presses in a form.
pub(super) fn pressed(state: &mut State, mut dialog: FormDialog, key: Key) -> Vec<Effect> {
    match key {
        Key::Esc => {
            close(state, dialog);
            return Vec::new();
        }
        Key::Enter => return accept(state, dialog),
        Key::Tab | Key::Down => dialog.form.next(),
        Key::BackTab | Key::Up => dialog.form.previous(),
        key => {
            dialog.form.press(key);
            dialog.problem = None;
            if dialog.kind == FormKind::NoPassphrase {
                // Something is typed after all: the question is the first one again.
                dialog.kind = FormKind::FirstStart;
            }
        }
    }
    match dialog.kind {
        FormKind::NewKey => {
            new_key::settle(&mut dialog);
            new_key::describe(&mut dialog, state);
        }
        FormKind::Export(_) | FormKind::ExportMarked(_) => export::settle(&mut dialog),
        _ => {}
    }
    state.dialog = Some(Dialog::Form(dialog));
    Vec::new()
}

/// Does what a form says, or tells beside it why not.
fn accept(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    match &dialog.kind {
        FormKind::FirstStart | FormKind::NoPassphrase => vault::first_start(state, dialog),
        FormKind::Unlock(then) => {
            let then = *then;
            vault::unlock(state, dialog, then)
        }
        FormKind::NewKey => new_key::accept(state, dialog),
        FormKind::Rename(kid) => {
            let kid = kid.clone();
            let new = dialog.form.value("kid").to_owned();
            if new == kid {
                return Vec::new();
            }
            if let Err(reason) = name_is_free(state, &new) {
                return refuse(state, dialog, reason);
            }
            let task = state.tasks.begin(format!("renaming {kid}"), state.now);
            vec![Effect::Rename { task, kid, new }]
        }
        FormKind::Tags { keys, common, .. } => {
            let (keys, common) = (keys.clone(), common.clone());
            super::several::accept_tags(state, dialog, keys, &common)
        }
        FormKind::NotActive {
            thumbprint, then, ..
        } => {
            state.knowingly.insert(*thumbprint);
            super::outcome::resume(state, *then)
        }
        FormKind::ExportMarked(keys) => {
            let keys = keys.clone();
            export_marked::accept(state, dialog, &keys)
        }
        FormKind::Import => import::accept(state, dialog),
        FormKind::NewHere(thumbprint, then) => {
            let (thumbprint, then) = (*thumbprint, Some(*then));
            let task = state.tasks.begin("noting that the key is yours", state.now);
            state.waiting = Some(Waiting {
                task,
                then,
                keys: Vec::new(),
            });
            vec![Effect::Confirm { task, thumbprint }]
        }
        FormKind::Export(thumbprint) => {
            let record = state.keys.record(thumbprint).map(Arc::clone);
            match record {
                Some(record) => export::accept(state, dialog, &record),
                None => Vec::new(),
            }
        }
    }
}

/// The problem stands in the form, which stays open.
pub(super) fn refuse(
    state: &mut State,
    mut dialog: FormDialog,
    reason: impl Into<String>,
) -> Vec<Effect> {
    dialog.problem = Some(reason.into());
    state.dialog = Some(Dialog::Form(dialog));
    Vec::new()
}

/// The passphrase of a form, where one was typed.
pub(super) fn file_passphrase(dialog: &FormDialog) -> Option<Secret<String>> {
    let line = dialog.form.secret("passphrase")?;
    (line.length() > 0).then(|| line.secret().clone())
}

/// Closes a form; what was typed is kept, secrets are not.
fn close(state: &mut State, mut dialog: FormDialog) {
    dialog.form.forget_secrets();
    match dialog.kind {
        FormKind::NewKey
        | FormKind::Import
        | FormKind::Export(_)
        | FormKind::ExportMarked(_)
        | FormKind::Tags { .. } => {
            state.kept.push(dialog);
        }
        FormKind::FirstStart
        | FormKind::NewHere(..)
        | FormKind::NoPassphrase
        | FormKind::NotActive { .. }
        | FormKind::Rename(_)
        | FormKind::Unlock(_) => {}
    }
}

fn form(state: &State, kind: &FormKind) -> Form {
    let text = Field::text;
    match kind {
        FormKind::FirstStart | FormKind::NoPassphrase => Form::new(vec![
            Field::secret("passphrase", "seals the private keys on this disk"),
            Field::secret("once more", ""),
        ]),
        FormKind::NewHere(..) | FormKind::NotActive { .. } => Form::new(Vec::new()),
        FormKind::Tags { common, .. } => Form::new(vec![text(
            "tags",
            &common.join(", "),
            "separated by spaces or commas",
        )]),
        FormKind::Unlock(_) => Form::new(vec![Field::secret("passphrase", "")]),
        FormKind::NewKey => new_key::form(state),
        FormKind::Rename(name) => Form::new(vec![text(
            "kid",
            name,
            "registrations elsewhere keep the old name",
        )]),
        FormKind::Import => Form::new(vec![
            text("file", "", "or paste the key's text here"),
            Field::secret("passphrase", "only where the file is sealed"),
        ]),
        FormKind::Export(thumbprint) => export::form(state, thumbprint),
        FormKind::ExportMarked(keys) => export_marked::form(state, keys),
    }
}

fn name_is_free(state: &State, kid: &str) -> Result<(), String> {
    kid::check_given(kid).map_err(|error| error.to_string())?;
    if state.keys.records().any(|record| record.kid == kid) {
        return Err(format!("there is a key {kid} already"));
    }
    Ok(())
}
