//! The forms: what they ask, and what their `Enter` does.

use std::{path::PathBuf, sync::Arc};

use jiff::tz::TimeZone;

use crate::{
    jose::algorithm::{Algorithm, KeyType},
    keystore::{export, generate::Wanted, kid, record::Record, sealing::Protection},
    secret::Secret,
    tui::app::{
        activity::Severity,
        dialog::{Dialog, FormDialog, FormKind},
        effect::{Effect, Source},
        form::{Field, Form, Standing},
        key::Key,
        keys_panel::Row,
        panel::Panel,
        state::{State, Vault},
        waiting::{Then, Waiting},
    },
    x509::profile::Subject,
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
    settle(&mut dialog);
    if dialog.kind == FormKind::NewKey {
        describe(&mut dialog, state);
    }
    state.dialog = Some(Dialog::Form(dialog));
    Vec::new()
}

/// Does what a form says, or tells beside it why not.
fn accept(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    match &dialog.kind {
        FormKind::FirstStart | FormKind::NoPassphrase => first_start(state, dialog),
        FormKind::Unlock(then) => {
            let then = *then;
            unlock(state, dialog, then)
        }
        FormKind::NewKey => new_key(state, dialog),
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
        FormKind::Import => import(state, dialog),
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
                Some(record) => write_form(state, dialog, &record),
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
        FormKind::NewKey | FormKind::Import | FormKind::Export(_) => state.kept.push(dialog),
        FormKind::FirstStart
        | FormKind::NewHere(..)
        | FormKind::NoPassphrase
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
        FormKind::NewHere(..) => Form::new(Vec::new()),
        FormKind::Unlock(_) => Form::new(vec![Field::secret("passphrase", "")]),
        FormKind::NewKey => new_key_form(state),
        FormKind::Rename(name) => Form::new(vec![text(
            "kid",
            name,
            "registrations elsewhere keep the old name",
        )]),
        FormKind::Import => Form::new(vec![
            text("file", "", "or paste the key's text here"),
            Field::secret("passphrase", "only where the file is sealed"),
        ]),
        FormKind::Export(thumbprint) => {
            let record = state.keys.record(thumbprint);
            let forms = record.map_or_else(Vec::new, |record| export::public_forms(record));
            let forms = forms
                .into_iter()
                .map(|(form, _)| form.name().to_owned())
                .collect();
            let name = record.map_or("key", |record| record.kid.as_str());
            let name: String = name
                .chars()
                .map(|c| {
                    if c.is_alphanumeric() || "-_.".contains(c) {
                        c
                    } else {
                        '-'
                    }
                })
                .collect();
            Form::new(vec![
                Field::choice("form", forms, "jwk", "public forms; ←/→"),
                text("file", &format!("{name}.jwk"), "is not overwritten"),
            ])
        }
    }
}

fn new_key_form(state: &State) -> Form {
    let defaults = &state.configuration.settings.defaults;
    let algorithms = Algorithm::ALL.iter().map(ToString::to_string).collect();
    let sizes = ["2048", "3072", "4096", "8192"].map(str::to_owned).to_vec();
    let mut profiles: Vec<String> = Vec::new();
    for profile in &state.configuration.profiles {
        if !profiles.contains(&profile.name) {
            profiles.push(profile.name.clone());
        }
    }
    profiles.push("none".to_owned());
    let form = Form::new(vec![
        Field::text("kid", &free_kid(state), "empty: the key's thumbprint"),
        Field::choice(
            "algorithm",
            algorithms,
            defaults.algorithm.name(),
            "←/→ or the first letter",
        ),
        Field::choice("size", sizes, &defaults.bits.to_string(), "bits"),
        Field::choice("certificate", profiles, &defaults.certificate, ""),
    ]);
    let mut dialog = FormDialog {
        kind: FormKind::NewKey,
        form,
        problem: None,
    };
    describe(&mut dialog, state);
    settle(&mut dialog);
    dialog.form
}

/// Tells beside the profile what it is.
fn describe(dialog: &mut FormDialog, state: &State) {
    let name = dialog.form.value("certificate").to_owned();
    let profile = state
        .configuration
        .profiles
        .iter()
        .find(|each| each.name == name);
    let hint = profile.map_or_else(
        || "no certificate".to_owned(),
        |profile| profile.description.clone(),
    );
    if let Some(field) = dialog
        .form
        .fields
        .iter_mut()
        .find(|field| field.label == "certificate")
    {
        field.hint = hint;
    }
}

/// A field that another field's choice leaves nothing to ask for is passed over; the file's ending
/// follows the form.
fn settle(dialog: &mut FormDialog) {
    match dialog.kind {
        FormKind::NewKey => {
            let algorithm = dialog.form.value("algorithm").parse::<Algorithm>();
            let is_rsa = algorithm.is_ok_and(|alg| alg.key_type() == KeyType::Rsa);
            let standing = if is_rsa {
                Standing::Asked
            } else {
                Standing::Settled
            };
            dialog.form.set_standing("size", standing);
        }
        FormKind::Export(_) => {
            let ending = match dialog.form.value("form") {
                form @ ("der" | "jwk" | "jwks") => form,
                "ssh" => "pub",
                _ => "pem",
            };
            let ending = ending.to_owned();
            let file = dialog.form.value("file").to_owned();
            if let Some((stem, old)) = file.rsplit_once('.')
                && old != ending
                && ["der", "jwk", "jwks", "pem", "pub"].contains(&old)
            {
                dialog.form.set_text("file", &format!("{stem}.{ending}"));
            }
        }
        _ => {}
    }
}

/// `key-2026-11-23`, or the next that no key has.
fn free_kid(state: &State) -> String {
    let day = state.now.to_zoned_datetime(TimeZone::UTC).date();
    let name = format!("key-{day}");
    let taken = |name: &str| {
        state.keys.shown().any(|row| row.name() == name)
            || state.keys.records().any(|record| record.kid == name)
    };
    if !taken(&name) {
        return name;
    }
    let mut number = 2_u32;
    loop {
        let next = format!("{name}-{number}");
        if !taken(&next) {
            return next;
        }
        number += 1;
    }
}

fn name_is_free(state: &State, kid: &str) -> Result<(), String> {
    kid::check_given(kid).map_err(|error| error.to_string())?;
    if state.keys.records().any(|record| record.kid == kid) {
        return Err(format!("there is a key {kid} already"));
    }
    Ok(())
}

fn first_start(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    let secret = |label| {
        let line = dialog.form.secret(label);
        line.map_or_else(|| Secret::new(String::new()), |line| line.secret().clone())
    };
    let (first, second) = (secret("passphrase"), secret("once more"));
    if first.expose() != second.expose() {
        let mut dialog = dialog;
        let typed_once = second.expose().is_empty();
        dialog.form.focus_on("once more");
        let reason = if typed_once {
            "type it once more: nobody can bring it back"
        } else {
            "the two differ"
        };
        return refuse(state, dialog, reason);
    }
    if first.expose().is_empty() && dialog.kind == FormKind::FirstStart {
        let mut dialog = dialog;
        dialog.kind = FormKind::NoPassphrase;
        let reason =
            "no passphrase: whoever reads the files has the keys. ⏎ once more if you mean it";
        return refuse(state, dialog, reason);
    }
    let protection = if first.expose().is_empty() {
        Protection::None
    } else {
        Protection::Passphrase(first)
    };
    let task = state.tasks.begin("creating the keystore", state.now);
    state.waiting = Some(Waiting {
        task,
        then: None,
        keys: Vec::new(),
    });
    vec![Effect::CreateKeystore { task, protection }]
}

fn unlock(state: &mut State, dialog: FormDialog, then: Option<Then>) -> Vec<Effect> {
    let Some(line) = dialog.form.secret("passphrase") else {
        return Vec::new();
    };
    let passphrase = line.secret().clone();
    if passphrase.expose().is_empty() {
        return refuse(state, dialog, "type the passphrase, or Esc");
    }
    let task = state.tasks.begin("unlocking", state.now);
    state.waiting = Some(Waiting {
        task,
        then,
        keys: Vec::new(),
    });
    vec![Effect::Unlock { task, passphrase }]
}

fn new_key(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    let kid = dialog.form.value("kid").to_owned();
    let kid = (!kid.is_empty()).then_some(kid);
    if let Some(kid) = &kid
        && let Err(reason) = name_is_free(state, kid)
    {
        return refuse(state, dialog, reason);
    }
    let Ok(alg) = dialog.form.value("algorithm").parse::<Algorithm>() else {
        return refuse(state, dialog, "choose an algorithm");
    };
    let bits = dialog.form.value("size").parse().unwrap_or(2048);
    let profile = dialog.form.value("certificate").to_owned();
    let profiles = &state.configuration.profiles;
    let profile = profiles.iter().find(|each| each.name == profile).cloned();
    let wanted = Wanted {
        kid: kid.clone(),
        alg,
        bits,
        profile,
        subject: Subject::default(),
    };
    if let Err(error) = wanted.check() {
        return refuse(state, dialog, error.to_string());
    }
    let label = alg.key_type().label(bits);
    let kid = kid.unwrap_or_else(|| "(thumbprint)".to_owned());
    let task = state
        .tasks
        .begin(format!("making {kid}, {label}"), state.now);
    state.keys.add(Row::Pending {
        task,
        kid,
        alg,
        label,
    });
    super::movement::selection_changed(state);
    super::focus(state, Panel::Keys);
    vec![Effect::Generate {
        task,
        wanted: Box::new(wanted),
    }]
}

fn import(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
    let file = dialog.form.value("file").to_owned();
    if file.is_empty() {
        return refuse(state, dialog, "name a file, or paste the key's text");
    }
    let task = state.tasks.begin(format!("importing {file}"), state.now);
    let passphrase = file_passphrase(&dialog);
    close(state, dialog);
    vec![Effect::Import {
        task,
        source: Source::File(PathBuf::from(file)),
        passphrase,
    }]
}

fn write_form(state: &mut State, dialog: FormDialog, record: &Record) -> Vec<Effect> {
    let file = dialog.form.value("file").to_owned();
    if file.is_empty() {
        return refuse(state, dialog, "name a file");
    }
    let form = dialog.form.value("form").to_owned();
    let forms = export::public_forms(record);
    let Some((_, content)) = forms.into_iter().find(|(each, _)| each.name() == form) else {
        return refuse(state, dialog, "choose a form");
    };
    let task = state.tasks.begin(format!("writing {file}"), state.now);
    vec![Effect::Export {
        task,
        path: PathBuf::from(file),
        content,
    }]
}

/// A file was written.
pub(super) fn exported(state: &mut State, result: Result<String, String>) {
    match result {
        Ok(what) => {
            state
                .activity
                .add(state.now, Severity::Good, what.clone(), &[]);
            state.say(Severity::Good, format!("✓ {what}"));
        }
        Err(reason) => state.say(Severity::Bad, reason),
    }
}
