//! Refusals on purpose: the switchboard that makes the sandbox misbehave, so that people see how
//! their own client and their own API take it.

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

/// One way to misbehave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Access tokens have ended when they are granted.
    Expired,
    /// Access tokens are for somebody else.
    WrongAud,
    /// Every assertion counts as used before.
    Replay,
    /// Access tokens name a key that the JWK Set does not have.
    UnknownKid,
    /// 429 with `Retry-After`.
    TooMany,
    /// Answers come after ten seconds.
    Slow,
    /// 500.
    Broken,
    /// The servers' clock is five minutes ahead.
    Clock,
}

/// A set of faults.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct Faults(u8);

/// The faults of running servers, changed while they run.
#[derive(Clone, Debug, Default)]
pub struct Switchboard(Arc<AtomicU8>);

/// A name that is no fault.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no fault: write {all}", all = names())]
pub struct UnknownFault(String);

impl Fault {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Expired,
        Self::WrongAud,
        Self::Replay,
        Self::UnknownKid,
        Self::TooMany,
        Self::Slow,
        Self::Broken,
        Self::Clock,
    ];

    /// As the command line, the log and the screen call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::WrongAud => "wrong-aud",
            Self::Replay => "replay",
            Self::UnknownKid => "unknown-kid",
            Self::TooMany => "429",
            Self::Slow => "slow",
            Self::Broken => "500",
            Self::Clock => "clock",
        }
    }

    /// What it does, in a few words.
    pub fn effect(self) -> &'static str {
        match self {
            Self::Expired => "access tokens have ended when they come",
            Self::WrongAud => "access tokens are for another API",
            Self::Replay => "every assertion counts as used before",
            Self::UnknownKid => "access tokens name a key nobody has",
            Self::TooMany => "429 with Retry-After, to everything",
            Self::Slow => "every answer takes ten seconds",
            Self::Broken => "500, to everything",
            Self::Clock => "the servers' clock is 5 min ahead",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        Self::ALL
            .into_iter()
            .find(|fault| fault.name() == text)
            .ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

impl Faults {
    /// Whether `fault` is on.
    pub fn has(self, fault: Fault) -> bool {
        self.0 & fault.bit() != 0
    }

    /// With `fault` on where it was off, and off where it was on.
    #[must_use]
    pub fn toggled(self, fault: Fault) -> Self {
        Self(self.0 ^ fault.bit())
    }

    /// Those that are on.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |fault| self.has(*fault))
    }

    /// Whether none is on.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// `expired, 429`.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            f.write_str(fault.name())?;
        }
        Ok(())
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self(faults.into_iter().fold(0, |bits, fault| bits | fault.bit()))
    }
}

impl Switchboard {
    pub(super) fn new(faults: Faults) -> Self {
        Self(Arc::new(AtomicU8::new(faults.0)))
    }

    /// The faults that are on now.
    pub fn faults(&self) -> Faults {
        Faults(self.0.load(Ordering::Relaxed))
    }

    /// From the next request on these are on, and no others.
    pub fn set(&self, faults: Faults) {
        self.0.store(faults.0, Ordering::Relaxed);
    }

    pub(super) fn has(&self, fault: Fault) -> bool {
        self.faults().has(fault)
    }
}

fn names() -> String {
    let names = Fault::ALL.map(Fault::name);
    let (last, others) = names.split_last().unwrap_or((&"", &[]));
    format!("{} or {last}", others.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_by_its_name_and_is_a_switch_of_its_own() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse::<Fault>().unwrap(), fault);
            let one = Faults::default().toggled(fault);
            assert_eq!(one.iter().collect::<Vec<_>>(), [fault]);
            assert!(one.toggled(fault).is_empty());
        }
        let all: Faults = Fault::ALL.into_iter().collect();
        assert_eq!(
            all.to_string(),
            "expired, wrong-aud, replay, unknown-kid, 429, slow, 500, clock"
        );
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_there_are() {
        assert_eq!(
            "late".parse::<Fault>().unwrap_err().to_string(),
            "late is no fault: write expired, wrong-aud, replay, unknown-kid, 429, slow, 500 or clock"
        );
    }
}
