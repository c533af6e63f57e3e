//! The first line: what runs, and how the keys stand.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};

use super::theme::Theme;
use crate::{
    display,
    tui::app::{
        content::{self, moments},
        layout,
        panel::Panel,
        rich::Role,
        state::{State, Vault},
    },
};

pub(super) fn draw(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width);
    if let Some(banner) = &state.banner {
        let text = format!(" ! {banner} (the configuration before counts)");
        let line = Line::styled(display::middle(&text, width), theme.style(Role::Care));
        frame.render_widget(Paragraph::new(line), area);
        return;
    }
    let left = if layout::shows_four(state) || state.zoom == crate::tui::app::state::Zoom::In {
        names(state, theme)
    } else {
        tabs(state, theme)
    };
    frame.render_widget(Paragraph::new(left.clone()), area);
    let right = right(state, theme, width.saturating_sub(left.width() + 1));
    frame.render_widget(Paragraph::new(right.right_aligned()), area);
}

/// `keyfob   sandbox :3001`.
fn names<'a>(state: &State, theme: Theme) -> Line<'a> {
    let mut spans = vec![
        Span::raw(" "),
        Span::styled("keyfob", theme.style(Role::Strong)),
    ];
    let sandbox = match &state.sandbox.at_hand {
        Some(at_hand) => {
            let url = &at_hand.running.auth;
            let port = url.rsplit(':').next().unwrap_or_default();
            Span::styled(format!("   ● sandbox :{port}"), theme.style(Role::Good))
        }
        None => Span::styled("   ○ no sandbox", theme.style(Role::Dim)),
    };
    spans.push(sandbox);
    let rotations = &state.rotations.under_way;
    if let Some(text) = content::rotation::under_way(rotations, state.now, &state.zone) {
        let text = format!("   {text}");
        spans.push(Span::styled(text, theme.style(Role::Accent)));
    }
    let faults = state.sandbox.active_faults();
    if !faults.is_empty() {
        let text = format!("   ! refuses on purpose: {faults}");
        spans.push(Span::styled(text, theme.style(Role::Care)));
    }
    Line::from(spans)
}

/// The panels by number, where one is shown at a time.
fn tabs<'a>(state: &State, theme: Theme) -> Line<'a> {
    let mut spans = vec![Span::raw(" ")];
    for panel in Panel::ALL {
        let role = if panel == state.focus {
            Role::Accent
        } else {
            Role::Dim
        };
        spans.push(Span::styled(panel.title(), theme.style(role)));
        let refuses = panel == Panel::Sandbox && !state.sandbox.active_faults().is_empty();
        let rotates = panel == Panel::Keys && !state.rotations.under_way.is_empty();
        spans.push(if rotates {
            Span::styled("↻ ", theme.style(Role::Accent))
        } else if refuses {
            Span::styled("! ", theme.style(Role::Care))
        } else {
            Span::raw(" ")
        });
    }
    Line::from(spans)
}

fn right<'a>(state: &State, theme: Theme, width: usize) -> Line<'a> {
    let until = state
        .lock_at()
        .map(|at| moments::short(at, state.now, &state.zone))
        .unwrap_or_default();
    let (role, long, short) = match state.vault {
        Vault::Locked => (Role::Text, "locked".to_owned(), "locked".to_owned()),
        Vault::Missing => (Role::Dim, "no keystore yet".to_owned(), String::new()),
        Vault::Open => (
            Role::Care,
            "! no passphrase: whoever reads the files has the keys".to_owned(),
            "! no passphrase".to_owned(),
        ),
        Vault::Unlocked if until.is_empty() => {
            (Role::Text, "unlocked".to_owned(), "unlocked".to_owned())
        }
        Vault::Unlocked => (Role::Text, format!("unlocked until {until}"), until),
    };
    let help = "   ? help ";
    let fits = |text: &str| text.chars().count() + help.len() <= width;
    if fits(&long) {
        Line::from(vec![
            Span::styled(long, theme.style(role)),
            Span::styled(help, theme.style(Role::Dim)),
        ])
    } else if short.chars().count() < width {
        Line::from(vec![Span::styled(short, theme.style(role)), Span::raw(" ")])
    } else {
        Line::default()
    }
}
