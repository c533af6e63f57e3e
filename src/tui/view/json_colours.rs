//! The colours of a JSON text in an editor that has been drawn, and the mark where it is wrong.

use ratatui::{
    Frame,
    layout::Rect,
    style::{Modifier, Style},
};
use unicode_width::UnicodeWidthChar;

use super::theme::Theme;
use crate::{
    jose::json_text::{self, Kind},
    tui::app::rich::Role,
};

/// An editor on the screen: its text, and the first line and the first column that are shown.
pub(super) struct Shown<'a> {
    pub(super) text: &'a str,
    pub(super) top: usize,
    pub(super) left: usize,
    pub(super) area: Rect,
}

impl Shown<'_> {
    /// Names and texts keep the colour of their part; marks step back, numbers and words stand out.
    pub(super) fn colour(&self, theme: Theme, frame: &mut Frame<'_>) {
        let mut pieces = json_text::pieces(self.text).into_iter().peekable();
        let mut from = 0;
        for (number, line) in self.text.split('\n').enumerate() {
            let end = from + line.len();
            while pieces.next_if(|piece| piece.range.end <= from).is_some() {}
            if number >= self.top + usize::from(self.area.height) {
                break;
            }
            let mut at = from;
            while let Some(piece) = pieces.peek().filter(|piece| piece.range.start < end) {
                let until = piece.range.end.min(end);
                let style = match piece.kind {
                    Kind::Mark => Some(theme.style(Role::Dim)),
                    Kind::Number | Kind::Word => Some(theme.style(Role::Text)),
                    Kind::Wrong => Some(theme.style(Role::Bad)),
                    Kind::Name | Kind::Space | Kind::Text => None,
                };
                at = at.max(piece.range.start);
                if let Some(style) = style {
                    self.paint(number, line, (at - from, until - from), style, frame);
                }
                at = until;
                if piece.range.end > end {
                    break;
                }
                pieces.next();
            }
            from = end + 1;
        }
    }

    /// Underlines a place, given by line and column from 1, and puts a sign before its line.
    pub(super) fn mark(&self, (line, column): (usize, usize), theme: Theme, frame: &mut Frame<'_>) {
        let bad = theme.style(Role::Bad);
        let number = line - 1;
        let text = self.text.split('\n').nth(number).unwrap_or_default();
        let start = text.char_indices().nth(column - 1);
        let (from, to) = match start {
            Some((at, character)) => (at, at + character.len_utf8()),
            None => (text.len(), text.len()),
        };
        let under = bad.add_modifier(Modifier::UNDERLINED);
        self.paint(number, text, (from, to.max(from + 1)), under, frame);
        if let Some(row) = self.row(number) {
            let gutter = self.area.x.saturating_sub(2);
            frame.buffer_mut().set_string(gutter, row, "✗", bad);
        }
    }

    /// The cells of the octets `from..to` of a line.
    fn paint(
        &self,
        number: usize,
        line: &str,
        (from, to): (usize, usize),
        style: Style,
        frame: &mut Frame<'_>,
    ) {
        let Some(row) = self.row(number) else {
            return;
        };
        // The editor lays these out in its own way.
        if line.contains(char::is_control) {
            return;
        }
        let cells = |octets: usize| -> usize {
            let before = line.char_indices().take_while(|(at, _)| *at < octets);
            let widths = before.map(|(_, character)| character.width().unwrap_or(0));
            widths.sum::<usize>() + octets.saturating_sub(line.len())
        };
        let width = usize::from(self.area.width);
        let first = cells(from).saturating_sub(self.left).min(width);
        let last = cells(to).saturating_sub(self.left).min(width);
        let (Ok(x), Ok(width)) = (u16::try_from(first), u16::try_from(last - first)) else {
            return;
        };
        let cells = Rect::new(self.area.x + x, row, width, 1);
        frame.buffer_mut().set_style(cells, style);
    }

    fn row(&self, number: usize) -> Option<u16> {
        let below = u16::try_from(number.checked_sub(self.top)?).ok()?;
        (below < self.area.height).then_some(self.area.y + below)
    }
}
