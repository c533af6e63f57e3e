//! Small things that are remembered between runs, in the folder of the state.

use super::{Existing, Keystore, KeystoreError, files};

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
}
