//! Panel 7.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    draw_lines,
    theme::{Focus, Theme},
};
use crate::{
    display,
    tui::app::{activity::Severity, content::moments, rich::Role, state::State},
};

pub(super) fn draw(state: &State, theme: Theme, focus: Focus, frame: &mut Frame<'_>, area: Rect) {
    let count = state.activity.events().len();
    if count == 0 {
        let line = Line::styled(
            "What was done stands here, with what was sent and what came back.",
            theme.style(Role::Dim),
        );
        draw_lines([line], frame, area, Style::new());
        return;
    }
    let height = usize::from(area.height);
    let first = state.activity.scroll.first(count, height);
    let width = usize::from(area.width).saturating_sub(14);
    let rows = state
        .activity
        .events()
        .enumerate()
        .skip(first)
        .take(height)
        .map(|(place, event)| {
            let chosen = place == state.activity.scroll.0;
            let marker = match (chosen, focus) {
                (true, Focus::Here) => Span::styled("▌ ", theme.style(Role::Accent)),
                (true, Focus::Elsewhere) => Span::styled("▌ ", theme.style(Role::Dim)),
                (false, _) => Span::raw("  "),
            };
            let sign = match event.severity {
                Severity::Good => "✓ ",
                Severity::Care => "! ",
                Severity::Bad => "✗ ",
            };
            let at = moments::time_of_day(event.at, &state.zone);
            let style = if chosen { theme.chosen() } else { Style::new() };
            Line::from(vec![
                marker,
                Span::styled(format!("{at}  "), theme.style(Role::Dim)),
                Span::styled(sign, theme.severity(event.severity)),
                Span::styled(display::middle(&event.what, width), style),
            ])
        });
    draw_lines(rows, frame, area, Style::new());
}
