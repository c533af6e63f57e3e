//! The guide through a rotation.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{open, text};
use crate::tui::{
    app::{
        content::{moments, rotation::lines},
        layout::dialog_columns,
        rich::{Role, wrapped},
        rotation_guide::{Phase, RotationDialog, can_undo, next},
        scroll::Scroll,
        state::State,
    },
    view::{spinner, theme::Theme},
};

pub(super) fn draw(guide: &RotationDialog, state: &State, theme: Theme, frame: &mut Frame<'_>) {
    let title = format!("Rotate {}", guide.rotation.old.kid);
    let columns = usize::from(dialog_columns(frame.area().width)).saturating_sub(4);
    let lines = wrapped(&lines(guide, state.now, &state.zone), columns, 2);
    let most = usize::from(frame.area().height).saturating_sub(6);
    let inner = open(&title, (lines.len() + 2).min(most), theme, frame);
    let body = Rect {
        height: inner.height.saturating_sub(2),
        ..inner
    };
    let last = lines.len().saturating_sub(usize::from(body.height));
    let scroll = Scroll(guide.scroll.0.min(last));
    text::draw(&lines, scroll, theme, frame, body);
    let foot = Rect {
        y: inner.bottom().saturating_sub(1),
        height: 1,
        ..inner
    };
    frame.render_widget(Paragraph::new(foot_line(guide, state, theme)), foot);
}

/// What `Enter` does, or what is waited for.
fn foot_line<'a>(guide: &RotationDialog, state: &State, theme: Theme) -> Line<'a> {
    let rotation = &guide.rotation;
    let number = rotation.current().unwrap_or_default() + 1;
    let under_way = guide.task.and_then(|task| state.tasks.task(task));
    let act = match (under_way, next(guide, state.now), &guide.phase) {
        (Some(task), ..) => format!("{} working…", spinner(state, task.since)),
        (None, Some("begin"), _) => "⏎ begins with step 1".to_owned(),
        (None, Some("next step"), _) => format!("⏎ does step {number}"),
        (None, Some(word), _) => format!("⏎ {word}"),
        (None, None, Phase::UnderWay) => match rotation.waits_until(state.now) {
            Some(until) => {
                let until = moments::short(until, state.now, &state.zone);
                format!("step {} after {until}", number + 1)
            }
            None => "Esc closes".to_owned(),
        },
        (None, None, _) => "Esc closes".to_owned(),
    };
    let mut spans = vec![Span::styled(act, theme.style(Role::Accent))];
    if can_undo(guide) {
        let text = "   u undoes a step   Esc closes, R comes back";
        spans.push(Span::styled(text, theme.style(Role::Dim)));
    }
    Line::from(spans)
}
