//! What a service said.

use crate::net::request::{Request, Response};

/// Where a key stands at an endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    NotThere,
    Registered {
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

/// One request and what came back, for display and for the activity log.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub request: Request,
    pub response: Response,
}

/// What `register` did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Done {
    Created,
    Replaced,
    AlreadyRegistered,
}

/// The end of a registration: seen there.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub done: Done,
    pub id: String,
    pub exchanges: Vec<Exchange>,
}

/// A key found at an endpoint.
#[derive(Clone, Debug)]
pub struct RemoteKey {
    pub id: String,
    pub jwk: Result<crate::jose::jwk::PublicJwk, String>,
}
