//! A rotation: the next key of a kind takes over from the one before, step by step. The plan is
//! data, kept in the keystore's `state/`, so that it goes on after any stop.

mod begin;
mod cache;
mod client;
mod guide;
mod keeping;
mod next_kid;
mod stage;
mod undo;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::{
    begin::{Wishes, begin, plan},
    guide::{Advance, Deed, Guide},
    keeping::{find, under_way, wish},
    stage::Stage,
    undo::Undone,
};

/// A rotation that was planned, and what was done of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// The key that goes.
    pub old: Named,
    /// The key that comes.
    pub new: Named,
    /// What the new key is made like: `RS256, RSA 2048, certificate minimal`.
    pub kind: String,
    /// When it was begun.
    pub begun: Timestamp,
    /// What the user said of caches, for every place.
    pub caches: Option<Wait>,
    /// How long tokens live.
    pub tokens: Wait,
    /// In their order; each is done before the next is begun.
    pub steps: Vec<Planned>,
}

/// A key by its names.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its kid.
    pub kid: String,
    /// Its thumbprint in hexadecimal, once it is known.
    pub thumbprint: Option<String>,
}

/// How long is waited, and why so long.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    pub seconds: u64,
    /// Where that is known from, in a few words.
    pub source: String,
}

/// A step, and what became of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    pub stage: Stage,
    /// When it was done.
    pub done: Option<Timestamp>,
    /// Of a registration: how long its readers may go on with what they read before.
    pub caches: Option<Wait>,
    /// Why there was nothing to do.
    pub skipped: Option<String>,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    Done(Timestamp),
    /// It can be done now.
    Due,
    /// Earlier ones come first.
    Later,
    /// It is over by itself then.
    Until(Timestamp),
}

impl Rotation {
    /// What the new key is called, also before it has a name.
    pub fn new_kid(&self) -> String {
        if self.new.kid.is_empty() {
            "the new key".to_owned()
        } else {
            self.new.kid.clone()
        }
    }

    /// The first step that is not done.
    pub fn current(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.done.is_none())
    }

    /// The last step that is done.
    pub fn last_done(&self) -> Option<usize> {
        self.steps.iter().rposition(|step| step.done.is_some())
    }

    /// Where the step at `index` stands.
    pub fn standing(&self, index: usize, now: Timestamp) -> Standing {
        let Some(step) = self.steps.get(index) else {
            return Standing::Later;
        };
        match (step.done, self.current()) {
            (Some(at), _) => Standing::Done(at),
            (None, Some(current)) if current == index => match self.until(index) {
                Some(until) if until > now => Standing::Until(until),
                _ => Standing::Due,
            },
            _ => Standing::Later,
        }
    }

    /// When the wait under way is over; none where the next step is no wait.
    pub fn waits_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.standing(self.current()?, now) {
            Standing::Until(until) => Some(until),
            _ => None,
        }
    }

    /// How long the wait at `index` is, as far as it is known by now, with its reason.
    pub fn wait(&self, index: usize) -> Option<Wait> {
        match self.steps.get(index)?.stage {
            Stage::AwaitTokens => Some(self.tokens.clone()),
            Stage::AwaitCaches => {
                let known = self.steps.iter().filter_map(|step| step.caches.clone());
                let longest = known.max_by_key(|wait| wait.seconds);
                longest.or_else(|| self.caches.clone())
            }
            _ => None,
        }
    }

    /// When the wait at `index` is over; none where it is no wait.
    fn until(&self, index: usize) -> Option<Timestamp> {
        let earlier = &self.steps[..index];
        let after = |at: Timestamp, wait: &Wait| {
            let seconds = i64::try_from(wait.seconds).unwrap_or(i64::MAX);
            at.checked_add(SignedDuration::from_secs(seconds))
                .unwrap_or(Timestamp::MAX)
        };
        match self.steps.get(index)?.stage {
            Stage::AwaitCaches => earlier
                .iter()
                .filter_map(|step| Some(after(step.done?, step.caches.as_ref()?)))
                .max(),
            Stage::AwaitTokens => earlier
                .iter()
                .filter_map(|step| step.done)
                .max()
                .map(|at| after(at, &self.tokens)),
            _ => None,
        }
    }

    /// Says anew how long is waited, where `wishes` say so.
    pub fn wish(&mut self, wishes: &Wishes) {
        if let Some(caches) = wishes.caches {
            let wait = Wait::said(caches);
            for step in &mut self.steps {
                step.caches = step.caches.is_some().then(|| wait.clone());
            }
            self.caches = Some(wait);
        }
        if let Some(tokens) = wishes.token_life {
            self.tokens = Wait::said(tokens);
        }
    }
}

impl Wait {
    /// As long as the user says.
    fn said(length: std::time::Duration) -> Self {
        Self {
            seconds: length.as_secs(),
            source: "as you said".to_owned(),
        }
    }
}

impl Planned {
    /// A step of which nothing is done.
    pub fn of(stage: Stage) -> Self {
        Self {
            stage,
            done: None,
            caches: None,
            skipped: None,
        }
    }
}
