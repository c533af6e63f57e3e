//! Several keys being registered, and what became of each.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Paragraph,
};
use unicode_width::UnicodeWidthStr;

use super::{draw_lines, fitted, open};
use crate::{
    display,
    tui::{
        app::{
            dialog::{Batch, Fate, Stopping},
            layout::dialog_columns,
            rich::{Rich, Role},
            state::State,
        },
        view::{spinner, styled, theme::Theme},
    },
};

pub(super) fn draw(batch: &Batch, state: &State, theme: Theme, frame: &mut Frame<'_>) {
    let columns = usize::from(dialog_columns(frame.area().width)).saturating_sub(4);
    let most = usize::from(frame.area().height).saturating_sub(6);
    // The reason of the chosen row, whole, under the list.
    let reason: Vec<Rich> = match batch.rows.get(batch.scroll.0) {
        Some((_, Fate::Failed(reason))) => Rich::new(Role::Bad, reason).wrapped(columns, 0),
        _ => Vec::new(),
    };
    let around = reason.len() + 1;
    let rows = (batch.rows.len() + around).min(most);
    let title = format!("Register {} keys at {}", batch.rows.len(), batch.endpoint);
    let inner = open(&title, rows, theme, frame);
    let height = usize::from(inner.height).saturating_sub(around);
    let first = batch.scroll.first(batch.rows.len(), height);
    let widest = batch.rows.iter().map(|(key, _)| key.kid.width()).max();
    let names = widest.unwrap_or(0).clamp(8, columns / 3);
    let shown = batch.rows.iter().enumerate().skip(first).take(height);
    let mut lines: Vec<Line<'_>> = shown
        .map(|(place, (key, fate))| {
            let chosen = place == batch.scroll.0;
            let style = if chosen { theme.chosen() } else { Style::new() };
            let (sign, role) = sign(fate, batch, state);
            let free = columns.saturating_sub(names + 6);
            let words = display::middle(fate.words(), free);
            Line::from(vec![
                Span::styled(if chosen { "▌ " } else { "  " }, theme.style(Role::Accent)),
                Span::styled(format!("{sign} "), theme.style(role)),
                Span::styled(fitted(&key.kid, names), style),
                Span::styled(format!("  {words}"), theme.style(role)),
            ])
        })
        .collect();
    lines.extend(reason.iter().map(|line| styled(line, theme)));
    draw_lines(lines, frame, inner, Style::new());
    let foot = Rect {
        y: inner.bottom().saturating_sub(1),
        height: 1,
        ..inner
    };
    frame.render_widget(Paragraph::new(foot_line(batch, theme)), foot);
}

fn sign(fate: &Fate, batch: &Batch, state: &State) -> (char, Role) {
    match fate {
        Fate::Done(_) => ('✓', Role::Good),
        Fate::Failed(_) => ('✗', Role::Bad),
        Fate::NotSent => ('○', Role::Care),
        Fate::Waiting => ('○', Role::Dim),
        Fate::UnderWay => {
            let task = batch.task.and_then(|task| state.tasks.task(task));
            let sign = task.map_or('◌', |task| spinner(state, task.since));
            (sign, Role::Accent)
        }
    }
}

fn foot_line<'a>(batch: &Batch, theme: Theme) -> Line<'a> {
    let count = batch.rows.len();
    let done = batch
        .rows
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Done(_)))
        .count();
    let full = done * 10 / count.max(1);
    let bar = format!("▕{}{}▏", "█".repeat(full), "░".repeat(10 - full));
    let act = match (batch.task, batch.stopping) {
        (Some(_), Stopping::GoingOn) => "Esc stops after this one",
        (Some(_), Stopping::Stopping) => "stops after this one; Esc does not wait for it",
        (None, _) if done < count => "⏎ goes on with the rest",
        (None, _) => "⏎ closes",
    };
    Line::from(vec![
        Span::styled(act, theme.style(Role::Accent)),
        Span::styled(
            format!("   {done} of {count} {bar}"),
            theme.style(Role::Dim),
        ),
    ])
}
