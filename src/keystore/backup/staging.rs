//! Many new files, all or none.

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder},
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use super::{KeystoreError, disk, files};
use crate::disk::temporary_in;

/// Files that are whole on the disk and have no name yet. Dropped before they get it, they are
/// gone; what a crash leaves of them, `doctor` names.
#[derive(Debug, Default)]
pub(super) struct Staging {
    files: Vec<(TempPath, PathBuf)>,
}

impl Staging {
    /// Writes a file 0600 beside where it will be. Its folder is made 0700 where there is none.
    pub(super) fn add(&mut self, path: PathBuf, bytes: &[u8]) -> Result<(), KeystoreError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        if !folder.is_dir() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(disk("create", folder))?;
        }
        let mut file = temporary_in(folder).map_err(disk("write", &path))?;
        file.write_all(bytes).map_err(disk("write", &path))?;
        file.as_file().sync_all().map_err(disk("write", &path))?;
        // Closed: thousands of files are more than a process may hold open.
        self.files.push((file.into_temp_path(), path));
        Ok(())
    }

    /// Gives every file its name, never that of another; where one cannot have it, those before are
    /// taken back.
    pub(super) fn commit(self) -> Result<(), KeystoreError> {
        let mut done: Vec<PathBuf> = Vec::new();
        for (file, path) in self.files {
            if let Err(error) = file.persist_noclobber(&path) {
                for path in &done {
                    // The first failure is the one to tell.
                    let _ = fs::remove_file(path);
                }
                return Err(disk("write", &path)(error.error));
            }
            done.push(path);
        }
        let folders: BTreeSet<&Path> = done.iter().filter_map(|path| path.parent()).collect();
        folders.into_iter().try_for_each(files::sync_folder)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn one_name_that_is_taken_takes_all_back() {
        let folder = TempDir::new().unwrap();
        let place = |name: &str| folder.path().join("sub").join(name);
        let mut staging = Staging::default();
        for name in ["a", "b", "c"] {
            staging.add(place(name), name.as_bytes()).unwrap();
        }
        fs::write(place("b"), "theirs").unwrap();
        assert!(staging.commit().is_err());
        assert_eq!(fs::read_dir(folder.path().join("sub")).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(place("b")).unwrap(), "theirs");
    }
}
