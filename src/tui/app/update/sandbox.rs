//! Panel 6: what its keys do, and what the sandbox says to it.

use crate::{
    display,
    registry::book::SANDBOX,
    sandbox::remote::{Order, Told},
    tui::app::{
        action::Action,
        activity::Severity,
        effect::Effect,
        msg::{NotTold, Whose},
        state::State,
    },
};

/// The columns of a kid in a word.
const KID: usize = 16;

/// The acts of panel 6.
pub(super) fn perform(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::StartStop => super::registration::start_or_stop(state),
        Action::Faults => super::faults::menu(state),
        Action::RotateSandbox => tell(state, Order::Rotate, "making the sandbox's next key"),
        Action::ClearLog => {
            state.sandbox.clear();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Whether an act of panel 6 can do something now.
pub(super) fn is_available(state: &State, action: Action) -> bool {
    let at_hand = state.sandbox.at_hand.as_ref();
    match action {
        Action::StartStop => at_hand.is_none_or(|at_hand| at_hand.whose == Whose::Ours),
        Action::RotateSandbox => at_hand.is_some(),
        Action::ClearLog => !state.sandbox.log().is_empty(),
        _ => true,
    }
}

/// Asks or tells the sandbox at hand something.
pub(super) fn tell(state: &mut State, order: Order, label: &str) -> Vec<Effect> {
    let Some(at_hand) = &state.sandbox.at_hand else {
        let text = "the sandbox does not run: ⏎ starts it";
        state.say(Severity::Care, text);
        return Vec::new();
    };
    let running = at_hand.running.clone();
    let task = state.tasks.begin(label, state.now);
    vec![Effect::TellSandbox {
        task,
        running,
        order,
    }]
}

/// What the sandbox said.
pub(super) fn told(state: &mut State, order: Order, result: Result<Told, NotTold>) -> Vec<Effect> {
    match result {
        Ok(Told::Faults(faults)) => {
            let before = state.sandbox.switches();
            state.sandbox.theirs = Some(faults);
            super::faults::refresh(state);
            if matches!(order, Order::SetFaults(_)) || faults != before {
                let what = if faults.is_empty() {
                    "the sandbox of the other process refuses nothing on purpose".to_owned()
                } else {
                    format!("the sandbox of the other process refuses on purpose: {faults}")
                };
                note(state, Severity::Care, what);
            }
        }
        Ok(Told::Rotated(kid)) => {
            let kid = display::middle(&kid, KID);
            let what = format!("the sandbox signs with {kid} now; its old keys verify still");
            note(state, Severity::Good, what.clone());
            state.say(Severity::Good, format!("✓ {what}"));
        }
        Err(NotTold::Refused(reason)) => {
            note(state, Severity::Bad, reason.clone());
            state.say(Severity::Bad, reason);
        }
        Err(NotTold::Gone(reason)) => {
            gone(state);
            let what = format!("the sandbox is gone: {reason}");
            note(state, Severity::Bad, what.clone());
            state.say(Severity::Bad, what);
        }
    }
    Vec::new()
}

/// The sandbox of another process does not answer any more.
fn gone(state: &mut State) {
    let at_hand = state.sandbox.at_hand.as_ref();
    if at_hand.is_some_and(|at_hand| at_hand.whose == Whose::Another) {
        state.sandbox.at_hand = None;
        state.register.forget(SANDBOX);
        super::clients::sandbox_gone(state);
        super::faults::refresh(state);
    }
}

fn note(state: &mut State, severity: Severity, what: String) {
    state.activity.add(state.now, severity, what, &[]);
}
