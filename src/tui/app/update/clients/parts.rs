//! The parts of panel 5: which has the cursor, where it stands there, and the filter.

use ratatui::layout::Position;

use super::keys;
use crate::tui::app::{
    action::Action, activity::Severity, clients_panel::Part, content, keys_panel::Typing, layout,
    scroll::Scroll, state::State,
};

/// `v`: the cursor goes to the steps, to what a step is made of where that is longer than its room,
/// and back to the clients.
pub(in crate::tui::app::update) fn steps(state: &mut State) {
    let way = state.client().and_then(|row| {
        let way = state.clients.way(&row.name)?;
        (!way.steps.is_empty()).then(|| way.telling_step())
    });
    match (state.clients.part, way) {
        (Part::Steps, _) if last_row(state) > 0 => state.clients.part = Part::Details,
        (Part::Details | Part::Steps, _) => state.clients.part = Part::Clients,
        (Part::Clients, Some(step)) => {
            state.clients.part = Part::Steps;
            state.clients.step = Scroll(step);
        }
        (Part::Clients, None) => state.say(Severity::Care, "no steps yet: ⏎ runs the exchange"),
    }
}

/// Moves the cursor of the part that has it.
pub(in crate::tui::app::update) fn moved(state: &mut State, action: Action) {
    let regions = layout::clients(state);
    let page = |height: u16| usize::from(height).max(1);
    match state.clients.part {
        Part::Clients => {
            let page = regions.map_or(1, |regions| page(regions.list.height));
            let count = state.shown_clients().len();
            state.clients.scroll.moved(action, count, page);
        }
        Part::Details => {
            let page = regions.map_or(1, |regions| page(regions.details.height));
            scroll_details(state, action, page);
        }
        Part::Steps => {
            let page = regions.map_or(1, |regions| page(regions.steps.height));
            let count = keys::steps(state).len();
            state.clients.step.moved(action, count, page);
        }
    }
}

/// A click inside the panel: on a client, on a step, or on what a step is made of.
pub(in crate::tui::app::update) fn clicked(state: &mut State, at: Position) {
    let Some(regions) = layout::clients(state) else {
        return;
    };
    if regions.filter.contains(at) {
        filter(state);
    } else if regions.list.contains(at) {
        let height = usize::from(regions.list.height);
        let count = state.shown_clients().len();
        let first = state.clients.scroll.first(count, height);
        let place = usize::from(at.y - regions.list.y) + first;
        if place < count {
            state.clients.scroll = Scroll(place);
            state.clients.part = Part::Clients;
        }
    } else if regions.steps.contains(at) {
        let place = usize::from(at.y - regions.steps.y) + regions.first_step;
        if place < keys::steps(state).len() {
            state.clients.step = Scroll(place);
            state.clients.part = Part::Steps;
        }
    } else if regions.details.contains(at)
        && last_row(state) > 0
        && let Some((_, step)) = state.shown_place()
    {
        state.clients.step = Scroll(step);
        state.clients.part = Part::Details;
    }
}

/// The wheel scrolls what is under it, wherever the cursor is.
pub(in crate::tui::app::update) fn scrolled(state: &mut State, at: Position, action: Action) {
    let Some(regions) = layout::clients(state) else {
        return;
    };
    if regions.details.contains(at) {
        scroll_details(state, action, usize::from(regions.details.height));
    } else if regions.steps.contains(at) && state.clients.part == Part::Clients {
        steps(state);
    } else if regions.list.contains(at) && state.clients.part != Part::Clients {
        state.clients.part = Part::Clients;
    } else if state.clients.part == Part::Details {
        state.clients.part = Part::Steps;
        moved(state, action);
    } else {
        moved(state, action);
    }
}

/// `/`
pub(in crate::tui::app::update) fn filter(state: &mut State) {
    state.clients.part = Part::Clients;
    state.clients.filter.get_or_insert_default().typing = Typing::UnderWay;
}

/// Other words are looked for: the cursor goes to what matches best.
pub(in crate::tui::app::update) fn refiltered(state: &mut State) {
    state.clients.scroll = Scroll::default();
}

/// All clients again, the cursor where it was.
pub(in crate::tui::app::update) fn unfilter(state: &mut State) {
    let row = state.client();
    state.clients.filter = None;
    match row {
        Some(row) => keys::select(state, &row.name),
        None => state.clients.scroll = Scroll::default(),
    }
}

fn scroll_details(state: &mut State, action: Action, page: usize) {
    let Some(place) = state.shown_place() else {
        return;
    };
    let mut scroll = state.details_scroll();
    scroll.moved(action, last_row(state) + 1, page);
    state.clients.scroll_details(place, scroll);
}

/// The first row that is shown when what the step is made of is scrolled to its end.
fn last_row(state: &State) -> usize {
    let Some(regions) = layout::clients(state) else {
        return 0;
    };
    let columns = usize::from(regions.details.width);
    let lines = content::clients::wrapped_details(state, columns).len();
    lines.saturating_sub(usize::from(regions.details.height))
}
