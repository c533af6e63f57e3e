//! The clipboard: arboard, or OSC 52 where there is no display server. (owner: net)

/// How a copy went: decides the toast.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Copied {
    /** "copied" */
    System,
    /** "sent to the terminal's clipboard" */
    Terminal,
}

/// Secrets are kept out of clipboard managers' history and cleared after a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sensitivity {
    Public,
    Secret,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ClipboardError(pub String);

/// The owner of a selection; lives as long as the app (X11 selections die with it).
pub struct Clipboard {
    _private: (),
}

impl Clipboard {
    /// Chooses arboard or OSC 52 from the environment (`DISPLAY`, `WAYLAND_DISPLAY`, `SSH_TTY`).
    pub fn from_environment() -> Self {
        unimplemented!()
    }
    /// `terminal` receives the OSC 52 sequence.
    pub fn copy(
        &mut self,
        text: &str,
        sensitivity: Sensitivity,
        _terminal: &mut dyn std::io::Write,
    ) -> Result<Copied, ClipboardError> {
        unimplemented!("{text}{sensitivity:?}")
    }
    /// Clears what was copied last, if it is still there.
    pub fn clear(&mut self, _terminal: &mut dyn std::io::Write) -> Result<(), ClipboardError> {
        unimplemented!()
    }
}
