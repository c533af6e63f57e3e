//! The trash: keys that were removed and can come back.

use super::{Existing, Half, KeyFile, Keystore, KeystoreError, Record, Thumbprint, files};

/// A key in the trash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trashed {
    /// Its name.
    pub kid: String,
    /// Its thumbprint.
    pub thumbprint: Thumbprint,
}

impl Keystore {
    /// Moves a key to the trash. A private half that lies there already is not given up for the
    /// public one alone: it stays, and learns where the key was registered since.
    pub fn trash(&self, kid: &str) -> Result<Record, KeystoreError> {
        let _lock = self.lock()?;
        let record = self.find(kid)?;
        let name = format!("{}.key", record.thumbprint().hex());
        let [key, thrown] = ["keys", "trash"].map(|folder| self.path(folder).join(&name));
        if record.half == Half::Private || !thrown.exists() {
            files::rename(&key, &thrown)?;
            return Ok(record);
        }
        let mut kept = KeyFile::read(&thrown)?;
        if kept.record.half == Half::PublicOnly {
            files::rename(&key, &thrown)?;
            return Ok(record);
        }
        for seen in &record.registrations {
            let known = &mut kept.record.registrations;
            known.retain(|each| each.endpoint != seen.endpoint);
            known.push(seen.clone());
        }
        kept.write(&thrown, Existing::Replace)?;
        files::remove(&key)?;
        Ok(record)
    }

    /// What is in the trash.
    pub fn trashed(&self) -> Result<Vec<Trashed>, KeystoreError> {
        let mut trashed = Vec::new();
        for path in self.key_paths("trash")? {
            if let Ok(file) = KeyFile::read(&path) {
                let thumbprint = file.record.thumbprint();
                trashed.push(Trashed {
                    kid: file.record.kid,
                    thumbprint,
                });
            }
        }
        trashed.sort_by(|one, other| one.kid.cmp(&other.kid));
        Ok(trashed)
    }

    /// Brings a key back from the trash, by its kid or its thumbprint in hexadecimal; its kid must
    /// be free.
    pub fn restore(&self, kid: &str) -> Result<Record, KeystoreError> {
        let _lock = self.lock()?;
        let trashed = self
            .trashed()?
            .into_iter()
            .find(|key| key.kid == kid || key.thumbprint.hex() == kid)
            .ok_or_else(|| KeystoreError::NotInTrash(kid.to_owned()))?;
        self.check_free(&trashed.kid)?;
        let name = format!("{}.key", trashed.thumbprint.hex());
        let target = self.path("keys").join(&name);
        if target.exists() {
            return Err(KeystoreError::AlreadyHere(
                KeyFile::read(&target)?.record.kid,
            ));
        }
        files::rename(&self.path("trash").join(&name), &target)?;
        Ok(self.read_file(&target)?.record)
    }
}
