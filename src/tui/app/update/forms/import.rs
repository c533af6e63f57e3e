//! `i`: keys and certificates from a file.

use std::path::PathBuf;

use super::{came_back, fail, file_passphrase, open, refuse, send};
use crate::{
    keystore::kid::check_given,
    oauth::key_place::KeyPlace,
    tui::app::{
        clients_panel::Asked,
        dialog::{Confirm, Consent, Dialog, FormDialog, FormKind},
        effect::{Effect, Source},
        form::{Field, Form},
        msg::NotImported,
        rich::{Rich, Role},
        scroll::Scroll,
        state::State,
        task::TaskId,
    },
};

/// The fields.
pub(super) fn form() -> Form {
    Form::new(vec![
        Field::path("file", "", "or a JWK Set's URL, or a key's text, pasted"),
        Field::secret("passphrase", "only where the file is sealed"),
        Field::text("kid", "", "of a single key; empty: its own name"),
    ])
}

pub(super) fn accept(state: &mut State, mut dialog: FormDialog) -> Vec<Effect> {
    let file = dialog.form.value("file").to_owned();
    if file.is_empty() {
        dialog.form.focus_on("file");
        return refuse(state, dialog, "name a file, or paste the key's text");
    }
    let kid = dialog.form.value("kid").to_owned();
    let kid = (!kid.is_empty()).then_some(kid);
    if let Some(Err(error)) = kid.as_deref().map(check_given) {
        dialog.form.focus_on("kid");
        return refuse(state, dialog, error.to_string());
    }
    if file.contains("://") {
        return ask(state, dialog, KeyPlace::Set(file));
    }
    let passphrase = file_passphrase(&dialog);
    let task = send(state, dialog, format!("importing {file}"));
    vec![Effect::Import {
        task,
        source: Source::File(PathBuf::from(file)),
        passphrase,
        kid,
    }]
}

/// Shows the request that asks for a published set.
fn ask(state: &mut State, mut dialog: FormDialog, place: KeyPlace) -> Vec<Effect> {
    let request = match place.request() {
        Ok(request) => request,
        Err(error) => return refuse(state, dialog, error.to_string()),
    };
    let lines = request.shown().into_iter();
    let mut body: Vec<Rich> = lines.map(|line| Rich::new(Role::Text, &line)).collect();
    let text = "Its keys stand in a list then, to look at and to choose from.";
    body.push(Rich::new(Role::Dim, text));
    dialog.form.focus_on("file");
    state.kept.retain(|kept| kept.kind != dialog.kind);
    state.kept.push(dialog);
    state.dialog = Some(Dialog::Confirm(Confirm {
        title: format!("The keys of {}", place.url()),
        body,
        scroll: Scroll::default(),
        copy: Some(request.curl()),
        verb: "sends",
        asked: Asked::Import(place),
    }));
    Vec::new()
}

/// The request was confirmed.
pub(in crate::tui::app::update) fn import_published(
    state: &mut State,
    place: KeyPlace,
) -> Vec<Effect> {
    let label = format!("asking {}", place.url());
    let kept = state
        .kept
        .iter()
        .position(|each| each.kind == FormKind::Import);
    let task = match kept.map(|at| state.kept.remove(at)) {
        Some(dialog) => send(state, dialog, label),
        None => state.tasks.begin(label, state.now),
    };
    vec![Effect::ImportPublished { task, place }]
}

/// `Enter` under the passphrase of what was pasted or opened.
pub(super) fn open_sealed(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    let Some(passphrase) = file_passphrase(&dialog) else {
        return refuse(state, dialog, "type its passphrase, or Esc");
    };
    let Some(source) = state.sealed.take() else {
        return Vec::new();
    };
    let task = send(state, dialog, "opening what is sealed".to_owned());
    vec![Effect::Import {
        task,
        source,
        passphrase: Some(passphrase),
        kid: None,
    }]
}

/// Nothing was imported: the reason stands where the source was named.
pub(in crate::tui::app::update) fn not_imported(
    state: &mut State,
    task: TaskId,
    problem: NotImported,
) {
    match problem {
        NotImported::Refused(reason) => fail(state, task, reason, Consent::NotAsked),
        NotImported::Sealed { source, reason } => sealed(state, task, source, reason),
    }
}

/// Asks for the passphrase of a source: where its form has a field for it there, else in a form of
/// its own.
fn sealed(state: &mut State, task: TaskId, source: Source, reason: String) {
    if let Some(mut dialog) = came_back(state, task) {
        if dialog.kind == FormKind::Sealed {
            state.sealed = Some(source);
            dialog.form.forget_secrets();
        }
        dialog.form.focus_on("passphrase");
        refuse(state, dialog, reason);
        return;
    }
    state.sealed = Some(source);
    open(state, FormKind::Sealed);
    if let Some(Dialog::Form(dialog)) = &mut state.dialog {
        dialog.problem = Some(reason);
    }
}
