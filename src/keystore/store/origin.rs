//! Which key files this installation wrote: their thumbprints stand in `state/known`.

use std::{
    collections::HashSet,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
};

use super::{Keystore, KeystoreError, Thumbprint, disk, files};
use crate::keystore::record::Origin;

/// The thumbprints of `state/known`.
#[derive(Debug, Default)]
pub(super) struct Known(HashSet<Thumbprint>);

impl Keystore {
    /// Takes a key file that keyfob did not write for the user's own, once and for all.
    pub fn confirm(&self, thumbprint: &Thumbprint) -> Result<(), KeystoreError> {
        let _lock = self.lock()?;
        self.note_known(&[*thumbprint])
    }

    /// What was written or confirmed here. A list that cannot be read knows nothing: every key is
    /// confirmed once more.
    pub(super) fn known(&self) -> Known {
        Known::read(&files::read_text(&self.path("state/known")).unwrap_or_default())
    }

    /// Adds to the list, under the lock. A line that was cut off by a crash is ended first.
    pub(in crate::keystore) fn note_known(
        &self,
        thumbprints: &[Thumbprint],
    ) -> Result<(), KeystoreError> {
        let path = self.path("state/known");
        let (known, is_new) = match files::read_text(&path) {
            Ok(text) => (Known::read(&text), false),
            Err(KeystoreError::Disk { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                (Known::default(), true)
            }
            Err(error) => return Err(error),
        };
        let lines: String = thumbprints
            .iter()
            .filter(|thumbprint| !known.0.contains(thumbprint))
            .map(|thumbprint| format!("\n{}\n", thumbprint.hex()))
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| {
                file.write_all(lines.as_bytes())?;
                file.sync_all()
            })
            .map_err(disk("write", &path))?;
        if is_new {
            files::sync_folder(&self.path("state"))?;
        }
        Ok(())
    }
}

impl Known {
    pub(super) fn origin(&self, thumbprint: &Thumbprint) -> Origin {
        if self.0.contains(thumbprint) {
            Origin::Ours
        } else {
            Origin::NewHere
        }
    }

    fn read(text: &str) -> Self {
        Self(text.lines().filter_map(Thumbprint::from_hex).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jiff::Timestamp;
    use tempfile::TempDir;

    use super::*;
    use crate::{
        config::home::Home,
        jose::{algorithm::Algorithm, pem::fixture},
        keystore::{
            record::Entry,
            sealing::Protection,
            store::{Material, NewKey},
        },
    };

    fn store_with_key() -> (TempDir, Keystore, Thumbprint) {
        let folder = TempDir::new().unwrap();
        let home = Home::at(&folder.path().join("home"));
        let (keystore, _) = Keystore::create(&home, &Protection::None).unwrap();
        let new = NewKey {
            kid: "k".to_owned(),
            alg: Algorithm::Es256,
            material: Material::Private(fixture::private(fixture::P256)),
            chain: Vec::new(),
            profile: None,
        };
        let record = keystore.add(new, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(record.origin, Origin::Ours);
        (folder, keystore, record.thumbprint())
    }

    fn origins(keystore: &Keystore) -> [Origin; 2] {
        let entries = keystore.list().unwrap();
        let [Entry::Key(listed)] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        [listed.origin, keystore.find("k").unwrap().origin]
    }

    #[test]
    fn a_key_made_here_is_ours() {
        let (_folder, keystore, _) = store_with_key();
        assert_eq!(origins(&keystore), [Origin::Ours; 2]);
    }

    #[test]
    fn a_file_that_somebody_put_there_is_new_here_until_it_is_confirmed() {
        let (_folder, keystore, thumbprint) = store_with_key();
        fs::remove_file(keystore.path("state/known")).unwrap();
        assert_eq!(origins(&keystore), [Origin::NewHere; 2]);
        keystore.confirm(&thumbprint).unwrap();
        keystore.confirm(&thumbprint).unwrap();
        assert_eq!(origins(&keystore), [Origin::Ours; 2]);
        assert_eq!(
            fs::read_to_string(keystore.path("state/known")).unwrap(),
            format!("\n{}\n", thumbprint.hex())
        );
    }

    #[test]
    fn a_line_cut_off_spoils_no_other() {
        let (_folder, keystore, thumbprint) = store_with_key();
        let path = keystore.path("state/known");
        fs::write(&path, &thumbprint.hex()[..30]).unwrap();
        keystore.confirm(&thumbprint).unwrap();
        assert_eq!(origins(&keystore), [Origin::Ours; 2]);
    }
}
