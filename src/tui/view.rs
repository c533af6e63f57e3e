//! Drawing: `&State` to a frame, and nothing kept.

mod activity;
mod clients;
mod dialog;
mod editor;
mod filter;
mod footer;
mod header;
mod json_colours;
mod keys;
mod register;
mod sandbox;
mod text;
pub mod theme;

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    symbols::merge::MergeStrategy,
    text::{Line, Span},
    widgets::{Block, Paragraph},
};

use self::theme::{Colours, Focus, Theme};
use super::app::{
    action::{Action, Context},
    layout::{self, LEAST},
    panel::Panel,
    rich::{Rich, Role},
    state::State,
};

/// Draws the whole screen.
pub fn draw(state: &State, colours: Colours, frame: &mut Frame<'_>) {
    let theme = Theme::new(state.theme, colours);
    let Some(regions) = layout::regions(state) else {
        let (columns, rows) = state.size;
        let quit = state.keymap.shown(Context::Everywhere, Action::Quit);
        let quit = quit.map_or_else(String::new, |key| format!(" ({key} leaves)"));
        let text = format!(
            "keyfob needs {}×{}, this terminal has {columns}×{rows}{quit}",
            LEAST.0, LEAST.1
        );
        frame.render_widget(Paragraph::new(text), frame.area());
        return;
    };
    header::draw(state, theme, frame, regions.header);
    // The focused panel last: its border lies on its neighbours'.
    let (focused, others): (Vec<_>, Vec<_>) = regions
        .panels
        .into_iter()
        .partition(|(panel, _)| *panel == state.focus);
    for (panel, area) in others.into_iter().chain(focused) {
        draw_panel(state, theme, frame, panel, area);
    }
    footer::draw(state, theme, frame, regions.footer);
    if let Some(dialog) = &state.dialog {
        dialog::draw(dialog, state, theme, frame);
    }
}

fn draw_panel(state: &State, theme: Theme, frame: &mut Frame<'_>, panel: Panel, area: Rect) {
    let focus = if panel == state.focus && state.dialog.is_none() {
        Focus::Here
    } else {
        Focus::Elsewhere
    };
    let (left, right) = match panel {
        Panel::Keys => keys::titles(state),
        Panel::Token => (panel.title().to_owned(), editor::modes(state)),
        Panel::Register => (panel.title().to_owned(), register::title(state)),
        Panel::Clients => (panel.title().to_owned(), clients::title(state)),
        Panel::Certificate | Panel::Sandbox | Panel::Activity => {
            (panel.title().to_owned(), String::new())
        }
    };
    let mut block = Block::bordered()
        .border_style(theme.border(focus))
        .merge_borders(MergeStrategy::Exact)
        .title_top(Line::styled(format!(" {left} "), theme.border(focus)));
    if !right.is_empty() {
        let title = Line::styled(format!(" {right} "), theme.style(Role::Dim));
        block = block.title_top(title.right_aligned());
    }
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let inner = Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    };
    match panel {
        Panel::Keys => keys::draw(state, theme, focus, frame, inner),
        Panel::Certificate => text::certificate(state, theme, frame, inner),
        Panel::Register => register::draw(state, theme, focus, frame, inner),
        Panel::Token if state.is_editing() => editor::draw(state, theme, frame, inner),
        Panel::Token => text::token(state, theme, frame, inner),
        Panel::Clients => clients::draw(state, theme, focus, frame),
        Panel::Sandbox => sandbox::draw(state, theme, frame, inner),
        Panel::Activity => activity::draw(state, theme, focus, frame, inner),
    }
}

/// A line of roles as a line of styles.
fn styled(line: &Rich, theme: Theme) -> Line<'_> {
    let spans = line
        .pieces()
        .map(|(role, text)| Span::styled(text, theme.style(role)));
    spans.collect()
}

/// Lines from the top of an area down.
fn draw_lines<'a>(
    lines: impl IntoIterator<Item = Line<'a>>,
    frame: &mut Frame<'_>,
    area: Rect,
    style: Style,
) {
    for (row, line) in area.rows().zip(lines) {
        frame.render_widget(Paragraph::new(line).style(style), row);
    }
}

/// The sign of a spinner that turns ten times a second.
fn spinner(state: &State, since: jiff::Timestamp) -> char {
    const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
    let tenths = state.now.duration_since(since).as_millis() / 100;
    let place = usize::try_from(tenths.rem_euclid(10)).unwrap_or(0);
    FRAMES[place]
}

/// `text` in `width` columns: cut in the middle, or padded.
fn fitted(text: &str, width: usize) -> String {
    let text = crate::display::middle(text, width);
    let used = unicode_width::UnicodeWidthStr::width(text.as_str());
    format!("{text}{}", " ".repeat(width.saturating_sub(used)))
}

#[cfg(test)]
mod tests;
