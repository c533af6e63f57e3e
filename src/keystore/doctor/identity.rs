//! Whether the identity is there, and the recipient that belongs to it.

use std::{fs, path::Path};

use super::{Doctor, Finding, Mending, parsed};
use crate::{
    keystore::{
        error::KeystoreError,
        files,
        sealing::Unlocked,
        store::{Keystore, Sealed},
    },
    secret::Secret,
};

impl Doctor<'_> {
    /// The identity and its recipient; the identity where it can be opened.
    pub(super) fn identity(
        &mut self,
        keystore: &Keystore,
        passphrase: Option<&Secret<String>>,
    ) -> Result<Option<Unlocked>, KeystoreError> {
        let data = self.home.data();
        if data.join("identity.age").exists() && data.join("identity.txt").exists() {
            self.say(
                &data.join("identity.txt"),
                "stands beside identity.age: whoever reads it needs no passphrase".to_owned(),
                "keyfob passwd sets the passphrase once more and removes it",
            );
        }
        let recipient = data.join("recipient.txt");
        match files::read(&recipient) {
            Ok(text) if parsed(&text).is_none() => self.say(
                &recipient,
                "holds no age recipient: nothing can be sealed".to_owned(),
                "age-keygen -y writes it anew from the identity, or bring it back from a backup",
            ),
            Ok(_) => {}
            Err(KeystoreError::Unsafe { .. }) => return Ok(None),
            Err(_) if fs::symlink_metadata(&recipient).is_err() => {
                self.missing_recipient(keystore, passphrase, &recipient);
                return Ok(None);
            }
            Err(error) => self.say(
                &recipient,
                error.to_string(),
                "age-keygen -y writes it anew from the identity, or bring it back from a backup",
            ),
        }
        if keystore.sealed() == Sealed::Passphrase && passphrase.is_none() {
            return Ok(None);
        }
        match keystore.unlock(passphrase) {
            Ok(unlocked) => return Ok(Some(unlocked)),
            Err(error @ KeystoreError::WrongPassphrase) => return Err(error),
            Err(KeystoreError::RecipientChanged { since }) => self.say(
                &recipient,
                format!("is not the identity's: somebody replaced it. Keys written since: {since}"),
                "age-keygen -y writes it anew from the identity; make the keys written since anew",
            ),
            Err(KeystoreError::Damaged { file, reason }) if file != "recipient.txt" => {
                self.say(&data.join(file), reason, "bring it back from a backup");
            }
            Err(KeystoreError::Sealing { what, reason }) => self.say(
                &data.join("identity.age"),
                format!("{what}: {reason}"),
                "bring it back from a backup",
            ),
            // Told already, where it was looked at.
            Err(_) => {}
        }
        Ok(None)
    }

    /// What stands in it follows from the identity.
    fn missing_recipient(
        &mut self,
        keystore: &Keystore,
        passphrase: Option<&Secret<String>>,
        recipient: &Path,
    ) {
        let data = self.home.data();
        let remedy = match keystore.sealed() {
            Sealed::Open => {
                let identity = data.join("identity.txt");
                format!(
                    "age-keygen -y -o '{}' '{}'",
                    recipient.display(),
                    identity.display()
                )
            }
            Sealed::Passphrase => {
                let identity = data.join("identity.age");
                format!(
                    "age -d '{}' | age-keygen -y -o '{}'",
                    identity.display(),
                    recipient.display()
                )
            }
        };
        let identity = keystore.identity(passphrase).ok();
        let text = identity.map(|unlocked| unlocked.recipient().text());
        self.findings.push(Finding {
            file: recipient.to_owned(),
            problem: "is missing: nothing can be sealed".to_owned(),
            remedy,
            mending: text.map(Mending::Recipient),
        });
    }
}
