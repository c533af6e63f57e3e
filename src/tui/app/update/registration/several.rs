//! Several keys registered one after the other at one endpoint.

use std::sync::Arc;

use crate::{
    clipboard::Sensitivity,
    jose::thumbprint::Thumbprint,
    keystore::record::Record,
    registry::answer::Receipt,
    tui::app::{
        action::Action,
        activity::Severity,
        dialog::{Batch, Dialog, Fate, Send, Stopping},
        effect::{Effect, Target},
        key::Key,
        msg::Refusal,
        scroll::Scroll,
        state::State,
        task::TaskId,
        update::copy,
    },
};

/// `Enter` under the request for several keys.
pub(super) fn send(state: &mut State, send: &Send, endpoint: String) -> Vec<Effect> {
    let first = Target {
        kid: send.kid.clone(),
        thumbprint: send.thumbprint,
    };
    let keys = std::iter::once(first).chain(send.others.iter().cloned());
    let batch = Batch {
        endpoint,
        rows: keys.map(|key| (key, Fate::Waiting)).collect(),
        task: None,
        stopping: Stopping::GoingOn,
        scroll: Scroll::default(),
    };
    state.register.used = Some(batch.endpoint.clone());
    begin(state, batch)
}

/// A key press over the list of what was done.
pub(in crate::tui::app::update) fn pressed(
    state: &mut State,
    mut batch: Batch,
    key: Key,
) -> Vec<Effect> {
    let page = usize::from(state.size.1 / 2);
    let action = match (key, batch.task) {
        (Key::Esc, Some(task)) => return stop(state, batch, task),
        (Key::Esc, None) => return Vec::new(),
        (Key::Enter, None) if batch.left().next().is_none() => return Vec::new(),
        (Key::Enter, None) => return begin(state, batch),
        (Key::Char('y'), _) => {
            let text = report(&batch);
            state.dialog = Some(Dialog::Batch(batch));
            return vec![copy::effect(copy::Copyable {
                what: "list".to_owned(),
                text,
                sensitivity: Sensitivity::Public,
            })];
        }
        (Key::Up | Key::Char('k'), _) => Action::Up,
        (Key::Down | Key::Char('j'), _) => Action::Down,
        (Key::PageUp, _) => Action::PageUp,
        (Key::PageDown, _) => Action::PageDown,
        _ => Action::Redraw,
    };
    batch.scroll.moved(action, batch.rows.len(), page);
    state.dialog = Some(Dialog::Batch(batch));
    Vec::new()
}

/// Sends what was not done yet.
fn begin(state: &mut State, mut batch: Batch) -> Vec<Effect> {
    let endpoint = batch.endpoint.clone();
    let wanted: Vec<Thumbprint> = batch.left().map(|key| key.thumbprint).collect();
    let records: Vec<Arc<Record>> = wanted
        .iter()
        .filter_map(|thumbprint| state.keys.record(thumbprint).map(Arc::clone))
        .collect();
    let label = format!("registering {} keys at {endpoint}", records.len());
    let task = state.tasks.begin(label, state.now);
    for (key, fate) in &mut batch.rows {
        if wanted.contains(&key.thumbprint) {
            *fate = match state.keys.record(&key.thumbprint) {
                Some(_) => Fate::Waiting,
                None => Fate::Failed("the key is not there any more".to_owned()),
            };
            let place = (key.thumbprint, endpoint.clone());
            state.register.under_way.insert(place, task);
        }
    }
    batch.task = Some(task);
    batch.stopping = Stopping::GoingOn;
    state.dialog = Some(Dialog::Batch(batch));
    vec![Effect::RegisterSeveral {
        task,
        records,
        endpoint,
    }]
}

/// `Esc`: nothing more is sent, what is under way is waited for; once more: that is not.
fn stop(state: &mut State, mut batch: Batch, task: TaskId) -> Vec<Effect> {
    if batch.stopping == Stopping::GoingOn {
        batch.stopping = Stopping::Stopping;
        state.dialog = Some(Dialog::Batch(batch));
        return vec![Effect::Cancel(task)];
    }
    state.tasks.end(task);
    let (now, why) = (state.now, "cancelled: Ctrl-R asks what became of it");
    for (key, fate) in &batch.rows {
        if *fate == Fate::UnderWay {
            let unknown = Err(why.to_owned());
            let endpoint = &batch.endpoint;
            state.register.saw(key.thumbprint, endpoint, unknown, now);
        }
    }
    state.register.under_way.retain(|_, each| *each != task);
    Vec::new()
}

/// One of the keys is being sent.
pub(super) fn registering(state: &mut State, task: TaskId, thumbprint: Thumbprint) {
    set(state, task, thumbprint, Fate::UnderWay);
}

/// What became of one of the keys.
pub(super) fn registered(
    state: &mut State,
    task: TaskId,
    thumbprint: Thumbprint,
    result: Result<Receipt, Refusal>,
) {
    let mut places = state.register.under_way.iter();
    let place = places.find(|((key, _), each)| **each == task && *key == thumbprint);
    let Some(((_, endpoint), _)) = place else {
        return;
    };
    let endpoint = endpoint.clone();
    let record = state.keys.record(&thumbprint);
    let kid = record.map_or_else(|| thumbprint.to_string(), |record| record.kid.clone());
    let now = state.now;
    let (fate, severity, what, exchanges) = match result {
        Ok(receipt) => {
            let word = super::words(&receipt);
            let there = receipt.state();
            state.register.saw(thumbprint, &endpoint, Ok(there), now);
            let what = format!("{kid} at {endpoint}: {word}");
            let fate = Fate::Done(word.to_owned());
            (fate, Severity::Good, what, receipt.exchanges)
        }
        Err(refusal) => {
            let summary = refusal.summary;
            let fate = Fate::Failed(summary.clone());
            (fate, Severity::Bad, summary, refusal.exchanges)
        }
    };
    state.activity.add(now, severity, what, &exchanges);
    let place = (thumbprint, endpoint);
    state.register.under_way.remove(&place);
    set(state, task, thumbprint, fate);
}

/// What could be done is done.
pub(in crate::tui::app::update) fn all_registered(state: &mut State, task: TaskId) -> Vec<Effect> {
    state.register.under_way.retain(|_, each| *each != task);
    let Some(Dialog::Batch(batch)) = &mut state.dialog else {
        return vec![Effect::ListKeys];
    };
    batch.task = None;
    for (_, fate) in &mut batch.rows {
        if matches!(fate, Fate::Waiting | Fate::UnderWay) {
            *fate = Fate::NotSent;
        }
    }
    let (endpoint, count) = (batch.endpoint.clone(), batch.rows.len());
    let done = count - batch.left().count();
    let severity = if done == count {
        state.keys.unmark();
        Severity::Good
    } else {
        Severity::Bad
    };
    let what = format!("registered {done} of {count} keys at {endpoint}");
    state.activity.add(state.now, severity, what.clone(), &[]);
    state.say(severity, what);
    let mut effects = vec![Effect::ListKeys];
    effects.extend(super::there::look_again(state, &endpoint));
    effects
}

fn set(state: &mut State, task: TaskId, thumbprint: Thumbprint, new: Fate) {
    let Some(Dialog::Batch(batch)) = &mut state.dialog else {
        return;
    };
    if batch.task != Some(task) {
        return;
    }
    for (key, fate) in &mut batch.rows {
        if key.thumbprint == thumbprint {
            *fate = new.clone();
        }
    }
}

/// The list as text.
fn report(batch: &Batch) -> String {
    let line = |(key, fate): &(Target, Fate)| format!("{}: {}", key.kid, fate.words());
    let lines: Vec<String> = batch.rows.iter().map(line).collect();
    lines.join("\n")
}
