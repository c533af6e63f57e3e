//! The list's order and columns.

use crate::tui::app::{
    activity::Severity,
    dialog::{Dialog, Menu, MenuKind, MenuRow},
    effect::Effect,
    keys_panel::column::Column,
    scroll::Scroll,
    state::State,
};

/// `s`: what to sort by.
pub(super) fn orders(state: &mut State) -> Vec<Effect> {
    let order = state.keys.arrangement.order;
    let rows = Column::ALL.map(|column| MenuRow {
        text: column.name().to_owned(),
        detail: column.meaning().to_owned(),
        key: if column == order.column {
            order.sign().to_owned()
        } else {
            String::new()
        },
    });
    let mut menu = Menu::new(MenuKind::Sort, rows.to_vec());
    let place = Column::ALL.iter().position(|each| *each == order.column);
    menu.scroll = Scroll(place.unwrap_or(0));
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// A column to sort by was chosen; the same one again turns the order round.
pub(super) fn order_chosen(state: &mut State, place: usize) -> Vec<Effect> {
    let Some(column) = Column::ALL.get(place) else {
        return Vec::new();
    };
    let order = state.keys.arrangement.order.chosen(*column);
    state.keys.arrangement.order = order;
    state.keys.rearrange();
    let text = format!("sorted by {} {}", column.name(), order.sign());
    state.say(Severity::Good, text);
    kept(state)
}

/// `c`: which columns there are.
pub(super) fn columns(state: &mut State) -> Vec<Effect> {
    let menu = Menu::new(MenuKind::Columns, column_rows(state));
    state.dialog = Some(Dialog::Menu(menu));
    Vec::new()
}

/// Shows the column of a row, or hides it; the menu stays.
pub(super) fn column_toggled(state: &mut State, mut menu: Menu) -> Vec<Effect> {
    if let Some(column) = menu.chosen().and_then(|place| choosable().nth(place)) {
        state.keys.arrangement.toggle(column);
    }
    menu.rows = column_rows(state);
    state.dialog = Some(Dialog::Menu(menu));
    kept(state)
}

/// The subjects that are wanted now and not known.
pub(super) fn subjects(state: &mut State) -> Vec<Effect> {
    let asked = state.keys.ask_subjects();
    if asked.is_empty() {
        Vec::new()
    } else {
        vec![Effect::ReadSubjects(asked)]
    }
}

fn kept(state: &mut State) -> Vec<Effect> {
    let mut effects = subjects(state);
    effects.push(Effect::KeepArrangement(state.keys.arrangement.text()));
    effects
}

/// Every column but the kid, which is always there.
fn choosable() -> impl Iterator<Item = Column> {
    let all = Column::ALL.into_iter();
    all.filter(|column| *column != Column::Kid)
}

fn column_rows(state: &State) -> Vec<MenuRow> {
    choosable()
        .map(|column| MenuRow {
            text: column.name().to_owned(),
            detail: column.meaning().to_owned(),
            key: if state.keys.arrangement.shows(column) {
                "✓".to_owned()
            } else {
                " ".to_owned()
            },
        })
        .collect()
}
