//! Sending.

use super::{
    policy::Policy,
    request::{Request, Response},
};

/// Why no answer came: what, where, what to do. Exit 5. (owner: net; url without credentials)
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NetError(pub String);

/// Sends one request and reads the whole answer under `policy`; never follows a redirect for anything but a
/// plain GET without credentials; a 3xx is then an answer.
pub fn send(request: &Request, policy: &Policy) -> Result<Response, NetError> {
    unimplemented!("{request:?}{policy:?}")
}
