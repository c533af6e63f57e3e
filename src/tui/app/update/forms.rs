//! The forms: what they ask, and what their `Enter` does.

mod call;
mod certificate;
mod client;
pub(super) mod endpoint;
mod expectations;
mod export;
mod export_marked;
mod import;
mod new_key;
mod token_exchange;
mod vault;

use std::{ops::ControlFlow, sync::Arc};

pub(super) use self::{
    certificate::{certified, requested, take},
    expectations::{checked_with, fetch},
    export::exported,
    import::{import_published, not_imported},
};
use crate::{
    jose::algorithm::Algorithm,
    keystore::{
        kid,
        record::{Origin, Record},
    },
    secret::Secret,
    tui::app::{
        activity::Severity,
        dialog::{Consent, Dialog, FormDialog, FormKind},
        effect::Effect,
        form::{Field, Form},
        key::Key,
        msg::{Completion, NotWritten},
        state::{State, Vault},
        task::TaskId,
        waiting::{Then, Waiting},
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
        None => {
            let form = form(state, &kind);
            FormDialog::new(kind, form)
        }
    };
    state.dialog = Some(Dialog::Form(dialog));
    Vec::new()
}

/// The form of a new key of another algorithm than the usual one.
pub(super) fn open_new_key(state: &mut State, algorithm: Algorithm) -> Vec<Effect> {
    let effects = open(state, FormKind::NewKey);
    if let Some(Dialog::Form(mut dialog)) = state.dialog.take() {
        if dialog.kind == FormKind::NewKey {
            dialog.form.choose("algorithm", algorithm.name());
            settle(state, &mut dialog);
        }
        state.dialog = Some(Dialog::Form(dialog));
    }
    effects
}

/// Key presses in a form.
pub(super) fn pressed(state: &mut State, mut dialog: FormDialog, key: Key) -> Vec<Effect> {
    match key {
        Key::Esc => {
            close(state, dialog);
            state.dialog = state.put_aside.take().map(Dialog::Form);
            return Vec::new();
        }
        Key::Enter => return accept(state, dialog),
        Key::Tab | Key::Right if can_complete(&dialog, key) => return complete(state, dialog),
        Key::Tab | Key::Down => dialog.form.next(),
        Key::BackTab | Key::Up => dialog.form.previous(),
        key => {
            dialog.form.press(key);
            dialog.touched();
            if dialog.kind == FormKind::NoPassphrase {
                // Something is typed after all: the question is the first one again.
                dialog.kind = FormKind::FirstStart;
            }
        }
    }
    settle(state, &mut dialog);
    state.dialog = Some(Dialog::Form(dialog));
    Vec::new()
}

/// What a choice leaves nothing to ask for is passed over, and what it means is told beside it.
fn settle(state: &State, dialog: &mut FormDialog) {
    match &dialog.kind {
        FormKind::NewKey => {
            new_key::settle(dialog);
            new_key::describe(dialog, state);
        }
        FormKind::Export(thumbprint) => {
            if let Some(record) = state.keys.record(thumbprint) {
                export::settle(&mut dialog.form, record);
            }
        }
        FormKind::Expectations => expectations::settle(&mut dialog.form),
        FormKind::ExportMarked(_) => export_marked::settle(&mut dialog.form),
        FormKind::Endpoint(of) => {
            let of = of.clone();
            endpoint::settle(&mut dialog.form, &of);
        }
        FormKind::Certificate(thumbprint) | FormKind::CertificateRequest(thumbprint) => {
            if let Some(record) = state.keys.record(thumbprint) {
                certificate::settle(&mut dialog.form, state, record);
            }
        }
        _ => {}
    }
}

/// Whether `key` asks for what the path at hand may go on with. `Tab` asks once, and then goes on
/// to the next field.
fn can_complete(dialog: &FormDialog, key: Key) -> bool {
    dialog.form.focused_path().is_some_and(|line| {
        let at_end = line.cursor() == line.text().chars().count();
        let told = dialog.completions.path == line.text();
        at_end && (key == Key::Right || !told && !line.text().is_empty())
    })
}

fn complete(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    let path = dialog
        .form
        .focused_path()
        .map(|line| line.text().to_owned());
    state.dialog = Some(Dialog::Form(dialog));
    let Some(path) = path else {
        return Vec::new();
    };
    let task = state.tasks.begin("looking for files", state.now);
    vec![Effect::CompletePath { task, path }]
}

/// What a path may go on with is known; where it was typed on meanwhile, that is left alone.
pub(super) fn completed(state: &mut State, completion: Completion) {
    let Some(Dialog::Form(dialog)) = &mut state.dialog else {
        return;
    };
    let typed = dialog.form.focused_path();
    if typed.is_none_or(|line| line.text() != completion.typed) {
        return;
    }
    if completion.path == completion.typed && completion.completions.count < 2 {
        // Nothing to add: the key means what it means elsewhere.
        dialog.form.next();
    } else {
        dialog.form.set_focused_path(&completion.path);
    }
    dialog.touched();
    dialog.completions = completion.completions;
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
        FormKind::Template(name) => {
            let name = name.clone();
            super::token::template::accept(state, dialog, &name)
        }
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
        FormKind::Refused(_, then) => super::token::mint::mint_all_the_same(state, *then),
        FormKind::ExportMarked(keys) => {
            let keys = keys.clone();
            export_marked::accept(state, dialog, &keys)
        }
        FormKind::Call(_) => call::accept(state, dialog),
        FormKind::TokenExchange(client) => {
            let client = client.clone();
            token_exchange::accept(state, dialog, &client)
        }
        FormKind::Expectations => expectations::accept(state, dialog),
        FormKind::Client(name) => {
            let name = name.clone();
            client::accept(state, dialog, name.as_deref())
        }
        FormKind::ClientLike(_) => client::accept(state, dialog, None),
        FormKind::Endpoint(of) => {
            let of = of.clone();
            endpoint::accept(state, dialog, &of)
        }
        FormKind::RemoveEndpoint(name, _) => {
            let name = name.clone();
            let task = state.tasks.begin(format!("removing {name}"), state.now);
            vec![Effect::RemoveEndpoint { task, name }]
        }
        FormKind::Import => import::accept(state, dialog),
        FormKind::Sealed => import::open_sealed(state, dialog),
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
        FormKind::Certificate(thumbprint)
        | FormKind::CertificateRequest(thumbprint)
        | FormKind::Export(thumbprint)
        | FormKind::ImportCertificate(thumbprint)
        | FormKind::RenewCertificate(thumbprint) => {
            match state.keys.record(thumbprint).map(Arc::clone) {
                Some(record) => of_key(state, dialog, &record),
                None => Vec::new(),
            }
        }
    }
}

fn of_key(state: &mut State, dialog: FormDialog, record: &Arc<Record>) -> Vec<Effect> {
    match dialog.kind {
        FormKind::Certificate(_) => certificate::issue(state, dialog, record),
        FormKind::CertificateRequest(_) => certificate::request(state, dialog, record),
        FormKind::Export(_) => export::accept(state, dialog, record),
        FormKind::ImportCertificate(_) => certificate::import(state, dialog, record),
        FormKind::RenewCertificate(_) => certificate::renew(state, dialog, record),
        _ => Vec::new(),
    }
}

/// The form that was put aside, once more: what it waited for is there.
pub(super) fn go_on(state: &mut State) -> Vec<Effect> {
    match state.put_aside.take() {
        Some(dialog) => accept(state, dialog),
        None => Vec::new(),
    }
}

/// Asks for what stands before a private half, the passphrase or a word on a key that is new here;
/// the form is put aside meanwhile.
fn private_half(
    state: &mut State,
    dialog: FormDialog,
    record: &Record,
) -> ControlFlow<Vec<Effect>, FormDialog> {
    let question = if record.origin == Origin::NewHere {
        FormKind::NewHere(record.thumbprint(), Then::Form)
    } else if state.vault == Vault::Locked {
        FormKind::Unlock(Some(Then::Form))
    } else {
        return ControlFlow::Continue(dialog);
    };
    let effects = open(state, question);
    state.put_aside = Some(dialog);
    ControlFlow::Break(effects)
}

/// Begins the work of a form: keys wait for its end.
fn send(state: &mut State, dialog: FormDialog, label: String) -> TaskId {
    let task = state.tasks.begin(label, state.now);
    state.waiting = Some(Waiting {
        task,
        then: None,
        keys: Vec::new(),
    });
    state.sent = Some((task, dialog));
    task
}

/// The form whose work ended badly, to be shown again with the reason.
pub(super) fn came_back(state: &mut State, task: TaskId) -> Option<FormDialog> {
    let sent = state.sent.take_if(|(each, _)| *each == task);
    sent.map(|(_, dialog)| dialog)
}

/// The work of a form was cancelled: the form is there again.
pub(super) fn cancelled(state: &mut State, task: TaskId) {
    if let Some(dialog) = came_back(state, task) {
        state.dialog = Some(Dialog::Form(dialog));
    }
}

/// The reason stands in the form that `task` worked for, else at the foot of the screen.
fn fail(state: &mut State, task: TaskId, reason: String, consent: Consent) {
    match came_back(state, task) {
        Some(mut dialog) => {
            dialog.consent = consent;
            refuse(state, dialog, reason);
        }
        None => {
            state
                .activity
                .add(state.now, Severity::Bad, reason.clone(), &[]);
            state.say(Severity::Bad, reason);
        }
    }
}

/// The body of a call was read from its file, or why not.
pub(super) fn body_read(
    state: &mut State,
    task: TaskId,
    result: Result<String, String>,
) -> Vec<Effect> {
    match result {
        Ok(body) => match came_back(state, task) {
            Some(dialog) => call::with_body(state, dialog, Some(body)),
            None => Vec::new(),
        },
        Err(reason) => {
            fail(state, task, format!("body: {reason}"), Consent::NotAsked);
            Vec::new()
        }
    }
}

/// A client was not written: why stands in its form.
pub(super) fn client_refused(state: &mut State, task: TaskId, reason: String) {
    fail(state, task, reason, Consent::NotAsked);
}

/// As [`fail`]; where a file is in the way, `Enter` once more replaces it.
fn not_written(state: &mut State, task: TaskId, problem: NotWritten) {
    match problem {
        NotWritten::Failed(reason) => fail(state, task, reason, Consent::NotAsked),
        NotWritten::ThereAlready(path) => {
            let reason = format!("{path} is there already. ⏎ once more replaces it");
            fail(state, task, reason, Consent::Asked);
        }
    }
}

/// The problem stands in the form, which stays open; the cursor goes to the field that it names.
pub(super) fn refuse(
    state: &mut State,
    mut dialog: FormDialog,
    reason: impl Into<String>,
) -> Vec<Effect> {
    let reason = reason.into();
    if let Some((named, _)) = reason.split_once(": ") {
        let label = named.strip_suffix(" is empty").unwrap_or(named);
        dialog.form.focus_on(label);
    }
    dialog.problem = Some(reason);
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
    dialog.touched();
    match dialog.kind {
        FormKind::Call(_)
        | FormKind::Certificate(_)
        | FormKind::CertificateRequest(_)
        | FormKind::Client(_)
        | FormKind::ClientLike(_)
        | FormKind::Endpoint(_)
        | FormKind::Expectations
        | FormKind::Export(_)
        | FormKind::ExportMarked(_)
        | FormKind::Import
        | FormKind::ImportCertificate(_)
        | FormKind::NewKey
        | FormKind::Tags { .. }
        | FormKind::Template(_) => state.kept.push(dialog),
        FormKind::FirstStart
        | FormKind::NewHere(..)
        | FormKind::NoPassphrase
        | FormKind::NotActive { .. }
        | FormKind::Refused(..)
        | FormKind::RemoveEndpoint(..)
        | FormKind::Rename(_)
        | FormKind::RenewCertificate(_)
        | FormKind::Sealed
        | FormKind::TokenExchange(_)
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
        FormKind::NewHere(..)
        | FormKind::NotActive { .. }
        | FormKind::Refused(..)
        | FormKind::RemoveEndpoint(..)
        | FormKind::RenewCertificate(_) => Form::new(Vec::new()),
        FormKind::Endpoint(of) => endpoint::form(state, of),
        FormKind::Tags { common, .. } => Form::new(vec![text(
            "tags",
            &common.join(", "),
            "separated by spaces or commas",
        )]),
        FormKind::Template(name) => super::token::template::form(state, name),
        FormKind::Unlock(_) => Form::new(vec![Field::secret("passphrase", "")]),
        FormKind::NewKey => new_key::form(state),
        FormKind::Rename(name) => Form::new(vec![text(
            "kid",
            name,
            "registrations elsewhere keep the old name",
        )]),
        FormKind::Call(name) => call::form(state, name),
        FormKind::TokenExchange(_) => token_exchange::form(),
        FormKind::Expectations => expectations::form(),
        FormKind::Client(name) => client::form(state, name.as_deref()),
        FormKind::ClientLike(name) => client::form_like(state, name),
        FormKind::Import => import::form(),
        FormKind::Sealed => Form::new(vec![Field::secret("passphrase", "that of what is sealed")]),
        FormKind::Certificate(thumbprint) => certificate::form(state, thumbprint),
        FormKind::CertificateRequest(thumbprint) => certificate::request_form(state, thumbprint),
        FormKind::ImportCertificate(_) => Form::new(vec![Field::path(
            "file",
            "",
            "or paste the certificates' text here",
        )]),
        FormKind::Export(thumbprint) => export::form(state, thumbprint),
        FormKind::ExportMarked(keys) => export_marked::form(state, keys),
    }
}

/// A kid as a part of a file's name.
fn file_stem(kid: &str) -> String {
    let kept = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    kid.chars()
        .take(80)
        .map(|letter| if kept(letter) { letter } else { '-' })
        .collect()
}

fn name_is_free(state: &State, kid: &str) -> Result<(), String> {
    kid::check_given(kid).map_err(|error| error.to_string())?;
    if state.keys.records().any(|record| record.kid == kid) {
        return Err(format!("there is a key {kid} already"));
    }
    Ok(())
}
