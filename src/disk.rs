//! Files that are written whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// Whether a file may be there before it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Existing {
    Refuse,
    Replace,
}

/// Writes a file 0600: a temporary one in the same folder, synced, renamed, the folder synced. A
/// crash leaves the old file or the new one.
pub(crate) fn write(path: &Path, bytes: &[u8], existing: Existing) -> io::Result<()> {
    write_with_mode(path, bytes, existing, 0o600)
}

/// Like [`write`], for a file that others may read.
pub(crate) fn write_with_mode(
    path: &Path,
    bytes: &[u8],
    existing: Existing,
    mode: u32,
) -> io::Result<()> {
    let folder = folder_of(path);
    // A named temporary file is 0600 from the start.
    let mut file = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    if mode != 0o600 {
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
    }
    file.as_file().sync_all()?;
    let persisted = match existing {
        Existing::Refuse => file.persist_noclobber(path),
        Existing::Replace => file.persist(path),
    };
    persisted.map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Removes a file, durably.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    sync_folder(folder_of(path))
}

/// Makes what changed in a folder's list of files durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
