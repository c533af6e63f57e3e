//! The switchboard of panel 6: how the sandbox refuses on purpose.

use crate::{
    sandbox::{
        fault::{Fault, Faults},
        remote::Order,
    },
    tui::app::{
        activity::Severity,
        dialog::{Dialog, Menu, MenuKind, MenuRow},
        effect::Effect,
        msg::Whose,
        state::State,
    },
};

/// `f`: every fault, and which of them are on. They stay as they are over a stop and a start; those
/// of a sandbox of another process are asked for.
pub(super) fn menu(state: &mut State) -> Vec<Effect> {
    let menu = Menu::new(MenuKind::Faults, rows(state.sandbox.switches()));
    state.dialog = Some(Dialog::Menu(menu));
    ask(state)
}

/// Asks a sandbox of another process for its faults.
pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    if is_anothers(state) {
        super::sandbox::tell(state, Order::Faults, "asking the sandbox for its faults")
    } else {
        Vec::new()
    }
}

/// Turns the fault of a row on or off; the menu stays.
pub(super) fn toggled(state: &mut State, menu: Menu) -> Vec<Effect> {
    let fault = menu.chosen().and_then(|place| Fault::ALL.get(place));
    state.dialog = Some(Dialog::Menu(menu));
    let effects = fault.map(|fault| toggle(state, *fault));
    refresh(state);
    effects.unwrap_or_default()
}

/// The menu, where it is open, as the faults are now.
pub(super) fn refresh(state: &mut State) {
    let now = rows(state.sandbox.switches());
    if let Some(Dialog::Menu(menu)) = &mut state.dialog
        && menu.kind == MenuKind::Faults
    {
        menu.rows = now;
    }
}

fn toggle(state: &mut State, fault: Fault) -> Vec<Effect> {
    let faults = state.sandbox.switches().toggled(fault);
    if is_anothers(state) {
        let order = Order::SetFaults(faults);
        return super::sandbox::tell(state, order, "telling the sandbox its faults");
    }
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

fn is_anothers(state: &State) -> bool {
    let at_hand = state.sandbox.at_hand.as_ref();
    at_hand.is_some_and(|at_hand| at_hand.whose == Whose::Another)
}

fn rows(faults: Faults) -> Vec<MenuRow> {
    let row = |fault: Fault| MenuRow {
        text: fault.name().to_owned(),
        detail: fault.effect().to_owned(),
        key: if faults.has(fault) { "✓" } else { " " }.to_owned(),
    };
    Fault::ALL.map(row).into()
}
