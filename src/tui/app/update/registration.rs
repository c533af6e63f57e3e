//! Registering at endpoints, and the sandbox that may have to start for it.

mod matrix;
mod sending;
mod several;
mod survey;
mod there;

use self::sending::{show, show_all};
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::record::{Evidence, Record},
    registry::{
        answer::{Done, Receipt, State as KeyState},
        book::SANDBOX,
    },
    tui::app::{
        action::Action,
        activity::{Severity, shown},
        dialog::{Act, Dialog, Failure, FormKind, Handing},
        effect::Effect,
        msg::{Progress, Refusal, SandboxStart, Whose},
        register_panel::{Matrix, Standing},
        state::State,
        task::TaskId,
        update::forms,
        waiting::{Then, Waiting},
    },
};

pub(super) use self::{
    sending::{copied, hand_over, plan, pressed, refresh_dialog},
    several::{all_registered, pressed as batch_pressed},
    survey::{check, refresh, surveyed},
    there::{adopted, filter, import, jwk, looked},
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
        Action::AddEndpoint => forms::endpoint::menu(state),
        Action::EditEndpoint => match endpoint_here(state) {
            Some(name) => forms::endpoint::edit(state, name),
            None => Vec::new(),
        },
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
        (Action::Unregister, None) => can_unregister(state) || removable(state).is_some(),
        (Action::EditEndpoint, _) => endpoint_here(state)
            .is_some_and(|name| forms::endpoint::added_by_keyfob(state, &name).is_ok()),
        (Action::Unregister, Some(there)) => there.selected().is_some_and(there::is_noted),
        (Action::Adopt, Some(there)) => there.selected().is_some_and(there::is_adoptable),
        (Action::Left | Action::Right, _) => state.register.matrix == Matrix::Shown,
        (Action::Adopt, None) => there::adoptable_here(state).is_some(),
        _ => true,
    }
}

/// `Esc` in panel 3: ends the asking, then leaves the matrix or the keys of an endpoint, and with
/// them the look at it.
pub(super) fn back(state: &mut State) -> Option<Vec<Effect>> {
    if let Some(under_way) = state.register.survey {
        state.tasks.end(under_way.task);
        survey::cancelled(state, under_way.task);
        let text = "not asking any more: what was answered stays";
        state.say(Severity::Care, text);
        return Some(vec![Effect::Cancel(under_way.task)]);
    }
    if let Some(there) = &mut state.register.there
        && there.filter.is_some()
    {
        there.unfilter();
        return Some(Vec::new());
    }
    let left = state.register.matrix == Matrix::Shown || state.register.there.is_some();
    state.register.matrix = Matrix::Hidden;
    let there = state.register.there.take();
    let looking = there.and_then(|there| there.looking);
    if let Some(task) = looking
        && let Some(task_under_way) = state.tasks.end(task)
    {
        let text = format!("{}: cancelled", task_under_way.label);
        state.say(Severity::Care, text);
        return Some(vec![Effect::Cancel(task)]);
    }
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

/// The endpoint that an act is about.
fn endpoint_here(state: &State) -> Option<String> {
    match &state.register.there {
        Some(there) => Some(there.endpoint.clone()),
        None => state.endpoints().into_iter().nth(state.register.scroll.0),
    }
}

/// The endpoint under the cursor, where keyfob added it.
fn removable(state: &State) -> Option<String> {
    let name = endpoint_here(state)?;
    forms::endpoint::added_by_keyfob(state, &name)
        .is_ok()
        .then_some(name)
}

/// Asks whether the endpoint under the cursor is to be removed.
fn remove_endpoint(state: &mut State) -> Vec<Effect> {
    let Some(name) = endpoint_here(state) else {
        return Vec::new();
    };
    if let Err(reason) = forms::endpoint::added_by_keyfob(state, &name) {
        let text = format!("the key is not registered there, and {reason}");
        state.say(Severity::Care, text);
        return Vec::new();
    }
    let is_there = |record: &&std::sync::Arc<Record>| {
        let mut places = record.registrations.iter();
        places.any(|place| place.endpoint == name)
    };
    let noted = state.keys.records().filter(is_there);
    let kids = noted.map(|record| record.kid.clone()).collect();
    forms::open(state, FormKind::RemoveEndpoint(name, kids))
}

/// An endpoint is not configured any more.
pub(super) fn endpoint_removed(state: &mut State, name: &str) -> Vec<Effect> {
    state.register.forget(name);
    state.register.there = None;
    let what = format!("removed {name} from the configuration");
    state
        .activity
        .add(state.now, Severity::Good, what.clone(), &[]);
    state.say(Severity::Good, what);
    vec![Effect::LoadConfiguration, Effect::ListKeys]
}

/// `d` in panel 3: the request that removes the key from the endpoint under the cursor; where it is
/// not there, the endpoint itself goes.
fn unregister(state: &mut State) -> Vec<Effect> {
    if !can_unregister(state) {
        return remove_endpoint(state);
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
        let mut noted = record.registrations.iter();
        standing.is_registered()
            || matches!(standing, Standing::Differs { .. })
            || matches!(standing, Standing::Unknown(_))
                && noted.any(|place| place.endpoint == endpoint)
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
            super::clients::sandbox_gone(state);
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
        Whose::Another => {
            let mut effects = check(state, &[SANDBOX.to_owned()]);
            effects.extend(super::faults::ask(state));
            effects
        }
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
            let word = words(&receipt);
            let what = format!("{kid} at {endpoint}: {word}");
            let now = state.now;
            state
                .activity
                .add(now, Severity::Good, what.clone(), &receipt.exchanges);
            state.say(Severity::Good, format!("✓ {what}"));
            let there = match act {
                Act::Register => receipt.state(),
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
                send.handing = Handing::Handed;
            }
            Vec::new()
        }
    }
}

/// A part of what is under way is done.
pub(super) fn progressed(state: &mut State, task: TaskId, progress: Progress) -> Vec<Effect> {
    if !state.tasks.is_pending(task) {
        // Nobody waits for it: what came true all the same is shown at least.
        return match progress {
            Progress::Registered(..) => vec![Effect::ListKeys],
            Progress::Registering(_) | Progress::Seen { .. } => Vec::new(),
        };
    }
    match progress {
        Progress::Registering(thumbprint) => several::registering(state, task, thumbprint),
        Progress::Registered(thumbprint, result) => {
            several::registered(state, task, thumbprint, result);
        }
        Progress::Seen {
            thumbprint,
            endpoint,
            state: said,
        } => survey::seen(state, task, (thumbprint, endpoint), said),
    }
    Vec::new()
}

/// What was done, in words.
fn words(receipt: &Receipt) -> &'static str {
    match (receipt.evidence, receipt.done) {
        (Evidence::Said, Done::Removed) => return "is not there any more, as you said",
        (Evidence::Said, _) => return "registered, as you said",
        (Evidence::Seen, _) => {}
    }
    match receipt.done {
        Done::AlreadyRegistered => "already registered",
        Done::Created => "registered, read back",
        Done::NotThere => "was not there",
        Done::Removed => "is not there any more",
        Done::Replaced => "registered: what was there differed and was replaced",
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
    let keys = match then {
        Then::Register if state.keys.marks() > 1 => {
            let marked = state.keys.marked().into_iter();
            marked.map(|(thumbprint, _)| thumbprint).collect()
        }
        _ => vec![thumbprint],
    };
    show_all(state, keys, Act::Register, endpoints, chosen);
    Vec::new()
}

#[cfg(test)]
mod tests;
