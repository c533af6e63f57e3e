//! How the sandbox is started.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use super::{fault::Faults, key_folder::KeyFolder};
use crate::config::home::Home;

/// What to do when a port is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PortTaken {
    /// Start nothing and say so.
    Fail,
    /// Take any free port.
    AnyFree,
}

/// Which servers run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Servers {
    /// The protected API, behind an authorization server somewhere.
    Api,
    /// The authorization server and registry.
    Auth,
    /// Both, the API behind the authorization server.
    Both,
}

/// How clients are looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Strictness {
    /// The Node.js article's client is taken as it is, and the log says what a strict server would
    /// have refused.
    Lenient,
    /// As a certified server does.
    Strict,
}

/// How the sandbox is started.
#[derive(Clone, Debug)]
pub struct Options {
    pub servers: Servers,
    /// Address of the authorization server and registry; port 0 takes a free one.
    pub auth: SocketAddr,
    /// Address of the protected API; port 0 takes a free one.
    pub api: SocketAddr,
    /// What to do when one of them is taken.
    pub port_taken: PortTaken,
    /// Where `state/sandbox.json` is written for other keyfob processes; only where both run.
    pub home: Option<Home>,
    /// `iss` of access tokens instead of the authorization server's URL.
    pub issuer: Option<String>,
    /// `aud` of access tokens instead of the API's URL.
    pub audience: Option<String>,
    /// Where the API fetches the keys, instead of the authorization server's JWK Set.
    pub jwks_url: Option<String>,
    /// The authorization server's own key and that of the client `client`, instead of a fresh one
    /// and no client.
    pub keys: Option<Arc<KeyFolder>>,
    pub strictness: Strictness,
    /// Refusals on purpose from the start.
    pub faults: Faults,
}

impl Default for Options {
    /// Both on ports 3001 and 3002 of 127.0.0.1, strict, told to nobody.
    fn default() -> Self {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            servers: Servers::Both,
            auth: at(3001),
            api: at(3002),
            port_taken: PortTaken::Fail,
            home: None,
            issuer: None,
            audience: None,
            jwks_url: None,
            keys: None,
            strictness: Strictness::Strict,
            faults: Faults::default(),
        }
    }
}
