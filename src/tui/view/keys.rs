//! Panel 1.

mod columns;

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};

use self::columns::Columns;
use super::{
    draw_lines, filter, fitted, spinner,
    theme::{Focus, Theme},
};
use crate::tui::app::{
    keys_panel::{Listing, Row, filter::Typing},
    panel::Panel,
    rich::Role,
    state::{State, Vault},
};

/// Stands before a marked key.
const MARK: &str = "◆";

/// The panel's title, and what is told at its right.
pub(super) fn titles(state: &State) -> (String, String) {
    let (shown, count) = (state.keys.shown().len(), state.keys.count());
    let mut counted = if shown == count {
        count.to_string()
    } else {
        format!("{shown} of {count}")
    };
    if state.keys.marks() > 0 {
        counted = format!("{MARK} {} marked, {counted}", state.keys.marks());
    }
    let order = state.keys.arrangement.order;
    let order = format!("{} {}", order.column.name(), order.sign());
    let right = match (count, &state.keys.listing) {
        (0, _) => String::new(),
        (_, Listing::UnderWay) => format!("{counted}…"),
        (_, Listing::Done | Listing::Failed(_)) => format!("{counted} by {order}"),
    };
    (Panel::Keys.title().to_owned(), right)
}

pub(super) fn draw(
    state: &State,
    theme: Theme,
    focus: Focus,
    frame: &mut Frame<'_>,
    mut area: Rect,
) {
    if let Some(filter) = &state.keys.filter {
        let typing = if state.is_filtering() && state.waiting.is_none() {
            Typing::UnderWay
        } else {
            Typing::Done
        };
        area = filter::draw(&filter.line, typing, theme, frame, area);
    }
    if state.keys.shown().len() == 0 {
        let text = Paragraph::new(empty(state))
            .style(theme.style(Role::Dim))
            .wrap(Wrap { trim: true });
        frame.render_widget(text, area);
        return;
    }
    let height = usize::from(area.height);
    let first = state.keys.scroll.first(state.keys.shown().len(), height);
    let seen: Vec<&Row> = state.keys.shown().skip(first).take(height).collect();
    // Before the kid stand the cursor and the mark.
    let width = usize::from(area.width).saturating_sub(2);
    let columns = Columns::of(&seen, state, width);
    let rows = seen
        .iter()
        .enumerate()
        .map(|(place, row)| line(row, first + place, &columns, state, theme, focus));
    draw_lines(rows, frame, area, ratatui::style::Style::new());
}

fn empty(state: &State) -> String {
    match (&state.keys.listing, state.vault) {
        _ if state.keys.count() > 0 => "No key matches: Esc shows all again.".to_owned(),
        (_, Vault::Missing) => "n creates the keystore and the first key.".to_owned(),
        (Listing::Failed(reason), _) => crate::display::line(reason).into_owned(),
        (Listing::UnderWay, _) => String::new(),
        (Listing::Done, _) => {
            "Keys stand here, each with its certificate and where it is registered. n makes one, \
             i imports one."
                .to_owned()
        }
    }
}

fn line<'a>(
    row: &Row,
    place: usize,
    columns: &Columns,
    state: &State,
    theme: Theme,
    focus: Focus,
) -> Line<'a> {
    let chosen = place == state.keys.scroll.0;
    let cursor = match (chosen, focus) {
        (false, _) => Span::raw(" "),
        (true, Focus::Here) => Span::styled("▌", theme.style(Role::Accent)),
        (true, Focus::Elsewhere) => Span::styled("▌", theme.style(Role::Dim)),
    };
    let marked = row
        .key()
        .is_some_and(|(thumbprint, _)| state.keys.is_marked(&thumbprint));
    let mark = if marked {
        Span::styled(MARK, theme.style(Role::Accent))
    } else {
        Span::raw(" ")
    };
    let name_style = if chosen {
        theme.chosen()
    } else {
        ratatui::style::Style::new()
    };
    let mut spans = vec![cursor, mark];
    match row {
        Row::Key { thumbprint, record } => {
            let key = (*thumbprint, record.as_ref());
            spans.extend(columns.cells(place, key, name_style, state, theme));
        }
        Row::Pending {
            task, kid, label, ..
        } => {
            let since = state.tasks.task(*task).map_or(state.now, |task| task.since);
            spans.push(Span::styled(fitted(kid, columns.kid), name_style));
            spans.push(Span::styled(
                format!(" {} making {label}", spinner(state, since)),
                theme.style(Role::Accent),
            ));
        }
        Row::Unreadable { file, reason } => {
            // What does not fit is cut where the panel ends; Enter tells all.
            let text = format!("✗ {} {reason}", crate::display::middle(file, 12));
            let text = crate::display::line(&text).into_owned();
            spans.push(Span::styled(text, theme.style(Role::Bad)));
        }
    }
    Line::from(spans)
}
