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
        action::{Context, of},
        dialog::{Dialog, MenuKind},
        rich::Role,
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
    match state.tasks.oldest() {
        Some(task) => {
            let text = format!("{} {}… ", spinner(state, task.since), task.label);
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
    match &state.dialog {
        Some(Dialog::Text(text)) => {
            add("Esc".to_owned(), "close");
            add("↑↓".to_owned(), "scroll");
            if text.copy.is_some() {
                add("y".to_owned(), "copy");
            }
            return Line::from(spans);
        }
        Some(Dialog::Send(send)) => {
            if send.request.is_ok() {
                add("⏎".to_owned(), "send");
            }
            for (key, label) in [
                ("↑↓", "endpoint"),
                ("PgDn", "scroll"),
                ("y", "copy as curl"),
                ("Esc", "cancel"),
            ] {
                add(key.to_owned(), label);
            }
            return Line::from(spans);
        }
        Some(Dialog::Confirm(confirm)) => {
            add("⏎".to_owned(), confirm.verb);
            add("↑↓".to_owned(), "scroll");
            if confirm.copy.is_some() {
                add("y".to_owned(), "copy as commands");
            }
            add("Esc".to_owned(), "cancel");
            return Line::from(spans);
        }
        Some(Dialog::Menu(menu)) if menu.kind == MenuKind::Columns => {
            for (key, label) in [("Space", "show/hide"), ("↑↓", "choose"), ("Esc", "close")] {
                add(key.to_owned(), label);
            }
            return Line::from(spans);
        }
        Some(Dialog::Menu(menu)) if menu.kind == MenuKind::Faults => {
            for (key, label) in [("Space", "on/off"), ("↑↓", "choose"), ("Esc", "close")] {
                add(key.to_owned(), label);
            }
            return Line::from(spans);
        }
        Some(Dialog::Checklist(_)) => {
            for (key, label) in [
                ("⏎", "import"),
                ("Space", "check"),
                ("a", "all"),
                ("/", "filter"),
                ("Esc", "cancel"),
            ] {
                add(key.to_owned(), label);
            }
            return Line::from(spans);
        }
        Some(Dialog::Form(_) | Dialog::Menu(_)) | None => {}
    }
    let context = state.context();
    let contexts = match context {
        Context::Editor | Context::Dialog => vec![context],
        Context::Steps => vec![context, Context::Clients, Context::Everywhere],
        _ => vec![context, Context::Everywhere],
    };
    let mut bindings: Vec<_> = contexts
        .into_iter()
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
