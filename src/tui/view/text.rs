//! The panels that are text: 2, and 4 while nothing is edited.

use ratatui::{Frame, layout::Rect, style::Style};

use super::{draw_lines, styled, theme::Theme};
use crate::tui::app::{
    content,
    rich::{Rich, Role},
    scroll::Scroll,
    state::State,
};

pub(super) fn certificate(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let lines = content::certificate::wrapped(state);
    draw(&lines, state.certificate.scroll, theme, frame, area);
}

pub(super) fn token(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let lines = content::token::wrapped(state);
    draw(&lines, state.token.scroll, theme, frame, area);
}

/// A window on lines; a sign tells where there are more.
pub(super) fn draw(
    lines: &[Rich],
    scroll: Scroll,
    theme: Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let height = usize::from(area.height);
    let first = scroll.0.min(lines.len().saturating_sub(height));
    let shown = lines.iter().skip(first).take(height);
    draw_lines(
        shown.map(|line| styled(line, theme)),
        frame,
        area,
        Style::new(),
    );
    let mut sign = |text: &'static str, row: u16| {
        let at = Rect::new(area.right(), row, 1, 1);
        if frame.area().contains((at.x, at.y).into()) {
            let style = theme.style(Role::Accent);
            frame.buffer_mut().set_string(at.x, at.y, text, style);
        }
    };
    if first > 0 {
        sign("▲", area.y);
    }
    if lines.len() > first + height && height > 0 {
        sign("▼", area.bottom() - 1);
    }
}
