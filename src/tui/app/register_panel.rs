//! Panel 3: the selected key at every endpoint, or every key at one.

mod endpoint_view;

use std::collections::HashMap;

use jiff::Timestamp;

pub use self::endpoint_view::EndpointView;
use super::{scroll::Scroll, task::TaskId};
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::record::{Evidence, Record},
    registry::{answer::State, book::SANDBOX, registration},
};

/// The panel.
#[derive(Debug, Default)]
pub struct RegisterPanel {
    pub scroll: Scroll,
    /// All keys at one endpoint, where they are shown instead.
    pub there: Option<EndpointView>,
    /// All keys at all endpoints, where they are shown instead.
    pub matrix: Matrix,
    /// What is asked of endpoints at the moment.
    pub survey: Option<Survey>,
    /// What was seen in this run, by key and endpoint.
    seen: HashMap<(Thumbprint, String), Seen>,
    /// What is under way, by key and endpoint.
    pub under_way: HashMap<(Thumbprint, String), TaskId>,
    /// The endpoint that was used last.
    pub used: Option<String>,
}

/// Whether panel 3 shows all keys at all endpoints, on the whole screen. The cursor of panel 1 is its
/// row, that of panel 3 its column.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Matrix {
    #[default]
    Hidden,
    Shown,
}

/// How far the endpoints have answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Survey {
    pub task: TaskId,
    pub asked: usize,
    pub answered: usize,
}

/// What an endpoint said of a key, and when.
#[derive(Clone, Debug)]
pub struct Seen {
    pub state: Result<State, String>,
    pub at: Timestamp,
}

/// Where a key stands at an endpoint, as far as it is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    Differs {
        what: String,
        at: Timestamp,
    },
    /// The sandbox, while none runs.
    NoSandbox,
    NotThere,
    /// There, as the user said at that time: nobody can look.
    Said(Timestamp),
    /// Noted in the key file at that time, not asked since.
    Recorded(Timestamp),
    Registered(Timestamp),
    UnderWay,
    Unknown(String),
}

impl RegisterPanel {
    /// Notes what was seen.
    pub fn saw(
        &mut self,
        thumbprint: Thumbprint,
        endpoint: &str,
        state: Result<State, String>,
        at: Timestamp,
    ) {
        self.seen
            .insert((thumbprint, endpoint.to_owned()), Seen { state, at });
    }

    /// What the endpoint calls the key, where it was seen there.
    pub fn id(&self, thumbprint: Thumbprint, endpoint: &str) -> Option<String> {
        let seen = self.seen.get(&(thumbprint, endpoint.to_owned()))?;
        match &seen.state {
            Ok(State::Registered { id } | State::Said { id } | State::Differs { id, .. }) => {
                Some(id.clone())
            }
            _ => None,
        }
    }

    /// The keys that were seen registered at an endpoint, each with its id there.
    pub fn seen_at(&self, endpoint: &str) -> impl Iterator<Item = (Thumbprint, &str)> {
        let seen = self
            .seen
            .iter()
            .filter(move |((_, each), _)| each == endpoint);
        seen.filter_map(|((thumbprint, _), seen)| match &seen.state {
            Ok(State::Registered { id }) => Some((*thumbprint, id.as_str())),
            _ => None,
        })
    }

    /// Whether the endpoint said anything of the key.
    #[cfg(test)]
    pub fn was_seen(&self, thumbprint: Thumbprint, endpoint: &str) -> bool {
        self.seen.contains_key(&(thumbprint, endpoint.to_owned()))
    }

    /// Forgets what was seen at an endpoint: it is another one now.
    pub fn forget(&mut self, endpoint: &str) {
        self.seen.retain(|(_, each), _| each != endpoint);
    }

    /// Forgets what was seen of a key at an endpoint: it changed there.
    pub fn forget_key(&mut self, thumbprint: Thumbprint, endpoint: &str) {
        self.seen.remove(&(thumbprint, endpoint.to_owned()));
    }

    /// Where a key stands. What the key file says of the sandbox counts only since `sandbox` began:
    /// it keeps keys in memory alone.
    pub fn standing(
        &self,
        thumbprint: Thumbprint,
        record: &Record,
        endpoint: &str,
        sandbox: SandboxSince,
    ) -> Standing {
        let place = (thumbprint, endpoint.to_owned());
        if self.under_way.contains_key(&place) {
            return Standing::UnderWay;
        }
        if endpoint == SANDBOX && sandbox == SandboxSince::Stopped {
            return Standing::NoSandbox;
        }
        if let Some(Seen { state, at }) = self.seen.get(&place) {
            return match state {
                Ok(State::NotThere) => Standing::NotThere,
                Ok(State::Said { .. }) => {
                    let noted = registration::noted_at(record, endpoint);
                    Standing::Said(noted.map_or(*at, |noted| noted.at))
                }
                Ok(State::Registered { .. }) => Standing::Registered(*at),
                Ok(State::Differs { what, .. }) => Standing::Differs {
                    what: what.join(", "),
                    at: *at,
                },
                Ok(State::Unknown { why }) | Err(why) => Standing::Unknown(why.clone()),
            };
        }
        let noted = registration::noted_at(record, endpoint);
        match (noted, sandbox) {
            (None, _) => Standing::NotThere,
            (Some(known), SandboxSince::Ours(since)) if endpoint == SANDBOX && known.at < since => {
                Standing::NotThere
            }
            (Some(known), _) if known.evidence == Evidence::Said => Standing::Said(known.at),
            (Some(known), _) => Standing::Recorded(known.at),
        }
    }
}

/// Since when the sandbox at hand has been keeping keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SandboxSince {
    /// Another process's: nobody knows.
    Another,
    Ours(Timestamp),
    Stopped,
}

impl Standing {
    /// Whether the key was seen there, now or when it was noted, or is there as the user said.
    pub fn is_registered(&self) -> bool {
        matches!(
            self,
            Self::Recorded(_) | Self::Registered(_) | Self::Said(_)
        )
    }
}
