//! Files and folders that only their owner reads, written whole or not at all.

use std::{
    fs::{self, DirBuilder, Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

use rustix::fs::OFlags;

use super::error::KeystoreError;
pub(super) use crate::disk::Existing;
use crate::secret::Secret;

/// The longest file that is read, in octets.
const LONGEST: u64 = 16 << 20;

/// What is being looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    File,
    Folder,
}

/// Creates a folder 0700 with those above it, or checks the one that is there.
pub(super) fn ensure_folder(path: &Path) -> Result<(), KeystoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => check(path, &metadata, Kind::Folder),
        Err(error) if error.kind() == io::ErrorKind::NotFound => DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(disk("create", path)),
        Err(error) => Err(disk("look at", path)(error)),
    }
}

/// Checks a folder that must be there.
pub(super) fn check_folder(path: &Path) -> Result<(), KeystoreError> {
    let metadata = fs::symlink_metadata(path).map_err(disk("look at", path))?;
    check(path, &metadata, Kind::Folder)
}

/// Checks a file that must be there.
pub(super) fn check_file(path: &Path) -> Result<(), KeystoreError> {
    let metadata = fs::symlink_metadata(path).map_err(disk("look at", path))?;
    check(path, &metadata, Kind::File)
}

/// Reads a secret from a file that only its owner can read.
pub(super) fn read(path: &Path) -> Result<Secret<Vec<u8>>, KeystoreError> {
    let mut bytes = Secret::new(Vec::new());
    read_into(path, bytes.expose_mut())?;
    Ok(bytes)
}

/// Reads text whose secrets are sealed from a file that only its owner can read.
pub(super) fn read_text(path: &Path) -> Result<String, KeystoreError> {
    let mut bytes = Vec::new();
    read_into(path, &mut bytes)?;
    String::from_utf8(bytes).map_err(|_| KeystoreError::Damaged {
        file: name(path),
        reason: "it is no UTF-8 text".to_owned(),
    })
}

/// Writes a file 0600, whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), KeystoreError> {
    crate::disk::write(path, bytes, existing).map_err(disk("write", path))
}

/// Moves a file into another folder of the keystore, durably.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), KeystoreError> {
    fs::rename(from, to).map_err(disk("move", from))?;
    for path in [from, to] {
        sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

/// Removes a file, durably.
pub(super) fn remove(path: &Path) -> Result<(), KeystoreError> {
    crate::disk::remove(path).map_err(disk("remove", path))
}

/// The last part of a path, for people.
pub(super) fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Names what failed on which path.
pub(super) fn disk(what: &'static str, path: &Path) -> impl Fn(io::Error) -> KeystoreError {
    let path = path.to_owned();
    move |error| KeystoreError::Disk {
        what,
        path: path.clone(),
        error,
    }
}

/// Opens without following a link, then checks what was opened, so that nothing can be put in its
/// place between. The buffer never grows, so that no copy of a secret is left behind.
fn read_into(path: &Path, bytes: &mut Vec<u8>) -> Result<(), KeystoreError> {
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
        .open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) => {
            // What others own, or a link, cannot be opened: the reason is worth more than that.
            let metadata = fs::symlink_metadata(path).map_err(disk("read", path))?;
            check(path, &metadata, Kind::File)?;
            return Err(disk("read", path)(error));
        }
    };
    let metadata = file.metadata().map_err(disk("read", path))?;
    check(path, &metadata, Kind::File)?;
    if metadata.len() > LONGEST {
        return Err(KeystoreError::Damaged {
            file: name(path),
            reason: "it is over 16 MiB".to_owned(),
        });
    }
    // One octet more, so that the end is seen without growing.
    bytes.reserve_exact(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.take(metadata.len())
        .read_to_end(bytes)
        .map(drop)
        .map_err(disk("read", path))
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), KeystoreError> {
    crate::disk::sync_folder(folder).map_err(disk("sync", folder))
}

fn check(path: &Path, metadata: &Metadata, kind: Kind) -> Result<(), KeystoreError> {
    let (right_kind, word, mode) = match kind {
        Kind::File => (metadata.is_file(), "a file", "600"),
        Kind::Folder => (metadata.is_dir(), "a folder", "700"),
    };
    let shown = path.display();
    let (problem, remedy) = if metadata.is_symlink() {
        (
            "is a symbolic link".to_owned(),
            format!("put {word} itself in its place"),
        )
    } else if !right_kind {
        (format!("is not {word}"), "move it away".to_owned())
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        (
            "belongs to another user".to_owned(),
            format!("chown $(id -u) '{shown}'"),
        )
    } else if metadata.mode() & 0o077 != 0 {
        let mode_now = metadata.mode() & 0o777;
        (
            format!("is open to others (mode {mode_now:03o})"),
            format!("chmod {mode} '{shown}'"),
        )
    } else {
        return Ok(());
    };
    Err(KeystoreError::Unsafe {
        path: path.to_owned(),
        problem,
        remedy,
    })
}
