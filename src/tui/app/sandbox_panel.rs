//! Panel 6: the sandbox and its request log.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::{
    msg::{SandboxStart, Whose},
    register_panel::SandboxSince,
    scroll::Scroll,
};
use crate::sandbox::{
    fault::Faults,
    server::{LogLine, Running},
};

/// The most log lines that are kept.
const MOST_LINES: usize = 2_000;

/// The panel.
#[derive(Debug, Default)]
pub struct SandboxPanel {
    pub at_hand: Option<AtHand>,
    /// How a sandbox of this process refuses on purpose.
    pub faults: Faults,
    /// How the sandbox at hand does, where it is another process's; none: not asked yet.
    pub theirs: Option<Faults>,
    log: VecDeque<LogLine>,
    pub scroll: Scroll,
}

/// A sandbox that can be used.
#[derive(Clone, Debug)]
pub struct AtHand {
    pub running: Running,
    pub whose: Whose,
    pub since: Timestamp,
}

impl SandboxPanel {
    /// Takes note of a sandbox.
    pub fn found(&mut self, start: SandboxStart, now: Timestamp) {
        self.theirs = None;
        self.at_hand = Some(AtHand {
            running: start.running,
            whose: start.whose,
            since: now,
        });
    }

    /// Since when it has been keeping keys.
    pub fn since(&self) -> SandboxSince {
        match &self.at_hand {
            None => SandboxSince::Stopped,
            Some(AtHand {
                whose: Whose::Another,
                ..
            }) => SandboxSince::Another,
            // Registrations are noted in whole seconds.
            Some(AtHand { since, .. }) => {
                SandboxSince::Ours(Timestamp::from_second(since.as_second()).unwrap_or(*since))
            }
        }
    }

    /// The faults of the sandbox that runs; none where none does.
    pub fn active_faults(&self) -> Faults {
        match &self.at_hand {
            Some(_) => self.switches(),
            None => Faults::default(),
        }
    }

    /// As the switchboard stands: that of the sandbox at hand, or of the next that starts here.
    pub fn switches(&self) -> Faults {
        match &self.at_hand {
            Some(at_hand) if at_hand.whose == Whose::Another => self.theirs.unwrap_or_default(),
            _ => self.faults,
        }
    }

    /// The log, oldest first.
    pub fn log(&self) -> &VecDeque<LogLine> {
        &self.log
    }

    /// Adds a line; the view follows where it stood at the end.
    pub fn add(&mut self, line: LogLine) {
        let at_end = self.scroll.0 + 1 >= self.log.len();
        self.log.push_back(line);
        if self.log.len() > MOST_LINES {
            self.log.pop_front();
            self.scroll.0 = self.scroll.0.saturating_sub(1);
        }
        if at_end {
            self.scroll.0 = self.log.len() - 1;
        }
    }

    pub fn clear(&mut self) {
        self.log.clear();
        self.scroll = Scroll::default();
    }
}
