//! Key presses while the filter of panel 1 is typed.

use super::{focus, movement};
use crate::tui::app::{
    action::Action, effect::Effect, key::Key, keys_panel::Typing, line::Typed, panel::Panel,
    state::State,
};

/// A key press in the filter.
pub(super) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(filter) = &mut state.keys.filter else {
        return Vec::new();
    };
    match key {
        Key::Esc => {
            state.keys.filter = None;
            state.keys.rearrange();
            return Vec::new();
        }
        Key::Enter if filter.line.text().is_empty() => state.keys.filter = None,
        Key::Enter => filter.typing = Typing::Done,
        Key::Tab => {
            filter.typing = Typing::Done;
            return focus(state, Panel::Keys.next());
        }
        Key::Up => return movement::moved(state, Action::Up),
        Key::Down => return movement::moved(state, Action::Down),
        Key::PageUp => return movement::moved(state, Action::PageUp),
        Key::PageDown => return movement::moved(state, Action::PageDown),
        key => {
            let before = filter.line.text().len();
            if filter.line.press(key) == Typed::Taken && filter.line.text().len() != before {
                state.keys.refilter();
                movement::selection_changed(state);
            }
        }
    }
    Vec::new()
}
