//! All keys at all endpoints.

use crate::tui::app::{
    action::Action,
    effect::Effect,
    register_panel::Matrix,
    scroll::Scroll,
    state::{State, Zoom},
};

/// `o`: onto the whole screen, and back.
pub(super) fn turn(state: &mut State) -> Vec<Effect> {
    state.register.matrix = match state.register.matrix {
        Matrix::Hidden => Matrix::Shown,
        Matrix::Shown => Matrix::Hidden,
    };
    if let Some(there) = state.register.there.take() {
        let names = state.endpoints();
        let place = names.iter().position(|name| *name == there.endpoint);
        state.register.scroll = Scroll(place.unwrap_or(0));
    }
    state.zoom = Zoom::Out;
    Vec::new()
}

/// The arrows: another endpoint.
pub(super) fn sideways(state: &mut State, action: Action) -> Vec<Effect> {
    if state.register.matrix == Matrix::Shown {
        let towards = match action {
            Action::Left => Action::Up,
            _ => Action::Down,
        };
        let count = state.endpoints().len();
        state.register.scroll.moved(towards, count, 1);
    }
    Vec::new()
}
