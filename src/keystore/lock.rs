//! One writer at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{error::KeystoreError, files::disk};

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(5);

/// The keystore's lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits at most five seconds.
    pub(super) fn acquire(path: &Path) -> Result<Self, KeystoreError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(disk("lock", path))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => return Err(KeystoreError::Busy(path.to_owned())),
                Err(TryLockError::Error(error)) => return Err(disk("lock", path)(error)),
            }
        }
    }
}
