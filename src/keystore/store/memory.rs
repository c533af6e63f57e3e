//! Small things that are remembered between runs, in the folder of the state.

use std::fs;

use super::{
    Existing, Keystore, KeystoreError,
    files::{self, disk},
};

impl Keystore {
    /// What was remembered under `name`; none where there is nothing that can be read.
    pub fn remembered(&self, name: &str) -> Option<String> {
        files::read_text(&self.path("state").join(name)).ok()
    }

    /// Remembers `text` under `name`, in the place of what was there.
    pub fn remember(&self, name: &str, text: &str) -> Result<(), KeystoreError> {
        let _lock = self.lock()?;
        let path = self.path("state").join(name);
        files::write(&path, text.as_bytes(), Existing::Replace)
    }

    /// What is kept under `name`, where anything is: what cannot be read is an error.
    pub fn kept(&self, name: &str) -> Result<Option<String>, KeystoreError> {
        let path = self.path("state").join(name);
        if fs::symlink_metadata(&path).is_err() {
            return Ok(None);
        }
        files::read_text(&path).map(Some)
    }

    /// Keeps `after` under `name`, or nothing any more, in the place of `before`; refused where
    /// something else is kept there by now.
    pub fn keep(
        &self,
        name: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Result<(), KeystoreError> {
        let _lock = self.lock()?;
        if self.kept(name)?.as_deref() != before {
            return Err(KeystoreError::Changed(format!("state/{name}")));
        }
        let path = self.path("state").join(name);
        match (before, after) {
            (_, Some(text)) => files::write(&path, text.as_bytes(), Existing::Replace),
            (Some(_), None) => files::remove(&path),
            (None, None) => Ok(()),
        }
    }

    /// The names that begin and end like this, under which something is kept.
    pub fn kept_names(&self, prefix: &str, suffix: &str) -> Result<Vec<String>, KeystoreError> {
        let folder = self.path("state");
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).map_err(disk("read", &folder))? {
            let entry = entry.map_err(disk("read", &folder))?;
            if let Ok(name) = entry.file_name().into_string()
                && name.starts_with(prefix)
                && name.ends_with(suffix)
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}
