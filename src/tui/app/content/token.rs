//! Panel 4: what it says while nothing is being edited.

mod decode;
pub mod mint;

use crate::tui::app::{
    layout,
    panel::Panel,
    rich::{self, Rich, Role},
    state::State,
    token_panel::{Mode, Wrapping},
};

/// The lines of the panel, not yet wrapped.
pub fn lines(state: &State) -> Vec<Rich> {
    match state.token.mode {
        Mode::Mint => mint::lines(state),
        Mode::Decode => decode::lines(state),
    }
}

/// The lines as wide as the panel.
pub fn wrapped(state: &State) -> Vec<Rich> {
    let columns = layout::inner_width(state, Panel::Token);
    match state.token.wrapping {
        Wrapping::Wrapped => rich::wrapped(&lines(state), columns, 0),
        Wrapping::Cut => lines(state).iter().map(|line| line.cut(columns)).collect(),
    }
}

/// A token in three colours; without a signature its place is marked.
pub fn coloured(token: &str) -> Rich {
    let mut parts = token.splitn(3, '.');
    let mut line = Rich::new(Role::Header, parts.next().unwrap_or_default());
    if let Some(claims) = parts.next() {
        line = line.and(Role::Dim, ".").and(Role::Claims, claims);
    }
    if let Some(signature) = parts.next() {
        line = line.and(Role::Dim, ".").and(Role::Signature, signature);
    }
    line
}
