//! Panel 1: the list, the trash, other names.

use std::sync::Arc;

use crate::{
    keystore::record::{Entry, Half, Origin, Record},
    tui::app::{
        action::Action,
        activity::Severity,
        dialog::FormKind,
        effect::Effect,
        keys_panel::Listing,
        state::{State, Vault},
        task::TaskId,
        waiting::Then,
    },
};

/// The folder was read.
pub(super) fn listed(state: &mut State, result: Result<Vec<Entry>, String>) {
    match result {
        Ok(entries) => {
            state.keys.set_entries(entries);
            super::token::decode::judge_again(state);
        }
        Err(reason) => state.keys.listing = Listing::Failed(reason),
    }
}

/// The first keys of the folder: shown at once, unless all have been read before.
pub(super) fn first_listed(state: &mut State, entries: Vec<Entry>) {
    if state.keys.listing == Listing::UnderWay {
        state.keys.set_entries(entries);
        state.keys.listing = Listing::UnderWay;
    }
}

/// A key was made.
pub(super) fn generated(state: &mut State, task: TaskId, result: Result<Arc<Record>, String>) {
    match result {
        Ok(record) => {
            state.keys.put(&record, Some(task));
            let what = format!(
                "made {}: {}, {}",
                record.kid,
                record.alg,
                record.public.label()
            );
            state
                .activity
                .add(state.now, Severity::Good, what.clone(), &[]);
            state.say(Severity::Good, format!("✓ {what}"));
        }
        Err(reason) => {
            state.keys.drop_pending(task);
            state
                .activity
                .add(state.now, Severity::Bad, reason.clone(), &[]);
            state.say(Severity::Bad, format!("no key was made: {reason}"));
        }
    }
}

/// The selected key is one of ours now.
pub(super) fn confirmed(state: &mut State) {
    if let Some((_, record)) = state.keys.selected() {
        let mut record = (**record).clone();
        record.origin = Origin::Ours;
        state.keys.put(&Arc::new(record), None);
    }
}

/// `Space`: a mark, and on to the next row.
pub(super) fn mark(state: &mut State) -> Vec<Effect> {
    if state.keys.mark().is_some() {
        return super::movement::moved(state, Action::Down);
    }
    Vec::new()
}

/// `x`.
pub(super) fn trash(state: &mut State) -> Vec<Effect> {
    let task = state.tasks.begin("looking into the trash", state.now);
    vec![Effect::ListTrash { task }]
}

/// `F2`: another kid; the private half is sealed under its name, so it must be open.
pub(super) fn rename(state: &mut State) -> Vec<Effect> {
    let Some((_, record)) = state.keys.selected() else {
        return Vec::new();
    };
    if record.half == Half::Private && state.vault == Vault::Locked {
        return super::forms::open(state, FormKind::Unlock(Some(Then::Rename)));
    }
    let kid = record.kid.clone();
    super::forms::open(state, FormKind::Rename(kid))
}

/// A key has another kid.
pub(super) fn renamed(state: &mut State, result: Result<Arc<Record>, String>) {
    match result {
        Ok(record) => {
            state.keys.put(&record, None);
            state.token.key_changed(&record);
            let what = format!("the key is called {} now", record.kid);
            state
                .activity
                .add(state.now, Severity::Good, what.clone(), &[]);
            state.say(Severity::Good, what);
        }
        Err(reason) => state.say(Severity::Bad, reason),
    }
}

/// `e`.
pub(super) fn export(state: &mut State) -> Vec<Effect> {
    if state.keys.marks() > 1 {
        let keys = super::several::targets(state);
        return super::forms::open(state, FormKind::ExportMarked(keys));
    }
    match state.keys.meant().first() {
        Some(&(thumbprint, _)) => super::forms::open(state, FormKind::Export(thumbprint)),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
