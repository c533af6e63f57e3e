//! Several things in one file: which of them to import.

use std::sync::Arc;

use crate::{
    keystore::import::Standing,
    tui::app::{
        action::Action,
        dialog::{Check, Checklist, Dialog},
        effect::Effect,
        key::Key,
        msg::Offered,
        scroll::Scroll,
        state::State,
        waiting::Waiting,
    },
};

/// Shows what was found; what can be imported is checked.
pub(super) fn open(state: &mut State, offered: Arc<Offered>) {
    let checks = offered.standings.iter().map(|standing| {
        if standing.can_be_imported() {
            Check::On
        } else {
            Check::Off
        }
    });
    state.dialog = Some(Dialog::Checklist(Checklist {
        checks: checks.collect(),
        offered,
        scroll: Scroll::default(),
        problem: None,
    }));
}

/// A key press in it.
pub(super) fn pressed(state: &mut State, mut list: Checklist, key: Key) -> Vec<Effect> {
    let page = usize::from(state.size.1 / 2);
    list.problem = None;
    let action = match key {
        Key::Esc => return Vec::new(),
        Key::Enter => return accept(state, list),
        Key::Char(' ') => {
            toggle(&mut list);
            Action::Redraw
        }
        Key::Char('a') => {
            all(&mut list);
            Action::Redraw
        }
        Key::Up | Key::Char('k') | Key::BackTab => Action::Up,
        Key::Down | Key::Char('j') | Key::Tab => Action::Down,
        Key::PageUp => Action::PageUp,
        Key::PageDown => Action::PageDown,
        Key::Home | Key::Char('g') => Action::Top,
        Key::End | Key::Char('G') => Action::Bottom,
        _ => Action::Redraw,
    };
    let length = list.offered.standings.len() + list.offered.offer.refused.len();
    list.scroll.moved(action, length, page);
    state.dialog = Some(Dialog::Checklist(list));
    Vec::new()
}

fn accept(state: &mut State, mut list: Checklist) -> Vec<Effect> {
    let checks = list.checks.iter().enumerate();
    let places: Vec<usize> = checks
        .filter(|(_, check)| **check == Check::On)
        .map(|(place, _)| place)
        .collect();
    if places.is_empty() {
        list.problem = Some("nothing is checked: Space checks, Esc closes".to_owned());
        state.dialog = Some(Dialog::Checklist(list));
        return Vec::new();
    }
    let label = format!("importing {} keys", places.len());
    let task = state.tasks.begin(label, state.now);
    state.waiting = Some(Waiting {
        task,
        then: None,
        keys: Vec::new(),
    });
    vec![Effect::ImportChosen {
        task,
        offered: list.offered,
        places,
    }]
}

fn toggle(list: &mut Checklist) {
    let place = list.scroll.0;
    let new = match (list.offered.standings.get(place), list.checks.get(place)) {
        (Some(Standing::Lacking(_) | Standing::New), Some(Check::Off)) => Check::On,
        (Some(Standing::Lacking(_) | Standing::New), Some(Check::On)) => Check::Off,
        (Some(Standing::Here(kid)), _) => {
            list.problem = Some(format!("it is here already, as {kid}"));
            return;
        }
        (Some(Standing::NameTaken(kid)), _) => {
            list.problem = Some(format!(
                "another key is called {kid}: rename that one first, or import this one alone"
            ));
            return;
        }
        _ => {
            list.problem = Some("it is refused: its reason stands above".to_owned());
            return;
        }
    };
    if let Some(check) = list.checks.get_mut(place) {
        *check = new;
    }
}

/// Checks everything that can be; where all is checked, nothing.
fn all(list: &mut Checklist) {
    let news = |list: &Checklist| {
        let standings = list.offered.standings.iter().enumerate();
        let news = standings.filter(|(_, standing)| standing.can_be_imported());
        news.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let places = news(list);
    let is_all = places.iter().all(|place| list.checks[*place] == Check::On);
    for place in places {
        list.checks[place] = if is_all { Check::Off } else { Check::On };
    }
}

#[cfg(test)]
mod tests;
