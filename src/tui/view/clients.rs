//! Panel 5.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    draw_lines, filter, fitted, spinner, styled, text,
    theme::{Focus, Theme},
};
use crate::{
    config::settings::ClientServer,
    display,
    tui::app::{
        clients_panel::{Part, Place, Row, Way},
        content,
        keys_panel::Typing,
        layout::{self, ClientsRegions},
        rich::Role,
        scroll::Scroll,
        state::State,
    },
};

/// What the border says at the right: which of many clients has the cursor.
pub(super) fn title(state: &State) -> String {
    let count = state.clients().len();
    let shown = state.shown_clients().len();
    let rows = layout::clients(state).map_or(0, |regions| usize::from(regions.list.height));
    if shown < count {
        format!("{shown} of {count}")
    } else if count > rows {
        format!("{} of {count}", state.clients.scroll.0 + 1)
    } else {
        String::new()
    }
}

pub(super) fn draw(state: &State, theme: Theme, focus: Focus, frame: &mut Frame<'_>) {
    let Some(regions) = layout::clients(state) else {
        return;
    };
    if let Some(filter) = &state.clients.filter {
        let typing = if state.is_filtering() && state.waiting.is_none() {
            Typing::UnderWay
        } else {
            Typing::Done
        };
        filter::draw(&filter.line, typing, theme, frame, regions.filter);
    }
    list(state, theme, focus, frame, regions.list);
    let Some(row) = state.client() else {
        return;
    };
    let columns = usize::from(regions.settings.width);
    let lines = content::clients::wrapped_settings(&row, state, columns);
    text::draw(&lines, Scroll::default(), theme, frame, regions.settings);
    if let Some(way) = state.clients.way(&row.name) {
        steps(way, state, theme, focus, frame, &regions);
        details(state, theme, focus, frame, regions.details);
    }
}

fn list(state: &State, theme: Theme, focus: Focus, frame: &mut Frame<'_>, area: Rect) {
    let rows = state.shown_clients();
    if rows.is_empty() {
        let text = Line::styled(
            "No client matches: Esc shows all again.",
            theme.style(Role::Dim),
        );
        draw_lines([text], frame, area, Style::new());
        return;
    }
    let widths = Widths::of(&rows, usize::from(area.width));
    let height = usize::from(area.height);
    let first = state.clients.scroll.first(rows.len(), height);
    let has_cursor = focus == Focus::Here && state.clients.part == Part::Clients;
    let lines = rows.iter().enumerate().skip(first).map(|(place, row)| {
        let chosen = place == state.clients.scroll.0;
        let style = if chosen { theme.chosen() } else { Style::new() };
        let (role, standing) = content::clients::standing(row, state);
        let way = state.clients.way(&row.name);
        let task = way.and_then(|way| state.tasks.task(way.under_way?));
        let standing = match task {
            Some(task) => format!("{} {standing}", spinner(state, task.since)),
            None => standing,
        };
        let (server, key) = match &row.settings {
            Some(settings) => {
                let (ClientServer::Issuer(url) | ClientServer::TokenUrl(url)) = &settings.server;
                let key = settings.key.as_deref().unwrap_or("—");
                (url.clone(), key.to_owned())
            }
            None => ("where the running sandbox is".to_owned(), "—".to_owned()),
        };
        let own = match row.place {
            Place::Own(_) => "yours",
            Place::Added(_) | Place::BuiltIn => "",
        };
        Line::from(vec![
            marker(chosen, has_cursor, theme),
            Span::styled(fitted(&row.name, widths.name), style),
            Span::styled(
                format!("  {}", fitted(&standing, STANDING)),
                theme.style(role),
            ),
            Span::raw(format!("  {}", fitted(&key, widths.key))),
            Span::styled(
                format!("  {}", fitted(&server, widths.server)),
                theme.style(Role::Dim),
            ),
            Span::styled(format!(" {own}"), theme.style(Role::Dim)),
        ])
    });
    draw_lines(lines, frame, area, Style::new());
}

/// The columns of a client's standing.
const STANDING: usize = 15;

/// The columns of the list.
struct Widths {
    name: usize,
    key: usize,
    server: usize,
}

impl Widths {
    fn of(rows: &[Row], width: usize) -> Self {
        let widest = |texts: Vec<usize>| texts.into_iter().max().unwrap_or(0);
        let names = rows.iter().map(|row| row.name.chars().count()).collect();
        let name = widest(names).clamp(8, width / 4);
        let keys = rows.iter().filter_map(|row| row.settings.as_ref());
        let keys = keys.filter_map(|settings| settings.key.as_ref());
        let keys = keys.map(|kid| kid.chars().count()).collect();
        let key = widest(keys).clamp(3, width / 5);
        let used = 2 + name + 2 + STANDING + 2 + key + 2 + 6;
        Self {
            name,
            key,
            server: width.saturating_sub(used),
        }
    }
}

fn steps(
    way: &Way,
    state: &State,
    theme: Theme,
    focus: Focus,
    frame: &mut Frame<'_>,
    regions: &ClientsRegions,
) {
    let area = regions.steps;
    let has_cursor = focus == Focus::Here && state.clients.part == Part::Steps;
    let columns = usize::from(area.width).saturating_sub(2);
    let shown: Vec<_> = way
        .steps
        .iter()
        .map(|step| content::clients::step(step).cut(columns))
        .collect();
    let mut lines: Vec<Line<'_>> = shown
        .iter()
        .enumerate()
        .map(|(place, step)| {
            let chosen = has_cursor && place == state.clients.step.0;
            let mut line = styled(step, theme);
            line.spans.insert(0, marker(chosen, has_cursor, theme));
            if chosen {
                line.spans[2].style = line.spans[2].style.patch(theme.chosen());
            }
            line
        })
        .collect();
    let task = way.under_way.and_then(|task| state.tasks.task(task));
    if let (Some(task), Some(text)) = (task, content::clients::under_way(way, state)) {
        let text = format!("  {} {text}", spinner(state, task.since));
        let text = display::middle(&text, usize::from(area.width));
        lines.push(Line::styled(text, theme.style(Role::Accent)));
    }
    let lines = lines.into_iter().skip(regions.first_step);
    draw_lines(lines, frame, area, Style::new());
}

/// What the step is made of that is shown whole; a bar stands beside it while it has the cursor.
fn details(state: &State, theme: Theme, focus: Focus, frame: &mut Frame<'_>, area: Rect) {
    let lines = content::clients::wrapped_details(state, usize::from(area.width));
    text::draw(&lines, state.details_scroll(), theme, frame, area);
    if focus == Focus::Here && state.clients.part == Part::Details {
        let bar = area
            .rows()
            .map(|_| Line::styled("▌", theme.style(Role::Accent)));
        let beside = Rect {
            x: area.x.saturating_sub(1),
            width: 1,
            ..area
        };
        draw_lines(bar, frame, beside, Style::new());
    }
}

fn marker(chosen: bool, has_cursor: bool, theme: Theme) -> Span<'static> {
    match (chosen, has_cursor) {
        (true, true) => Span::styled("▌ ", theme.style(Role::Accent)),
        (true, false) => Span::styled("▌ ", theme.style(Role::Dim)),
        (false, _) => Span::raw("  "),
    }
}
