//! `e`: a form of the key into a file.

use std::{ops::ControlFlow, path::PathBuf, sync::Arc};

use super::{came_back, file_stem, not_written, private_half, refuse, send};
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::{
        export::{self, Existing, Form as Written, Halves, Sealing},
        record::{Half, Record},
    },
    secret::Secret,
    tui::app::{
        activity::Severity,
        dialog::{Consent, FormDialog},
        effect::{Effect, ExportOrder, Exported},
        form::{Field, Form, Standing},
        msg::NotWritten,
        panel::Panel,
        state::State,
        task::TaskId,
    },
};

/// How many letters of the kid are asked for before a private half is written.
const LETTERS: usize = 4;
const PRIVATE: &str = "private";

/// The fields, filled in.
pub(super) fn form(state: &State, thumbprint: &Thumbprint) -> Form {
    let Some(record) = state.keys.record(thumbprint) else {
        return Form::new(Vec::new());
    };
    let likeliest = if state.focus == Panel::Certificate && !record.chain.is_empty() {
        Written::Cert
    } else {
        Written::Jwk
    };
    let forms = names(record, Half::PublicOnly);
    let file = suggested(&record.kid, Half::PublicOnly, likeliest);
    let mut fields = vec![
        Field::choice("form", forms, likeliest.name(), ""),
        Field::path("file", &file, "Tab completes"),
    ];
    if record.half == Half::Private {
        let halves = ["public", PRIVATE].map(str::to_owned).to_vec();
        fields.insert(0, Field::choice("half", halves, "public", "←/→"));
        fields.push(Field::text("kid", "", ""));
        fields.push(Field::secret("passphrase", ""));
        fields.push(Field::secret("once more", ""));
    }
    let mut form = Form::new(fields);
    form.focus_on("form");
    settle(&mut form, record);
    form
}

/// The forms follow the half, and the file's name the form, as long as it is the one proposed; what
/// a private half asks for is asked for nothing else.
pub(super) fn settle(form: &mut Form, record: &Record) {
    let half = half(form);
    form.set_options("form", names(record, half));
    let Some(written) = Written::named(form.value("form")) else {
        return;
    };
    form.set_hint("form", written.meaning());
    let asked = |is: bool| {
        if is {
            Standing::Asked
        } else {
            Standing::Settled
        }
    };
    let is_private = half == Half::Private;
    let is_sealed = is_private && written.sealing() != Sealing::Never;
    form.set_standing("kid", asked(is_private));
    let first: String = record.kid.chars().take(LETTERS).collect();
    let hint = if is_private {
        format!("type {first}…: a private key leaves the keystore")
    } else {
        String::new()
    };
    form.set_hint("kid", hint);
    form.set_standing("passphrase", asked(is_sealed));
    form.set_standing("once more", asked(is_sealed));
    let hint = match written.sealing() {
        Sealing::Always => "seals the file",
        Sealing::Never => "",
        Sealing::WhereGiven => "seals the file; empty: not sealed",
    };
    form.set_hint("passphrase", hint);
    let path = PathBuf::from(form.value("file"));
    let name = path.file_name().and_then(|name| name.to_str());
    let is_proposed = name.is_some_and(|name| {
        let halves = [Half::Private, Half::PublicOnly].into_iter();
        halves
            .flat_map(|half| Written::ALL.map(|each| suggested(&record.kid, half, each)))
            .any(|each| each == name)
    });
    let new = path.with_file_name(suggested(&record.kid, half, written));
    if is_proposed && let Some(new) = new.to_str() {
        form.set_text("file", new);
    }
}

pub(super) fn accept(state: &mut State, dialog: FormDialog, record: &Arc<Record>) -> Vec<Effect> {
    let file = dialog.form.value("file").to_owned();
    if file.is_empty() {
        return refuse_at(state, dialog, "file", "name a file");
    }
    let half = half(&dialog.form);
    let Some(written) = Written::named(dialog.form.value("form")) else {
        return refuse(state, dialog, "choose a form");
    };
    let mut dialog = dialog;
    let mut passphrase = None;
    if half == Half::Private {
        if !begins(&record.kid, dialog.form.value("kid")) {
            let reason = "type the first letters of its kid: the private key leaves the keystore";
            return refuse_at(state, dialog, "kid", reason);
        }
        passphrase = match sealing(&dialog, written) {
            Ok(passphrase) => passphrase,
            Err((label, reason)) => return refuse_at(state, dialog, label, reason),
        };
        dialog = match private_half(state, dialog, record) {
            ControlFlow::Continue(dialog) => dialog,
            ControlFlow::Break(effects) => return effects,
        };
    }
    let existing = match dialog.consent {
        Consent::Asked => Existing::Replace,
        Consent::NotAsked => Existing::Refuse,
    };
    let task = send(state, dialog, format!("writing {file}"));
    let order = ExportOrder {
        exported: Exported::Of {
            record: Arc::clone(record),
            form: written,
            half,
            passphrase,
        },
        path: PathBuf::from(file),
        existing,
    };
    vec![Effect::Export {
        task,
        order: Box::new(order),
    }]
}

/// A file was written, or not.
pub(in crate::tui::app::update) fn exported(
    state: &mut State,
    task: TaskId,
    result: Result<String, NotWritten>,
) {
    match result {
        Ok(what) => {
            // The next export begins anew: letters and passphrases are not asked twice for nothing.
            drop(came_back(state, task));
            state
                .activity
                .add(state.now, Severity::Good, what.clone(), &[]);
            state.say(Severity::Good, format!("✓ {what}"));
        }
        Err(problem) => not_written(state, task, problem),
    }
}

fn refuse_at(state: &mut State, mut dialog: FormDialog, label: &str, reason: &str) -> Vec<Effect> {
    dialog.form.focus_on(label);
    refuse(state, dialog, reason)
}

fn half(form: &Form) -> Half {
    if form.value("half") == PRIVATE {
        Half::Private
    } else {
        Half::PublicOnly
    }
}

fn names(record: &Record, half: Half) -> Vec<String> {
    let forms = match half {
        Half::Private => export::private_forms(record),
        Half::PublicOnly => {
            let forms = export::public_forms(record).into_iter();
            forms.map(|(form, _)| form).collect()
        }
    };
    forms.iter().map(|form| form.name().to_owned()).collect()
}

/// What seals the file; else the field where something is missing, and what.
fn sealing(
    dialog: &FormDialog,
    written: Written,
) -> Result<Option<Secret<String>>, (&'static str, &'static str)> {
    let typed = |label| dialog.form.secret(label).filter(|line| line.length() > 0);
    match (written.sealing(), typed("passphrase"), typed("once more")) {
        (Sealing::Never, ..) | (Sealing::WhereGiven, None, None) => Ok(None),
        (Sealing::Always, None, _) => Err(("passphrase", "type a passphrase: it seals the file")),
        (_, Some(_), None) => Err(("once more", "type it once more: nobody can bring it back")),
        (_, Some(one), Some(two)) if one.secret().expose() == two.secret().expose() => {
            Ok(Some(one.secret().clone()))
        }
        _ => Err(("once more", "the two differ")),
    }
}

/// Whether `letters` are enough of `kid` to mean it.
fn begins(kid: &str, letters: &str) -> bool {
    let enough = LETTERS.min(kid.trim().chars().count());
    letters.chars().count() >= enough && kid.trim().starts_with(letters)
}

/// The file's name where nobody gave another.
fn suggested(kid: &str, half: Half, form: Written) -> String {
    let stem = file_stem(kid);
    let private = match (form.halves(), half) {
        (Halves::Either, Half::Private) => "private.",
        _ => "",
    };
    let ending = match form {
        Written::Jwk => "jwk",
        Written::Jwks => "jwks",
        Written::Spki => "public.pem",
        Written::Pkcs8 | Written::Pkcs1 | Written::Sec1 => "key.pem",
        Written::Pkcs8Enc => "sealed.pem",
        Written::Cert => "cert.pem",
        Written::Chain => "chain.pem",
        Written::Bundle => "bundle.pem",
        Written::Der => "der",
        Written::P12 => "p12",
        Written::Ssh => "pub",
        Written::SshPrivate => "ssh",
        Written::Jwe => "jwe",
    };
    format!("{stem}.{private}{ending}")
}

#[cfg(test)]
mod tests;
