//! A place in a list or a text.

use super::action::Action;

/// The row that is chosen, or the first that is shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Scroll(pub usize);

impl Scroll {
    /// Moves within `length` rows, `page` of them to a page. Whether `action` was a move.
    pub fn moved(&mut self, action: Action, length: usize, page: usize) -> bool {
        let last = length.saturating_sub(1);
        let page = page.max(1);
        self.0 = match action {
            Action::Up => self.0.saturating_sub(1),
            Action::Down => self.0 + 1,
            Action::PageUp => self.0.saturating_sub(page),
            Action::PageDown => self.0 + page,
            Action::Top => 0,
            Action::Bottom => last,
            _ => return false,
        }
        .min(last);
        true
    }

    /// The first row of a window of `height` that keeps the chosen one in sight.
    pub fn first(self, length: usize, height: usize) -> usize {
        let half = height / 2;
        self.0
            .saturating_sub(half)
            .min(length.saturating_sub(height))
    }
}
