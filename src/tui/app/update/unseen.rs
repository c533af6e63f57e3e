//! Keys in a terminal that is too small to show what they would do.

use super::perform;
use crate::tui::app::{
    action::{Action, Context},
    effect::Effect,
    key::Key,
    state::State,
};

/// Does only what needs no screen: leaving, stopping and drawing anew. Anything else would act on
/// what nobody sees, so it is dropped, and what was typed before stays.
pub(super) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    match state.keymap.action(Context::Everywhere, key) {
        Some(action @ (Action::Quit | Action::Redraw | Action::Suspend)) => perform(state, action),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{
        secret::Secret,
        tui::{
            app::{
                dialog::Dialog,
                effect::{Effect, Leave},
                key::Key,
                msg::{Mouse, MouseKind, Msg, Outcome},
                state::{State, Vault},
                update::update,
            },
            fixture::{done, empty, now, press, records, sandbox, state},
        },
    };

    const SMALL: [(u16, u16); 2] = [(79, 24), (80, 23)];

    fn resize(state: &mut State, (columns, rows): (u16, u16)) {
        update(state, Msg::Resize { columns, rows }, now());
    }

    fn input() -> Vec<Msg> {
        let letters = ('!'..='~').filter(|letter| *letter != 'q').map(Key::Char);
        let others = [
            Key::Enter,
            Key::Esc,
            Key::Tab,
            Key::Char(' '),
            Key::Backspace,
            Key::F(1),
            Key::F(2),
            Key::Ctrl('r'),
            Key::Ctrl('s'),
            Key::Ctrl('u'),
        ];
        let paste = Msg::Paste(Secret::new("eyJhbGciOiJub25lIn0.e30.".to_owned()));
        let mouse = [MouseKind::Click, MouseKind::ScrollDown].map(|kind| {
            Msg::Mouse(Mouse {
                kind,
                column: 5,
                row: 2,
            })
        });
        let keys = letters.chain(others).map(Msg::Key);
        keys.chain([paste]).chain(mouse).collect()
    }

    #[test]
    fn keys_pastes_and_the_mouse_do_nothing_that_nobody_sees() {
        for opened in [
            &[][..],
            &[Key::Char('n')],
            &[Key::Char(':')],
            &[Key::Char('/')],
        ] {
            let mut state = state(120, 36);
            press(&mut state, opened);
            let before = format!("{state:?}");
            for size in SMALL {
                resize(&mut state, size);
                for msg in input() {
                    let effects = update(&mut state, msg, now());
                    assert!(effects.is_empty(), "{effects:?}");
                }
            }
            resize(&mut state, (120, 36));
            assert_eq!(format!("{state:?}"), before);
        }
    }

    #[test]
    fn a_small_terminal_can_be_left_stopped_and_drawn_anew() {
        for opened in [&[][..], &[Key::Char('n')], &[Key::Char('/')]] {
            for (key, expected) in [
                (Key::Char('q'), Effect::Quit(Leave::Quit)),
                (Key::Ctrl('c'), Effect::Quit(Leave::Quit)),
                (Key::Ctrl('l'), Effect::Redraw),
                (Key::Ctrl('z'), Effect::Suspend),
            ] {
                let mut state = empty(120, 36, Vault::Open);
                press(&mut state, opened);
                resize(&mut state, SMALL[0]);
                let effects = press(&mut state, &[key]);
                assert_eq!(format!("{effects:?}"), format!("[{expected:?}]"));
            }
        }
    }

    #[test]
    fn keys_that_waited_for_work_are_dropped_where_its_end_is_not_seen() {
        let mut state = empty(120, 36, Vault::Open);
        let effects = press(&mut state, &[Key::Char('n'), Key::Enter]);
        let [Effect::Generate { task, .. }] = effects[..] else {
            panic!("{effects:?}")
        };
        press(&mut state, &[Key::Char('r'), Key::Enter]);
        resize(&mut state, SMALL[0]);
        let record = Arc::new(records().remove(0));
        let effects = done(&mut state, task, Outcome::Generated(Ok(record)));
        let [Effect::StartSandbox { task }] = effects[..] else {
            panic!("{effects:?}")
        };
        let effects = done(&mut state, task, Outcome::Sandbox(Ok(sandbox())));
        assert!(effects.is_empty(), "{effects:?}");
        resize(&mut state, (120, 36));
        assert!(
            matches!(state.dialog, Some(Dialog::Send(_))),
            "{:?}",
            state.dialog
        );
    }
}
