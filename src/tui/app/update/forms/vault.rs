//! The passphrase of the keystore.

use super::refuse;
use crate::{
    keystore::sealing::Protection,
    secret::Secret,
    tui::app::{
        dialog::{FormDialog, FormKind},
        effect::Effect,
        state::State,
        waiting::{Then, Waiting},
    },
};

/// Creates the keystore; an empty passphrase is asked about once more.
pub(super) fn first_start(state: &mut State, dialog: FormDialog) -> Vec<Effect> {
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

/// Opens the private halves, and goes on with what waited for that.
pub(super) fn unlock(state: &mut State, dialog: FormDialog, then: Option<Then>) -> Vec<Effect> {
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
