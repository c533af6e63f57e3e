//! The request before it is sent, with the endpoints to choose from.

use std::sync::Arc;

use crate::{
    clipboard::Sensitivity,
    jose::thumbprint::Thumbprint,
    keystore::record::Record,
    registry::{
        book::SANDBOX,
        error::RegistryError,
        plan::{Handed, Intent},
        registration::remote_id,
        remedy::Remedy,
    },
    secret::Secret,
    tui::app::{
        activity::Severity,
        dialog::{Act, Dialog, FormKind, Handing, Send, Shown},
        effect::{Effect, Target},
        key::Key,
        layout,
        panel::Panel,
        scroll::Scroll,
        state::State,
        update::{copy, forms},
        waiting::Waiting,
    },
};

/// What will be done, but for the secrets in it.
pub(in crate::tui::app::update) fn plan(
    state: &State,
    record: &Record,
    endpoint: &str,
    act: Act,
) -> Result<Vec<Intent>, String> {
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
        Act::Register => endpoint.register_plan(&record.jwk()).map_err(words),
        Act::Unregister => endpoint
            .unregister_plan(&remote_id(record, &endpoint.name))
            .map_err(words),
    }
}

/// Key presses in the dialog.
pub(in crate::tui::app::update) fn pressed(
    state: &mut State,
    mut send: Send,
    key: Key,
) -> Vec<Effect> {
    let count = send.endpoints.len();
    match key {
        Key::Esc => return Vec::new(),
        Key::Enter if send.plan.is_ok() => {
            let handed = by_hand(&send).filter(|_| send.handing == Handing::Before);
            let Some(effects) = handed.map(hand_over) else {
                return confirmed(state, send);
            };
            send.handing = Handing::Handed;
            state.dialog = Some(Dialog::Send(send));
            return effects;
        }
        Key::Enter => {
            if let Some(remedy) = send.remedy {
                return remedied(state, &send, remedy);
            }
        }
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
            if let Ok(plan) = &send.plan {
                let thing = copied(plan.iter().map(|part| part.copied.clone()));
                state.dialog = Some(Dialog::Send(send));
                return vec![copy::effect(thing)];
            }
        }
        _ => {}
    }
    state.dialog = Some(Dialog::Send(send));
    Vec::new()
}

/// What a person does in the place of a request.
fn by_hand(send: &Send) -> Option<&Handed> {
    let plan = send.plan.as_ref().ok()?;
    plan.iter().find_map(|part| part.by_hand.as_ref())
}

/// Copies what is pasted, and opens the page.
pub(in crate::tui::app::update) fn hand_over(handed: &Handed) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !handed.page.is_empty() {
        effects.push(Effect::OpenPage(handed.page.clone()));
    }
    // Last, so that its word stays.
    if !handed.text.is_empty() {
        effects.push(copy::effect(copy::Copyable {
            what: handed.what.clone(),
            text: handed.text.clone(),
            sensitivity: Sensitivity::Public,
        }));
    }
    effects
}

/// What `y` copies of a plan.
pub(in crate::tui::app::update) fn copied(
    parts: impl Iterator<Item = (String, String)>,
) -> copy::Copyable {
    let parts: Vec<(String, String)> = parts.collect();
    let texts: Vec<&str> = parts.iter().map(|(_, text)| text.as_str()).collect();
    copy::Copyable {
        what: parts
            .first()
            .map_or_else(String::new, |(what, _)| what.clone()),
        text: texts.join("\n\n"),
        sensitivity: Sensitivity::Public,
    }
}

/// The request that does `act` to one key at one of `endpoints`.
pub(super) fn show(
    state: &mut State,
    thumbprint: Thumbprint,
    act: Act,
    endpoints: Vec<String>,
    chosen: usize,
) {
    show_all(state, vec![thumbprint], act, endpoints, chosen);
}

/// The request that does `act` to the first of `keys` that fits, and what becomes of the others.
pub(super) fn show_all(
    state: &mut State,
    keys: Vec<Thumbprint>,
    act: Act,
    endpoints: Vec<String>,
    chosen: usize,
) {
    let name = endpoints.get(chosen).cloned().unwrap_or_default();
    let mut fitting: Vec<(Target, Vec<Shown>)> = Vec::new();
    let mut left_out: Vec<(Target, String)> = Vec::new();
    for thumbprint in &keys {
        let Some(record) = state.keys.record(thumbprint) else {
            continue;
        };
        let target = Target {
            kid: record.kid.clone(),
            thumbprint: *thumbprint,
        };
        match plan(state, record, &name, act) {
            Ok(plan) if keys.len() > 1 && plan.iter().any(|part| part.by_hand().is_some()) => {
                let reason = format!("you do it yourself at {name}: one key at a time");
                left_out.push((target, reason));
            }
            Ok(plan) => fitting.push((target, plan.iter().map(shown).collect())),
            Err(reason) => left_out.push((target, reason)),
        }
    }
    let mut fitting = fitting.into_iter();
    let (first, plan) = match (fitting.next(), left_out.first()) {
        (Some((first, shown)), _) => (first, Ok(shown)),
        (None, Some((first, reason))) => (first.clone(), Err(reason.clone())),
        (None, None) => return,
    };
    let remedy = match &plan {
        Ok(_) => None,
        Err(_) => remedy(state, &first, &name).filter(|_| keys.len() == 1),
    };
    state.dialog = Some(Dialog::Send(Send {
        act,
        thumbprint: first.thumbprint,
        kid: first.kid,
        others: fitting.map(|(target, _)| target).collect(),
        left_out: left_out
            .into_iter()
            .filter(|_| keys.len() > 1)
            .map(|(target, reason)| (target.kid, reason))
            .collect(),
        remedy,
        keys,
        endpoints,
        chosen,
        plan,
        scroll: Scroll::default(),
        failure: None,
        handing: Handing::Before,
    }));
}

/// What to do about a key that the endpoint does not take.
fn remedy(state: &State, key: &Target, endpoint: &str) -> Option<Remedy> {
    let record = state.keys.record(&key.thumbprint)?;
    let running = state.sandbox.at_hand.as_ref();
    let sandbox = running.map(|at_hand| at_hand.running.auth.as_str());
    let endpoints = &state.configuration.endpoints;
    let endpoint = endpoints.endpoint(endpoint, None, sandbox).ok()?;
    endpoint.remedy(&record.jwk())
}

/// `Enter` under a key that does not fit: the form that mends it, filled in.
fn remedied(state: &mut State, send: &Send, remedy: Remedy) -> Vec<Effect> {
    match remedy {
        Remedy::NewKey(algorithm) => forms::open_new_key(state, algorithm),
        Remedy::Certificate => forms::open(state, FormKind::Certificate(send.thumbprint)),
        Remedy::Name => forms::open(state, FormKind::Rename(send.kid.clone())),
    }
}

/// Another endpoint; for the sandbox one is started where none runs.
fn choose(state: &mut State, send: Send, chosen: usize) -> Vec<Effect> {
    let is_sandbox = send
        .endpoints
        .get(chosen)
        .is_some_and(|name| name == SANDBOX);
    let starts = send.act == Act::Register && is_sandbox && state.sandbox.at_hand.is_none();
    show_all(state, send.keys, send.act, send.endpoints, chosen);
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
pub(in crate::tui::app::update) fn refresh_dialog(state: &mut State) {
    if let Some(Dialog::Send(send)) = state.dialog.take() {
        let (act, endpoints, chosen) = (send.act, send.endpoints, send.chosen);
        show_all(state, send.keys, act, endpoints, chosen);
    }
}

/// `Enter`: sends, and holds back keys until the answer is there.
fn confirmed(state: &mut State, send: Send) -> Vec<Effect> {
    let Some(endpoint) = send.endpoints.get(send.chosen).cloned() else {
        return Vec::new();
    };
    if !send.others.is_empty() {
        return super::several::send(state, &send, endpoint);
    }
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
        crate::tui::app::update::focus(state, Panel::Register);
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
    let plan = send.plan.as_ref();
    let plan = plan.map_or(1, |parts| {
        parts.iter().map(|part| part.lines.len() + 2).sum()
    });
    let failure = send
        .failure
        .as_ref()
        .map_or(0, |failure| failure.lines.len() + 2);
    plan + failure
}

fn shown(intent: &Intent) -> Shown {
    Shown {
        about: intent.about().map(str::to_owned),
        lines: intent.shown(),
        copied: intent.copied(),
        by_hand: intent.by_hand().cloned(),
        verb: intent.verb(),
    }
}
