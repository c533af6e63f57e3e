//! A word to whoever waits at a terminal for an answer that takes long.

use std::{
    io::{self, IsTerminal, Write as _},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

use crate::display;

/// So long nothing is said.
const QUIET: Duration = Duration::from_secs(2);

/// Somebody waits; dropping it ends that.
pub(super) struct Patience(Option<Sender<()>>);

impl Patience {
    /// Says after a moment, on stderr, who is waited for; nothing where that is no terminal.
    pub(super) fn with(who: &str) -> Self {
        if !io::stderr().is_terminal() {
            return Self(None);
        }
        let (end, ended) = channel();
        let word = format!("waiting for {}… Ctrl-C gives up", display::line(who));
        thread::spawn(move || {
            if ended.recv_timeout(QUIET) == Err(RecvTimeoutError::Timeout) {
                // Nobody is left to tell where stderr is closed.
                let _ = writeln!(io::stderr(), "{word}");
            }
        });
        Self(Some(end))
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        self.0.take();
    }
}
