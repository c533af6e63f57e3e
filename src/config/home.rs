//! Where keyfob keeps its files.

use std::path::{Path, PathBuf};

/// The folders of one installation: `KEYFOB_HOME` moves everything to one folder; otherwise `directories` decides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Home {
    config: PathBuf,
    data: PathBuf,
}

/// No home: neither `KEYFOB_HOME` nor a home directory.
#[derive(Debug, thiserror::Error)]
#[error("no home directory: set KEYFOB_HOME to a folder for keyfob's files")]
pub struct NoHome;

impl Home {
    pub fn from_environment() -> Result<Self, NoHome> {
        unimplemented!()
    }
    /// Everything under one folder.
    pub fn at(folder: &Path) -> Self {
        Self {
            config: folder.to_owned(),
            data: folder.to_owned(),
        }
    }
    /// `config.yaml`, `config.d/`, `endpoints/`, `claims/`, `certificates/`, `themes/`.
    pub fn config(&self) -> &Path {
        &self.config
    }
    /// `identity.age`, `recipient.txt`, `keys/`, `secrets/`, `state/`, `trash/`, `lock`.
    pub fn data(&self) -> &Path {
        &self.data
    }
}
