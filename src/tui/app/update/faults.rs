//! The switchboard of panel 6: how the sandbox refuses on purpose.

use crate::{
    sandbox::fault::{Fault, Faults},
    tui::app::{
        activity::Severity,
        dialog::{Dialog, Menu, MenuKind, MenuRow},
        effect::Effect,
        msg::Whose,
        state::State,
    },
};

/// `f`: every fault, and which of them are on. They stay as they are over a stop and a start.
pub(super) fn menu(state: &mut State) -> Vec<Effect> {
    if !is_available(state) {
        let text = "this sandbox runs in another process: start it there with --fault";
        state.say(Severity::Care, text);
        return Vec::new();
    }
    let menu = Menu::new(MenuKind::Faults, rows(state.sandbox.faults));
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// A sandbox of another process has its switchboard there.
pub(super) fn is_available(state: &State) -> bool {
    let at_hand = state.sandbox.at_hand.as_ref();
    at_hand.is_none_or(|at_hand| at_hand.whose == Whose::Ours)
}

/// Turns the fault of a row on or off; the menu stays.
pub(super) fn toggled(state: &mut State, mut menu: Menu) -> Vec<Effect> {
    let fault = menu.chosen().and_then(|place| Fault::ALL.get(place));
    let effects = fault.map(|fault| toggle(state, *fault));
    menu.rows = rows(state.sandbox.faults);
    state.dialog = Some(Dialog::Menu(menu));
    effects.unwrap_or_default()
}

fn toggle(state: &mut State, fault: Fault) -> Vec<Effect> {
    let faults = state.sandbox.faults.toggled(fault);
    state.sandbox.faults = faults;
    let (severity, word) = if faults.has(fault) {
        (Severity::Care, "on")
    } else {
        (Severity::Good, "off")
    };
    let what = format!("fault {fault} of the sandbox is {word}");
    state.activity.add(state.now, severity, what, &[]);
    vec![Effect::SetFaults(faults)]
}

fn rows(faults: Faults) -> Vec<MenuRow> {
    let row = |fault: Fault| MenuRow {
        text: fault.name().to_owned(),
        detail: fault.effect().to_owned(),
        key: if faults.has(fault) { "✓" } else { " " }.to_owned(),
    };
    Fault::ALL.map(row).into()
}
