//! Reading the files that arguments name.

use std::{io, path::Path};

use super::{exit::Exit, failure::Failure};
use crate::{keystore::import, secret::Secret};

/// The bytes of a file, or of stdin for `-`; at most 4 MiB.
pub(super) fn read(path: &Path) -> Result<Secret<Vec<u8>>, Failure> {
    let result = if path == Path::new("-") {
        import::read(io::stdin().lock())
    } else {
        import::open(path).and_then(import::read)
    };
    result.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(
            Exit::NotFound,
            format!("there is no file {}", path.display()),
        ),
        _ => Failure::usage(format!("cannot read {}: {error}", path.display())),
    })
}
