//! Panel 4: what is looked for in the decoded token.

use crate::tui::app::{
    action::{Action, Context},
    content::token::{found_rows, wrapped},
    effect::Effect,
    key::Key,
    keys_panel::Typing,
    line::Typed,
    panel::Panel,
    state::{Folding, State},
    token_panel::Sought,
    update::{focus, movement},
};

/// Whether `/` looks in the decoded token rather than among the keys.
pub(in crate::tui::app::update) fn can_begin(state: &State) -> bool {
    state.context() == Context::Decode && state.token.decoded.is_some()
}

/// `/`: what was looked for last can be changed.
pub(in crate::tui::app::update) fn begin(state: &mut State) -> Vec<Effect> {
    // What is folded could not be found.
    state.token.folding = Folding::Unfolded;
    state.token.sought.get_or_insert_default().typing = Typing::UnderWay;
    Vec::new()
}

/// A paste while it is typed.
pub(in crate::tui::app::update) fn pasted(state: &mut State, text: &str) {
    if let Some(sought) = &mut state.token.sought {
        sought.line.insert(text);
        changed(state);
    }
}

/// A key press while it is typed.
pub(in crate::tui::app::update) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(sought) = &mut state.token.sought else {
        return Vec::new();
    };
    match key {
        Key::Esc => state.token.sought = None,
        Key::Enter | Key::Down => step(state, Sought::next),
        Key::Up => step(state, Sought::previous),
        Key::Tab => {
            sought.typing = Typing::Done;
            return focus(state, Panel::Token.next());
        }
        Key::PageUp => return movement::moved(state, Action::PageUp),
        Key::PageDown => return movement::moved(state, Action::PageDown),
        key => {
            let before = sought.line.text().len();
            if sought.line.press(key) == Typed::Taken && sought.line.text().len() != before {
                changed(state);
            }
        }
    }
    Vec::new()
}

/// Other words: to the first place at or below what is shown, else to the first of all.
fn changed(state: &mut State) {
    let rows = found_rows(&wrapped(state));
    let top = state.token.scroll.0;
    if let Some(sought) = &mut state.token.sought {
        sought.at = rows.iter().position(|row| *row >= top).unwrap_or(0);
    }
    show(state, &rows);
}

fn step(state: &mut State, step: fn(&Sought, usize) -> usize) {
    let rows = found_rows(&wrapped(state));
    if let Some(sought) = &mut state.token.sought {
        sought.at = step(sought, rows.len());
    }
    show(state, &rows);
}

/// Moves so that the place can be seen, with a row above it; not at all where it is seen already.
fn show(state: &mut State, rows: &[usize]) {
    let Some(row) = state
        .token
        .sought
        .as_ref()
        .and_then(|sought| rows.get(sought.at))
    else {
        return;
    };
    let page = movement::token_page(state);
    let first = state.token.scroll.0;
    if *row < first || *row >= first + page {
        let last = wrapped(state).len().saturating_sub(page);
        state.token.scroll.0 = row.saturating_sub(1).min(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jose::{claims::JsonObject, token::signing_input},
        secret::Secret,
        tui::{
            app::{msg::Msg, update::update},
            fixture::{now, press, state, text},
        },
    };

    /// Panel 4 with a token of these claims.
    fn decoding(claims: &str) -> State {
        let mut state = state(80, 24);
        let header = JsonObject::parse(r#"{"alg":"RS256"}"#).unwrap();
        let claims = JsonObject::parse(claims).unwrap();
        let token = format!("{}.AAAA", signing_input(&header, &claims));
        update(&mut state, Msg::Paste(Secret::new(token)), now());
        state
    }

    fn rows(state: &State) -> Vec<String> {
        wrapped(state)
            .iter()
            .map(crate::tui::app::rich::Rich::plain)
            .collect()
    }

    #[test]
    fn what_is_looked_for_is_gone_to_and_round() {
        let members: Vec<String> = (0..10_000).map(|each| format!("\"m{each}\":1")).collect();
        let mut state = decoding(&format!("{{{}}}", members.join(",")));
        press(&mut state, &[Key::Char('/')]);
        text(&mut state, "M999");
        let at = |state: &State| {
            let row = found_rows(&wrapped(state))[state.token.sought.as_ref().unwrap().at];
            let first = state.token.scroll.0;
            assert!((first..first + movement::token_page(state)).contains(&row));
            rows(state)[row].trim().to_owned()
        };
        assert_eq!(at(&state), "\"m999\": 1,");
        let mut seen = Vec::new();
        for key in [Key::Enter, Key::Down, Key::Up, Key::Up, Key::Up] {
            press(&mut state, &[key]);
            seen.push(at(&state));
        }
        assert_eq!(
            seen,
            [
                "\"m9990\": 1,",
                "\"m9991\": 1,",
                "\"m9990\": 1,",
                "\"m999\": 1,",
                "\"m9999\": 1"
            ]
        );
        press(&mut state, &[Key::Esc]);
        assert!(state.token.sought.is_none());
        assert!(state.keys.filter.is_none());
    }

    #[test]
    fn letters_are_text_while_it_is_typed() {
        let mut state = decoding(r#"{"sub":"nq"}"#);
        press(
            &mut state,
            &[Key::Char('/'), Key::Char('n'), Key::Char('q')],
        );
        assert!(state.dialog.is_none());
        assert_eq!(state.token.sought.as_ref().unwrap().line.text(), "nq");
        press(&mut state, &[Key::Tab]);
        assert_eq!(state.focus, Panel::Clients);
    }

    #[test]
    fn nested_objects_and_arrays_fold_and_unfold() {
        let mut state = decoding(r#"{"a":{"b":[1,2]},"c":[],"d":[1,{"e":2},3],"f":"x"}"#);
        let claims = |state: &State| -> Vec<String> {
            let rows = rows(state);
            let start = rows.iter().position(|row| row.contains("\"a\"")).unwrap();
            let end = rows.iter().position(|row| row.contains("\"f\"")).unwrap();
            rows[start..end].to_vec()
        };
        let unfolded = claims(&state);
        press(&mut state, &[Key::Enter]);
        assert_eq!(
            claims(&state),
            ["  \"a\": {… 1},", "  \"c\": [],", "  \"d\": [… 3],"]
        );
        // What is folded could not be found.
        press(&mut state, &[Key::Char('/')]);
        assert_eq!(claims(&state), unfolded);
        press(&mut state, &[Key::Esc, Key::Enter, Key::Enter]);
        assert_eq!(claims(&state), unfolded);
    }
}
