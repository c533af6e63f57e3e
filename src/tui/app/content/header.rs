//! The first line: what runs, how the keys stand, and where that can be clicked.

use std::ops::Range;

use super::{moments, rotation};
use crate::{
    display,
    tui::app::{
        action::Action,
        layout,
        panel::Panel,
        rich::{Rich, Role},
        state::{State, Vault, Zoom},
    },
};

/// Where help is, with words and without.
const HELP: [&str; 2] = ["   ? help ", "  ? "];

/// The line in its two parts, and the columns that do something when they are clicked.
#[derive(Debug, Default)]
pub struct Header {
    pub left: Rich,
    /// It ends at the right border.
    pub right: Rich,
    places: Vec<(Range<usize>, Action)>,
}

impl Header {
    /// The line in `width` columns.
    pub fn of(state: &State, width: usize) -> Self {
        if let Some(banner) = &state.banner {
            let text = format!(" ! {banner} (the configuration before counts)");
            let left = Rich::new(Role::Care, &display::middle(&text, width));
            return Self {
                left,
                ..Self::default()
            };
        }
        let keys = Keys::of(state);
        let room = |left: &Rich| width.saturating_sub(left.width() + 1);
        let mut header = if layout::shows_four(state) || state.zoom == Zoom::In {
            Self {
                left: names(state),
                ..Self::default()
            }
        } else {
            let long = Self::tabs(state, Panel::title);
            if room(&long.left) < keys.least() {
                Self::tabs(state, Panel::short_title)
            } else {
                long
            }
        };
        let (right, help) = keys.within(room(&header.left));
        let help = width.saturating_sub(help.trim_start().len())..width;
        header.places.push((help, Action::Help));
        header.right = right;
        header
    }

    /// What a click at a column asks for.
    pub fn action(&self, column: u16) -> Option<Action> {
        let mut places = self.places.iter();
        let column = usize::from(column);
        let found = places.find(|(columns, _)| columns.contains(&column));
        found.map(|(_, action)| *action)
    }

    /// The panels by number, where one is shown at a time.
    fn tabs(state: &State, title: fn(Panel) -> &'static str) -> Self {
        let mut left = Rich::new(Role::Text, " ");
        let mut places = Vec::new();
        for panel in Panel::ALL {
            let role = if panel == state.focus {
                Role::Accent
            } else {
                Role::Dim
            };
            let begin = left.width();
            left = left.and(role, title(panel));
            places.push((begin..left.width(), Action::Focus(panel)));
            let refuses = panel == Panel::Sandbox && !state.sandbox.active_faults().is_empty();
            let rotates = panel == Panel::Keys && !state.rotations.under_way.is_empty();
            left = if rotates {
                left.and(Role::Accent, "↻ ")
            } else if refuses {
                left.and(Role::Care, "! ")
            } else {
                left.and(Role::Text, " ")
            };
        }
        Self {
            left,
            places,
            ..Self::default()
        }
    }
}

/// `keyfob   sandbox :3001`.
fn names(state: &State) -> Rich {
    let mut line = Rich::new(Role::Text, " ").and(Role::Strong, "keyfob");
    line = match &state.sandbox.at_hand {
        Some(at_hand) => {
            let url = &at_hand.running.auth;
            let port = url.rsplit(':').next().unwrap_or_default();
            line.and(Role::Good, &format!("   ● sandbox :{port}"))
        }
        None => line.and(Role::Dim, "   ○ no sandbox"),
    };
    let rotations = &state.rotations.under_way;
    if let Some(text) = rotation::under_way(rotations, state.now, &state.zone) {
        line = line.and(Role::Accent, &format!("   {text}"));
    }
    let faults = state.sandbox.active_faults();
    if !faults.is_empty() {
        line = line.and(Role::Care, &format!("   ! refuses on purpose: {faults}"));
    }
    line.and(Role::Text, "  ")
}

/// How the keys stand.
struct Keys {
    role: Role,
    long: String,
    short: String,
}

impl Keys {
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

    /// The most of it that goes into `width` columns, and what tells there of help.
    fn within(self, width: usize) -> (Rich, &'static str) {
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
            Some((text, help)) => (Rich::new(self.role, text).and(Role::Dim, help), help),
            None => (Rich::default(), ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{
        app::{
            dialog::Dialog,
            msg::{Mouse, MouseKind, Msg},
            update::update,
        },
        fixture::{now, state},
    };

    fn click(state: &mut State, column: usize) {
        let click = Mouse {
            kind: MouseKind::Click,
            column: u16::try_from(column).unwrap(),
            row: 0,
        };
        update(state, Msg::Mouse(click), now());
    }

    #[test]
    fn a_click_on_the_first_line_does_what_stands_there() {
        for (columns, rows) in [(80, 24), (120, 35)] {
            let mut state = state(columns, rows);
            for panel in Panel::ALL.into_iter().rev() {
                let left = Header::of(&state, usize::from(columns)).left.plain();
                let name = panel.short_title();
                let at = left.find(name.get(..5).unwrap_or(name)).unwrap();
                click(&mut state, at + 1);
                assert_eq!(state.focus, panel, "{left}");
            }
            let header = Header::of(&state, usize::from(columns));
            let help = header.right.plain().len() - header.right.plain().find('?').unwrap();
            click(&mut state, usize::from(columns) - help);
            assert!(matches!(&state.dialog, Some(Dialog::Text(text)) if text.title == "Help"));
        }
    }

    #[test]
    fn a_click_beside_it_does_nothing() {
        let mut state = state(120, 36);
        click(&mut state, 50);
        assert!(state.dialog.is_none() && state.focus == Panel::Keys);
        click(&mut state, 115);
        assert!(matches!(&state.dialog, Some(Dialog::Text(text)) if text.title == "Help"));
    }
}
