//! What a service said.

pub use crate::net::exchange::Exchange;
use crate::{
    jose::{jwk::PublicJwk, thumbprint::Thumbprint},
    keystore::record::Evidence,
};

/// Where a key stands at an endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    NotThere,
    Registered {
        id: String,
    },
    /// There, as a person said: nobody can look.
    Said {
        id: String,
    },
    /// What differs: `x5t`, `alg`, `n`, …
    Differs {
        id: String,
        what: Vec<String>,
    },
    Unknown {
        why: String,
    },
}

/// What was done at the service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Done {
    /// By `register`: it was already so.
    AlreadyRegistered,
    /// By `register`.
    Created,
    /// By `unregister`: it was already so.
    NotThere,
    /// By `unregister`.
    Removed,
    /// By `register`: another form of the key, or another key, stood under its id.
    Replaced,
}

/// The end of a registration, or of its removal: seen there, or said by a person.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub done: Done,
    /// The service's own name for the key.
    pub id: String,
    /// Members that differed from what was replaced: `x5t`, `alg`, `n`, …
    pub differed: Vec<String>,
    /// Worth a word: what the service made of it in its own way.
    pub remarks: Vec<String>,
    pub exchanges: Vec<Exchange>,
    /// Whether it was read there.
    pub evidence: Evidence,
}

impl Receipt {
    /// Where a key stands after it was registered so.
    pub fn state(&self) -> State {
        let id = self.id.clone();
        match self.evidence {
            Evidence::Said => State::Said { id },
            Evidence::Seen => State::Registered { id },
        }
    }
}

/// A key found at an endpoint.
#[derive(Clone, Debug)]
pub struct RemoteKey {
    pub id: String,
    /// The key, or why it cannot be read.
    pub jwk: Result<PublicJwk, String>,
    /// What the service tells instead, where it never shows keys.
    pub claimed: Option<Claimed>,
    /// By what it is not in use: `status`, `disabled`, …
    pub unmet: Vec<String>,
}

/// What a service that shows no keys tells of one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claimed {
    /// As keyfob wrote it there.
    pub thumbprint: Option<Thumbprint>,
    pub kid: Option<String>,
    pub alg: Option<String>,
}

impl RemoteKey {
    /// The thumbprint, seen or claimed.
    pub fn thumbprint(&self) -> Option<Thumbprint> {
        match (&self.jwk, &self.claimed) {
            (Ok(jwk), _) => Some(jwk.key.thumbprint()),
            (Err(_), claimed) => claimed.as_ref()?.thumbprint,
        }
    }

    /// The kid, where one is told.
    pub fn kid(&self) -> Option<&str> {
        match (&self.jwk, &self.claimed) {
            (Ok(jwk), _) => jwk.kid.as_deref(),
            (Err(_), claimed) => claimed.as_ref()?.kid.as_deref(),
        }
    }
}
