//! What comes back to panel 5: steps, pieces of an answer, and how far a client came.

use crate::{
    display,
    oauth::{
        access_token::AccessToken,
        step::{Step, StepName, StepOutcome},
    },
    tui::app::{
        activity::Severity,
        clients_panel::{Part, Way},
        dialog::FormKind,
        effect::Effect,
        msg::{SavedClient, WayGone},
        panel::Panel,
        scroll::Scroll,
        state::State,
        task::TaskId,
        update::forms,
    },
};

/// The columns of a client's name in a word.
const NAME: usize = 24;

/// A step is over: the cursor goes with it.
pub(in crate::tui::app::update) fn told(state: &mut State, task: TaskId, step: Step) {
    if !state.tasks.is_pending(task) {
        return;
    }
    let shown = state.client().map(|row| row.name);
    let Some((name, way)) = state.clients.way_of(task) else {
        return;
    };
    let is_shown = shown.as_deref() == Some(name);
    way.steps.push(step);
    let place = way.telling_step();
    if is_shown {
        state.clients.step = Scroll(place);
    }
}

/// A client has an access token: whatever follows, it is kept.
pub(in crate::tui::app::update) fn granted(state: &mut State, task: TaskId, access: AccessToken) {
    if !state.tasks.is_pending(task) {
        return;
    }
    if let Some((_, way)) = state.clients.way_of(task) {
        way.keep(access);
    }
}

/// A piece of an API's answer came.
pub(in crate::tui::app::update) fn piece(state: &mut State, task: TaskId, piece: &str) {
    if !state.tasks.is_pending(task) {
        return;
    }
    if let Some((_, way)) = state.clients.way_of(task) {
        way.answer.add(piece);
    }
}

/// A client came as far as it could.
pub(in crate::tui::app::update) fn gone(
    state: &mut State,
    task: TaskId,
    gone: WayGone,
) -> Vec<Effect> {
    let shown = state.client().filter(|_| state.focus == Panel::Clients);
    let Some((name, way)) = state.clients.way_of(task) else {
        return Vec::new();
    };
    let name = name.to_owned();
    let is_seen = shown.is_some_and(|row| row.name == name);
    way.under_way = None;
    if let Some(access) = gone.access {
        way.keep(access);
    }
    let inquired = inquired(way);
    let url = way.call.as_ref().map(|call| call.url().as_str().to_owned());
    let mut lines: Vec<String> = Vec::new();
    for step in way.steps.iter().filter(|step| !step.raw.is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(step.raw.iter().cloned());
    }
    let curl = way.steps.iter().rev().find_map(|step| step.curl.clone());
    let is_token = url.is_none() && inquired.is_none();
    let (severity, what) = match (gone.result, url) {
        (Err(reason), _) => (Severity::Bad, format!("{name}: {reason}")),
        (Ok(()), _) if let Some((severity, text)) = inquired => {
            (severity, format!("{name}: {text}"))
        }
        (Ok(()), Some(url)) => (Severity::Good, format!("{name}: called {url}")),
        (Ok(()), None) if way.is_doubtful() => {
            let text = "an access token that does not verify: look at the step";
            (Severity::Bad, format!("{name}: {text}"))
        }
        (Ok(()), None) => (Severity::Good, format!("{name} has an access token")),
    };
    let failed = way
        .steps
        .iter()
        .find(|step| step.outcome == StepOutcome::Bad);
    let short = display::middle(&name, NAME);
    let word = match (severity, failed) {
        (Severity::Good, _) if is_token => format!("✓ {short} has an access token: y copies it"),
        (Severity::Good, _) => format!("✓ {what}"),
        // Why stands beside the step, which is on the screen.
        (_, Some(step)) if is_seen => format!("✗ {short}: {} failed", step.name),
        _ => what.clone(),
    };
    state.activity.note(state.now, severity, what, lines, curl);
    state.say(severity, word);
    Vec::new()
}

/// What the server said of the token, where it was asked; one that it forgot is forgotten here too.
fn inquired(way: &mut Way) -> Option<(Severity, &'static str)> {
    let last = way.steps.last()?;
    match (last.name, last.outcome) {
        (StepName::Introspection, StepOutcome::Bad) => {
            Some((Severity::Bad, "the access token is not active"))
        }
        (StepName::Introspection, _) => Some((Severity::Good, "the access token is active")),
        (StepName::Revocation, StepOutcome::Good | StepOutcome::Care) => {
            way.forget_tokens();
            Some((Severity::Good, "the access token is revoked"))
        }
        _ => None,
    }
}

/// A client was written, or why not.
pub(in crate::tui::app::update) fn saved(
    state: &mut State,
    task: TaskId,
    name: &str,
    result: Result<Box<SavedClient>, String>,
) -> Vec<Effect> {
    match result {
        Ok(saved) => {
            let SavedClient { settings, file } = *saved;
            state.sent = None;
            let is_of_new =
                |kind: &FormKind| matches!(kind, FormKind::Client(None) | FormKind::ClientLike(_));
            state.kept.retain(|dialog| !is_of_new(&dialog.kind));
            let what = format!("the client {name} is written to {file}");
            state
                .activity
                .add(state.now, Severity::Good, what.clone(), &[]);
            state.say(Severity::Good, format!("✓ {what}"));
            // As it will be read back: the next key press is for it.
            let known = &mut state.configuration.settings;
            known.clients.insert(name.to_owned(), settings);
            known.client_files.insert(name.to_owned(), file);
            super::keys::select(state, name);
            vec![Effect::LoadConfiguration]
        }
        Err(reason) => {
            forms::client_refused(state, task, reason);
            Vec::new()
        }
    }
}

/// A client was taken away, or why not.
pub(in crate::tui::app::update) fn removed(
    state: &mut State,
    name: &str,
    result: Result<(), String>,
) -> Vec<Effect> {
    let (severity, what) = match result {
        Ok(()) => {
            state.clients.forget(name);
            let of_it = [
                FormKind::Client(Some(name.to_owned())),
                FormKind::Call(name.to_owned()),
            ];
            state.kept.retain(|dialog| !of_it.contains(&dialog.kind));
            let known = &mut state.configuration.settings;
            known.clients.remove(name);
            known.client_files.remove(name);
            super::keys::configured(state);
            (Severity::Good, format!("the client {name} is removed"))
        }
        Err(reason) => (Severity::Bad, reason),
    };
    state.activity.add(state.now, severity, what.clone(), &[]);
    state.say(severity, what);
    state.clients.part = Part::Clients;
    vec![Effect::LoadConfiguration]
}
