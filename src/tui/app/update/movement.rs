//! The cursor and the mouse.

use ratatui::layout::Position;

use crate::tui::app::{
    action::Action,
    activity::Severity,
    content,
    effect::{Effect, MouseCapture},
    layout,
    msg::{Mouse, MouseKind},
    panel::Panel,
    register_panel::Matrix,
    scroll::Scroll,
    state::{State, Switch},
    token_panel::Mode,
};

pub(super) fn moved(state: &mut State, action: Action) -> Vec<Effect> {
    let page = layout::inner_height(state, state.focus);
    match state.focus {
        // The rows of the matrix are the keys.
        Panel::Register if state.register.matrix == Matrix::Shown => {
            let count = state.keys.shown().len();
            let page = page.saturating_sub(2);
            if state.keys.scroll.moved(action, count, page) {
                selection_changed(state);
            }
        }
        Panel::Keys => {
            let count = state.keys.shown().len();
            let before = state.keys.scroll;
            state.keys.scroll.moved(action, count, page);
            if state.keys.scroll != before {
                selection_changed(state);
            }
        }
        Panel::Certificate => {
            let count = content::certificate::wrapped(state).len();
            let last_page = count.saturating_sub(page) + 1;
            state.certificate.scroll.moved(action, last_page, page);
        }
        Panel::Token => {
            let page = token_page(state);
            let count = content::token::wrapped(state).len();
            let last_page = count.saturating_sub(page) + 1;
            state.token.scroll.moved(action, last_page, page);
        }
        Panel::Register => {
            let endpoints = state.endpoints().len();
            match &mut state.register.there {
                Some(there) => {
                    let count = there.shown().len();
                    there.scroll.moved(action, count, page)
                }
                None => state.register.scroll.moved(action, endpoints, page),
            };
        }
        Panel::Clients => super::clients::moved(state, action),
        Panel::Sandbox => {
            let count = state.sandbox.log().len();
            state.sandbox.scroll.moved(action, count, page);
        }
        Panel::Activity => {
            let count = state.activity.events().len();
            state.activity.scroll.moved(action, count, page);
        }
    }
    Vec::new()
}

/// The rows of panel 4 that show lines: the search takes one.
pub(super) fn token_page(state: &State) -> usize {
    let search = usize::from(content::token::sought(state).is_some());
    layout::inner_height(state, Panel::Token).saturating_sub(search)
}

/// The other panels show another key now: from its beginning.
pub(super) fn selection_changed(state: &mut State) {
    state.certificate.scroll = Scroll::default();
    if state.token.mode == Mode::Mint {
        state.token.scroll = Scroll::default();
    }
}

/// `M`
pub(super) fn mouse(state: &mut State) -> Vec<Effect> {
    let (switch, capture, text) = match state.mouse {
        Switch::On => (
            Switch::Off,
            MouseCapture::Off,
            "mouse off: the terminal selects text",
        ),
        Switch::Off => (Switch::On, MouseCapture::On, "mouse on"),
    };
    state.mouse = switch;
    state.say(Severity::Good, text);
    vec![Effect::MouseCapture(capture)]
}

pub(super) fn clicked(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    state.touched = state.now;
    if state.waiting.is_some() {
        return Vec::new();
    }
    let scroll = match mouse.kind {
        MouseKind::ScrollDown => Some(Action::Down),
        MouseKind::ScrollUp => Some(Action::Up),
        MouseKind::Click => None,
    };
    if state.dialog.is_some() {
        return scroll.map_or_else(Vec::new, |action| super::dialogs::scrolled(state, action));
    }
    let Some(regions) = layout::regions(state) else {
        return Vec::new();
    };
    let at = Position::new(mouse.column, mouse.row);
    if regions.header.contains(at) {
        let header = content::header::Header::of(state, usize::from(regions.header.width));
        let action = header.action(mouse.column).filter(|_| scroll.is_none());
        if action.is_some() && state.is_editing() {
            state.token.editing = None;
        }
        return action.map_or_else(Vec::new, |action| super::perform(state, action));
    }
    let hit = regions
        .panels
        .into_iter()
        .find(|(_, area)| area.contains(at));
    let Some((panel, area)) = hit else {
        return Vec::new();
    };
    if state.is_editing() && panel != Panel::Token {
        state.token.editing = None;
    }
    super::focus(state, panel);
    if let Some(action) = scroll {
        if panel == Panel::Clients {
            super::clients::scrolled(state, at, action);
            return Vec::new();
        }
        return moved(state, action);
    }
    let row = usize::from(mouse.row.saturating_sub(area.y + 1));
    let height = usize::from(area.height.saturating_sub(2));
    let within = (mouse.row > area.y && row < height).then_some(row);
    match (panel, within) {
        (Panel::Keys, Some(row)) => {
            let count = state.keys.shown().len();
            let filter = usize::from(state.keys.filter.is_some());
            let first = state.keys.scroll.first(count, height - filter);
            let place = (row + first).checked_sub(filter);
            if let Some(place) = place.filter(|place| *place < count) {
                state.keys.scroll = Scroll(place);
                selection_changed(state);
            }
        }
        (Panel::Clients, Some(_)) => super::clients::clicked(state, at),
        (Panel::Register, Some(row)) if state.register.matrix == Matrix::Shown => {
            let count = state.keys.shown().len();
            let first = state.keys.scroll.first(count, height.saturating_sub(2));
            let place = (row + first).checked_sub(1);
            if let Some(place) = place.filter(|place| *place < count && row + 1 < height) {
                state.keys.scroll = Scroll(place);
                selection_changed(state);
            }
        }
        (Panel::Register, Some(row)) => {
            let endpoints = state.endpoints().len();
            let (count, filter) = match &state.register.there {
                Some(there) => (there.shown().len(), usize::from(there.filter.is_some())),
                None => (endpoints, 0),
            };
            let scroll = match &mut state.register.there {
                Some(there) => &mut there.scroll,
                None => &mut state.register.scroll,
            };
            let place = (row + scroll.first(count, height - filter)).checked_sub(filter);
            if let Some(place) = place.filter(|place| *place < count) {
                *scroll = Scroll(place);
            }
        }
        (Panel::Activity, Some(row)) => {
            let count = state.activity.events().len();
            let place = row + state.activity.scroll.first(count, height);
            if place < count {
                state.activity.scroll = Scroll(place);
            }
        }
        _ => {}
    }
    Vec::new()
}
