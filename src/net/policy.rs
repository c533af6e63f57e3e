//! What the client may do for one endpoint.

use std::{path::PathBuf, time::Duration};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PlainHttp {
    LoopbackOnly,
    Allowed,
}

/// Limits of one endpoint; the defaults are the design's (connect 5 s, whole 30 s, body 4 MiB).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    pub plain_http: PlainHttp,
    pub ca_file: Option<PathBuf>,
    pub connect: Duration,
    pub total: Duration,
    pub body_limit: u64,
}

impl Default for Policy {
    fn default() -> Self {
        unimplemented!()
    }
}
