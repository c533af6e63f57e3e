//! Panel 3 seen from an endpoint.

use super::{SIZES, look};
use crate::tui::{
    app::{effect::Effect, key::Key, msg::Outcome, panel::Panel, state::State},
    fixture::{done, press, select, sights, state},
};

/// The keys at the endpoint of GoodData, as they are shown.
fn there(columns: u16, rows: u16) -> State {
    let mut state = state(columns, rows);
    select(&mut state, "prod-2026-11");
    state.focus = Panel::Register;
    let effects = press(&mut state, &[Key::Char('j'), Key::Char('v')]);
    let [Effect::ListEndpoint { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let seen = sights(&state);
    done(&mut state, task, Outcome::Looked(Ok(seen)));
    state
}

#[test]
fn all_keys_at_an_endpoint_with_whose_they_are() {
    for (columns, rows) in SIZES {
        let mut state = there(columns, rows);
        look("register-there", &state);
        press(&mut state, &[Key::Char('j'), Key::Char('j'), Key::Enter]);
        // Its certificate, further down, is signed anew each time.
        if rows == 24 {
            look("dialog-sight", &state);
        }
    }
}
