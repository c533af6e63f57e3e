//! `/` in panels 1, 3 and 5, and key presses while it is typed.

use super::{arranging, clients, focus, movement, registration, token};
use crate::tui::app::{
    action::Action,
    effect::Effect,
    key::Key,
    keys_panel::{Filter, Typing},
    line::Typed,
    panel::Panel,
    state::State,
};

/// Whether there is something to look among.
pub(super) fn is_available(state: &State) -> bool {
    match (state.focus, &state.register.there) {
        _ if token::search::can_begin(state) => true,
        (Panel::Clients, _) => state.clients().len() > 1,
        (Panel::Register, Some(there)) => there.sights.len() > 1,
        _ => state.keys.count() > 1,
    }
}

/// Looks among the clients, or the keys at an endpoint, where they are shown, else among the keys;
/// what was looked for last can be changed.
pub(super) fn begin(state: &mut State) -> Vec<Effect> {
    if registration::filter(state) {
        return Vec::new();
    }
    if state.focus == Panel::Clients {
        clients::filter(state);
        return Vec::new();
    }
    state.keys.filter.get_or_insert_default().typing = Typing::UnderWay;
    state.keys.prepare_filter();
    let mut effects = focus(state, Panel::Keys);
    effects.extend(arranging::subjects(state));
    effects
}

/// A key press in the filter.
pub(super) fn pressed(state: &mut State, key: Key) -> Vec<Effect> {
    let next = state.focus.next();
    let Some(filter) = filter(state) else {
        return Vec::new();
    };
    match key {
        Key::Esc => close(state),
        Key::Enter if filter.line.text().is_empty() => close(state),
        Key::Enter => filter.typing = Typing::Done,
        Key::Tab => {
            filter.typing = Typing::Done;
            return focus(state, next);
        }
        Key::Up => return movement::moved(state, Action::Up),
        Key::Down => return movement::moved(state, Action::Down),
        Key::PageUp => return movement::moved(state, Action::PageUp),
        Key::PageDown => return movement::moved(state, Action::PageDown),
        key => {
            let before = filter.line.text().len();
            if filter.line.press(key) == Typed::Taken && filter.line.text().len() != before {
                changed(state);
            }
        }
    }
    Vec::new()
}

/// A paste while it is typed.
pub(super) fn pasted(state: &mut State, text: &str) {
    if let Some(filter) = filter(state) {
        filter.line.insert(text);
        changed(state);
    }
}

fn filter(state: &mut State) -> Option<&mut Filter> {
    match state.focus {
        Panel::Clients => state.clients.filter.as_mut(),
        Panel::Register => state.register.there.as_mut()?.filter.as_mut(),
        _ => state.keys.filter.as_mut(),
    }
}

/// Other words: the cursor goes to what matches best.
fn changed(state: &mut State) {
    match (state.focus, &mut state.register.there) {
        (Panel::Clients, _) => clients::refiltered(state),
        (Panel::Register, Some(there)) => there.refilter(),
        _ => {
            state.keys.refilter();
            movement::selection_changed(state);
        }
    }
}

fn close(state: &mut State) {
    match (state.focus, &mut state.register.there) {
        (Panel::Clients, _) => clients::unfilter(state),
        (Panel::Register, Some(there)) => there.unfilter(),
        _ => {
            state.keys.filter = None;
            state.keys.rearrange();
        }
    }
}
