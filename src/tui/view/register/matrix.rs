//! All keys at all endpoints: a row a key, a column an endpoint.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{marker, standing};
use crate::{
    display,
    tui::{
        app::{
            keys_panel::Row, register_panel::Standing, rich::Role, scroll::Scroll, state::State,
        },
        view::{
            draw_lines, fitted,
            theme::{Focus, Theme},
        },
    },
};

/// The columns that an endpoint takes, its space included.
const CELL: usize = 15;
/// The rows above and below the keys.
const AROUND: usize = 2;

/// The part that is on the screen.
struct Window {
    names: usize,
    first: usize,
    columns: usize,
}

pub(super) fn draw(state: &State, theme: Theme, focus: Focus, frame: &mut Frame<'_>, area: Rect) {
    let endpoints = state.endpoints();
    let width = usize::from(area.width);
    let height = usize::from(area.height).saturating_sub(AROUND);
    let count = state.keys.shown().len();
    let first = state.keys.scroll.first(count, height);
    let shown = state.keys.shown().enumerate().skip(first).take(height);
    let rows: Vec<(usize, &Row)> = shown.collect();
    let widest = rows.iter().map(|(_, row)| row.name().width()).max();
    let names = widest.unwrap_or(0).clamp(8, (width / 3).max(8));
    let columns = (width.saturating_sub(names + 2) / CELL).max(1);
    let window = Window {
        names,
        first: state.register.scroll.first(endpoints.len(), columns),
        columns,
    };
    let mut lines = vec![heads(&endpoints, &window, state.register.scroll, theme)];
    lines.extend(rows.into_iter().map(|(place, row)| {
        let chosen = place == state.keys.scroll.0;
        let style = if chosen { theme.chosen() } else { Style::new() };
        let mut spans = vec![
            marker(chosen, focus, theme),
            Span::styled(fitted(row.name(), names), style),
        ];
        let shown = endpoints.iter().enumerate();
        for (column, name) in shown.skip(window.first).take(window.columns) {
            let here = chosen && column == state.register.scroll.0;
            let sign = if here { " ▸ " } else { "   " };
            spans.push(Span::styled(sign, theme.style(Role::Accent)));
            let (role, word) = match row {
                Row::Key { thumbprint, record } => word(&state.standing(*thumbprint, record, name)),
                Row::Pending { .. } => (Role::Dim, "◌ being made"),
                Row::Unreadable { .. } => (Role::Dim, "—"),
            };
            let mut style = theme.style(role);
            if here {
                style = style.patch(theme.chosen());
            }
            spans.push(Span::styled(fitted(word, CELL - 3), style));
        }
        Line::from(spans)
    }));
    lines.resize(height + 1, Line::default());
    lines.push(detail(state, &endpoints, theme, width));
    draw_lines(lines, frame, area, Style::new());
}

/// What the border says: how many of each, or how far the asking is.
pub(super) fn title(state: &State) -> String {
    if let Some(survey) = &state.register.survey {
        let (answered, asked) = (survey.answered, survey.asked);
        let full = answered * 10 / asked.max(1);
        let (full, rest) = ("█".repeat(full), "░".repeat(10 - full));
        return format!("asked {answered} of {asked} ▕{full}{rest}▏ Esc stops");
    }
    let count = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    };
    let keys = count(state.keys.shown().len(), "key");
    format!("{keys} × {}", count(state.endpoints().len(), "endpoint"))
}

/// The names of the endpoints, and how many there are at either side.
fn heads<'a>(endpoints: &[String], window: &Window, chosen: Scroll, theme: Theme) -> Line<'a> {
    let after = endpoints
        .len()
        .saturating_sub(window.first + window.columns);
    let left = match window.first {
        0 => String::new(),
        count => format!("◀ {count}"),
    };
    let mut spans = vec![Span::styled(
        format!("  {}", fitted(&left, window.names)),
        theme.style(Role::Dim),
    )];
    let shown = endpoints.iter().enumerate();
    for (column, name) in shown.skip(window.first).take(window.columns) {
        let style = if column == chosen.0 {
            theme.style(Role::Accent)
        } else {
            theme.style(Role::Strong)
        };
        spans.push(Span::styled(
            format!("   {}", fitted(name, CELL - 3)),
            style,
        ));
    }
    if after > 0 {
        spans.push(Span::styled(format!(" {after} ▶"), theme.style(Role::Dim)));
    }
    Line::from(spans)
}

/// The chosen key at the chosen endpoint, in whole words.
fn detail<'a>(state: &State, endpoints: &[String], theme: Theme, width: usize) -> Line<'a> {
    let selected = state.keys.selected();
    let (Some((_, record)), Some(name)) = (selected, endpoints.get(state.register.scroll.0)) else {
        return Line::default();
    };
    let (role, text, at) = standing(state, name);
    let text = format!("{} at {name}: {text}  {at}", record.kid);
    Line::styled(display::middle(text.trim_end(), width), theme.style(role))
}

/// Sign and word of a cell.
fn word(standing: &Standing) -> (Role, &'static str) {
    match standing {
        Standing::Registered(_) => (Role::Good, "● registered"),
        Standing::Recorded(_) => (Role::Good, "● noted"),
        Standing::Differs { .. } => (Role::Care, "◐ differs"),
        Standing::Said(_) => (Role::Care, "◐ you said"),
        Standing::NotThere => (Role::Dim, "○ not there"),
        Standing::NoSandbox => (Role::Dim, "○ stopped"),
        Standing::UnderWay => (Role::Accent, "◌ asking…"),
        Standing::Unknown(_) => (Role::Care, "? unknown"),
    }
}
