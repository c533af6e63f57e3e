//! Asking endpoints where keys stand.

use std::sync::Arc;

use crate::{
    jose::thumbprint::Thumbprint,
    keystore::record::Record,
    registry::{answer::State as KeyState, book::SANDBOX, survey::Question},
    tui::app::{
        effect::Effect,
        keys_panel::Row,
        register_panel::{Matrix, Survey},
        state::State,
        task::TaskId,
    },
};

/// `Ctrl-R`: asks all that is shown again.
pub(in crate::tui::app::update) fn refresh(state: &mut State) -> Vec<Effect> {
    let endpoints = state.endpoints();
    if state.register.matrix == Matrix::Shown {
        let all: Vec<_> = state.keys.shown().filter_map(key).collect();
        return ask(state, &all, &endpoints);
    }
    let mut effects = check(state, &endpoints);
    effects.extend(super::there::look(state));
    effects
}

/// Asks where the selected key stands at those of `endpoints` that can be asked.
pub(in crate::tui::app::update) fn check(state: &mut State, endpoints: &[String]) -> Vec<Effect> {
    match state.keys.selected_row().and_then(key) {
        Some(selected) => ask(state, &[selected], endpoints),
        None => Vec::new(),
    }
}

/// An endpoint said where a key stands.
pub(super) fn seen(
    state: &mut State,
    task: TaskId,
    (thumbprint, endpoint): (Thumbprint, String),
    said: Result<KeyState, String>,
) {
    let now = state.now;
    let panel = &mut state.register;
    panel.saw(thumbprint, &endpoint, said, now);
    panel.under_way.remove(&(thumbprint, endpoint));
    if let Some(survey) = panel.survey.as_mut().filter(|survey| survey.task == task) {
        survey.answered += 1;
    }
}

/// All is asked.
pub(in crate::tui::app::update) fn surveyed(state: &mut State, task: TaskId) {
    cancelled(state, task);
}

/// Nobody waits for more: what was not answered stands as before.
pub(super) fn cancelled(state: &mut State, task: TaskId) {
    let panel = &mut state.register;
    if panel.survey.is_some_and(|survey| survey.task == task) {
        panel.survey = None;
        panel.under_way.retain(|_, each| *each != task);
    }
}

fn key(row: &Row) -> Option<(Thumbprint, Arc<Record>)> {
    match row {
        Row::Key { thumbprint, record } => Some((*thumbprint, Arc::clone(record))),
        Row::Pending { .. } | Row::Unreadable { .. } => None,
    }
}

fn ask(state: &mut State, keys: &[(Thumbprint, Arc<Record>)], endpoints: &[String]) -> Vec<Effect> {
    let runs = state.sandbox.at_hand.is_some();
    let before = state.register.survey.take();
    let mut effects = Vec::new();
    if let Some(before) = before {
        // What is asked now is asked anew.
        state.tasks.end(before.task);
        state
            .register
            .under_way
            .retain(|_, each| *each != before.task);
        effects.push(Effect::Cancel(before.task));
    }
    let mut places = Vec::new();
    for name in endpoints.iter().filter(|name| runs || *name != SANDBOX) {
        for (thumbprint, record) in keys {
            // A registration that is under way tells itself.
            let place = (*thumbprint, name.clone());
            if !state.register.under_way.contains_key(&place) {
                places.push((place, Arc::clone(record)));
            }
        }
    }
    if places.is_empty() {
        return effects;
    }
    let task = state.tasks.begin("asking the endpoints", state.now);
    state.register.survey = Some(Survey {
        task,
        asked: places.len(),
        answered: 0,
    });
    let questions: Vec<Question> = places
        .into_iter()
        .map(|((thumbprint, endpoint), record)| {
            let place = (thumbprint, endpoint.clone());
            state.register.under_way.insert(place, task);
            Question { record, endpoint }
        })
        .collect();
    effects.push(Effect::Survey {
        task,
        questions: questions.into(),
    });
    effects
}
