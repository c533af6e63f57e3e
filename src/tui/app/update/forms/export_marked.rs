//! `e` with marked keys: one file of the public halves of all.

use std::{path::PathBuf, sync::Arc};

use super::{refuse, send};
use crate::{
    keystore::{
        export::{self, Existing, Form as KeyForm},
        record::Record,
    },
    tui::app::{
        dialog::{Consent, FormDialog},
        effect::{Effect, ExportOrder, Exported, Target},
        form::{Field, Form},
        state::State,
    },
};

/// The fields, filled in.
pub(super) fn form(state: &State, keys: &[Target]) -> Form {
    let forms = contents(state, keys).into_iter();
    let forms = forms.map(|(form, _)| form.name().to_owned()).collect();
    Form::new(vec![
        Field::choice("form", forms, "jwks", "those that all have; ←/→"),
        Field::path("file", "keys.jwks", "Tab completes"),
    ])
}

pub(super) fn accept(state: &mut State, dialog: FormDialog, keys: &[Target]) -> Vec<Effect> {
    let file = dialog.form.value("file").to_owned();
    if file.is_empty() {
        return refuse(state, dialog, "name a file");
    }
    let form = dialog.form.value("form").to_owned();
    let mut contents = contents(state, keys).into_iter();
    let Some((_, content)) = contents.find(|(each, _)| each.name() == form) else {
        return refuse(state, dialog, "choose a form");
    };
    let existing = match dialog.consent {
        Consent::Asked => Existing::Replace,
        Consent::NotAsked => Existing::Refuse,
    };
    let task = send(state, dialog, format!("writing {file}"));
    let order = ExportOrder {
        exported: Exported::Ready(content),
        path: PathBuf::from(file),
        existing,
    };
    vec![Effect::Export {
        task,
        order: Box::new(order),
    }]
}

/// The file's ending follows the form.
pub(super) fn settle(form: &mut Form) {
    let ending = match form.value("form") {
        "jwks" => "jwks",
        "ssh" => "pub",
        _ => "pem",
    };
    if let Some((stem, old)) = form.value("file").rsplit_once('.')
        && old != ending
        && ["jwks", "pem", "pub"].contains(&old)
    {
        let file = format!("{stem}.{ending}");
        form.set_text("file", &file);
    }
}

fn contents(state: &State, keys: &[Target]) -> Vec<(KeyForm, Vec<u8>)> {
    let records = keys.iter();
    let records: Vec<&Record> = records
        .filter_map(|key| state.keys.record(&key.thumbprint))
        .map(Arc::as_ref)
        .collect();
    export::public_forms_of_all(&records)
}
