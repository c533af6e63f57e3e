//! Why a registration did not happen.

use super::answer::Exchange;
use crate::{
    config::{
        added::AddedError, own_files::OwnFileError, resolve::ResolveError, settings::SettingsError,
    },
    keystore::error::KeystoreError,
    net::error::NetError,
};

/// Why a registration, or what belongs to it, did not happen.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A preset, or the settings of an endpoint, are wrong: where, what, and what to write instead.
    /// Exit 2.
    #[error("{0}")]
    Configuration(String),
    /// A person has to do it on a web page; nothing is noted before they say that it is done. Exit 1.
    #[error("{endpoint}: {what}")]
    ByHand { endpoint: String, what: String },
    /// A client cannot be changed.
    #[error(transparent)]
    Client(#[from] AddedError),
    /// The key does not fit the service's capabilities; nothing was sent. Exit 1.
    #[error("{0}")]
    DoesNotFit(String),
    /// The file that holds the keys cannot be read or written; it is as it was. Exit 6.
    #[error("{endpoint}: {what}")]
    File { endpoint: String, what: String },
    /// What is sealed in the keystore and needed cannot be had.
    #[error("{endpoint}: {source}")]
    Keystore {
        endpoint: String,
        source: KeystoreError,
    },
    /// The endpoint needs what is sealed, and the keystore is locked. Exit 4.
    #[error("{0}: its token is sealed in the keystore: unlock it first")]
    Locked(String),
    /// The key is the last one of what was created with the first; nothing was sent. Exit 2.
    #[error(
        "{endpoint}: {kid} is the last key of the client there, and removing it deletes the client: \
         say --last if that is meant"
    )]
    LastKey { endpoint: String, kid: String },
    /// No answer, and nothing was done there. Exit 5.
    #[error("{endpoint}: {source}")]
    Net { endpoint: String, source: NetError },
    /// No key of the keystore is registered at the sandbox. Exit 3.
    #[error(
        "no key is registered at the sandbox that runs, so there is no client: keyfob register KID \
         --at sandbox"
    )]
    NoClient,
    /// Nobody configured it. Exit 3.
    #[error("no endpoint {name}: known are {known}")]
    NoEndpoint { name: String, known: String },
    /// Done there, but not noted in the key file. Exit 6.
    #[error(
        "{endpoint} has done it, but it could not be noted in the key file ({source}): mend that \
         and do it again, nothing is done twice"
    )]
    NotRecorded {
        endpoint: String,
        source: KeystoreError,
        exchanges: Vec<Exchange>,
    },
    /// What is configured cannot be read. Exit 2.
    #[error(transparent)]
    OwnFile(#[from] OwnFileError),
    /// The service said no: a sentence for people, and what was said. Exit 5.
    #[error("{summary}")]
    Refused {
        summary: String,
        exchanges: Vec<Exchange>,
    },
    /// The endpoint is the sandbox, and none runs. Exit 5.
    #[error("no sandbox is running: start one with `keyfob sandbox`")]
    SandboxStopped,
    /// The configuration cannot be read. Exit 2.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The keystore cannot do what belongs to it.
    #[error(transparent)]
    Store(#[from] KeystoreError),
    /// Its API token cannot be had. Exit 2.
    #[error(transparent)]
    Token(#[from] ResolveError),
    /// It was sent, but what became of it was not seen. Exit 5.
    #[error("{summary}")]
    Unconfirmed {
        summary: String,
        exchanges: Vec<Exchange>,
    },
}

impl RegistryError {
    /// Whether it is known what is there now: as it was before.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::NotRecorded { .. } | Self::Unconfirmed { .. })
    }

    /// What was sent and answered before it went wrong.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        match self {
            Self::NotRecorded { exchanges, .. }
            | Self::Refused { exchanges, .. }
            | Self::Unconfirmed { exchanges, .. } => exchanges,
            _ => &[],
        }
    }
}
