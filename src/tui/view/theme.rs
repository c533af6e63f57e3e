//! How roles look: the sixteen colours of the terminal, bold and dim, and nothing else.

use ratatui::style::{Color, Modifier, Style};

use crate::{
    config::settings::ThemeName,
    tui::app::{activity::Severity, rich::Role},
};

/// Whether the terminal gets colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Colours {
    Ansi,
    /// `NO_COLOR` is set.
    None,
}

/// The look of every role.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    name: ThemeName,
    colours: Colours,
}

impl Theme {
    pub fn new(name: ThemeName, colours: Colours) -> Self {
        Self { name, colours }
    }

    /// How text of a role looks.
    pub fn style(self, role: Role) -> Style {
        let style = match self.colour(role) {
            Some(colour) if self.colours == Colours::Ansi => Style::new().fg(colour),
            _ => Style::new(),
        };
        let modifier = match (role, self.name) {
            (Role::Found, _) => Modifier::REVERSED,
            (Role::Strong | Role::Accent, _) | (Role::Bad, ThemeName::HighContrast) => {
                Modifier::BOLD
            }
            (Role::Dim, ThemeName::Dark | ThemeName::Light) => Modifier::DIM,
            _ => Modifier::empty(),
        };
        style.add_modifier(modifier)
    }

    /// The sign and the look of a severity.
    pub fn severity(self, severity: Severity) -> Style {
        self.style(match severity {
            Severity::Bad => Role::Bad,
            Severity::Care => Role::Care,
            Severity::Good => Role::Good,
        })
    }

    /// The chosen row of the panel that has the keys.
    pub fn chosen(self) -> Style {
        match self.name {
            ThemeName::HighContrast => Style::new().add_modifier(Modifier::REVERSED),
            ThemeName::Dark | ThemeName::Light => Style::new().add_modifier(Modifier::BOLD),
        }
    }

    /// A border; the focused one carries the accent.
    pub fn border(self, focus: Focus) -> Style {
        match focus {
            // It may lie on a neighbour's dim border.
            Focus::Here => self.style(Role::Accent).remove_modifier(Modifier::DIM),
            Focus::Elsewhere => self.style(Role::Dim),
        }
    }

    fn colour(self, role: Role) -> Option<Color> {
        let (dark, light, high) = match role {
            Role::Accent => (Color::Cyan, Color::Blue, Color::LightCyan),
            Role::Bad => (Color::LightRed, Color::Red, Color::LightRed),
            Role::Care => (Color::Yellow, Color::Magenta, Color::LightYellow),
            Role::Good => (Color::Green, Color::Green, Color::LightGreen),
            Role::Header => (Color::LightMagenta, Color::Magenta, Color::LightMagenta),
            Role::Claims => (Color::LightBlue, Color::Blue, Color::LightBlue),
            Role::Signature => (Color::Cyan, Color::Cyan, Color::LightCyan),
            Role::Dim | Role::Found | Role::Strong | Role::Text => return None,
        };
        Some(match self.name {
            ThemeName::Dark => dark,
            ThemeName::Light => light,
            ThemeName::HighContrast => high,
        })
    }
}

/// Whether something has the keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Focus {
    Elsewhere,
    Here,
}
