//! What the keystore cannot do, with what, and what to do next.

/// (owner: keystore) These variants are what the exit codes are made of; add fields and variants as needed.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// Exit 3.
    #[error("no key {0}: keyfob keys list")]
    NotFound(String),
    /// Exit 2.
    #[error("there is already a key {0}")]
    Taken(String),
    /// Exit 4.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// Exit 4.
    #[error("the keystore is locked")]
    Locked,
    /// No keystore yet. Exit 4 on the command line.
    #[error("there is no keystore yet: keyfob init")]
    Missing,
    /// Exit 6: wider modes, another owner, a link, disk full, busy after 5 s.
    #[error("{0}")]
    Disk(String),
    /// Exit 2: a kid or name that is not allowed.
    #[error("{0}")]
    Refused(String),
}
