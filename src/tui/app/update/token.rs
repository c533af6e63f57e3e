//! Panel 4: minting, editing, decoding.

pub(super) mod decode;
pub(super) mod editor;
pub(super) mod header;
pub(super) mod mint;
pub(super) mod remedy;
pub(super) mod search;
pub(super) mod template;
pub(super) mod why;

use crate::tui::app::{effect::Effect, scroll::Scroll, state::State, token_panel::Mode};

/// `v`.
pub(super) fn change_mode(state: &mut State) -> Vec<Effect> {
    state.token.mode = match state.token.mode {
        Mode::Mint => Mode::Decode,
        Mode::Decode => Mode::Mint,
    };
    state.token.scroll = Scroll::default();
    state.token.sought = None;
    Vec::new()
}

#[cfg(test)]
mod tests;
