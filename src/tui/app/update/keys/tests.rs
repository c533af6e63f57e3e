use crate::tui::{
    app::{key::Key, state::State},
    fixture::{press, state, text},
};

const SPACE: Key = Key::Char(' ');

fn marked(state: &State) -> Vec<&str> {
    let marked = state.keys.marked().into_iter();
    marked.map(|(_, record)| record.kid.as_str()).collect()
}

#[test]
fn space_marks_a_key_and_goes_on() {
    let mut state = state(120, 36);
    press(&mut state, &[SPACE, SPACE, SPACE]);
    assert_eq!(marked(&state), ["edge", "partner-ec", "prod-2026-11"]);
    // The row under the cursor now holds no key.
    press(&mut state, &[SPACE, Key::Char('g'), SPACE]);
    assert_eq!(marked(&state), ["partner-ec", "prod-2026-11"]);
}

#[test]
fn marks_outlive_a_filter_and_a_reading_of_the_folder() {
    let mut state = state(120, 36);
    press(&mut state, &[SPACE, Key::Char('/')]);
    text(&mut state, "prod");
    press(&mut state, &[Key::Enter, SPACE]);
    assert_eq!(marked(&state), ["prod-2026-11", "edge"]);
    press(&mut state, &[Key::Esc]);
    assert_eq!(marked(&state), ["edge", "prod-2026-11"]);
    press(&mut state, &[Key::Esc]);
    assert!(marked(&state).is_empty());
}
