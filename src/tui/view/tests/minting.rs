//! Panel 4 while tokens are made: signed, refused, wrong in both editors, taken from a token.

use super::*;

#[test]
fn the_editor_shows_what_would_be_signed_and_where_it_is_wrong() {
    for (columns, rows) in SIZES {
        let mut state = state(columns, rows);
        select(&mut state, "prod-2026-11");
        press(&mut state, &[Key::Char('4'), Key::Enter]);
        look("editor", &state);
        text(&mut state, "x");
        look("editor-wrong", &state);
        press(&mut state, &[Key::Esc]);
        look("draft-wrong", &state);
    }
}

#[test]
fn a_template_asks_for_its_fields_and_the_header_for_its_members() {
    for (columns, rows) in SIZES {
        let mut state = state(columns, rows);
        select(&mut state, "prod-2026-11");
        press(&mut state, &[Key::Char('4'), Key::Char('t')]);
        text(&mut state, "snow");
        press(&mut state, &[Key::Enter]);
        look("dialog-template", &state);
        press(
            &mut state,
            &[Key::Enter, Key::Char('h'), Key::Down, Key::Down],
        );
        press(&mut state, &[Key::Char(' ')]);
        look("dialog-header", &state);
        press(&mut state, &[Key::Esc, Key::Enter, Key::Ctrl('e')]);
        update(
            &mut state,
            Msg::Paste(Secret::new(r#""nbf": "soon","#.to_owned())),
            now(),
        );
        look("editor-wrong-time", &state);
        press(&mut state, &[Key::Esc, Key::Char('t')]);
        text(&mut state, "apple");
        press(&mut state, &[Key::Enter, Key::Enter, Key::Enter]);
        look("editor-finding", &state);
        press(&mut state, &[Key::Ctrl('s')]);
        look("dialog-mint-refused", &state);
    }
}

#[test]
fn a_minted_token_with_what_the_sandbox_said_of_it() {
    for (columns, rows) in SIZES {
        let mut state = accepted(columns, rows);
        let task = presenting(&mut state);
        let refused = Presented {
            exchange: exchange(401, r#"{"error":"unauthorized","detail":"exp has passed"}"#),
        };
        done(&mut state, task, Outcome::Presented(Ok(Box::new(refused))));
        look("minted-refused", &state);
        let task = presenting(&mut state);
        let told = "could not connect to 127.0.0.1:3001 (connection refused)".to_owned();
        done(&mut state, task, Outcome::Presented(Err(told)));
        look("minted-not-presented", &state);
    }
}

#[test]
fn both_editors_tell_what_is_wrong_in_them() {
    for (columns, rows) in SIZES {
        let mut state = state(columns, rows);
        select(&mut state, "prod-2026-11");
        press(
            &mut state,
            &[Key::Char('4'), Key::Enter, Key::Down, Key::End],
        );
        text(&mut state, " \"a");
        press(&mut state, &[Key::Tab, Key::Down, Key::End]);
        text(&mut state, "?");
        look("editor-both-wrong", &state);
    }
}

#[test]
fn a_decoded_token_is_edited_for_another_key() {
    for (columns, rows) in SIZES {
        let mut state = accepted(columns, rows);
        let token = state.token.minted.values().next().unwrap().token.clone();
        update(&mut state, Msg::Paste(token), now());
        select(&mut state, "partner-ec");
        press(&mut state, &[Key::Char('4'), Key::Char('E')]);
        look("editor-of-a-token", &state);
    }
}

/// Mints once more, up to where the sandbox is asked.
fn presenting(state: &mut State) -> crate::tui::app::task::TaskId {
    let record = Arc::clone(state.keys.selected().unwrap().1);
    let effects = press(state, &[Key::Char('m')]);
    let [Effect::Mint { task, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let outcome = Outcome::Minted(Ok(Box::new(minted(&record))));
    match done(state, task, outcome)[..] {
        [Effect::Present { task, .. }] => task,
        ref other => panic!("{other:?}"),
    }
}
