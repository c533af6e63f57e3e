//! A JWK Set in a file of this machine.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::fs::{Access, access};

use crate::{
    disk,
    registry::{
        checkup::{Finding, Subject, Verdict},
        endpoint::Endpoint,
        error::RegistryError,
    },
};

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest set that is read, in octets.
const LONGEST: u64 = 128 << 20;

/// The file that holds a set.
pub(super) struct LocalFile<'a> {
    endpoint: &'a Endpoint,
    pub(super) path: PathBuf,
}

/// No other keyfob writes a file of this folder, until it is dropped.
pub(super) struct Held {
    _folder: File,
}

impl<'a> LocalFile<'a> {
    pub(super) fn of(endpoint: &'a Endpoint, path: PathBuf) -> Self {
        Self { endpoint, path }
    }

    /// Waits at most five seconds for another writer. The folder is locked, for the file itself gives
    /// way to a new one.
    pub(super) fn hold(&self) -> Result<Held, RegistryError> {
        let folder = self.folder();
        let opened = File::open(folder).map_err(|error| self.disk(folder, &error))?;
        let start = Instant::now();
        loop {
            match opened.try_lock() {
                Ok(()) => return Ok(Held { _folder: opened }),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(self.failed(&format!(
                        "{} is locked by another keyfob for 5 s: try again when it is done",
                        folder.display()
                    )));
                }
                Err(TryLockError::Error(error)) => return Err(self.disk(folder, &error)),
            }
        }
    }

    /// Its text; none where it is not there.
    pub(super) fn read(&self) -> Result<Option<String>, RegistryError> {
        let path = &self.path;
        let there = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // A folder that is missing is no empty set.
                fs::metadata(self.folder()).map_err(|error| self.disk(self.folder(), &error))?;
                return Ok(None);
            }
            found => found.map_err(|error| self.disk(path, &error))?,
        };
        if there.is_symlink() {
            let target = fs::read_link(path).map_err(|error| self.disk(path, &error))?;
            return Err(self.does_not_fit(&format!(
                "{} is a link to {}: name the file itself",
                path.display(),
                target.display()
            )));
        }
        if !there.is_file() {
            return Err(self.does_not_fit(&format!("{} is no file", path.display())));
        }
        if there.len() > LONGEST {
            return Err(self.does_not_fit(&format!(
                "{} has {} bytes, and a set has 128 MiB at most",
                path.display(),
                there.len()
            )));
        }
        let bytes = fs::read(path).map_err(|error| self.disk(path, &error))?;
        let text = String::from_utf8(bytes);
        text.map(Some).map_err(|_| {
            self.does_not_fit(&format!(
                "{} is no JWK Set: it is no text in UTF-8: choose another file",
                path.display()
            ))
        })
    }

    /// Puts `new` in the place of `old`; false where somebody else wrote in between. Owner and mode
    /// stay as they are; a new file can be read by all.
    pub(super) fn write(&self, new: &str, old: Option<&str>) -> Result<bool, RegistryError> {
        let path = &self.path;
        let file = disk::temporary_in(self.folder()).map_err(|error| self.disk(path, &error))?;
        let written = || -> io::Result<disk::Written> {
            match fs::symlink_metadata(path) {
                Ok(there) => {
                    disk::filled(file, new.as_bytes(), there.mode() & 0o7777, Some(&there))
                }
                Err(_) => disk::filled(file, new.as_bytes(), 0o644, None),
            }
        };
        let written = written().map_err(|error| self.disk(path, &error))?;
        // Whoever writes without the lock is seen here, but for the moment until the next line.
        if self.read()?.as_deref() != old {
            return Ok(false);
        }
        written.put(path).map_err(|error| self.disk(path, &error))?;
        Ok(true)
    }

    /// Whether the file can be read and written, in the order of [`Subject::ALL`] but for what the
    /// network says.
    pub(super) fn look(&self, keys: &Result<usize, RegistryError>) -> Vec<Finding> {
        let finding = |subject, verdict, text: String| Finding {
            subject,
            verdict,
            text,
        };
        let there = match keys {
            Err(error) => {
                return vec![finding(Subject::Reachable, Verdict::Bad, error.to_string())];
            }
            Ok(_) if !self.path.exists() => {
                format!("{}: the first key makes it", self.path.display())
            }
            Ok(1) => format!("{}: one key is in it", self.path.display()),
            Ok(count) => format!("{}: {count} keys are in it", self.path.display()),
        };
        let folder = self.folder();
        let rights = match access(folder, Access::WRITE_OK | Access::EXEC_OK) {
            Ok(()) => (Verdict::Good, "may write it".to_owned()),
            Err(_) => (
                Verdict::Bad,
                format!(
                    "may not write in {}: its owner can let you",
                    folder.display()
                ),
            ),
        };
        vec![
            finding(Subject::Reachable, Verdict::Good, there),
            finding(Subject::Token, Verdict::Good, "none is needed".to_owned()),
            finding(Subject::Rights, rights.0, rights.1),
        ]
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }

    fn disk(&self, path: &Path, error: &io::Error) -> RegistryError {
        self.failed(&format!("{}: {error}", path.display()))
    }

    fn failed(&self, what: &str) -> RegistryError {
        RegistryError::File {
            endpoint: self.endpoint.name.clone(),
            what: what.to_owned(),
        }
    }

    fn does_not_fit(&self, what: &str) -> RegistryError {
        RegistryError::DoesNotFit(format!("{}: {what}", self.endpoint.name))
    }
}
