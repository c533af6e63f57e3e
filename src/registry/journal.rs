//! The steps of an act, told one by one to whoever asked for it.

use std::{fmt, sync::Arc};

/// A step, told at the moment that its variant names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// A request was answered.
    Answered,
    /// The keystore knows that the act is under way.
    Begun,
    /// The keystore knows that the act is over.
    Ended,
    /// The plan of a rotation is written as it stands now.
    Planned,
    /// The key file says what was done.
    Recorded,
    /// A request is about to be sent.
    Sending,
    /// A new key is in the keystore.
    Stored,
    /// A client signs with another key from now on.
    Switched,
}

/// Who is told of each step; nobody at first.
#[derive(Clone, Default)]
pub struct Journal(Option<Arc<dyn Fn(Step) + Send + Sync>>);

impl Journal {
    /// Tells `listener`.
    pub fn of(listener: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    /// Tells of a step.
    pub(super) fn tell(&self, step: Step) {
        if let Some(listener) = &self.0 {
            listener(step);
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Journal")
    }
}
