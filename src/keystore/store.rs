//! The keystore: the folder is the truth, there is no index.

mod acts;
mod add;
mod certificates;
mod memory;
mod notes;
mod origin;
mod scan;
mod trash;

use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

pub use self::{
    acts::{Act, ActKind},
    notes::TagChange,
    trash::Trashed,
};
use super::{
    error::KeystoreError,
    files::{self, Existing, disk},
    key_file::{KeyFile, SealedKey},
    kid,
    lock::Lock,
    record::{Entry, Half, Record, Registration, Status},
    sealing::{Protection, Recipient, Unlocked},
};
use crate::{
    config::home::Home,
    jose::{
        algorithm::Algorithm,
        key::{PrivateKey, PublicKey, Signer},
        thumbprint::Thumbprint,
    },
    secret::Secret,
    x509::{certificate::Certificate, chain},
};

/// A keystore on disk. Cheap to clone; holds no secrets.
#[derive(Clone, Debug)]
pub struct Keystore {
    home: Home,
}

/// A key to be stored.
#[derive(Debug)]
pub struct NewKey {
    /// Its name.
    pub kid: String,
    /// The algorithm it signs with.
    pub alg: Algorithm,
    /// The key.
    pub material: Material,
    /// Its certificates, leaf first.
    pub chain: Vec<Certificate>,
    /// The profile its certificate was made by.
    pub profile: Option<String>,
}

/// Both halves, or the public one alone.
#[derive(Clone, Debug)]
pub enum Material {
    /// Both halves.
    Private(PrivateKey),
    /// The public half alone.
    Public(PublicKey),
}

/// What protects the identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sealed {
    /// A passphrase.
    Passphrase,
    /// Nothing but the file's mode.
    Open,
}

impl Material {
    /// The public half.
    pub fn public(&self) -> &PublicKey {
        match self {
            Self::Private(private) => private.public(),
            Self::Public(public) => public,
        }
    }
}

impl Keystore {
    /// Whether a keystore is at `home`.
    pub fn exists(home: &Home) -> bool {
        ["identity.age", "identity.txt"]
            .iter()
            .any(|name| home.data().join(name).exists())
    }

    /// Creates folders, identity and recipient; refuses where a keystore is.
    pub fn create(home: &Home, protection: &Protection) -> Result<(Self, Unlocked), KeystoreError> {
        files::ensure_folder(home.data())?;
        let keystore = Self { home: home.clone() };
        let _lock = keystore.lock()?;
        if Self::exists(home) {
            return Err(KeystoreError::Exists(home.data().to_owned()));
        }
        for folder in ["keys", "secrets", "state", "trash"] {
            files::ensure_folder(&keystore.path(folder))?;
        }
        let unlocked = Unlocked::generate();
        let recipient = format!("{}\n", unlocked.recipient().text());
        files::write(
            &keystore.path("recipient.txt"),
            recipient.as_bytes(),
            Existing::Replace,
        )?;
        keystore.write_identity(&unlocked, protection)?;
        Ok((keystore, unlocked))
    }

    /// The keystore at `home`; modes, owner and links of its folders are checked.
    pub fn open(home: &Home) -> Result<Self, KeystoreError> {
        if !Self::exists(home) {
            return Err(KeystoreError::Missing);
        }
        let keystore = Self { home: home.clone() };
        files::check_folder(home.data())?;
        for folder in ["keys", "secrets", "state", "trash"] {
            files::ensure_folder(&keystore.path(folder))?;
        }
        Ok(keystore)
    }

    /// The keystore at `home`, whatever its state: for those who look at just that.
    pub(super) fn unchecked(home: &Home) -> Self {
        Self { home: home.clone() }
    }

    /// Where it lies.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// What protects the identity.
    pub fn sealed(&self) -> Sealed {
        if self.path("identity.age").exists() {
            Sealed::Passphrase
        } else {
            Sealed::Open
        }
    }

    /// Opens the identity; `passphrase` is none where nothing protects it. The recipient is
    /// recomputed and compared.
    pub fn unlock(&self, passphrase: Option<&Secret<String>>) -> Result<Unlocked, KeystoreError> {
        let unlocked = self.identity(passphrase)?;
        if self.recipient()?.text() != unlocked.recipient().text() {
            return Err(KeystoreError::RecipientChanged {
                since: self.sealed_since()?,
            });
        }
        Ok(unlocked)
    }

    /// Every key by kid, unreadable files last. Needs no passphrase.
    pub fn list(&self) -> Result<Vec<Entry>, KeystoreError> {
        let mut entries = Vec::new();
        self.scan(&mut |chunk| {
            entries.extend(chunk);
            ControlFlow::Continue(())
        })?;
        entries.sort_by(|one, other| sort_key(one).cmp(&sort_key(other)));
        Ok(entries)
    }

    /// The key of a kid, or of a thumbprint (hexadecimal or base64url).
    pub fn find(&self, kid: &str) -> Result<Record, KeystoreError> {
        Ok(self.find_file(kid)?.record)
    }

    /// The key of a thumbprint, where it is here.
    pub fn stored(&self, thumbprint: &Thumbprint) -> Result<Option<Record>, KeystoreError> {
        match self.read_file(&self.key_path(thumbprint)) {
            Ok(file) => Ok(Some(file.record)),
            Err(KeystoreError::Disk { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a kid can be given: it is no other key's.
    pub fn check_free(&self, kid: &str) -> Result<(), KeystoreError> {
        match self.find_called(kid) {
            // A file that cannot be read takes no name.
            Ok(None) | Err(KeystoreError::Unsafe { .. }) => Ok(()),
            Ok(Some(_)) => Err(KeystoreError::Taken(kid.to_owned())),
            Err(error) => Err(error),
        }
    }

    /// Opens the private half and compares it with the file's name, public block, certificate and
    /// the names it was sealed under. A key that does not fit is not used as long as the identity
    /// stays open.
    pub fn private(
        &self,
        record: &Record,
        unlocked: &Unlocked,
    ) -> Result<PrivateKey, KeystoreError> {
        let thumbprint = record.thumbprint();
        let quarantined = |reason: String| KeystoreError::Quarantined {
            kid: record.kid.clone(),
            reason,
        };
        if let Some(reason) = unlocked.quarantined(&thumbprint) {
            return Err(quarantined(reason));
        }
        let file = KeyFile::read(&self.key_path(&thumbprint))?;
        let sealed = file
            .sealed
            .ok_or_else(|| KeystoreError::PublicOnly(record.kid.clone()))?;
        let text = unlocked.open_sealed(&record.kid, &sealed)?;
        let quarantined = |reason: String| {
            unlocked.quarantine(thumbprint, reason.clone());
            quarantined(reason)
        };
        let key = SealedKey::parse(&text).map_err(quarantined)?;
        if key.private.public() != &file.record.public {
            return Err(quarantined("its private half is another key's".to_owned()));
        }
        if key.kid != file.record.kid || key.alg != file.record.alg.name() {
            let (kid, alg) = (key.kid, key.alg);
            return Err(quarantined(format!(
                "its private half was sealed as {kid}, {alg}"
            )));
        }
        if let Some(leaf) = file.record.leaf()
            && !chain::belongs(leaf, &file.record.public)
        {
            return Err(quarantined("its certificate is another key's".to_owned()));
        }
        Ok(key.private)
    }

    /// Gives a key another kid; the one it had stays known in its file. The private half is sealed
    /// anew under it.
    pub fn rename(
        &self,
        kid: &str,
        new: &str,
        unlocked: &Unlocked,
    ) -> Result<Record, KeystoreError> {
        kid::check_given(new)?;
        let record = self.find(kid)?;
        let private = match record.half {
            Half::Private => Some(self.private(&record, unlocked)?),
            Half::PublicOnly => None,
        };
        let _lock = self.lock()?;
        self.check_free(new)?;
        let path = self.key_path(&record.thumbprint());
        let mut file = self.read_file(&path)?;
        if file.record != record {
            return Err(KeystoreError::Changed(record.kid));
        }
        let old = std::mem::replace(&mut file.record.kid, new.to_owned());
        let former = &mut file.record.former;
        former.retain(|kid| *kid != old && kid != new);
        former.push(old);
        if let Some(private) = private {
            let text = SealedKey::text(new, file.record.alg, &private);
            file.sealed = Some(self.recipient()?.seal(&text)?);
        }
        file.write(&path, Existing::Replace)?;
        Ok(file.record)
    }

    /// Records where a key was seen, or replaces what was recorded of that endpoint.
    pub fn set_registration(
        &self,
        thumbprint: &Thumbprint,
        registration: Registration,
    ) -> Result<Record, KeystoreError> {
        self.update(thumbprint, |record| {
            record
                .registrations
                .retain(|known| known.endpoint != registration.endpoint);
            record.registrations.push(registration);
        })
    }

    /// Forgets a registration.
    pub fn remove_registration(
        &self,
        thumbprint: &Thumbprint,
        endpoint: &str,
    ) -> Result<Record, KeystoreError> {
        self.update(thumbprint, |record| {
            record
                .registrations
                .retain(|known| known.endpoint != endpoint);
        })
    }

    /// Remembers the template a key minted from.
    pub fn set_template(
        &self,
        thumbprint: &Thumbprint,
        template: &str,
    ) -> Result<Record, KeystoreError> {
        self.update(thumbprint, |record| {
            record.template = Some(template.to_owned());
        })
    }

    /// Changes what protects the identity: one file is written, whatever the number of keys.
    pub fn change_protection(
        &self,
        unlocked: &Unlocked,
        protection: &Protection,
    ) -> Result<(), KeystoreError> {
        let _lock = self.lock()?;
        self.write_identity(unlocked, protection)
    }

    /// Writes the identity, then removes its other form: a crash between leaves both, of which the
    /// sealed one counts.
    fn write_identity(
        &self,
        unlocked: &Unlocked,
        protection: &Protection,
    ) -> Result<(), KeystoreError> {
        let (sealed, open) = (self.path("identity.age"), self.path("identity.txt"));
        let other = match protection {
            Protection::Passphrase(passphrase) => {
                files::write(
                    &sealed,
                    unlocked.seal(passphrase)?.as_bytes(),
                    Existing::Replace,
                )?;
                open
            }
            Protection::None => {
                files::write(
                    &open,
                    unlocked.text().expose().as_bytes(),
                    Existing::Replace,
                )?;
                sealed
            }
        };
        if other.exists() {
            files::remove(&other)
        } else {
            Ok(())
        }
    }

    /// Reads the file again under the lock, changes it and writes it whole.
    fn update(
        &self,
        thumbprint: &Thumbprint,
        change: impl FnOnce(&mut Record),
    ) -> Result<Record, KeystoreError> {
        let _lock = self.lock()?;
        let path = self.key_path(thumbprint);
        let mut file = self.read_file(&path)?;
        change(&mut file.record);
        file.write(&path, Existing::Replace)?;
        Ok(file.record)
    }

    /// A key file with its origin looked up.
    fn read_file(&self, path: &Path) -> Result<KeyFile, KeystoreError> {
        let mut file = KeyFile::read(path)?;
        file.record.origin = self.known().origin(&file.record.thumbprint());
        Ok(file)
    }

    fn find_file(&self, kid: &str) -> Result<KeyFile, KeystoreError> {
        let thumbprint = Thumbprint::from_hex(kid).or_else(|| Thumbprint::from_base64url(kid));
        if let Some(path) = thumbprint.map(|thumbprint| self.key_path(&thumbprint))
            && path.exists()
        {
            return self.read_file(&path);
        }
        match self.find_called(kid)? {
            Some(file) => Ok(file),
            None => Err(self.not_found(kid)?),
        }
    }

    /// The identity, whatever `recipient.txt` says.
    pub(super) fn identity(
        &self,
        passphrase: Option<&Secret<String>>,
    ) -> Result<Unlocked, KeystoreError> {
        match (self.sealed(), passphrase) {
            (Sealed::Passphrase, Some(passphrase)) => {
                let sealed = files::read(&self.path("identity.age"))?;
                Unlocked::open(sealed.expose(), passphrase)
            }
            (Sealed::Passphrase, None) => Err(KeystoreError::WrongPassphrase),
            (Sealed::Open, _) => {
                let text = files::read(&self.path("identity.txt"))?;
                std::str::from_utf8(text.expose())
                    .ok()
                    .and_then(Unlocked::parse)
                    .ok_or_else(|| KeystoreError::Damaged {
                        file: "identity.txt".to_owned(),
                        reason: "it holds no age identity".to_owned(),
                    })
            }
        }
    }

    pub(super) fn recipient(&self) -> Result<Recipient, KeystoreError> {
        let text = files::read(&self.path("recipient.txt"))?;
        std::str::from_utf8(text.expose())
            .ok()
            .and_then(Recipient::parse)
            .ok_or_else(|| KeystoreError::Damaged {
                file: "recipient.txt".to_owned(),
                reason: "it holds no age recipient".to_owned(),
            })
    }

    /// The kids of keys written after `recipient.txt`.
    fn sealed_since(&self) -> Result<String, KeystoreError> {
        let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
        let recipient = self.path("recipient.txt");
        let since = changed(&recipient).map_err(disk("read", &recipient))?;
        let mut kids = Vec::new();
        for path in self.key_paths("keys")? {
            if let (Ok(written), Ok(file)) = (changed(&path), KeyFile::read(&path))
                && written >= since
            {
                kids.push(file.record.kid);
            }
        }
        Ok(if kids.is_empty() {
            "none".to_owned()
        } else {
            kids.join(", ")
        })
    }

    fn key_path(&self, thumbprint: &Thumbprint) -> PathBuf {
        self.path("keys").join(format!("{}.key", thumbprint.hex()))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.data().join(name)
    }

    pub(super) fn lock(&self) -> Result<Lock, KeystoreError> {
        Lock::acquire(&self.path("lock"))
    }
}

fn sort_key(entry: &Entry) -> (bool, &str) {
    match entry {
        Entry::Key(record) => (false, &record.kid),
        Entry::Unreadable { file, .. } => (true, file),
    }
}

fn whole_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

#[cfg(test)]
mod tests;
