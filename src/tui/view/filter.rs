//! What is typed after `/`.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::theme::Theme;
use crate::{
    display,
    tui::app::{keys_panel::filter::Typing, line, rich::Role},
};

/// Draws it on the first row of `area` and returns what is left; the cursor is there while it has
/// the keys.
pub(super) fn draw(
    text: &line::Line,
    typing: Typing,
    theme: Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) -> Rect {
    let shown = Line::from(vec![
        Span::styled("/ ", theme.style(Role::Accent)),
        Span::raw(display::line(text.text()).into_owned()),
    ]);
    frame.render_widget(Paragraph::new(shown), Rect { height: 1, ..area });
    if typing == Typing::UnderWay {
        let column = u16::try_from(text.cursor()).unwrap_or(u16::MAX);
        let column = area.x.saturating_add(2).saturating_add(column);
        frame.set_cursor_position((column.min(area.right().saturating_sub(1)), area.y));
    }
    Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    }
}
