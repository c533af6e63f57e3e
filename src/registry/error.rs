//! Why a registration did not happen.

use super::answer::Exchange;
use crate::net::http::NetError;

/// (owner: registry)
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Exit 3.
    #[error("no endpoint {name}: known are {known}")]
    NoEndpoint { name: String, known: String },
    /// The key does not fit the service's capabilities. Exit 1 (refused by policy).
    #[error("{0}")]
    DoesNotFit(String),
    /// Preset or endpoint settings wrong. Exit 2.
    #[error("{0}")]
    Configuration(String),
    #[error(transparent)]
    Net(#[from] NetError),
    /// The service said no: the sentence for people and what it answered. Exit 5.
    #[error("{summary}")]
    Refused {
        summary: String,
        exchanges: Vec<Exchange>,
    },
}
