//! The panels by number.

use super::action::Context;

/// A panel.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Panel {
    Keys,
    Certificate,
    Register,
    Token,
    Clients,
    Sandbox,
    Activity,
}

impl Panel {
    /// Every panel, in the order of `Tab`.
    pub const ALL: [Self; 7] = [
        Self::Keys,
        Self::Certificate,
        Self::Register,
        Self::Token,
        Self::Clients,
        Self::Sandbox,
        Self::Activity,
    ];

    /// Its number and name, as its border shows it.
    pub fn title(self) -> &'static str {
        self.context().title()
    }

    /// The same where there is little room.
    pub fn short_title(self) -> &'static str {
        match self {
            Self::Certificate => "2 Cert",
            Self::Register => "3 Reg",
            _ => self.title(),
        }
    }

    /// Where its keys stand in the table.
    pub fn context(self) -> Context {
        match self {
            Self::Keys => Context::Keys,
            Self::Certificate => Context::Certificate,
            Self::Register => Context::Register,
            Self::Token => Context::Token,
            Self::Clients => Context::Clients,
            Self::Sandbox => Context::Sandbox,
            Self::Activity => Context::Activity,
        }
    }

    /// Whether it stands beside the others, or takes the screen.
    pub fn is_one_of_four(self) -> bool {
        !matches!(self, Self::Clients | Self::Sandbox | Self::Activity)
    }

    /// The panel that `Tab` goes to.
    #[must_use]
    pub fn next(self) -> Self {
        self.step(1)
    }

    /// The panel that `Shift-Tab` goes to.
    #[must_use]
    pub fn previous(self) -> Self {
        self.step(Self::ALL.len() - 1)
    }

    fn step(self, by: usize) -> Self {
        let place = Self::ALL.iter().position(|each| *each == self).unwrap_or(0);
        Self::ALL[(place + by) % Self::ALL.len()]
    }
}
