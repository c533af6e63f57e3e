//! A word at the foot of the screen, for a while.

use jiff::{SignedDuration, Timestamp};

use super::activity::Severity;

/// A toast.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Toast {
    pub severity: Severity,
    pub text: String,
    pub until: Timestamp,
}

impl Toast {
    /// Good news goes after four seconds; the rest stays ten, for it is longer.
    pub fn new(severity: Severity, text: impl Into<String>, now: Timestamp) -> Self {
        let seconds = match severity {
            Severity::Good => 4,
            Severity::Care | Severity::Bad => 10,
        };
        let until = now.checked_add(SignedDuration::from_secs(seconds));
        Self {
            severity,
            text: text.into(),
            until: until.unwrap_or(now),
        }
    }
}
