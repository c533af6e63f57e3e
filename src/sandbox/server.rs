//! Starting, stopping, and what is told of each request. (owner: sandbox)

use std::{net::SocketAddr, sync::mpsc::Sender};

use jiff::Timestamp;

use crate::config::home::Home;

/// What to do when a port is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PortTaken {
    Fail,
    AnyFree,
}

/// How the sandbox is started.
#[derive(Clone, Debug)]
pub struct Options {
    pub auth: SocketAddr,
    pub api: SocketAddr,
    pub port_taken: PortTaken,
    /// Where `state/sandbox.json` is written for other keyfob processes.
    pub home: Option<Home>,
}

/// One request as the log shows it; path and reason are text from outside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogLine {
    pub at: Timestamp,
    pub server: Server,
    pub method: String,
    pub path: String,
    pub status: u16,
    /// Why it was refused, or what was done: `created demo`, `sub john.doe`.
    pub note: String,
    pub micros: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Server {
    Auth,
    Api,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SandboxError(pub String);

/// Running servers; dropping stops them and removes `state/sandbox.json`.
#[derive(Debug)]
pub struct Sandbox {
    auth: SocketAddr,
    api: SocketAddr,
}

/// Addresses of a running sandbox, as `state/sandbox.json` says (checked to be alive).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Running {
    pub auth: String,
    pub api: String,
}

/// The API token of the sandbox's registry.
pub const TOKEN: &str = "sandbox";

impl Sandbox {
    /// Starts a thread of its own with a current-thread runtime; each request is told to `log`.
    pub fn start(options: &Options, log: Sender<LogLine>) -> Result<Self, SandboxError> {
        unimplemented!("{options:?}{log:?}")
    }
    /// `http://127.0.0.1:3001`.
    pub fn auth_url(&self) -> String {
        format!("http://{}", self.auth)
    }
    pub fn api_url(&self) -> String {
        format!("http://{}", self.api)
    }
    /// The sandbox that runs in another process of this home, if one answers.
    pub fn running(home: &Home) -> Option<Running> {
        unimplemented!("{home:?}")
    }
}
