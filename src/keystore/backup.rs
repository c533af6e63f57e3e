//! Everything in one file, and back.
//!
//! A backup is an age file that a passphrase opens (scrypt, log N 18); in it is a tar archive:
//! `identity.txt` (what opens the rest), `keys/*.key`, `trash/*.key` and `secrets/*.age` as they
//! lie in the keystore, still sealed to that identity, and `config/`. The way out without keyfob is
//! `age -d FILE | tar x`, then `age -d -i identity.txt` on each sealed block.
//!
//! Restoring opens every private half and every secret with the backup's identity and seals it anew
//! to the keystore it comes into; a keystore made for it has an identity of its own. The archive,
//! the identity and what was opened live in memory, in [`Secret`]s: nothing unsealed is written.
//!
//! Every new file is whole on the disk before the first gets its name, and a name that cannot be
//! given takes those before it back. A crash between two names leaves whole keys, fewer than there
//! were to come: restoring once more brings the rest.

mod archive;
mod collect;
mod restore;
mod staging;

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use jiff::Timestamp;

pub use self::restore::{Contents, Fate, Item, Kind, restore};
use self::{
    archive::{pack, unpack},
    collect::collect,
};
use super::{
    error::KeystoreError,
    files::{self, disk},
    key_file::{KeyFile, SealedKey},
    record::Record,
    sealing::{self, Unlocked},
    secrets,
    store::Keystore,
};
use crate::{
    disk::{check_replaceable, temporary_in},
    secret::Secret,
};

/// The largest backup that is read, in octets.
const LONGEST: u64 = 1 << 30;
/// Where the identity stands in the archive.
const IDENTITY: &str = "identity.txt";
/// Folders of the configuration that are backed up, beside `config.yaml`.
pub(super) const CONFIGURATION: [&str; 5] =
    ["certificates", "claims", "config.d", "endpoints", "themes"];

/// Whether a file that is there may be replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overwrite {
    /// It stays.
    Refuse,
    /// It is replaced.
    Replace,
}

/// What a backup holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Written {
    /// Keys.
    pub keys: usize,
    /// Keys in the trash.
    pub trashed: usize,
    /// Secrets.
    pub secrets: usize,
    /// Files of the configuration.
    pub configuration: usize,
    /// Files that could not be read or opened, and why: they are not in it.
    pub left_out: Vec<(String, String)>,
}

/// Refuses a target that is there, before anybody is asked for a passphrase.
pub fn check_target(path: &Path, overwrite: Overwrite) -> Result<(), KeystoreError> {
    if overwrite == Overwrite::Refuse && fs::symlink_metadata(path).is_ok() {
        return Err(KeystoreError::Damaged {
            file: path.display().to_string(),
            reason: "it is there already: say --force to replace it".to_owned(),
        });
    }
    check_replaceable(path).map_err(disk("write", path))
}

/// Writes everything to `path`, 0600, and opens what was written again before it gets its name.
pub fn write(
    keystore: &Keystore,
    unlocked: &Unlocked,
    passphrase: &Secret<String>,
    path: &Path,
    overwrite: Overwrite,
    now: Timestamp,
) -> Result<Written, KeystoreError> {
    check_target(path, overwrite)?;
    let lock = keystore.lock()?;
    let (entries, written) = collect(keystore, unlocked)?;
    drop(lock);
    let archive = pack(&entries, now);
    let sealed = sealing::seal_with(passphrase, archive.expose())?;
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = temporary_in(folder).map_err(disk("write", path))?;
    file.write_all(&sealed).map_err(disk("write", path))?;
    file.as_file().sync_all().map_err(disk("write", path))?;
    let again = sealing::open_with(passphrase, &read(file.path())?)?;
    if again.expose() != archive.expose() {
        return Err(KeystoreError::Damaged {
            file: path.display().to_string(),
            reason: "what was read back is not what was written: nothing is kept of it".to_owned(),
        });
    }
    let done = match overwrite {
        Overwrite::Refuse => file.persist_noclobber(path),
        Overwrite::Replace => file.persist(path),
    };
    done.map_err(|error| disk("write", path)(error.error))?;
    files::sync_folder(folder)?;
    Ok(written)
}

/// Opens a backup and checks every part of it.
pub fn open(path: &Path, passphrase: &Secret<String>) -> Result<Contents, KeystoreError> {
    let archive = sealing::open_with(passphrase, &read(path)?).map_err(|error| match error {
        KeystoreError::Sealing { reason, .. } => KeystoreError::Damaged {
            file: path.display().to_string(),
            reason: format!(
                "it is no whole backup: another file, or one damaged or cut off ({reason}); \
                     nothing was restored: take another copy"
            ),
        },
        error => error,
    })?;
    unpack(archive.expose())
        .and_then(Contents::of)
        .map_err(|reason| KeystoreError::Damaged {
            file: path.display().to_string(),
            reason,
        })
}

fn read(path: &Path) -> Result<Vec<u8>, KeystoreError> {
    let content = if path == Path::new("-") {
        crate::disk::whole(io::stdin().lock(), LONGEST)
    } else {
        crate::disk::read(path, LONGEST)
    };
    content.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => KeystoreError::Damaged {
            file: path.display().to_string(),
            reason: "it is over 1 GiB: no backup is".to_owned(),
        },
        _ => disk("read", path)(error),
    })
}

/// The sealed text of a private half, once it is known to be that of its file.
fn opened(file: &KeyFile, unlocked: &Unlocked) -> Result<Option<Secret<String>>, String> {
    let Some(sealed) = &file.sealed else {
        return Ok(None);
    };
    let Record {
        kid, alg, public, ..
    } = &file.record;
    let text = unlocked
        .open_sealed(kid, sealed)
        .map_err(|error| error.to_string())?;
    let key = SealedKey::parse(&text)?;
    if !key.is_for(kid, *alg, public) {
        return Err("its private half is another key's".to_owned());
    }
    Ok(Some(text))
}
