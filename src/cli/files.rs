//! Reading the files that arguments name.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use super::{exit::Exit, failure::Failure};
use crate::secret::Secret;

/// The largest key or token file that is read, in bytes.
const FILE_LIMIT: u64 = 4 << 20;

/// The bytes of a file, or of stdin for `-`; at most 4 MiB.
pub(super) fn read(path: &Path) -> Result<Secret<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    let result = if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(FILE_LIMIT + 1)
            .read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(FILE_LIMIT + 1).read_to_end(&mut bytes))
    };
    let bytes = Secret::new(bytes);
    match result {
        Ok(length) if length as u64 > FILE_LIMIT => Err(Failure::usage(format!(
            "{} is larger than 4 MiB: no key or token is",
            path.display()
        ))),
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Failure::new(
            Exit::NotFound,
            format!("there is no file {}", path.display()),
        )),
        Err(error) => Err(Failure::usage(format!(
            "cannot read {}: {error}",
            path.display()
        ))),
    }
}
