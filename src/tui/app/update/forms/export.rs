//! `e`: a form of the key into a file.

use std::path::PathBuf;

use super::refuse;
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::{export, record::Record},
    tui::app::{
        activity::Severity,
        dialog::FormDialog,
        effect::Effect,
        form::{Field, Form},
        state::State,
    },
};

/// The fields, filled in.
pub(super) fn form(state: &State, thumbprint: &Thumbprint) -> Form {
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
        Field::text("file", &format!("{name}.jwk"), "is not overwritten"),
    ])
}

pub(super) fn accept(state: &mut State, dialog: FormDialog, record: &Record) -> Vec<Effect> {
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

/// The file's ending follows the form.
pub(super) fn settle(dialog: &mut FormDialog) {
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

/// A file was written.
pub(in crate::tui::app::update) fn exported(state: &mut State, result: Result<String, String>) {
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
