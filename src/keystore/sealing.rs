//! age: the identity, the recipient, sealing and opening.

use std::{
    collections::BTreeMap,
    fmt,
    io::Read,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use age::{scrypt, secrecy::ExposeSecret, x25519};

use super::error::KeystoreError;
use crate::{jose::thumbprint::Thumbprint, secret::Secret};

/// scrypt's log N when an identity is sealed.
const WORK_FACTOR: u8 = 18;
/// The largest log N that is tried when one is opened: a file must not be able to take hours.
const MOST_WORK: u8 = 22;

/// How the identity is protected.
#[derive(Clone, Debug)]
pub enum Protection {
    /// By a passphrase.
    Passphrase(Secret<String>),
    /// By nothing but the file's mode.
    None,
}

/// The unlocked identity: proof that the passphrase was given. Zeroed on drop.
#[derive(Clone)]
pub struct Unlocked {
    identity: x25519::Identity,
    /// The keys whose private half did not fit, and why; clones share them.
    quarantine: Arc<Mutex<BTreeMap<Thumbprint, String>>>,
}

/// The public half of the identity: sealing needs no passphrase.
#[derive(Clone, Debug)]
pub(super) struct Recipient(x25519::Recipient);

/// Seals bytes with a passphrase, as binary age.
pub(super) fn seal_with(
    passphrase: &Secret<String>,
    bytes: &[u8],
) -> Result<Vec<u8>, KeystoreError> {
    let mut recipient = scrypt::Recipient::new(passphrase.expose().clone().into());
    recipient.set_work_factor(WORK_FACTOR);
    age::encrypt(&recipient, bytes).map_err(|error| KeystoreError::Sealing {
        what: "cannot seal".to_owned(),
        reason: error.to_string(),
    })
}

/// Opens what [`seal_with`] sealed, armored or not.
pub(super) fn open_with(
    passphrase: &Secret<String>,
    sealed: &[u8],
) -> Result<Secret<Vec<u8>>, KeystoreError> {
    let mut identity = scrypt::Identity::new(passphrase.expose().clone().into());
    identity.set_max_work_factor(MOST_WORK);
    let failed = |error: age::DecryptError| match error {
        age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed => {
            KeystoreError::WrongPassphrase
        }
        error => KeystoreError::Sealing {
            what: "cannot open the backup".to_owned(),
            reason: error.to_string(),
        },
    };
    let mut reader = age::Decryptor::new_buffered(age::armor::ArmoredReader::new(sealed))
        .and_then(|decryptor| decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)))
        .map_err(failed)?;
    // What was sealed is shorter: nothing grows, and no copy is left behind.
    let mut opened = Secret::new(Vec::with_capacity(sealed.len()));
    reader
        .read_to_end(opened.expose_mut())
        .map_err(|error| KeystoreError::Sealing {
            what: "cannot open the backup".to_owned(),
            reason: error.to_string(),
        })?;
    Ok(opened)
}

impl Unlocked {
    /// Why a key is not used while this identity stays open; none where it fits or was not opened.
    pub fn quarantined(&self, thumbprint: &Thumbprint) -> Option<String> {
        self.all_quarantined().get(thumbprint).cloned()
    }

    pub(super) fn quarantine(&self, thumbprint: Thumbprint, reason: String) {
        self.all_quarantined().insert(thumbprint, reason);
    }

    /// A fresh identity, from the system's randomness.
    pub(super) fn generate() -> Self {
        Self::of(x25519::Identity::generate())
    }

    /// Reads what [`Self::text`] wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let line = text
            .lines()
            .find(|line| line.starts_with("AGE-SECRET-KEY-"))?;
        Some(Self::of(line.trim().parse().ok()?))
    }

    /// Opens an identity sealed with a passphrase.
    pub(super) fn open(sealed: &[u8], passphrase: &Secret<String>) -> Result<Self, KeystoreError> {
        let mut identity = scrypt::Identity::new(passphrase.expose().clone().into());
        identity.set_max_work_factor(MOST_WORK);
        let failed = |reason: String| KeystoreError::Sealing {
            what: "cannot open identity.age".to_owned(),
            reason,
        };
        let text = match age::decrypt(&identity, sealed) {
            Ok(text) => Secret::new(text),
            Err(age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed) => {
                return Err(KeystoreError::WrongPassphrase);
            }
            Err(error) => return Err(failed(error.to_string())),
        };
        std::str::from_utf8(text.expose())
            .ok()
            .and_then(Self::parse)
            .ok_or_else(|| failed("it holds no age identity".to_owned()))
    }

    /// The identity as `age -i` reads it.
    pub(super) fn text(&self) -> Secret<String> {
        let key = self.identity.to_string();
        Secret::new(format!(
            "# keyfob's identity: age -d -i opens every key with it\n{}\n",
            key.expose_secret()
        ))
    }

    /// The identity sealed with a passphrase, as armored age.
    pub(super) fn seal(&self, passphrase: &Secret<String>) -> Result<String, KeystoreError> {
        let mut recipient = scrypt::Recipient::new(passphrase.expose().clone().into());
        recipient.set_work_factor(WORK_FACTOR);
        age::encrypt_and_armor(&recipient, self.text().expose().as_bytes()).map_err(|error| {
            KeystoreError::Sealing {
                what: "cannot seal the identity".to_owned(),
                reason: error.to_string(),
            }
        })
    }

    fn of(identity: x25519::Identity) -> Self {
        Self {
            identity,
            quarantine: Arc::default(),
        }
    }

    fn all_quarantined(&self) -> MutexGuard<'_, BTreeMap<Thumbprint, String>> {
        // A map is whole also where a thread panicked beside it.
        self.quarantine
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn recipient(&self) -> Recipient {
        Recipient(self.identity.to_public())
    }

    /// Opens what was sealed to the recipient; `what` is named in errors.
    pub(super) fn open_sealed(
        &self,
        what: &str,
        sealed: &str,
    ) -> Result<Secret<String>, KeystoreError> {
        let failed = |reason: String| KeystoreError::Sealing {
            what: format!("cannot open {what}"),
            reason,
        };
        let bytes = age::decrypt(&self.identity, sealed.as_bytes())
            .map(Secret::new)
            .map_err(|error| failed(error.to_string()))?;
        match std::str::from_utf8(bytes.expose()) {
            Ok(text) => Ok(Secret::new(text.to_owned())),
            Err(_) => Err(failed("it holds no text".to_owned())),
        }
    }
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unlocked([redacted])")
    }
}

impl Recipient {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self(text.trim().parse().ok()?))
    }

    pub(super) fn text(&self) -> String {
        self.0.to_string()
    }

    /// Seals a secret as armored age.
    pub(super) fn seal(&self, secret: &Secret<String>) -> Result<String, KeystoreError> {
        age::encrypt_and_armor(&self.0, secret.expose().as_bytes()).map_err(|error| {
            KeystoreError::Sealing {
                what: "cannot seal".to_owned(),
                reason: error.to_string(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};

    use super::*;

    #[test]
    fn an_identity_is_sealed_with_log_n_18_and_opens_again() {
        let passphrase = Secret::new("correct horse".to_owned());
        let unlocked = Unlocked::generate();
        let armored = unlocked.seal(&passphrase).unwrap();
        let body: String = armored
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let file = Base64::decode_vec(&body).unwrap();
        let header = String::from_utf8_lossy(&file);
        let stanza = header.lines().nth(1).unwrap();
        assert!(
            stanza.starts_with("-> scrypt ") && stanza.ends_with(" 18"),
            "{stanza}"
        );
        let again = Unlocked::open(armored.as_bytes(), &passphrase).unwrap();
        assert_eq!(again.recipient().text(), unlocked.recipient().text());
    }

    #[test]
    fn an_identity_that_would_take_hours_is_not_tried() {
        let file = format!(
            "age-encryption.org/v1\n-> scrypt {} 23\n{}\n--- {}\n{}",
            "A".repeat(22),
            "A".repeat(43),
            "A".repeat(43),
            "A".repeat(32),
        );
        let error = Unlocked::open(file.as_bytes(), &Secret::new("x".to_owned())).unwrap_err();
        assert!(
            matches!(&error, KeystoreError::Sealing { reason, .. } if reason.contains("work")),
            "{error}"
        );
    }
}
