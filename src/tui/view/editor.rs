//! Panel 4 while header and claims are edited, with what they would be signed as below.

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::Paragraph,
};

use super::{draw_lines, json_colours::Shown, styled, theme::Theme};
use crate::{
    jose::time::dates_of,
    tui::app::{
        content,
        rich::{Rich, Role, wrapped},
        state::State,
        token_panel::{Draft, Mode, Part, Preview, Problem},
    },
};

/// `mint │ decode`, the one at hand in brackets.
pub(super) fn modes(state: &State) -> String {
    match state.token.mode {
        Mode::Mint => "[mint] decode".to_owned(),
        Mode::Decode => "mint [decode]".to_owned(),
    }
}

pub(super) fn draw(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let (Some((thumbprint, record)), Some(part)) = (state.keys.selected(), state.token.editing)
    else {
        return;
    };
    let Some(draft) = state.token.edited(&thumbprint) else {
        return;
    };
    let header_rows = u16::try_from(draft.header.lines().len()).unwrap_or(u16::MAX);
    let claims_rows = u16::try_from(draft.claims.lines().len()).unwrap_or(u16::MAX);
    let [header_label, header, claims_label, claims, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(header_rows.min(area.height / 4).max(2)),
        Constraint::Length(1),
        Constraint::Length(claims_rows.min(area.height / 2).max(3)),
        Constraint::Fill(1),
    ])
    .areas(area);
    let preview = draft.preview(record, state.template_for(draft), state.now, &state.zone);
    let first = preview.as_ref().err();
    let problems = first.map_or_else(Vec::new, |first| draft.problems(first));
    let mut lines = Vec::new();
    let template = draft.template.as_deref().unwrap_or("a token");
    let template = format!("claims, from {template}");
    for (each, editor, label, label_area, editor_area) in [
        (Part::Header, &draft.header, "header", header_label, header),
        (
            Part::Claims,
            &draft.claims,
            template.as_str(),
            claims_label,
            claims,
        ),
    ] {
        let (sign, role) = if each == part {
            ("▌ ", Role::Accent)
        } else {
            ("  ", Role::Dim)
        };
        let line = Line::from(vec![Span::styled(
            format!("{sign}{label}"),
            theme.style(role),
        )]);
        frame.render_widget(Paragraph::new(line), label_area);
        let text = theme.style(match each {
            Part::Header => Role::Header,
            Part::Claims => Role::Claims,
        });
        let mut shown = editor.area().clone();
        shown.set_style(text);
        shown.set_cursor_line_style(Style::new());
        shown.set_cursor_style(if each == part {
            Style::new().add_modifier(Modifier::REVERSED)
        } else {
            text
        });
        let inner = Rect {
            x: editor_area.x + 2,
            width: editor_area.width.saturating_sub(2),
            ..editor_area
        };
        frame.render_widget(&shown, inner);
        let (top, left) = shown.scroll_offset();
        let on_screen = Shown {
            text: &draft.text(each),
            top: usize::from(top),
            left: usize::from(left),
            area: inner,
        };
        on_screen.colour(theme, frame);
        let marked = problems.iter().filter(|problem| problem.part == each);
        for place in marked.filter_map(|problem| problem.place) {
            on_screen.mark(place, theme, frame);
        }
        if let Ok(preview) = &preview
            && each == Part::Claims
        {
            lines.extend(say_times(preview, draft, &on_screen, (state, theme), frame));
        }
    }
    let lines = fitted(&lines, draft, &preview, below);
    draw_lines(
        lines.iter().map(|line| styled(line, theme)),
        frame,
        below,
        Style::new(),
    );
}

/// Writes the times of the claims beside them; those without room there are what comes back.
fn say_times(
    preview: &Preview,
    draft: &Draft,
    on_screen: &Shown<'_>,
    (state, theme): (&State, Theme),
    frame: &mut Frame<'_>,
) -> Vec<Rich> {
    let mut left = Vec::new();
    for (name, told) in times(preview, state) {
        let line = draft.place_of(Part::Claims, name).map(|(line, _)| line);
        let is_told = line.is_some_and(|line| on_screen.say_behind(line, &told, theme, frame));
        if !is_told {
            left.push(Rich::new(Role::Dim, &format!("{name:<4} {told}")));
        }
    }
    left
}

/// What stands below the editors: however much there is to say, the length and the beginning of
/// the token stay in sight.
fn fitted(
    first: &[Rich],
    draft: &Draft,
    preview: &Result<Preview, Problem>,
    area: Rect,
) -> Vec<Rich> {
    let (columns, rows) = (usize::from(area.width), usize::from(area.height));
    let mut lines = first.to_vec();
    lines.extend(content::token::mint::findings(draft, preview));
    let mut lines = wrapped(&lines, columns, 0);
    let would_be = wrapped(&content::token::mint::would_be(preview), columns, 0);
    let most = rows.saturating_sub(would_be.len().min(2));
    if lines.len() > most {
        lines.truncate(most.saturating_sub(1));
        lines.push(Rich::new(Role::Dim, "… there is more: Esc shows all of it"));
    }
    lines.extend(would_be);
    lines
}

/// The times of the claims as they would be signed, in both forms.
fn times(preview: &Preview, state: &State) -> Vec<(&'static str, String)> {
    dates_of(&preview.claims)
        .into_iter()
        .map(|(name, at)| {
            let whole = content::moments::whole(at, &state.zone);
            // A number that was written stands there already.
            let written = preview.draft.members().get(name);
            let told = if written.is_some_and(serde_json::Value::is_number) {
                whole
            } else {
                format!("{} = {whole}", at.as_second())
            };
            (name, told)
        })
        .collect()
}
