//! What is looked for in a decoded token.

use crate::tui::app::{keys_panel::Typing, line::Line};

/// What is typed after `/` in decode mode.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    pub line: Line,
    pub typing: Typing,
    /// Which of the places found the panel stands at, counted from 0.
    pub at: usize,
}

impl Sought {
    /// The place behind the one at hand, of `count`; behind the last the first.
    pub fn next(&self, count: usize) -> usize {
        (self.at + 1) % count.max(1)
    }

    /// The place before the one at hand, of `count`; before the first the last.
    pub fn previous(&self, count: usize) -> usize {
        (self.at + count.max(1) - 1) % count.max(1)
    }
}
