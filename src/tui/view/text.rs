//! The panels that are text: 2, and 4 while nothing is edited.

use ratatui::{Frame, layout::Rect, style::Style, text::Line, widgets::Paragraph};

use super::{draw_lines, filter, styled, theme::Theme};
use crate::tui::app::{
    content,
    keys_panel::Typing,
    rich::{Rich, Role},
    scroll::Scroll,
    state::State,
    token_panel::Sought,
};

pub(super) fn certificate(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let lines = content::certificate::wrapped(state);
    draw(&lines, state.certificate.scroll, theme, frame, area);
}

pub(super) fn token(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let lines = content::token::wrapped(state);
    let area = match content::token::sought(state) {
        Some(sought) => {
            let rest = filter::draw(&sought.line, typing(state), theme, frame, area);
            count(sought, &lines, theme, frame, Rect { height: 1, ..area });
            rest
        }
        None => area,
    };
    draw(&lines, state.token.scroll, theme, frame, area);
}

fn typing(state: &State) -> Typing {
    if state.is_searching() && state.waiting.is_none() {
        Typing::UnderWay
    } else {
        Typing::Done
    }
}

/// `2 of 14`, at the right of what is looked for.
fn count(sought: &Sought, lines: &[Rich], theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    if sought.line.text().is_empty() {
        return;
    }
    let (role, text) = match content::token::found_rows(lines).len() {
        0 => (Role::Care, "not there".to_owned()),
        rows => (
            Role::Dim,
            format!("{} of {rows}", sought.at.min(rows - 1) + 1),
        ),
    };
    let text = Line::styled(format!(" {text}"), theme.style(role));
    let width = u16::try_from(text.width())
        .unwrap_or(area.width)
        .min(area.width);
    let place = Rect {
        x: area.right() - width,
        width,
        ..area
    };
    frame.render_widget(Paragraph::new(text), place);
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
    signs(first, lines.len(), theme, frame, area);
}

/// The signs beside a window on `count` lines whose first is `first`, where there are more.
pub(super) fn signs(first: usize, count: usize, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let height = usize::from(area.height);
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
    if count > first + height && height > 0 {
        sign("▼", area.bottom() - 1);
    }
}
