//! Panel 4: what it says while nothing is being edited.

mod decode;
pub mod mint;

use crate::tui::app::{
    layout,
    panel::Panel,
    rich::{self, Rich, Role},
    state::State,
    token_panel::{Mode, Sought, Wrapping},
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
    match (sought(state), state.token.wrapping) {
        (None, Wrapping::Wrapped) => rich::wrapped(&lines(state), columns, 0),
        (None, Wrapping::Cut) => lines(state).iter().map(|line| line.cut(columns)).collect(),
        // Whole: what is cut could not be found.
        (Some(sought), _) => {
            let lines = lines(state).into_iter();
            let marked: Vec<Rich> = lines.map(|line| line.marked(sought.line.text())).collect();
            rich::wrapped(&marked, columns, 0)
        }
    }
}

/// What is looked for, where the decoded token is shown.
pub fn sought(state: &State) -> Option<&Sought> {
    match state.token.mode {
        Mode::Decode => state.token.sought.as_ref(),
        Mode::Mint => None,
    }
}

/// The rows on which something that was looked for begins.
pub fn found_rows(rows: &[Rich]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut goes_on = false;
    for (place, row) in rows.iter().enumerate() {
        let roles: Vec<Role> = row.pieces().map(|(role, _)| role).collect();
        // What goes on from the row above was counted there.
        let fresh = roles.iter().skip(usize::from(goes_on));
        if fresh.into_iter().any(|role| *role == Role::Found) {
            found.push(place);
        }
        goes_on = roles.last() == Some(&Role::Found);
    }
    found
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
