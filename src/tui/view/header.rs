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
        state::{State, Vault, Zoom},
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
    let is_bare = layout::shows_four(state) || state.zoom == Zoom::In;
    let left = if is_bare {
        names(state, theme)
    } else {
        tabs(state, theme, Panel::title)
    };
    let right = Right::of(state);
    let room = |left: &Line<'_>| width.saturating_sub(left.width() + 1);
    let left = if !is_bare && room(&left) < right.least() {
        tabs(state, theme, Panel::short_title)
    } else {
        left
    };
    let right = right.within(room(&left), theme);
    frame.render_widget(Paragraph::new(left), area);
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
    spans.push(Span::raw("  "));
    Line::from(spans)
}

/// The panels by number, where one is shown at a time.
fn tabs<'a>(state: &State, theme: Theme, title: fn(Panel) -> &'static str) -> Line<'a> {
    let mut spans = vec![Span::raw(" ")];
    for panel in Panel::ALL {
        let role = if panel == state.focus {
            Role::Accent
        } else {
            Role::Dim
        };
        spans.push(Span::styled(title(panel), theme.style(role)));
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

/// How the keys stand, and where help is.
struct Right {
    role: Role,
    long: String,
    short: String,
}

/// Where help is, with words and without.
const HELP: [&str; 2] = ["   ? help ", "  ? "];

impl Right {
    fn of(state: &State) -> Self {
        let until = state
            .lock_at()
            .map(|at| moments::short(at, state.now, &state.zone))
            .unwrap_or_default();
        let (role, long, short) = match state.vault {
            Vault::Locked => (Role::Text, "locked", "locked"),
            Vault::Missing => (Role::Dim, "no keystore yet", ""),
            Vault::Open => (
                Role::Care,
                "! no passphrase: whoever reads the files has the keys",
                "! no passphrase",
            ),
            Vault::Unlocked if until.is_empty() => (Role::Text, "unlocked", "unlocked"),
            Vault::Unlocked => {
                return Self {
                    role: Role::Text,
                    long: format!("unlocked until {until}"),
                    short: until,
                };
            }
        };
        Self {
            role,
            long: long.to_owned(),
            short: short.to_owned(),
        }
    }

    /// The columns that it wants at least.
    fn least(&self) -> usize {
        self.short.chars().count() + HELP[1].len()
    }

    /// The most of it that goes into `width` columns.
    fn within<'a>(self, width: usize, theme: Theme) -> Line<'a> {
        let [long, short] = [self.long, self.short];
        let forms = [
            (&long, HELP[0]),
            (&short, HELP[0]),
            (&short, HELP[1]),
            (&short, ""),
        ];
        let mut forms = forms.into_iter();
        let fits = |(text, help): &(&String, &str)| text.chars().count() + help.len() <= width;
        match forms.find(fits) {
            Some((text, help)) => Line::from(vec![
                Span::styled(text.clone(), theme.style(self.role)),
                Span::styled(help, theme.style(Role::Dim)),
            ]),
            None => Line::default(),
        }
    }
}
