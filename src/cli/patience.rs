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

/// What is waited for.
#[derive(Clone, Copy)]
enum Awaited {
    Answer,
    Rest,
}

impl Patience {
    /// Says after a moment, on stderr, who is waited for; nothing where that is no terminal.
    pub(super) fn with(who: &str) -> Self {
        if !io::stderr().is_terminal() {
            return Self(None);
        }
        let (heard, news) = channel();
        let who = display::line(who).into_owned();
        thread::spawn(move || {
            let mut awaited = Awaited::Answer;
            loop {
                match news.recv_timeout(QUIET) {
                    Ok(()) => awaited = Awaited::Rest,
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        say(awaited, &who);
                        if news.recv().is_err() {
                            return;
                        }
                        awaited = Awaited::Rest;
                    }
                }
            }
        });
        Self(Some(heard))
    }

    /// Something came, and there may be more: from now on the rest is waited for.
    pub(super) fn heard(&self) {
        if let Some(heard) = &self.0 {
            // Whoever would tell it is gone.
            let _ = heard.send(());
        }
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        self.0.take();
    }
}

fn say(awaited: Awaited, who: &str) {
    let word = match awaited {
        Awaited::Answer => format!("waiting for {who}… Ctrl-C gives up"),
        // What came may stand in the line.
        Awaited::Rest => format!("\nwaiting for the rest from {who}… Ctrl-C gives up"),
    };
    // Nobody is left to tell where stderr is closed.
    let _ = writeln!(io::stderr(), "{word}");
}
