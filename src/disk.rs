//! Files that are written whole or not at all, and read within bounds.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt, fchown},
    path::Path,
    sync::mpsc,
    thread,
    time::Duration,
};

use tempfile::NamedTempFile;

/// Whether a file may be there before it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Existing {
    /// It may not.
    Refuse,
    /// It is replaced whole.
    Replace,
}

/// Opens a file to read. A pipe that nobody opens to write is given up after five seconds.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_within(path, Duration::from_secs(5))
}

/// The content of a file, a pipe or a device.
///
/// # Errors
/// `FileTooLarge` above `most` octets, else what the system says.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    whole(open(path)?, most)
}

/// As [`read`], of what is open already.
pub(crate) fn whole(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Whether something is there that can be read: a file, a pipe, a device, and no folder.
pub(crate) fn can_be_read(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_dir())
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
    check_replaceable(path).map_err(|error| match existing {
        Existing::Refuse => io::Error::from(io::ErrorKind::AlreadyExists),
        Existing::Replace => error,
    })?;
    let folder = folder_of(path);
    let written = filled(temporary_in(folder)?, bytes, mode, None)?;
    match existing {
        Existing::Refuse => {
            let persisted = written.0.persist_noclobber(path);
            persisted.map_err(|error| error.error)?;
            let synced = sync_folder(folder);
            if synced.is_err() {
                // What is told as not written is not there; the first failure is the one to tell.
                let _ = fs::remove_file(path);
            }
            synced
        }
        Existing::Replace => written.put(path),
    }
}

/// A file that is whole and safe, and has no name yet.
pub(crate) struct Written(NamedTempFile);

/// Writes `bytes` to a file without its name yet; where `of` is given, it gets that one's owner.
pub(crate) fn filled(
    mut file: NamedTempFile,
    bytes: &[u8],
    mode: u32,
    of: Option<&fs::Metadata>,
) -> io::Result<Written> {
    file.write_all(bytes)?;
    let own = file.as_file().metadata()?;
    if let Some(of) = of
        && (of.uid(), of.gid()) != (own.uid(), own.gid())
    {
        fchown(file.as_file(), Some(of.uid()), Some(of.gid()))?;
    }
    // After the owner: changing that takes away bits of the mode.
    if mode != 0o600 {
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
    }
    file.as_file().sync_all()?;
    Ok(Written(file))
}

impl Written {
    /// Gives it the name `path`, in the place of whatever has it, durably.
    pub(crate) fn put(self, path: &Path) -> io::Result<()> {
        self.0.persist(path).map_err(|error| error.error)?;
        sync_folder(folder_of(path))
    }
}

/// Refuses a folder or a device: neither gives way to a file.
pub(crate) fn check_replaceable(path: &Path) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is there, and is no file",
        ));
    }
    Ok(())
}

/// A file without its name yet, 0600 from the start.
pub(crate) fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(folder)
        .map_err(|error| {
            // Its own name says nothing to anybody.
            match error.to_string().rsplit_once(" at path ") {
                Some((said, _)) => io::Error::new(error.kind(), said),
                None => error,
            }
        })
}

/// Makes a folder 0700, and those above it that are missing; one that is there stays as it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
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

/// Opening a pipe waits for its writer, and nothing ends that but a thread that is left behind.
fn open_within(path: &Path, patience: Duration) -> io::Result<File> {
    if !fs::metadata(path)?.file_type().is_fifo() {
        return File::open(path);
    }
    let (sender, receiver) = mpsc::channel();
    let pipe = path.to_owned();
    thread::spawn(move || sender.send(File::open(pipe)));
    let nobody = |_| {
        io::Error::new(
            io::ErrorKind::TimedOut,
            "it is a pipe that nobody writes to",
        )
    };
    receiver.recv_timeout(patience).map_err(nobody)?
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_comes_out_for_its_owner_alone_and_replaces_another_only_when_asked() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("k.pem");
        write(&path, b"one", Existing::Refuse).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let refused = write(&path, b"two", Existing::Refuse).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write(&path, b"two", Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_is_given_up() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
        let refused = open_within(&path, Duration::ZERO).unwrap_err();
        assert_eq!(refused.to_string(), "it is a pipe that nobody writes to");
    }

    #[test]
    fn what_has_no_end_is_read_within_its_bounds() {
        let refused = read(Path::new("/dev/zero"), 1 << 20).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn what_is_no_file_is_never_replaced() {
        let folder = TempDir::new().unwrap();
        let refused = write(folder.path(), b"one", Existing::Replace).unwrap_err();
        assert_eq!(refused.to_string(), "it is there, and is no file");
    }

    #[test]
    fn a_folder_that_is_missing_is_told_without_the_name_of_a_temporary_file() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("missing/k.pem");
        let failed = write(&path, b"one", Existing::Replace).unwrap_err();
        assert_eq!(failed.to_string(), "No such file or directory (os error 2)");
    }
}
