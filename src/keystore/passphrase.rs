//! Passphrases from files.

use std::{fs, io::Read, os::unix::fs::FileTypeExt, path::Path};

use super::{error::KeystoreError, files};
use crate::{disk, secret::Secret};

/// The longest passphrase, in octets.
const LONGEST: u64 = 4096;

/// Reads the first line of a file that is 0600 and ours, or of a pipe.
pub fn from_file(path: &Path) -> Result<Secret<String>, KeystoreError> {
    let damaged = |reason: &str| KeystoreError::Damaged {
        file: path.display().to_string(),
        reason: reason.to_owned(),
    };
    let is_pipe = fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo());
    let bytes = if is_pipe {
        let mut bytes = Secret::new(Vec::with_capacity(4097));
        disk::open(path)
            .and_then(|pipe| pipe.take(LONGEST).read_to_end(bytes.expose_mut()))
            .map_err(files::disk("read", path))?;
        bytes
    } else {
        files::read(path)?
    };
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| damaged("it is no UTF-8 text"))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::new(line.to_owned())),
        _ => Err(damaged(
            "its first line is empty: the passphrase stands there",
        )),
    }
}
