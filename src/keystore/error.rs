//! What the keystore cannot do, with what, and what to do next.

use std::{io, path::PathBuf};

use crate::{
    config::resolve::ResolveError, jose::key::KeyError, x509::certificate::CertificateError,
};

/// Why a keystore operation failed.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// Another process held the lock for five seconds.
    #[error("{0} is locked by another keyfob for 5 s: try again when it is done")]
    Busy(PathBuf),
    /// Nobody wanted the key any more.
    #[error("cancelled: nothing was stored")]
    Cancelled,
    /// The file changed between reading and writing.
    #[error("{0} was changed by another keyfob: look at it again, then repeat")]
    Changed(String),
    /// The disk said no.
    #[error("cannot {what} {path}: {error}")]
    Disk {
        /// `read`, `write`, …
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A keystore is there already.
    #[error("there is a keystore in {0} already")]
    Exists(PathBuf),
    /// A file is not what keyfob wrote.
    #[error("{file}: {reason}")]
    Damaged {
        /// Its name.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A name that is not allowed.
    #[error("{name:?} is no {what}: {reason}")]
    Name {
        /// `kid`, `secret's name`.
        what: &'static str,
        /// What was given.
        name: String,
        /// What is allowed.
        reason: &'static str,
    },
    /// No certificate to renew or to write.
    #[error("{0} has no certificate: keyfob cert new {0} makes one")]
    NoCertificate(String),
    /// No certificate of a key that cannot sign one.
    #[error("{0} has no certificate: keyfob cert import {0} FILE takes one")]
    NoCertificateOfPublic(String),
    /// Nothing to take a certificate from.
    #[error("there is no certificate in it")]
    NoCertificateFound,
    /// Certificates that do not come in the place of those a key has.
    #[error("{kid} keeps its certificate: {reason}")]
    ChainRefused {
        /// The key.
        kid: String,
        /// What is wrong.
        reason: String,
    },
    /// No keystore yet.
    #[error("there is no keystore yet: keyfob init creates one")]
    Missing,
    /// A form that cannot hold what was to be written.
    #[error("the form {0} does not hold that half of the key")]
    NoSuchHalf(&'static str),
    /// No key of that name.
    #[error("no key {0}: keyfob keys list names them")]
    NotFound(String),
    /// No key of that name in the trash.
    #[error("no key {0} in the trash: keyfob keys trash lists what is")]
    NotInTrash(String),
    /// A key that has another kid now.
    #[error("no key {former}: it is called {kid} now")]
    Renamed {
        /// What it was called.
        former: String,
        /// What it is called.
        kid: String,
    },
    /// No secret of that name.
    #[error("no secret {0} is sealed in the keystore: set it first")]
    NoSecret(String),
    /// No private half.
    #[error("{0} has no private half here: it can verify, not sign")]
    PublicOnly(String),
    /// A private key that does not fit its file.
    #[error("{kid} is not used: {reason}; its file is left as it is")]
    Quarantined {
        /// The key.
        kid: String,
        /// What does not fit.
        reason: String,
    },
    /// `recipient.txt` is not the identity's.
    #[error(
        "recipient.txt is not the identity's: somebody replaced it; nothing is sealed to it. \
         Keys written since: {since}"
    )]
    RecipientChanged {
        /// Their kids.
        since: String,
    },
    /// age could not seal or open.
    #[error("{what}: {reason}")]
    Sealing {
        /// What was sealed or opened.
        what: String,
        /// What age said.
        reason: String,
    },
    /// A kid or a key that is there already.
    #[error("there is a key {0} already: choose another name, or keyfob keys rename it")]
    Taken(String),
    /// The same key, perhaps under another kid.
    #[error("this key is here already as {0}")]
    AlreadyHere(String),
    /// Modes, owner or a link that let others in.
    #[error("{path} {problem}: {remedy}")]
    Unsafe {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// The command that mends it.
        remedy: String,
    },
    /// The system does not tell of changes.
    #[error("changes by other programs will not show by themselves: {0}")]
    Watch(String),
    /// Not the passphrase.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// A key that cannot be made or read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate that cannot be issued.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A secret that the configuration names and that cannot be had.
    #[error(transparent)]
    Source(#[from] ResolveError),
    /// The system gives none.
    #[error("the system has no randomness: {0}")]
    Randomness(getrandom::Error),
}
