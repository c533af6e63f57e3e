//! The guide through a rotation.

use std::sync::Arc;

use super::{SIZES, look};
use crate::tui::{
    app::{
        dialog::Dialog,
        key::Key,
        msg::Msg,
        rotation_guide::{Phase, RotationDialog},
        update::update,
    },
    fixture::{now, press, records, rotation, select, state},
};

#[test]
fn the_guide_shows_each_step_with_its_state_and_what_comes_next() {
    for (columns, rows) in SIZES {
        let mut state = state(columns, rows);
        select(&mut state, "prod-2026-11");
        let record = Arc::new(records().swap_remove(0));
        let planned = RotationDialog::new(rotation(0), Phase::Planned(record));
        state.dialog = Some(Dialog::Rotation(Box::new(planned)));
        look("rotation-planned", &state);
        state.dialog = None;
        for (name, done) in [("waits", 2), ("sends", 6)] {
            let mut rotation = rotation(done);
            if name == "sends" {
                rotation.tokens.seconds = 0;
                for step in &mut rotation.steps {
                    step.caches = None;
                }
            }
            update(&mut state, Msg::Rotations(Ok(vec![rotation])), now());
            press(&mut state, &[Key::Char('R')]);
            look(&format!("rotation-{name}"), &state);
            press(&mut state, &[Key::Esc]);
        }
        update(&mut state, Msg::Rotations(Ok(vec![rotation(3)])), now());
        press(&mut state, &[Key::Char('R')]);
        if let Some(Dialog::Rotation(guide)) = &mut state.dialog {
            let what = "/home/ada/.config/keyfob/config.yaml, line 7: in the client billing, write \
                        key: prod-2026-12 in the place of prod-2026-11";
            guide.by_hand = Some(what.to_owned());
        }
        look("rotation-by-hand", &state);
        press(&mut state, &[Key::Esc]);
        look("rotation-under-way", &state);
    }
}
