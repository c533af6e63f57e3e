//! The exit codes: the one table that documentation and code share.

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// 0: done, valid, in step.
    Done,
    /// 1: the answer is no: invalid, not checked, refused by policy, drift, a finding.
    No,
    /// 2: usage, bad input or configuration.
    Usage,
    /// 3: not found.
    NotFound,
    /// 4: locked or wrong passphrase.
    Locked,
    /// 5: the network or the remote service said no.
    Remote,
    /// 6: the disk or the lock.
    Disk,
    /// 130: ended by SIGINT.
    Interrupted,
    /// 143: ended by SIGTERM.
    Terminated,
    /// 129: the terminal hung up.
    HungUp,
    /// 131: ended by SIGQUIT.
    QuitSignal,
}

impl Exit {
    /// Every code with its meaning, in order: `--help`, the manual page and the README read it.
    pub const TABLE: [(Self, &'static str); 7] = [
        (Self::Done, "done, valid, in step"),
        (
            Self::No,
            "the answer is no: invalid, not checked, refused by policy, drift, a finding of doctor",
        ),
        (Self::Usage, "usage, bad input or configuration"),
        (Self::NotFound, "not found"),
        (Self::Locked, "locked or wrong passphrase"),
        (Self::Remote, "the network or the remote service said no"),
        (
            Self::Disk,
            "the disk or the lock: full, not ours, busy after 5 s",
        ),
    ];

    /// The number a shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Locked => 4,
            Self::Remote => 5,
            Self::Disk => 6,
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::QuitSignal => 131,
            Self::Terminated => 143,
        }
    }

    /// The code for a process ended by `signal` (128 and its number).
    pub fn by_signal(signal: i32) -> Self {
        match signal {
            signal_hook::consts::SIGHUP => Self::HungUp,
            signal_hook::consts::SIGTERM => Self::Terminated,
            signal_hook::consts::SIGQUIT => Self::QuitSignal,
            _ => Self::Interrupted,
        }
    }
}
