//! The colours of a JSON text in an editor that has been drawn, and the mark where it is wrong.

use std::ops::Range;

use ratatui::{
    Frame,
    layout::Rect,
    style::{Modifier, Style},
    text::Span,
};
use unicode_width::UnicodeWidthStr;

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
        let style = |kind: Kind| match kind {
            Kind::Mark => Some(theme.style(Role::Dim)),
            Kind::Number | Kind::Word => Some(theme.style(Role::Text)),
            Kind::Wrong => Some(theme.style(Role::Bad)),
            Kind::Name | Kind::Space | Kind::Text => None,
        };
        let mut pieces = json_text::pieces(self.text).into_iter().peekable();
        let mut from = 0;
        for (number, line) in self.text.split('\n').enumerate() {
            if number >= self.top + usize::from(self.area.height) {
                break;
            }
            for (octets, cells) in self.cells(number, line) {
                let at = from + octets.start;
                while pieces.next_if(|piece| piece.range.end <= at).is_some() {}
                if let Some(style) = pieces.peek().and_then(|piece| style(piece.kind)) {
                    frame.buffer_mut().set_style(cells, style);
                }
            }
            from += line.len() + 1;
        }
    }

    /// Underlines a place, given by line and column from 1, and puts a sign before its line.
    pub(super) fn mark(&self, (line, column): (usize, usize), theme: Theme, frame: &mut Frame<'_>) {
        let bad = theme.style(Role::Bad);
        let number = line.saturating_sub(1);
        let text = self.text.split('\n').nth(number).unwrap_or_default();
        let start = text.char_indices().nth(column.saturating_sub(1));
        let place = start.map_or(text.len(), |(at, _)| at);
        let cells = self.cells(number, text);
        // What is missing at the end is marked on what stands last.
        let is_there = |octets: &Range<usize>| {
            octets.contains(&place) || place == text.len() && octets.end == place
        };
        let at = cells.into_iter().find(|(octets, _)| is_there(octets));
        if let Some((_, cells)) = at {
            let under = bad.add_modifier(Modifier::UNDERLINED);
            frame.buffer_mut().set_style(cells, under);
        }
        if let Some(row) = self.row(number) {
            let gutter = self.area.x.saturating_sub(2);
            frame.buffer_mut().set_string(gutter, row, "✗", bad);
        }
    }

    /// Writes a few words behind a line, counted from 1; false where there is no room for them.
    pub(super) fn say_behind(
        &self,
        line: usize,
        words: &str,
        theme: Theme,
        frame: &mut Frame<'_>,
    ) -> bool {
        let text = self.text.split('\n').nth(line - 1).unwrap_or_default();
        // Words behind a line that is out of sight would belong to nothing.
        let end = text.width().checked_sub(self.left).filter(|end| *end > 0);
        let end = end.and_then(|end| u16::try_from(end + 2).ok());
        let (Some(row), Some(end)) = (self.row(line - 1), end) else {
            return false;
        };
        let fits = end + u16::try_from(words.width()).unwrap_or(u16::MAX) <= self.area.width;
        if fits {
            let x = self.area.x + end;
            frame
                .buffer_mut()
                .set_string(x, row, words, theme.style(Role::Dim));
        }
        fits
    }

    /// The characters of a line that are on the screen: the octets of each, and its cells.
    fn cells(&self, number: usize, line: &str) -> Vec<(Range<usize>, Rect)> {
        // Lines with control characters are laid out by the editor in its own way.
        let row = self
            .row(number)
            .filter(|_| !line.contains(char::is_control));
        let Some(row) = row else {
            return Vec::new();
        };
        let right = self.left + usize::from(self.area.width);
        let (mut octet, mut column) = (0, 0);
        let mut cells = Vec::new();
        for grapheme in Span::raw(line).styled_graphemes(Style::new()) {
            let width = grapheme.symbol.width();
            if column >= right {
                break;
            }
            if column >= self.left
                && let Ok(x) = u16::try_from(column - self.left)
                && let Ok(width) = u16::try_from(width.min(right - column))
            {
                let octets = octet..octet + grapheme.symbol.len();
                cells.push((octets, Rect::new(self.area.x + x, row, width, 1)));
            }
            octet += grapheme.symbol.len();
            column += width;
        }
        cells
    }

    fn row(&self, number: usize) -> Option<u16> {
        let below = u16::try_from(number.checked_sub(self.top)?).ok()?;
        (below < self.area.height).then_some(self.area.y + below)
    }
}
