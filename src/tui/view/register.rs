//! Panel 3.

mod matrix;
mod there;

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    draw_lines, fitted,
    theme::{Focus, Theme},
};
use crate::{
    display,
    tui::app::{
        content::moments,
        panel::Panel,
        register_panel::{Matrix, Standing},
        rich::Role,
        state::State,
    },
};

/// What the border says at the right: which keys are shown.
pub(super) fn title(state: &State) -> String {
    if state.register.matrix == Matrix::Shown && state.focus == Panel::Register {
        return matrix::title(state);
    }
    state
        .register
        .there
        .as_ref()
        .map_or_else(String::new, |there| {
            let name = display::middle(&there.endpoint, 24);
            match there.at {
                None => format!("keys at {name}"),
                Some(at) => {
                    let at = moments::short(at, state.now, &state.zone);
                    format!("keys at {name}, seen {at}")
                }
            }
        })
}

pub(super) fn draw(state: &State, theme: Theme, focus: Focus, frame: &mut Frame<'_>, area: Rect) {
    if state.register.matrix == Matrix::Shown && state.focus == Panel::Register {
        matrix::draw(state, theme, focus, frame, area);
        return;
    }
    if let Some(there) = &state.register.there {
        there::draw(there, state, theme, focus, frame, area);
        return;
    }
    let endpoints = state.endpoints();
    let widest = endpoints.iter().map(|name| name.width()).max().unwrap_or(0);
    let width = usize::from(area.width);
    let name_width = widest.clamp(8, width / 3);
    let height = usize::from(area.height);
    let first = state.register.scroll.first(endpoints.len(), height);
    let rows = endpoints
        .iter()
        .enumerate()
        .skip(first)
        .map(|(place, name)| {
            let chosen = place == state.register.scroll.0;
            let style = if chosen { theme.chosen() } else { Style::new() };
            let mut spans = vec![
                marker(chosen, focus, theme),
                Span::styled(fitted(name, name_width), style),
            ];
            let (role, text, at) = standing(state, name);
            let free = width.saturating_sub(name_width + 4);
            let text_width = free.saturating_sub(at.width() + 1);
            spans.push(Span::styled(
                format!("  {}", fitted(&text, text_width)),
                theme.style(role),
            ));
            spans.push(Span::styled(format!(" {at}"), theme.style(Role::Dim)));
            Line::from(spans)
        });
    let mut lines: Vec<Line<'_>> = rows.collect();
    if lines.len() + 2 <= height {
        lines.push(Line::default());
        lines.extend(about(state, theme, width));
    }
    draw_lines(lines, frame, area, Style::new());
}

/// Whether a row is the chosen one.
fn marker<'a>(chosen: bool, focus: Focus, theme: Theme) -> Span<'a> {
    match (chosen, focus) {
        (true, Focus::Here) => Span::styled("▌ ", theme.style(Role::Accent)),
        (true, Focus::Elsewhere) => Span::styled("▌ ", theme.style(Role::Dim)),
        (false, _) => Span::raw("  "),
    }
}

/// Sign, words and time of the selected key at an endpoint.
fn standing(state: &State, endpoint: &str) -> (Role, String, String) {
    let none = String::new;
    let Some((thumbprint, record)) = state.keys.selected() else {
        return (Role::Dim, "○".to_owned(), none());
    };
    let time = |at| moments::short(at, state.now, &state.zone);
    match state.standing(thumbprint, record, endpoint) {
        Standing::Registered(at) => (Role::Good, "● registered".to_owned(), time(at)),
        Standing::Recorded(at) => {
            let text = "● registered, not asked since".to_owned();
            (Role::Good, text, time(at))
        }
        Standing::Said(at) => (Role::Care, "◐ as you said".to_owned(), time(at)),
        Standing::Differs { what, at } => (Role::Care, format!("◐ differs: {what}"), time(at)),
        Standing::NotThere => (Role::Dim, "○ not there".to_owned(), none()),
        Standing::NoSandbox => (Role::Dim, "○ does not run: r starts it".to_owned(), none()),
        Standing::UnderWay => (Role::Accent, "◌ asking…".to_owned(), none()),
        Standing::Unknown(why) => (Role::Care, format!("? {why}"), none()),
    }
}

/// The endpoint under the cursor.
fn about<'a>(state: &State, theme: Theme, width: usize) -> Vec<Line<'a>> {
    let summaries = state.configuration.endpoints.summaries();
    let Some(summary) = summaries.get(state.register.scroll.0) else {
        return Vec::new();
    };
    let running = state.sandbox.at_hand.as_ref();
    let url = match running {
        Some(at_hand) if summary.name == summary.preset => at_hand.running.auth.clone(),
        _ => summary.url.clone(),
    };
    let text = format!("{}  {url}", summary.preset);
    vec![Line::styled(
        display::middle(&text, width),
        theme.style(Role::Dim),
    )]
}
