//! What the client may do for one endpoint.

use std::{path::PathBuf, time::Duration};

use super::identity::Identity;

/// The longest JWK Set that is read, in octets after decompression.
pub const SET_LIMIT: u64 = 128 << 20;

/// Where plain http may go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PlainHttp {
    LoopbackOnly,
    Allowed,
}

/// Limits of one endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    pub plain_http: PlainHttp,
    /// PEM certificates that are trusted instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Shown to a TLS server that asks who the client is.
    pub identity: Option<Identity>,
    /// For finding the host, connecting to it and the TLS handshake.
    pub connect: Duration,
    /// For one request and its whole answer; a repetition has as much again.
    pub total: Duration,
    /// Bytes of an answer's body, after decompression.
    pub body_limit: u64,
}

impl Default for Policy {
    /// Plain http to loopback only, the system's certificates, 5 s, 30 s, 4 MiB.
    fn default() -> Self {
        Self {
            plain_http: PlainHttp::LoopbackOnly,
            ca_file: None,
            identity: None,
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            body_limit: 4 * 1024 * 1024,
        }
    }
}
