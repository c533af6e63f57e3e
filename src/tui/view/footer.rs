//! The last line: what can be done now, and a word on what was done.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};
use unicode_width::UnicodeWidthStr;

use super::{spinner, theme::Theme};
use crate::{
    display,
    tui::app::{
        action::of,
        dialog::{Dialog, MenuKind},
        panel::Panel,
        rich::Role,
        rotation_guide,
        state::State,
        update::is_available,
    },
};

pub(super) fn draw(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width);
    let right = word(state, theme, width.saturating_sub(2));
    let free = width.saturating_sub(right.width() + 3);
    let hints = hints(state, theme, free);
    frame.render_widget(Paragraph::new(hints), area);
    frame.render_widget(Paragraph::new(right.right_aligned()), area);
}

/// What is under way, else the toast.
fn word<'a>(state: &State, theme: Theme, width: usize) -> Line<'a> {
    let waiting = state.waiting.as_ref();
    let waited = waiting.and_then(|waiting| state.tasks.task(waiting.task));
    if let Some(task) = waited {
        let text = format!(
            "{} {}…  Esc cancels ",
            spinner(state, task.since),
            task.label
        );
        return Line::styled(display::middle(&text, width), theme.style(Role::Accent));
    }
    if let Some(toast) = &state.toast {
        let text = format!("{} ", display::middle(&toast.text, width.saturating_sub(1)));
        return Line::styled(text, theme.severity(toast.severity));
    }
    let asked = state
        .register
        .survey
        .filter(|_| state.focus == Panel::Register);
    let asked = asked.and_then(|survey| state.tasks.task(survey.task));
    match asked.or(state.tasks.oldest()) {
        Some(task) => {
            let hint = if asked.is_some() { "  Esc cancels" } else { "" };
            let text = format!("{} {}…{hint} ", spinner(state, task.since), task.label);
            Line::styled(display::middle(&text, width), theme.style(Role::Dim))
        }
        None => Line::default(),
    }
}

/// The most used first; a hint that does not fit is left out whole.
fn hints<'a>(state: &State, theme: Theme, width: usize) -> Line<'a> {
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    let mut add = |key: String, label: &str| {
        let length = key.width() + label.width() + 3;
        if used + length > width {
            return;
        }
        used += length;
        spans.push(Span::styled(key, theme.style(Role::Accent)));
        spans.push(Span::raw(format!(" {label}  ")));
    };
    if state.waiting.is_some() {
        return Line::from(spans);
    }
    if state.is_filtering() {
        for (key, label) in [("⏎", "keep"), ("Esc", "clear"), ("↑↓", "choose")] {
            add(key.to_owned(), label);
        }
        return Line::from(spans);
    }
    if state.is_searching() {
        for (key, label) in [("⏎", "next"), ("↑↓", "before/next"), ("Esc", "close")] {
            add(key.to_owned(), label);
        }
        return Line::from(spans);
    }
    if let Some(hints) = of_dialog(state) {
        for (key, label) in hints {
            add(key.to_owned(), label);
        }
        return Line::from(spans);
    }
    let context = state.context();
    let contexts = std::iter::successors(Some(context), |context| context.outer());
    let mut bindings: Vec<_> = contexts
        .flat_map(of)
        .filter_map(|binding| Some((binding.rank?, binding)))
        .filter(|(_, binding)| is_available(state, binding.action))
        .collect();
    bindings.sort_by_key(|(rank, _)| *rank);
    for (_, binding) in bindings {
        if let Some(key) = state.keymap.shown(binding.context, binding.action) {
            add(key.short(), binding.label);
        }
    }
    Line::from(spans)
}

/// What can be done in a dialog that has keys of its own.
fn of_dialog(state: &State) -> Option<Vec<(&'static str, &'static str)>> {
    let mut hints = Vec::new();
    match state.dialog.as_ref()? {
        Dialog::Text(text) => {
            if !text.acts.is_empty() {
                hints.push(("1…", "do it"));
            }
            hints.extend([("Esc", "close"), ("↑↓", "scroll")]);
            if text.copy.is_some() {
                hints.push(("y", "copy"));
            }
        }
        Dialog::Send(send) => {
            if send.plan.is_ok() {
                hints.push(("⏎", "send"));
            } else if send.remedy.is_some() {
                hints.push(("⏎", "mend"));
            }
            hints.extend([
                ("↑↓", "endpoint"),
                ("PgDn", "scroll"),
                ("y", "copy as curl"),
                ("Esc", "cancel"),
            ]);
        }
        Dialog::Rotation(guide) => {
            hints.extend(rotation_guide::next(guide, state.now).map(|word| ("⏎", word)));
            if rotation_guide::can_undo(guide) {
                hints.push(("u", "undo a step"));
            }
            if matches!(guide.request, Some(Ok(_))) {
                hints.push(("y", "copy as curl"));
            }
            hints.extend([("↑↓", "scroll"), ("Esc", "close")]);
        }
        Dialog::Confirm(confirm) => {
            hints.extend([("⏎", confirm.verb), ("↑↓", "scroll")]);
            if confirm.copy.is_some() {
                hints.push(("y", "copy as commands"));
            }
            hints.push(("Esc", "cancel"));
        }
        Dialog::Menu(menu) if menu.kind == MenuKind::Columns => {
            hints.extend([("Space", "show/hide"), ("↑↓", "choose"), ("Esc", "close")]);
        }
        Dialog::Menu(menu) if menu.kind == MenuKind::Faults => {
            hints.extend([("Space", "on/off"), ("↑↓", "choose"), ("Esc", "close")]);
        }
        Dialog::Batch(batch) => {
            if batch.task.is_none() && batch.left().next().is_some() {
                hints.push(("⏎", "go on"));
            }
            let esc = match batch.task {
                Some(_) => "stop",
                None => "close",
            };
            hints.extend([("Esc", esc), ("↑↓", "choose"), ("y", "copy the list")]);
        }
        Dialog::Checklist(_) => hints.extend([
            ("⏎", "import"),
            ("Space", "check"),
            ("a", "all"),
            ("/", "filter"),
            ("Esc", "cancel"),
        ]),
        Dialog::Form(_) | Dialog::Menu(_) => return None,
    }
    Some(hints)
}
