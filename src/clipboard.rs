//! The clipboard: the display server's, or by OSC 52 the terminal's where there is none.

use std::{
    env,
    ffi::OsString,
    io::{self, Write},
};

use crossterm::{Command as _, clipboard::CopyToClipboard};

use crate::secret::Secret;

/// Bytes that a terminal surely takes in one OSC 52 sequence: 100,000 with the escape sequence and
/// base64 around them.
const TERMINAL_LIMIT: usize = 74_994;

/// How a copy went: decides the toast.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Copied {
    /// The display server has it: "copied".
    System,
    /// The terminal was asked, and never tells whether it obeyed: "sent to the terminal's
    /// clipboard".
    Terminal,
}

/// What becomes of the text afterwards.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sensitivity {
    Public,
    /// Kept out of the history of clipboard managers, and cleared by the app after a while.
    Secret,
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum ClipboardError {
    /// The terminal did not take the sequence.
    #[error("cannot write to the terminal: {0}")]
    Terminal(#[from] io::Error),
    /// More than terminals take.
    #[error(
        "{length} bytes are too many for the terminal's clipboard (at most {TERMINAL_LIMIT}): write \
         them to a file, `keyfob mint … > FILE` for example"
    )]
    TooLong { length: usize },
}

/// The owner of what was copied: it lives as long as the app, for an X11 selection dies with its
/// owner.
pub struct Clipboard {
    way: Way,
    /// What [`Self::clear`] may take away.
    last: Option<(Copied, Secret<String>)>,
}

/// Where text is copied to.
enum Way {
    /// Opened at the first copy: opening it costs a connection and a thread.
    System(Option<arboard::Clipboard>),
    Terminal,
}

impl Clipboard {
    /// The display server's clipboard, or the terminal's where there is no display server or the
    /// display is at the other end of an SSH connection.
    pub fn from_environment() -> Self {
        let way = if has_display(|name| env::var_os(name)) {
            Way::System(None)
        } else {
            Way::Terminal
        };
        Self { way, last: None }
    }

    /// Copies `text`. `terminal` receives the OSC 52 sequence where there is no display server, or
    /// where it fails.
    pub fn copy(
        &mut self,
        text: &str,
        sensitivity: Sensitivity,
        terminal: &mut dyn Write,
    ) -> Result<Copied, ClipboardError> {
        let copied = if self.set(text, sensitivity).is_ok() {
            Copied::System
        } else {
            send(text, terminal)?;
            Copied::Terminal
        };
        self.last = Some((copied, Secret::new(text.to_owned())));
        Ok(copied)
    }

    /// The display server's text; none where there is no display server, or no text.
    pub fn text(&mut self) -> Option<Secret<String>> {
        let Way::System(opened) = &mut self.way else {
            return None;
        };
        let clipboard = match opened {
            Some(clipboard) => clipboard,
            None => opened.insert(arboard::Clipboard::new().ok()?),
        };
        clipboard.get_text().ok().map(Secret::new)
    }

    /// Clears what was copied last, where it is still there. A terminal cannot be asked: it is
    /// cleared once.
    pub fn clear(&mut self, terminal: &mut dyn Write) -> Result<(), ClipboardError> {
        match (self.last.take(), &mut self.way) {
            (Some((Copied::Terminal, _)), _) => send("", terminal),
            (Some((Copied::System, text)), Way::System(Some(clipboard))) => {
                let ours = clipboard.get_text().is_ok_and(|now| now == *text.expose());
                if ours {
                    // A display server that fails now has lost the text with the connection.
                    let _ = clipboard.clear();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Gives `text` to the display server.
    fn set(&mut self, text: &str, sensitivity: Sensitivity) -> Result<(), arboard::Error> {
        let Way::System(opened) = &mut self.way else {
            return Err(arboard::Error::ClipboardNotSupported);
        };
        let clipboard = match opened {
            Some(clipboard) => clipboard,
            None => opened.insert(arboard::Clipboard::new()?),
        };
        match sensitivity {
            Sensitivity::Public => clipboard.set().text(text),
            Sensitivity::Secret => excluded(clipboard.set()).text(text),
        }
    }
}

/// Whether this process has a display of its own user's.
fn has_display(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    let remote = ["SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT"]
        .into_iter()
        .any(set);
    let display = cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY");
    display && !remote
}

#[cfg(target_os = "macos")]
fn excluded(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

#[cfg(not(target_os = "macos"))]
fn excluded(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

/// Asks the terminal to take `text` (xterm's OSC 52).
fn send(text: &str, terminal: &mut dyn Write) -> Result<(), ClipboardError> {
    if text.len() > TERMINAL_LIMIT {
        return Err(ClipboardError::TooLong { length: text.len() });
    }
    let mut sequence = String::new();
    // Writing to a string cannot fail; an empty sequence would do nothing.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
    terminal.write_all(sequence.as_bytes())?;
    terminal.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal_only() -> Clipboard {
        Clipboard {
            way: Way::Terminal,
            last: None,
        }
    }

    #[test]
    fn a_display_counts_only_where_it_is_the_users_own() {
        let cases: [(&[(&str, &str)], bool); 6] = [
            (&[], cfg!(target_os = "macos")),
            (&[("DISPLAY", ":0")], true),
            (&[("WAYLAND_DISPLAY", "wayland-0")], true),
            (&[("DISPLAY", "")], cfg!(target_os = "macos")),
            (
                &[("DISPLAY", "localhost:10.0"), ("SSH_TTY", "/dev/pts/0")],
                false,
            ),
            (&[("SSH_CONNECTION", "::1 1 ::1 22")], false),
        ];
        for (variables, expected) in cases {
            let variable = |name: &str| {
                let found = variables.iter().find(|(each, _)| *each == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(has_display(variable), expected, "{variables:?}");
        }
    }

    #[test]
    fn without_a_display_the_terminal_is_asked_and_later_cleared_once() {
        let mut clipboard = terminal_only();
        let mut terminal = Vec::new();
        let copied = clipboard
            .copy("a token", Sensitivity::Secret, &mut terminal)
            .unwrap();
        assert_eq!(copied, Copied::Terminal);
        assert_eq!(terminal, b"\x1b]52;c;YSB0b2tlbg==\x1b\\");

        terminal.clear();
        clipboard.clear(&mut terminal).unwrap();
        clipboard.clear(&mut terminal).unwrap();
        assert_eq!(terminal, b"\x1b]52;c;\x1b\\");
    }

    #[test]
    fn a_display_server_that_fails_leaves_the_terminal() {
        // With a display, this test would overwrite the clipboard of whoever runs it.
        if has_display(|name| env::var_os(name)) {
            return;
        }
        let mut clipboard = Clipboard {
            way: Way::System(None),
            last: None,
        };
        let mut terminal = Vec::new();
        let copied = clipboard
            .copy("x", Sensitivity::Public, &mut terminal)
            .unwrap();
        assert_eq!(copied, Copied::Terminal);
        assert_eq!(terminal, b"\x1b]52;c;eA==\x1b\\");
    }

    #[test]
    fn what_a_terminal_would_cut_is_refused_whole() {
        let mut terminal = Vec::new();
        let longest = "x".repeat(TERMINAL_LIMIT);
        terminal_only()
            .copy(&longest, Sensitivity::Public, &mut terminal)
            .unwrap();
        terminal.clear();
        let error = terminal_only()
            .copy(&format!("{longest}x"), Sensitivity::Public, &mut terminal)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "74995 bytes are too many for the terminal's clipboard (at most 74994): write them to a \
             file, `keyfob mint … > FILE` for example"
        );
        assert!(terminal.is_empty());
    }
}
