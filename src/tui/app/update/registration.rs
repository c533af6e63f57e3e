//! Registering at endpoints, and the sandbox that may have to start for it.

mod matrix;
mod survey;
mod there;

use std::sync::Arc;

use crate::{
    clipboard::Sensitivity,
    jose::thumbprint::Thumbprint,
    keystore::record::Record,
    net::request::Request,
    registry::{
        answer::{Done, Receipt, State as KeyState},
        book::SANDBOX,
        error::RegistryError,
        registration::remote_id,
    },
    secret::Secret,
    tui::app::{
        action::Action,
        activity::{Severity, shown},
        dialog::{Act, Dialog, Failure, Send, Shown},
        effect::Effect,
        key::Key,
        layout,
        msg::{Refusal, SandboxStart, Whose},
        panel::Panel,
        register_panel::{Matrix, Standing},
        scroll::Scroll,
        state::State,
        task::TaskId,
        waiting::{Then, Waiting},
    },
};

pub(super) use self::{
    survey::{check, refresh, seen, surveyed},
    there::{adopted, import, jwk, looked},
};

/// The acts of panel 3.
pub(super) fn perform(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Register => register(state),
        Action::RegisterHere => there::or(state, there::enter, register_here),
        Action::Unregister => there::or(state, there::unregister, unregister),
        Action::EndpointsKeys => there::turn(state),
        Action::Adopt => there::adopt(state),
        Action::Matrix => matrix::turn(state),
        Action::Left | Action::Right => matrix::sideways(state, action),
        _ => Vec::new(),
    }
}

/// Whether an act of panel 3 can do something now.
pub(super) fn is_available(state: &State, action: Action) -> bool {
    let key = state.keys.selected().is_some();
    match (action, &state.register.there) {
        (Action::RegisterHere, None) => key,
        (Action::RegisterHere, Some(there)) => there.selected().is_some(),
        (Action::Unregister, None) => can_unregister(state),
        (Action::Unregister, Some(there)) => there.selected().is_some_and(there::is_noted),
        (Action::Adopt, Some(there)) => there.selected().is_some_and(there::is_adoptable),
        (Action::Left | Action::Right, _) => state.register.matrix == Matrix::Shown,
        (Action::Adopt, None) => there::adoptable_here(state).is_some(),
        _ => true,
    }
}

/// `Esc` in panel 3: ends the asking, then leaves the matrix or the keys of an endpoint.
pub(super) fn back(state: &mut State) -> Option<Vec<Effect>> {
    if let Some(under_way) = state.register.survey {
        state.tasks.end(under_way.task);
        survey::cancelled(state, under_way.task);
        let text = "not asking any more: what was answered stays";
        state.say(Severity::Care, text);
        return Some(vec![Effect::Cancel(under_way.task)]);
    }
    let left = state.register.matrix == Matrix::Shown || state.register.there.is_some();
    state.register.matrix = Matrix::Hidden;
    state.register.there = None;
    left.then(Vec::new)
}

/// `r`: the request for the endpoint used last.
fn register(state: &mut State) -> Vec<Effect> {
    let endpoint = state.first_endpoint();
    open(state, &endpoint, Then::Register)
}

/// `Enter` in panel 3: the request for the endpoint under the cursor.
fn register_here(state: &mut State) -> Vec<Effect> {
    match state.endpoints().into_iter().nth(state.register.scroll.0) {
        Some(endpoint) => open(state, &endpoint, Then::RegisterHere),
        None => Vec::new(),
    }
}

/// `d` in panel 3: the request that removes the key from the endpoint under the cursor.
fn unregister(state: &mut State) -> Vec<Effect> {
    if !can_unregister(state) {
        state.say(Severity::Care, "the key is not registered there");
        return Vec::new();
    }
    let endpoint = state.endpoints().into_iter().nth(state.register.scroll.0);
    let selected = state.keys.selected().map(|(thumbprint, _)| thumbprint);
    if let (Some(endpoint), Some(thumbprint)) = (endpoint, selected) {
        show(state, thumbprint, Act::Unregister, vec![endpoint], 0);
    }
    Vec::new()
}

/// Whether the selected key is known at the endpoint under the cursor.
fn can_unregister(state: &State) -> bool {
    let Some((thumbprint, record)) = state.keys.selected() else {
        return false;
    };
    let endpoint = state.endpoints().into_iter().nth(state.register.scroll.0);
    endpoint.is_some_and(|endpoint| {
        let standing = state.standing(thumbprint, record, &endpoint);
        standing.is_registered() || matches!(standing, Standing::Differs { .. })
    })
}

/// `Enter` in panel 6.
pub(super) fn start_or_stop(state: &mut State) -> Vec<Effect> {
    match state.sandbox.at_hand.as_ref().map(|at_hand| at_hand.whose) {
        None => {
            let task = state.tasks.begin("starting the sandbox", state.now);
            vec![Effect::StartSandbox { task }]
        }
        Some(Whose::Ours) => {
            state.sandbox.at_hand = None;
            state.register.forget(SANDBOX);
            let what = "sandbox stopped: the keys registered there are forgotten";
            state.activity.add(state.now, Severity::Good, what, &[]);
            state.say(Severity::Good, what);
            vec![Effect::StopSandbox]
        }
        Some(Whose::Another) => {
            let text = "this sandbox runs in another process: stop it there";
            state.say(Severity::Care, text);
            Vec::new()
        }
    }
}

/// A request as it will be sent, but for the secret in it.
pub(super) fn request(
    state: &State,
    record: &Record,
    endpoint: &str,
    act: Act,
) -> Result<Request, String> {
    let endpoints = &state.configuration.endpoints;
    let running = state.sandbox.at_hand.as_ref();
    let sandbox = running.map(|at_hand| at_hand.running.auth.as_str());
    let words = |error: RegistryError| error.to_string();
    let source = endpoints.token_source(endpoint).map_err(words)?;
    // The token is fetched when the request is sent; it is masked wherever it is shown.
    let token = source.map(|_| Secret::new(String::new()));
    let endpoint = endpoints
        .endpoint(endpoint, token, sandbox)
        .map_err(words)?;
    match act {
        Act::Register => endpoint.create_request(&record.jwk()).map_err(words),
        Act::Unregister => endpoint
            .delete_request(&remote_id(record, &endpoint.name))
            .map_err(words),
    }
}

/// Key presses in the dialog.
pub(super) fn pressed(state: &mut State, mut send: Send, key: Key) -> Vec<Effect> {
    let count = send.endpoints.len();
    match key {
        Key::Esc => return Vec::new(),
        Key::Enter if send.request.is_ok() => return confirmed(state, send),
        Key::Up | Key::BackTab if count > 0 => {
            let chosen = (send.chosen + count - 1) % count;
            return choose(state, send, chosen);
        }
        Key::Down | Key::Tab if count > 0 => {
            let chosen = (send.chosen + 1) % count;
            return choose(state, send, chosen);
        }
        Key::PageDown => send.scroll.0 = (send.scroll.0 + 10).min(lines(&send)),
        Key::PageUp => send.scroll.0 = send.scroll.0.saturating_sub(10),
        Key::Char('y') => {
            if let Ok(request) = &send.request {
                let thing = super::copy::Copyable {
                    what: "curl".to_owned(),
                    text: request.curl.clone(),
                    sensitivity: Sensitivity::Public,
                };
                state.dialog = Some(Dialog::Send(send));
                return vec![super::copy::effect(thing)];
            }
        }
        _ => {}
    }
    state.dialog = Some(Dialog::Send(send));
    Vec::new()
}

/// The sandbox started, or was found.
pub(super) fn sandbox_started(state: &mut State, start: SandboxStart) -> Vec<Effect> {
    let (what, url) = match start.whose {
        Whose::Ours => ("sandbox started", start.running.auth.clone()),
        Whose::Another => ("sandbox of another process", start.running.auth.clone()),
    };
    state.register.forget(SANDBOX);
    let whose = start.whose;
    state.sandbox.found(start, state.now);
    let what = format!("{what} at {url}");
    state
        .activity
        .add(state.now, Severity::Good, what.clone(), &[]);
    state.say(Severity::Good, what);
    match whose {
        Whose::Ours => Vec::new(),
        Whose::Another => check(state, &[SANDBOX.to_owned()]),
    }
}

/// A registration or its removal ended.
pub(super) fn ended(
    state: &mut State,
    task: TaskId,
    act: Act,
    result: Result<Receipt, Refusal>,
) -> Vec<Effect> {
    let Some((thumbprint, endpoint)) = place_of(state, task) else {
        return Vec::new();
    };
    state
        .register
        .under_way
        .remove(&(thumbprint, endpoint.clone()));
    let kid = state
        .keys
        .record(&thumbprint)
        .map(|record| record.kid.clone());
    let kid = kid.unwrap_or_else(|| thumbprint.to_string());
    match result {
        Ok(receipt) => {
            let word = match receipt.done {
                Done::AlreadyRegistered => "already registered",
                Done::Created => "registered, read back",
                Done::NotThere => "was not there",
                Done::Removed => "is not there any more",
                Done::Replaced => "registered: what was there differed and was replaced",
            };
            let what = format!("{kid} at {endpoint}: {word}");
            let now = state.now;
            state
                .activity
                .add(now, Severity::Good, what.clone(), &receipt.exchanges);
            state.say(Severity::Good, format!("✓ {what}"));
            let there = match act {
                Act::Register => KeyState::Registered { id: receipt.id },
                Act::Unregister => KeyState::NotThere,
            };
            state.register.saw(thumbprint, &endpoint, Ok(there), now);
            let mut effects = vec![Effect::ListKeys];
            effects.extend(there::look_again(state, &endpoint));
            effects
        }
        Err(refusal) => {
            state.activity.add(
                state.now,
                Severity::Bad,
                refusal.summary.clone(),
                &refusal.exchanges,
            );
            show(state, thumbprint, act, vec![endpoint], 0);
            if let Some(Dialog::Send(send)) = &mut state.dialog {
                send.failure = Some(Failure {
                    summary: refusal.summary,
                    lines: shown(&refusal.exchanges),
                });
            }
            Vec::new()
        }
    }
}

/// Nobody waits for this work any more: what it does there is not known.
pub(super) fn cancelled(state: &mut State, task: TaskId) {
    there::cancelled(state, task);
    survey::cancelled(state, task);
    if let Some((thumbprint, endpoint)) = place_of(state, task) {
        state
            .register
            .under_way
            .remove(&(thumbprint, endpoint.clone()));
        let why = "cancelled: Ctrl-R asks what became of it".to_owned();
        state
            .register
            .saw(thumbprint, &endpoint, Err(why), state.now);
    }
}

fn place_of(state: &State, task: TaskId) -> Option<(Thumbprint, String)> {
    let mut places = state.register.under_way.iter();
    places
        .find(|(_, each)| **each == task)
        .map(|(place, _)| place.clone())
}

/// Shows the request; a key being made is waited for, and the sandbox is started where none runs.
fn open(state: &mut State, endpoint: &str, then: Then) -> Vec<Effect> {
    if let Some(task) = state.keys.selected_pending() {
        state.waiting = Some(Waiting {
            task,
            then: Some(then),
            keys: Vec::new(),
        });
        return Vec::new();
    }
    let Some((thumbprint, _)) = state.keys.selected() else {
        state.say(Severity::Care, "no key to register: n makes one");
        return Vec::new();
    };
    if endpoint == SANDBOX && state.sandbox.at_hand.is_none() {
        let task = state.tasks.begin("starting the sandbox", state.now);
        state.waiting = Some(Waiting {
            task,
            then: Some(then),
            keys: Vec::new(),
        });
        return vec![Effect::StartSandbox { task }];
    }
    let endpoints = state.endpoints();
    let chosen = endpoints.iter().position(|name| name == endpoint);
    let chosen = chosen.unwrap_or(0);
    show(state, thumbprint, Act::Register, endpoints, chosen);
    Vec::new()
}

/// The request that does `act` to a key at one of `endpoints`.
fn show(
    state: &mut State,
    thumbprint: Thumbprint,
    act: Act,
    endpoints: Vec<String>,
    chosen: usize,
) {
    let Some(record) = state.keys.record(&thumbprint) else {
        return;
    };
    let kid = record.kid.clone();
    let name = endpoints.get(chosen).cloned().unwrap_or_default();
    let request = request(state, record, &name, act).map(|request| Shown {
        lines: request.shown(),
        curl: request.curl(),
    });
    state.dialog = Some(Dialog::Send(Send {
        act,
        thumbprint,
        kid,
        endpoints,
        chosen,
        request,
        scroll: Scroll::default(),
        failure: None,
    }));
}

/// Another endpoint; for the sandbox one is started where none runs.
fn choose(state: &mut State, send: Send, chosen: usize) -> Vec<Effect> {
    let is_sandbox = send
        .endpoints
        .get(chosen)
        .is_some_and(|name| name == SANDBOX);
    let starts = send.act == Act::Register && is_sandbox && state.sandbox.at_hand.is_none();
    show(state, send.thumbprint, send.act, send.endpoints, chosen);
    if !starts {
        return Vec::new();
    }
    let task = state.tasks.begin("starting the sandbox", state.now);
    state.waiting = Some(Waiting {
        task,
        then: None,
        keys: Vec::new(),
    });
    vec![Effect::StartSandbox { task }]
}

/// Draws the request anew, now that there is a sandbox.
pub(super) fn refresh_dialog(state: &mut State) {
    if let Some(Dialog::Send(send)) = state.dialog.take() {
        let (act, endpoints, chosen) = (send.act, send.endpoints, send.chosen);
        show(state, send.thumbprint, act, endpoints, chosen);
    }
}

/// `Enter`: sends, and holds back keys until the answer is there.
fn confirmed(state: &mut State, send: Send) -> Vec<Effect> {
    let Some(endpoint) = send.endpoints.get(send.chosen).cloned() else {
        return Vec::new();
    };
    let Some(record) = state.keys.record(&send.thumbprint).map(Arc::clone) else {
        state.say(Severity::Bad, "the key is not there any more");
        return Vec::new();
    };
    let label = match send.act {
        Act::Register => format!("registering {} at {endpoint}", send.kid),
        Act::Unregister => format!("removing {} from {endpoint}", send.kid),
    };
    let task = state.tasks.begin(label, state.now);
    let place = (send.thumbprint, endpoint.clone());
    state.register.under_way.insert(place, task);
    state.register.used = Some(endpoint.clone());
    let cursor = state.endpoints().iter().position(|name| *name == endpoint);
    state.register.scroll = Scroll(cursor.unwrap_or(0));
    state.waiting = Some(Waiting {
        task,
        then: None,
        keys: Vec::new(),
    });
    if state.focus != Panel::Register && !layout::shows_four(state) {
        super::focus(state, Panel::Register);
    }
    match send.act {
        Act::Register => vec![Effect::Register {
            task,
            record,
            endpoint,
        }],
        Act::Unregister => vec![Effect::Unregister {
            task,
            record,
            endpoint,
        }],
    }
}

/// How many lines the dialog has to show.
fn lines(send: &Send) -> usize {
    let request = send
        .request
        .as_ref()
        .map_or(1, |request| request.lines.len());
    let failure = send
        .failure
        .as_ref()
        .map_or(0, |failure| failure.lines.len() + 2);
    request + failure
}

#[cfg(test)]
mod tests;
