//! The built-in themes by name.

use std::{fmt, str::FromStr};

/// A theme of the terminal app.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ThemeName {
    /// For dark terminals.
    #[default]
    Dark,
    /// Nothing dim, nothing pale.
    HighContrast,
    /// For light terminals.
    Light,
}

/// A name that is no theme.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown theme {0}: write dark, light or high-contrast")]
pub struct UnknownTheme(pub String);

impl ThemeName {
    /// `dark`, `light`, `high-contrast`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::HighContrast => "high-contrast",
            Self::Light => "light",
        }
    }
}

impl FromStr for ThemeName {
    type Err = UnknownTheme;

    fn from_str(name: &str) -> Result<Self, UnknownTheme> {
        [Self::Dark, Self::HighContrast, Self::Light]
            .into_iter()
            .find(|theme| theme.name() == name)
            .ok_or_else(|| UnknownTheme(name.to_owned()))
    }
}

impl fmt::Display for ThemeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
