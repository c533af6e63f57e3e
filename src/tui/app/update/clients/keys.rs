//! What can be done in panel 5, and what can be copied.

use super::inquiries;
use crate::{
    clipboard::Sensitivity,
    oauth::step::{Step, StepName},
    registry::book::SANDBOX,
    tui::app::{
        action::{Action, Context},
        clients_panel::{Part, Place, Row},
        scroll::Scroll,
        state::State,
        task::TaskId,
        update::copy::Copyable,
    },
};

const ACCESS_TOKEN: &str = "access token";

/// What is taken back from the clipboard after a while.
pub(in crate::tui::app::update) const SECRETS: [&str; 4] =
    [ACCESS_TOKEN, "assertion", "answer", "API's answer"];

/// The configuration was read: the cursor stays on a client.
pub(in crate::tui::app::update) fn configured(state: &mut State) {
    let last = state.shown_clients().len().saturating_sub(1);
    state.clients.scroll.0 = state.clients.scroll.0.min(last);
}

/// Puts the cursor on a client; a filter that would hide it goes.
pub(super) fn select(state: &mut State, name: &str) {
    let place = |state: &State| {
        let mut rows = state.shown_clients().into_iter();
        rows.position(|row| row.name == name)
    };
    if place(state).is_none() {
        state.clients.filter = None;
    }
    if let Some(place) = place(state) {
        state.clients.scroll = Scroll(place);
        state.clients.part = Part::Clients;
    }
}

/// The sandbox stopped: its own client is not there any more, and its tokens are nobody's.
pub(in crate::tui::app::update) fn sandbox_gone(state: &mut State) {
    let is_built_in = |row: &Row| row.name == SANDBOX && row.place == Place::BuiltIn;
    if state.clients().iter().any(is_built_in) {
        if let Some(task) = state.clients.way(SANDBOX).and_then(|way| way.under_way) {
            state.tasks.end(task);
        }
        state.clients.forget(SANDBOX);
    }
}

/// keyfob itself failed on the way.
pub(in crate::tui::app::update) fn broken(state: &mut State, task: TaskId) {
    if let Some((_, way)) = state.clients.way_of(task) {
        way.under_way = None;
    }
}

/// Whether an act of panel 5 can do something now.
pub(in crate::tui::app::update) fn is_available(state: &State, action: Action) -> bool {
    let client = state.client();
    let is_known = client.as_ref().is_some_and(|row| row.settings.is_some());
    match action {
        Action::EditClient | Action::RemoveClient => {
            client.is_some_and(|row| matches!(row.place, Place::Added(_)))
        }
        Action::RunExchange => is_known && state.context() != Context::Steps,
        Action::Call | Action::DuplicateClient | Action::ExchangeToken => is_known,
        Action::IntrospectToken | Action::RevokeToken => is_known && inquiries::is_possible(state),
        Action::Steps => !steps(state).is_empty(),
        Action::Step => state.step().is_some(),
        _ => true,
    }
}

/// The access token of the client under the cursor, while it lasts.
pub(in crate::tui::app::update) fn access_token(state: &State) -> Option<Copyable> {
    let row = state.client()?;
    let access = state.clients.way(&row.name)?.access()?;
    let has_ended = access.expires_at.is_some_and(|end| end <= state.now);
    let token = access.token().expose();
    (!has_ended).then(|| secret(ACCESS_TOKEN, token.clone()))
}

/// What can be copied of the client under the cursor.
pub(in crate::tui::app::update) fn choices(state: &State) -> Vec<Copyable> {
    let mut all: Vec<Copyable> = access_token(state).into_iter().collect();
    for step in steps(state) {
        if let Some(curl) = &step.curl {
            let what = match step.name {
                StepName::Call => "curl of the call",
                StepName::Introspection => "commands of the introspection",
                StepName::Revocation => "commands of the revocation",
                _ => "commands of the token request",
            };
            all.push(public(what, curl.clone()));
        }
        let name = match step.name {
            StepName::Assertion => "assertion",
            StepName::Answer => "answer",
            _ => continue,
        };
        if let Some(whole) = &step.secret {
            all.push(secret(name, whole.expose().clone()));
        }
    }
    let Some(row) = state.client() else {
        return all;
    };
    let way = state.clients.way(&row.name);
    if let Some(way) = way.filter(|way| way.answer.bytes > 0) {
        all.push(secret("API's answer", way.answer.text.clone()));
    }
    if let Some(settings) = &row.settings {
        all.push(public("client_id", settings.client_id.clone()));
    }
    all
}

pub(super) fn steps(state: &State) -> &[Step] {
    let way = state.client().and_then(|row| state.clients.way(&row.name));
    way.map_or(&[], |way| &way.steps)
}

fn secret(what: &str, text: String) -> Copyable {
    Copyable {
        what: what.to_owned(),
        text,
        sensitivity: Sensitivity::Secret,
    }
}

fn public(what: &str, text: String) -> Copyable {
    Copyable {
        what: what.to_owned(),
        text,
        sensitivity: Sensitivity::Public,
    }
}
