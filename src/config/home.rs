//! Where keyfob keeps its files.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The folders of one installation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Home {
    config: PathBuf,
    data: PathBuf,
}

/// Neither `KEYFOB_HOME` nor a home directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no home directory: set KEYFOB_HOME to a folder for keyfob's files")]
pub struct NoHome;

impl Home {
    /// `KEYFOB_HOME` moves everything to one folder; otherwise the system's own places.
    pub fn from_environment() -> Result<Self, NoHome> {
        if let Some(folder) = env::var_os("KEYFOB_HOME").filter(|folder| !folder.is_empty()) {
            return Ok(Self::at(Path::new(&folder)));
        }
        let folders = directories::ProjectDirs::from("", "", "keyfob").ok_or(NoHome)?;
        Ok(Self {
            config: folders.config_dir().to_owned(),
            data: folders.data_dir().to_owned(),
        })
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
