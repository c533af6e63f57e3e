//! `e` with marked keys: one file of the public halves of all.

use std::{path::PathBuf, sync::Arc};

use super::refuse;
use crate::{
    keystore::{
        export::{self, Form as KeyForm},
        record::Record,
    },
    tui::app::{
        dialog::FormDialog,
        effect::{Effect, Target},
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
        Field::text("file", "keys.jwks", "is not overwritten"),
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
    let task = state.tasks.begin(format!("writing {file}"), state.now);
    vec![Effect::Export {
        task,
        path: PathBuf::from(file),
        content,
    }]
}

fn contents(state: &State, keys: &[Target]) -> Vec<(KeyForm, Vec<u8>)> {
    let records = keys.iter();
    let records: Vec<&Record> = records
        .filter_map(|key| state.keys.record(&key.thumbprint))
        .map(Arc::as_ref)
        .collect();
    export::public_forms_of_all(&records)
}
