//! What stands before the panels: centred, one frame, as high as it must be.

mod batch;
mod checklist;
mod rotation;

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Clear, Padding, Paragraph},
};

use unicode_width::UnicodeWidthStr;

use super::{draw_lines, filter, fitted, styled, text, theme::Theme};
use crate::{
    display,
    registry::remedy::Remedy,
    tui::app::{
        action::{Action, Context},
        content::{self, activity::exchange},
        dialog::{
            Act, Confirm, Dialog, FormDialog, Handing, Menu, MenuKind, Send, Shown, TextDialog,
        },
        form::{Field, Input, Standing},
        keys_panel::filter::Typing,
        layout::{centred, dialog_columns},
        rich::{Rich, Role, wrapped},
        scroll::Scroll,
        state::State,
    },
};

/// The width of the labels of a form.
const LABEL: usize = 12;

/// The rows of a form that stay for its fields, whatever there is to tell of them.
const LEAST_FIELDS: usize = 3;

pub(super) fn draw(dialog: &Dialog, state: &State, theme: Theme, frame: &mut Frame<'_>) {
    match dialog {
        Dialog::Batch(batch) => batch::draw(batch, state, theme, frame),
        Dialog::Checklist(list) => checklist::draw(list, theme, frame),
        Dialog::Confirm(confirm) => draw_confirm(confirm, theme, frame),
        Dialog::Form(form) => draw_form(form, state, theme, frame),
        Dialog::Menu(menu) => draw_menu(menu, theme, frame),
        Dialog::Rotation(guide) => rotation::draw(guide, state, theme, frame),
        Dialog::Send(send) => draw_send(send, state, theme, frame),
        Dialog::Text(text) => draw_text(text, theme, frame),
    }
}

/// The frame of a dialog with so many rows inside; returns what is inside.
fn open(title: &str, rows: usize, theme: Theme, frame: &mut Frame<'_>) -> Rect {
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2);
    let columns = dialog_columns(frame.area().width);
    let area = centred(frame.area(), columns, rows);
    let block = Block::bordered()
        .border_style(theme.style(Role::Accent))
        .title_top(Line::styled(
            format!(
                " {} ",
                display::middle(title, usize::from(columns).saturating_sub(6))
            ),
            theme.style(Role::Accent),
        ))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    inner
}

fn draw_form(dialog: &FormDialog, state: &State, theme: Theme, frame: &mut Frame<'_>) {
    let (title, words) = content::form::words(&dialog.kind, state);
    let asked = dialog.form.fields.len();
    let columns = usize::from(dialog_columns(frame.area().width)).saturating_sub(4);
    let words = wrapped(&words, columns, 0);
    let problem: Vec<Rich> = dialog
        .problem
        .iter()
        .flat_map(|problem| Rich::new(Role::Bad, &format!("✗ {problem}")).wrapped(columns, 2))
        .collect();
    let label = label_width(dialog);
    let mut below = completion_lines(dialog, columns);
    let field = dialog.form.fields.get(dialog.form.focus());
    // A hint that has no room beside its field stands below while it has the focus.
    if let Some(field) = field.filter(|field| !has_room(field, label, columns)) {
        below.extend(Rich::new(Role::Dim, &field.hint).wrapped(columns, 0));
    }
    below.extend(wrapped(&dialog.notes, columns, 2));
    below.extend(problem);
    let upper = words.len() + asked;
    let inner = open(&title, upper + below.len(), theme, frame);
    // Where all of it is too high, the field at hand stays in sight, and below it what is told of it.
    let room = usize::from(inner.height);
    let seen = room.saturating_sub(below.len()).max(LEAST_FIELDS.min(room));
    let above = Scroll(words.len() + dialog.form.focus()).first(upper, seen);
    let seen = seen.min(upper);
    let fields = Rect {
        height: u16::try_from(seen).unwrap_or(inner.height),
        ..inner
    };
    let mut lines: Vec<Line<'_>> = words.iter().map(|line| styled(line, theme)).collect();
    for (place, field) in dialog.form.fields.iter().enumerate() {
        let focused = place == dialog.form.focus();
        let row = inner.y + u16::try_from(lines.len().saturating_sub(above)).unwrap_or(0);
        lines.push(field_line(
            field,
            focused,
            label,
            theme,
            usize::from(inner.width),
        ));
        if focused && let Some(column) = cursor(field, label) {
            let column = inner.x.saturating_add(column).min(inner.right() - 1);
            frame.set_cursor_position((column, row));
        }
    }
    draw_lines(lines.into_iter().skip(above), frame, fields, Style::new());
    text::signs(above, upper, theme, frame, fields);
    let rest = Rect {
        y: fields.bottom(),
        height: inner.height - fields.height,
        ..inner
    };
    // Its end tells what `Enter` does.
    let hidden = below.len().saturating_sub(usize::from(rest.height));
    let below = below.iter().skip(hidden);
    let below = below.map(|line| styled(line, theme));
    draw_lines(below, frame, rest, Style::new());
}

/// As wide as the longest label of a form, so that all are aligned.
fn label_width(dialog: &FormDialog) -> usize {
    let labels = dialog.form.fields.iter().map(|field| field.label.len());
    labels.max().unwrap_or(0).max(LABEL)
}

/// What the field at hand is for, where that does not fit beside it. As many lines as any field
/// The names that the path at hand may go on with.
fn completion_lines(dialog: &FormDialog, columns: usize) -> Vec<Rich> {
    let completions = &dialog.completions;
    if completions.names.is_empty() {
        return Vec::new();
    }
    let names = completions.names.join("  ");
    let text = match completions.count.saturating_sub(completions.names.len()) {
        0 => names,
        more => format!("{names}  … {more} more"),
    };
    let mut lines = Rich::new(Role::Dim, &text).wrapped(columns, 0);
    lines.truncate(6);
    lines
}

fn field_line<'a>(
    field: &Field,
    focused: bool,
    label_width: usize,
    theme: Theme,
    width: usize,
) -> Line<'a> {
    let (sign, role) = if focused {
        ("▌", Role::Accent)
    } else {
        (" ", Role::Dim)
    };
    let label = format!("{sign}{:>label_width$}  ", field.label);
    let style = match (field.standing, focused) {
        (Standing::Settled, _) => theme.style(Role::Dim),
        (Standing::Asked, true) => theme.chosen(),
        (Standing::Asked, false) => Style::new(),
    };
    let value = value(field, focused);
    let free = width.saturating_sub(label_width + 3);
    let value = if field.standing == Standing::Settled {
        "—".to_owned()
    } else {
        display::middle(&value, free)
    };
    let mut spans = vec![
        Span::styled(label, theme.style(role)),
        Span::styled(value, style),
    ];
    if has_room(field, label_width, width) && !field.hint.is_empty() {
        let hint = format!("  {}", display::line(&field.hint));
        spans.push(Span::styled(hint, theme.style(Role::Dim)));
    }
    Line::from(spans)
}

fn value(field: &Field, focused: bool) -> String {
    match &field.input {
        Input::Text(line) | Input::Path(line) => line.text().to_owned(),
        Input::Secret(line) => "•".repeat(line.length()),
        Input::Choice { options, chosen } => {
            let text = options.get(*chosen).map_or("", String::as_str);
            if focused {
                format!("‹ {text} ›")
            } else {
                text.to_owned()
            }
        }
        Input::Several { options, .. } => several(options),
    }
}

/// Whether a field's hint fits beside it, in so many columns.
fn has_room(field: &Field, label_width: usize, width: usize) -> bool {
    let value = match field.standing {
        Standing::Asked => value(field, true).width(),
        Standing::Settled => 1,
    };
    label_width + 3 + value + 2 + field.hint.width() <= width
}

/// `● kid ○ x5t`: each word with whether it is chosen.
fn several(options: &[(String, bool)]) -> String {
    let words = options.iter().map(|(word, is_chosen)| {
        let sign = if *is_chosen { '●' } else { '○' };
        format!("{sign} {word}")
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Where the cursor stands in a field, from the left of the dialog's inside.
fn cursor(field: &Field, label_width: usize) -> Option<u16> {
    let place = match &field.input {
        Input::Text(line) | Input::Path(line) => line.cursor(),
        Input::Secret(line) => line.length(),
        Input::Several { options, at } => {
            let before = options.iter().take(*at);
            before.map(|(word, _)| word.len() + 3).sum::<usize>()
        }
        Input::Choice { .. } => return None,
    };
    u16::try_from(label_width + 3 + place).ok()
}

fn draw_menu(menu: &Menu, theme: Theme, frame: &mut Frame<'_>) {
    let title = match menu.kind {
        MenuKind::Columns => "Columns: Space shows or hides one",
        MenuKind::Certificate => "Certificate",
        MenuKind::Copy => "Copy",
        MenuKind::Faults => "Refusals on purpose: Space turns one on or off",
        MenuKind::Endpoints => "A new endpoint",
        MenuKind::Found => "Tokens that were found",
        MenuKind::Header => "Header: Space puts a member in or takes it away",
        MenuKind::Palette => "Actions",
        MenuKind::Sort => "Sort by: the same again turns it round",
        MenuKind::Status => "Status",
        MenuKind::Template => "Templates",
        MenuKind::Trash => "Trash: ⏎ brings a key back",
    };
    let most = usize::from(frame.area().height).saturating_sub(6);
    let rows = (menu.rows.len() + 1).min(most.max(2));
    let inner = open(title, rows, theme, frame);
    let list = filter::draw(&menu.filter, Typing::UnderWay, theme, frame, inner);
    let widest = menu
        .rows
        .iter()
        .map(|row| row.text.chars().count())
        .max()
        .unwrap_or(0)
        .min(32);
    let height = usize::from(list.height);
    let first = menu.scroll.first(menu.shown.len(), height);
    let width = usize::from(list.width);
    let lines = menu
        .shown
        .iter()
        .enumerate()
        .skip(first)
        .map(|(place, row)| {
            let row = &menu.rows[*row];
            let chosen = place == menu.scroll.0;
            let marker = if chosen { "▌ " } else { "  " };
            let style = if chosen { theme.chosen() } else { Style::new() };
            let key_width = row.key.chars().count();
            let detail = width.saturating_sub(widest + key_width + 5);
            Line::from(vec![
                Span::styled(marker, theme.style(Role::Accent)),
                Span::styled(fitted(&row.text, widest), style),
                Span::styled(
                    format!("  {}", fitted(&row.detail, detail)),
                    theme.style(Role::Dim),
                ),
                Span::styled(format!(" {}", row.key), theme.style(Role::Accent)),
            ])
        });
    draw_lines(lines, frame, list, Style::new());
}

fn draw_send(send: &Send, state: &State, theme: Theme, frame: &mut Frame<'_>) {
    let name = send.endpoints.get(send.chosen).map_or("", String::as_str);
    let several = send.others.len() + send.left_out.len() > 0;
    let title = match send.act {
        Act::Register if several => {
            format!("Register {} keys at {name}", send.others.len() + 1)
        }
        Act::Register => format!("Register {} at {name}", send.kid),
        Act::Unregister => format!("Remove {} from {name}", send.kid),
    };
    let columns = usize::from(dialog_columns(frame.area().width)).saturating_sub(4);
    let mut lines = Vec::new();
    if let Some(failure) = &send.failure {
        lines.push(Rich::new(Role::Bad, &format!("✗ {}", failure.summary)));
        lines.extend(failure.lines.iter().map(|line| exchange(line)));
        lines.push(Rich::default());
    }
    lines.extend(others(send));
    match &send.plan {
        Ok(plan) => {
            for (place, part) in plan.iter().enumerate() {
                lines.extend(heading(part, place, plan.len()));
                let body = part.lines.iter().position(String::is_empty);
                lines.extend(part.lines.iter().enumerate().map(|(place, line)| {
                    let role = match place {
                        0 => Role::Strong,
                        place if body.is_some_and(|body| place > body) => Role::Claims,
                        _ => Role::Text,
                    };
                    Rich::new(role, line)
                }));
            }
        }
        Err(reason) => lines.push(Rich::new(Role::Care, &format!("! {reason}"))),
    }
    lines.extend(mend(send));
    let lines = wrapped(&lines, columns, 2);
    let most = usize::from(frame.area().height).saturating_sub(6);
    let rows = (lines.len() + 1).min(most);
    let inner = open(&title, rows, theme, frame);
    let body = Rect {
        height: inner.height.saturating_sub(1),
        ..inner
    };
    text::draw(&lines, send.scroll, theme, frame, body);
    let foot = Rect {
        y: inner.bottom().saturating_sub(1),
        height: 1,
        ..inner
    };
    frame.render_widget(Paragraph::new(foot_line(send, state, theme)), foot);
}

fn draw_confirm(confirm: &Confirm, theme: Theme, frame: &mut Frame<'_>) {
    let columns = usize::from(dialog_columns(frame.area().width)).saturating_sub(4);
    let lines = wrapped(&confirm.body, columns, 2);
    let most = usize::from(frame.area().height).saturating_sub(6);
    let inner = open(&confirm.title, (lines.len() + 1).min(most), theme, frame);
    let body = Rect {
        height: inner.height.saturating_sub(1),
        ..inner
    };
    text::draw(&lines, confirm.scroll, theme, frame, body);
    let foot = Rect {
        y: inner.bottom().saturating_sub(1),
        height: 1,
        ..inner
    };
    let act = format!("⏎ {}", confirm.verb);
    let line = Line::styled(act, theme.style(Role::Accent));
    frame.render_widget(Paragraph::new(line), foot);
}

/// Which part of a plan follows, where there are several.
fn heading(part: &Shown, place: usize, count: usize) -> Vec<Rich> {
    if count < 2 {
        return Vec::new();
    }
    let number = format!("{} of {count}", place + 1);
    let about = part.about.as_deref().unwrap_or_default();
    let heading = Rich::new(Role::Accent, &number).and(Role::Dim, &format!("  {about}"));
    let before = (place > 0).then(Rich::default);
    before.into_iter().chain([heading]).collect()
}

/// What becomes of the other keys.
fn others(send: &Send) -> Vec<Rich> {
    /// The most that are named.
    const NAMED: usize = 6;
    let mut lines = Vec::new();
    if !send.others.is_empty() {
        let others = send.others.iter().take(NAMED);
        let mut kids: Vec<&str> = others.map(|key| key.kid.as_str()).collect();
        if send.others.len() > NAMED {
            kids.push("…");
        }
        let text = format!("{}, then the same for {}: ", send.kid, send.others.len());
        lines.push(Rich::new(Role::Strong, &text).and(Role::Text, &kids.join(", ")));
    }
    if send.plan.is_ok() {
        for (kid, reason) in send.left_out.iter().take(NAMED) {
            lines.push(Rich::new(Role::Care, &format!("! without {kid}: {reason}")));
        }
        if let Some(more @ 1..) = send.left_out.len().checked_sub(NAMED) {
            lines.push(Rich::new(Role::Care, &format!("! and without {more} more")));
        }
    }
    if !lines.is_empty() {
        lines.push(Rich::default());
    }
    lines
}

/// What mends a key that does not fit.
fn mend(send: &Send) -> Option<Rich> {
    let text = match send.remedy? {
        Remedy::Certificate => "Make one? ⏎".to_owned(),
        Remedy::Name => "Give it another one? ⏎".to_owned(),
        Remedy::NewKey(algorithm) => format!("Make an {algorithm} key? ⏎"),
    };
    Some(Rich::new(Role::Strong, &text))
}

/// What `Enter` does, and which endpoint of how many this is.
fn foot_line<'a>(send: &Send, state: &State, theme: Theme) -> Line<'a> {
    let act = match (&send.plan, &send.failure) {
        (Err(_), _) if send.remedy.is_some() => "⏎ opens the form".to_owned(),
        (Err(_), _) => "Esc closes".to_owned(),
        (Ok(_), Some(_)) => "⏎ tries again".to_owned(),
        (Ok(_), None) if send.handing == Handing::Handed => "⏎ it is done".to_owned(),
        (Ok(plan), None) => format!("⏎ {}", plan.first().map_or("", |part| part.verb)),
    };
    let mut spans = vec![Span::styled(act, theme.style(Role::Accent))];
    let count = send.endpoints.len();
    if count > 1 {
        let text = format!("   ↑↓ endpoint {} of {count}", send.chosen + 1);
        spans.push(Span::styled(text, theme.style(Role::Dim)));
    } else if send.act == Act::Register
        && state.endpoints().len() == 1
        && let Some(key) = state.keymap.shown(Context::Register, Action::AddEndpoint)
    {
        let text = format!("   more endpoints: {} in panel 3", key.short());
        spans.push(Span::styled(text, theme.style(Role::Dim)));
    }
    Line::from(spans)
}

fn draw_text(dialog: &TextDialog, theme: Theme, frame: &mut Frame<'_>) {
    let columns = usize::from(dialog_columns(frame.area().width)).saturating_sub(4);
    let lines = wrapped(&dialog.body, columns, 2);
    let most = usize::from(frame.area().height).saturating_sub(6);
    let inner = open(&dialog.title, lines.len().min(most), theme, frame);
    let last = lines.len().saturating_sub(usize::from(inner.height));
    let scroll = Scroll(dialog.scroll.0.min(last));
    text::draw(&lines, scroll, theme, frame, inner);
}
