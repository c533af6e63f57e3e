//! `i`: keys and certificates from a file.

use std::path::PathBuf;

use super::{close, file_passphrase, refuse};
use crate::tui::app::{
    dialog::FormDialog,
    effect::{Effect, Source},
    state::State,
};

pub(super) fn accept(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
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
