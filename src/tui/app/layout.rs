//! Where things stand on the screen: geometry alone, for drawing and for the mouse.

use ratatui::layout::{Constraint, Layout, Rect, Spacing};

use super::{
    clients_panel::Part,
    content,
    panel::Panel,
    register_panel::Matrix,
    scroll::Scroll,
    state::{State, Zoom},
};

/// The smallest terminal that is drawn for, in columns and rows.
pub const LEAST: (u16, u16) = (80, 24);
/// From here on the four panels stand side by side.
pub const WIDE: (u16, u16) = (120, 36);

/// From so many columns on, panel 5 shows its steps beside the clients.
const SIDE_BY_SIDE: u16 = 150;

/// The parts of the screen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Regions {
    pub header: Rect,
    /// The panels that are shown; borders of neighbours lie on each other.
    pub panels: Vec<(Panel, Rect)>,
    pub footer: Rect,
}

/// Whether the terminal is large enough for anything to be seen.
pub fn fits(state: &State) -> bool {
    let (columns, rows) = state.size;
    columns >= LEAST.0 && rows >= LEAST.1
}

/// The parts of `state`'s screen; none where the terminal is too small.
pub fn regions(state: &State) -> Option<Regions> {
    if !fits(state) {
        return None;
    }
    let (columns, rows) = state.size;
    let screen = Rect::new(0, 0, columns, rows);
    let [header, body, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(screen);
    let panels = if shows_four(state) {
        four(body)
    } else {
        vec![(state.focus, body)]
    };
    Some(Regions {
        header,
        panels,
        footer,
    })
}

/// Whether the four panels are on the screen together.
pub fn shows_four(state: &State) -> bool {
    let (columns, rows) = state.size;
    let matrix = state.focus == Panel::Register && state.register.matrix == Matrix::Shown;
    columns >= WIDE.0
        && rows >= WIDE.1
        && state.zoom == Zoom::Out
        && state.focus.is_one_of_four()
        && !matrix
}

/// The parts of panel 5.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClientsRegions {
    /// What is typed after `/`; without height where there is none.
    pub filter: Rect,
    pub list: Rect,
    /// What the client under the cursor is made of; without height where its steps have the room.
    pub settings: Rect,
    pub steps: Rect,
    /// The first of the steps that have room there.
    pub first_step: usize,
    /// What the step under the cursor is made of.
    pub details: Rect,
}

/// Rows of panel 5 that are left for what a step is made of, and one between.
const LEAST_DETAILS: u16 = 5;

/// The parts of panel 5; none where it is not shown.
pub fn clients(state: &State) -> Option<ClientsRegions> {
    let area = area(state, Panel::Clients)?;
    let inner = Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let is_wide = inner.width >= SIDE_BY_SIDE;
    let columns = if is_wide {
        inner.width / 2
    } else {
        inner.width
    };
    let (settings, steps, shown) = state.client().map_or((0, 0, 0), |row| {
        let way = state.clients.way(&row.name);
        let steps = way.map_or(0, |way| {
            way.steps.len() + usize::from(way.under_way.is_some())
        });
        let shown = match (state.clients.part, way) {
            (_, Some(way)) if way.under_way.is_some() => steps,
            (Part::Clients, Some(way)) => way.telling_step(),
            (Part::Details | Part::Steps, _) | (_, None) => state.clients.step.0,
        };
        let lines = content::clients::wrapped_settings(&row, state, usize::from(columns));
        (rows(lines.len()), steps, shown)
    });
    // So many rows that what a step is made of has some too.
    let high = |room: Rect| rows(steps).min(room.height.saturating_sub(LEAST_DETAILS).max(6));
    let first = |area: Rect| Scroll(shown).first(steps, usize::from(area.height));
    let list = rows(state.shown_clients().len().max(1)).min((inner.height / 4).max(3));
    let filter = u16::from(state.clients.filter.is_some());
    let upper = filter + list + 1;
    if is_wide {
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)])
            .spacing(3)
            .areas(inner);
        let steps = top(right, high(right));
        return Some(ClientsRegions {
            filter: top(left, filter),
            list: top(below(left, filter), list),
            settings: below(left, upper),
            steps,
            first_step: first(steps),
            details: below(right, steps.height + 1),
        });
    }
    let rest = below(inner, upper);
    let (settings, rest) = match state.clients.part {
        Part::Clients => (top(rest, settings), below(rest, settings + 1)),
        Part::Details | Part::Steps => (top(rest, 0), rest),
    };
    let steps = top(rest, high(rest));
    Some(ClientsRegions {
        filter: top(inner, filter),
        list: top(below(inner, filter), list),
        settings,
        steps,
        first_step: first(steps),
        details: below(rest, steps.height + 1),
    })
}

/// The first rows of an area.
fn top(area: Rect, rows: u16) -> Rect {
    Rect {
        height: rows.min(area.height),
        ..area
    }
}

/// What is left of an area behind its first rows.
fn below(area: Rect, rows: u16) -> Rect {
    Rect {
        y: area.y + rows.min(area.height),
        height: area.height.saturating_sub(rows),
        ..area
    }
}

/// The rows inside a panel's border.
pub fn inner_height(state: &State, panel: Panel) -> usize {
    area(state, panel).map_or(1, |area| usize::from(area.height.saturating_sub(2)))
}

/// The columns inside a panel's border and the space beside it.
pub fn inner_width(state: &State, panel: Panel) -> usize {
    area(state, panel).map_or(1, |area| usize::from(area.width.saturating_sub(4)))
}

fn area(state: &State, panel: Panel) -> Option<Rect> {
    let mut panels = regions(state)?.panels.into_iter();
    panels
        .find(|(each, _)| *each == panel)
        .map(|(_, area)| area)
}

/// Where a dialog of so many columns and rows stands: centred, within the screen.
pub fn centred(screen: Rect, columns: u16, rows: u16) -> Rect {
    let width = columns.min(screen.width.saturating_sub(2));
    let height = rows.min(screen.height.saturating_sub(2));
    Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    }
}

/// The width of a dialog, borders included: at most 72 columns.
pub fn dialog_columns(columns: u16) -> u16 {
    columns.saturating_sub(2).min(72)
}

fn four(body: Rect) -> Vec<(Panel, Rect)> {
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)])
        .spacing(Spacing::Overlap(1))
        .areas(body);
    let split = |area: Rect, upper: u16| -> [Rect; 2] {
        Layout::vertical([Constraint::Percentage(upper), Constraint::Fill(1)])
            .spacing(Spacing::Overlap(1))
            .areas(area)
    };
    let [keys, certificate] = split(left, 55);
    let [register, token] = split(right, 28);
    vec![
        (Panel::Keys, keys),
        (Panel::Certificate, certificate),
        (Panel::Register, register),
        (Panel::Token, token),
    ]
}
