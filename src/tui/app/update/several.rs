//! Acts on one key or on all that are marked, and what became of each.

use std::sync::Arc;

use crate::{
    keystore::{
        record::{Record, Status},
        store::TagChange,
        tags,
    },
    tui::app::{
        activity::Severity,
        dialog::{Dialog, FormDialog, FormKind, Menu, MenuKind, MenuRow},
        effect::{Effect, Target},
        msg::Acted,
        rich::{Rich, Role},
        scroll::Scroll,
        state::State,
    },
};

/// The keys that an act is about: the marked ones, else the one under the cursor.
pub(super) fn targets(state: &State) -> Vec<Target> {
    let meant = state.keys.meant().into_iter();
    meant
        .map(|(thumbprint, record)| Target {
            kid: record.kid.clone(),
            thumbprint,
        })
        .collect()
}

/// `prod`, or `3 keys`.
pub(super) fn named(targets: &[Target]) -> String {
    match targets {
        [one] => one.kid.clone(),
        several => format!("{} keys", several.len()),
    }
}

/// `d`: into the trash; `u` brings them back.
pub(super) fn delete(state: &mut State) -> Vec<Effect> {
    let keys = targets(state);
    if keys.is_empty() {
        return Vec::new();
    }
    let label = format!("deleting {}", named(&keys));
    let task = state.tasks.begin(label, state.now);
    vec![Effect::Trash { task, keys }]
}

/// Keys are in the trash.
pub(super) fn trashed(state: &mut State, acted: Vec<Acted>) {
    let records = told(state, "deleted", acted, |records| {
        let mut places: Vec<&str> = records
            .iter()
            .flat_map(|record| &record.registrations)
            .map(|place| place.endpoint.as_str())
            .collect();
        places.sort_unstable();
        places.dedup();
        let what = match records {
            [one] => format!("{} is in the trash: u brings it back", one.kid),
            several => format!(
                "{} keys are in the trash: u brings them back",
                several.len()
            ),
        };
        if places.is_empty() {
            (Severity::Good, what)
        } else {
            let still = if records.len() == 1 {
                "it is"
            } else {
                "some are"
            };
            let places = places.join(", ");
            (
                Severity::Care,
                format!("{what}; {still} still registered at {places}"),
            )
        }
    });
    for record in &records {
        let thumbprint = record.thumbprint();
        state.keys.remove(&thumbprint);
        state.token.forget_key(&thumbprint);
    }
    if !records.is_empty() {
        let keys = records.iter().map(|record| Target {
            kid: record.kid.clone(),
            thumbprint: record.thumbprint(),
        });
        state.deleted.push(keys.collect());
    }
}

/// `u`: what was deleted last comes back.
pub(super) fn undo(state: &mut State) -> Vec<Effect> {
    match state.deleted.pop() {
        Some(keys) => restore(state, keys),
        None => {
            state.say(Severity::Care, "nothing to undo: x shows the trash");
            Vec::new()
        }
    }
}

/// Brings keys back from the trash.
pub(super) fn restore(state: &mut State, keys: Vec<Target>) -> Vec<Effect> {
    let label = format!("bringing {} back", named(&keys));
    let task = state.tasks.begin(label, state.now);
    vec![Effect::Restore { task, keys }]
}

/// Keys came back from the trash.
pub(super) fn restored(state: &mut State, acted: Vec<Acted>) {
    let records = told(state, "brought back", acted, |records| {
        let what = match records {
            [one] => format!("{} is back", one.kid),
            several => format!("{} keys are back", several.len()),
        };
        (Severity::Good, what)
    });
    for record in &records {
        let thumbprint = record.thumbprint();
        for keys in &mut state.deleted {
            keys.retain(|key| key.thumbprint != thumbprint);
        }
        state.keys.put(record, None);
    }
    state.deleted.retain(|keys| !keys.is_empty());
    if let Some(first) = records.first() {
        state.keys.select_key(first);
        super::movement::selection_changed(state);
    }
}

/// `t`: the tags that all of the keys have.
pub(super) fn tags(state: &mut State) -> Vec<Effect> {
    let meant = state.keys.meant();
    let Some((_, first)) = meant.first() else {
        return Vec::new();
    };
    let in_all = |tag: &&String| meant.iter().all(|(_, record)| record.tags.contains(tag));
    let common: Vec<String> = first.tags.iter().filter(in_all).cloned().collect();
    let more = meant
        .iter()
        .any(|(_, record)| record.tags.len() > common.len());
    let kind = FormKind::Tags {
        keys: targets(state),
        common,
        more,
    };
    super::forms::open(state, kind)
}

/// `Enter` in the form of the tags.
pub(super) fn accept_tags(
    state: &mut State,
    dialog: FormDialog,
    keys: Vec<Target>,
    common: &[String],
) -> Vec<Effect> {
    let wanted = match tags::parse(dialog.form.value("tags")) {
        Ok(wanted) => wanted,
        Err(error) => return super::forms::refuse(state, dialog, error.to_string()),
    };
    let without = |tags: &[String], others: &[String]| -> Vec<String> {
        let others = |tag: &&String| !others.contains(tag);
        tags.iter().filter(others).cloned().collect()
    };
    let change = TagChange {
        add: without(&wanted, common),
        remove: without(common, &wanted),
    };
    if change == TagChange::default() {
        return Vec::new();
    }
    let label = format!("tagging {}", named(&keys));
    let task = state.tasks.begin(label, state.now);
    vec![Effect::ChangeTags { task, keys, change }]
}

/// Keys have other tags.
pub(super) fn tagged(state: &mut State, acted: Vec<Acted>) {
    let records = told(state, "tagged", acted, |records| {
        let what = match records {
            [one] if one.tags.is_empty() => format!("{} has no tags now", one.kid),
            [one] => format!("{} is tagged {}", one.kid, one.tags.join(", ")),
            several => format!("{} keys have other tags", several.len()),
        };
        (Severity::Good, what)
    });
    put(state, &records);
}

/// `S`: where the keys stand in their lives.
pub(super) fn statuses(state: &mut State) -> Vec<Effect> {
    let now = state.keys.meant().first().map(|(_, record)| record.status);
    let Some(now) = now else {
        return Vec::new();
    };
    let rows = Status::ALL.map(|status| MenuRow {
        text: status.to_string(),
        detail: status.meaning().to_owned(),
        key: String::new(),
    });
    let mut menu = Menu::new(MenuKind::Status, rows.to_vec());
    let place = Status::ALL.iter().position(|status| *status == now);
    menu.scroll = Scroll(place.unwrap_or(0));
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// A status was chosen.
pub(super) fn status_chosen(state: &mut State, status: Status) -> Vec<Effect> {
    let mut keys = targets(state);
    keys.retain(|key| {
        let record = state.keys.record(&key.thumbprint);
        record.is_some_and(|record| record.status != status)
    });
    if keys.is_empty() {
        state.say(Severity::Good, format!("already {status}"));
        return Vec::new();
    }
    let label = format!("noting that {} is {status}", named(&keys));
    let task = state.tasks.begin(label, state.now);
    vec![Effect::SetStatus { task, keys, status }]
}

/// Keys have another status.
pub(super) fn status_set(state: &mut State, status: Status, acted: Vec<Acted>) {
    let records = told(state, status.name(), acted, |records| {
        let registered = status != Status::Active
            && records
                .iter()
                .any(|record| !record.registrations.is_empty());
        let what = match records {
            [one] => format!("{} is {status} now", one.kid),
            several => format!("{} keys are {status} now", several.len()),
        };
        if registered {
            (
                Severity::Care,
                format!("{what}; endpoints do not know of it"),
            )
        } else {
            (Severity::Good, what)
        }
    });
    for record in &records {
        state.knowingly.remove(&record.thumbprint());
    }
    put(state, &records);
}

/// The keys as they are now, without moving the cursor.
fn put(state: &mut State, records: &[Arc<Record>]) {
    for record in records {
        state.keys.put(record, None);
    }
}

/// Tells how an act ended: in one line, or, where some of several failed, key by key. `act` says
/// what was done (`deleted`), `done` the line of those that it was done to.
fn told(
    state: &mut State,
    act: &str,
    acted: Vec<Acted>,
    done: impl FnOnce(&[Arc<Record>]) -> (Severity, String),
) -> Vec<Arc<Record>> {
    let count = acted.len();
    let lines = lines(&acted, act);
    let failed: Vec<String> = acted
        .iter()
        .filter_map(|each| each.result.as_ref().err().cloned())
        .collect();
    let records: Vec<Arc<Record>> = acted
        .into_iter()
        .filter_map(|each| each.result.ok())
        .collect();
    let (severity, what) = match failed.as_slice() {
        [] => done(&records),
        [reason] if count == 1 => (Severity::Bad, reason.clone()),
        _ => {
            let what = format!("{act} {} of {count} keys", records.len());
            super::text::show(state, &what, lines, None);
            (Severity::Bad, what)
        }
    };
    state.activity.add(state.now, severity, what.clone(), &[]);
    state.say(severity, what);
    records
}

fn lines(acted: &[Acted], act: &str) -> Vec<Rich> {
    let line = |each: &Acted| match &each.result {
        Ok(_) => Rich::new(Role::Good, "✓ ").and(Role::Text, &format!("{} {act}", each.kid)),
        Err(reason) => {
            Rich::new(Role::Bad, "✗ ").and(Role::Text, &format!("{}: {reason}", each.kid))
        }
    };
    acted.iter().map(line).collect()
}
