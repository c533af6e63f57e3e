//! Several things in one file: which of them to import.

use std::sync::Arc;

use crate::{
    keystore::import::Standing,
    tui::app::{
        action::Action,
        activity::Severity,
        dialog::{Check, Checklist, Dialog},
        effect::Effect,
        key::Key,
        keys_panel::filter::Typing,
        line::Typed,
        msg::Offered,
        scroll::Scroll,
        state::State,
        waiting::Waiting,
    },
};

/// Of more keys than these, which ones are wanted is for the user to say.
const MOST_CHECKED: usize = 1000;

/// Shows what was found; what can be imported is checked.
pub(super) fn open(state: &mut State, offered: Arc<Offered>) {
    if let Some((url, exchanges)) = &offered.asked {
        let what = format!("asked {url} for its keys");
        state
            .activity
            .add(state.now, Severity::Good, what, exchanges);
    }
    let few = offered.standings.len() <= MOST_CHECKED;
    let checks = offered.standings.iter().map(|standing| {
        if few && standing.can_be_imported() {
            Check::On
        } else {
            Check::Off
        }
    });
    let mut list = Checklist {
        checks: checks.collect(),
        shown: Vec::new(),
        filter: None,
        offered,
        scroll: Scroll::default(),
        problem: None,
    };
    refilter(&mut list);
    state.dialog = Some(Dialog::Checklist(list));
}

/// A key press in it.
pub(super) fn pressed(state: &mut State, mut list: Checklist, key: Key) -> Vec<Effect> {
    let page = usize::from(state.size.1 / 2);
    list.problem = None;
    if typed(&mut list, key) == Typed::Taken {
        state.dialog = Some(Dialog::Checklist(list));
        return Vec::new();
    }
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
    let length = list.shown.len();
    list.scroll.moved(action, length, page);
    state.dialog = Some(Dialog::Checklist(list));
    Vec::new()
}

/// What the filter takes of the keys.
fn typed(list: &mut Checklist, key: Key) -> Typed {
    match (&mut list.filter, key) {
        (Some(_), Key::Esc) => list.filter = None,
        (Some(filter), Key::Enter) if filter.typing == Typing::UnderWay => {
            filter.typing = Typing::Done;
            return Typed::Taken;
        }
        (Some(filter), key) if filter.typing == Typing::UnderWay => {
            if filter.line.press(key) == Typed::Ignored {
                return Typed::Ignored;
            }
        }
        (filter, Key::Char('/')) => {
            filter.get_or_insert_default().typing = Typing::UnderWay;
            return Typed::Taken;
        }
        _ => return Typed::Ignored,
    }
    refilter(list);
    Typed::Taken
}

/// Shows what has every word of the filter, in its order.
fn refilter(list: &mut Checklist) {
    let text = list.filter.as_ref().map_or("", |filter| filter.line.text());
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let offer = &list.offered.offer;
    let has = |place: &usize| {
        let hay = match offer.keys.get(*place) {
            Some(key) => {
                let public = key.public();
                let (name, label) = (key.name(), public.label());
                format!("{name} {} {label} {}", key.alg, public.thumbprint())
            }
            None => offer.refused[*place - offer.keys.len()].clone(),
        };
        let hay = hay.to_lowercase();
        words.iter().all(|word| hay.contains(word))
    };
    let all = 0..offer.keys.len() + offer.refused.len();
    list.shown = if words.is_empty() {
        all.collect()
    } else {
        all.filter(has).collect()
    };
    list.scroll = Scroll::default();
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
    let Some(&place) = list.shown.get(list.scroll.0) else {
        return;
    };
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
        (Some(Standing::Refused(reason)), _) => {
            list.problem = Some(format!("refused: {reason}"));
            return;
        }
        _ => {
            let refused = &list.offered.offer.refused;
            let reason = refused.get(place.saturating_sub(list.offered.standings.len()));
            list.problem = reason.map(|reason| format!("refused: {reason}"));
            return;
        }
    };
    if let Some(check) = list.checks.get_mut(place) {
        *check = new;
    }
}

/// Checks everything that is shown and can be; where all of that is checked, nothing of it.
fn all(list: &mut Checklist) {
    let standing = |place: &usize| list.offered.standings.get(*place);
    let shown = list.shown.iter().copied();
    let places: Vec<usize> = shown
        .filter(|place| standing(place).is_some_and(Standing::can_be_imported))
        .collect();
    let is_all = places.iter().all(|place| list.checks[*place] == Check::On);
    for place in places {
        list.checks[place] = if is_all { Check::Off } else { Check::On };
    }
}

#[cfg(test)]
mod tests;
