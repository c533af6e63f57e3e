//! The user's own templates and certificate profiles: YAML files in the configuration folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::home::Home;
use crate::{
    disk,
    jose::template::{Template, TemplateError},
    x509::profile::{Profile, ProfileError},
};

/// Why the user's own files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OwnFileError {
    /// The disk said no.
    #[error("cannot read {path}: {error}")]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A certificate profile is wrong.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A claims template is wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// The templates of `claims/*.yaml`.
pub fn templates(home: &Home) -> Result<Vec<Template>, OwnFileError> {
    let mut templates: Vec<(String, Template)> = Vec::new();
    for (file, yaml) in yaml_files(home, "claims")? {
        let template = Template::parse(&file, &yaml)?;
        let name = &template.name;
        if let Some((other, _)) = templates.iter().find(|(_, each)| &each.name == name) {
            return Err(OwnFileError::Template(TemplateError::Twice {
                other: other.clone(),
                name: name.clone(),
                file,
            }));
        }
        templates.push((file, template));
    }
    Ok(templates
        .into_iter()
        .map(|(_, template)| template)
        .collect())
}

/// The profiles of `certificates/*.yaml`.
pub fn profiles(home: &Home) -> Result<Vec<Profile>, OwnFileError> {
    let mut profiles: Vec<(String, Profile)> = Vec::new();
    for (file, yaml) in yaml_files(home, "certificates")? {
        let profile = Profile::parse(&file, &yaml)?;
        let name = &profile.name;
        if let Some((other, _)) = profiles.iter().find(|(_, each)| &each.name == name) {
            return Err(OwnFileError::Profile(ProfileError::Twice {
                other: other.clone(),
                name: name.clone(),
                file,
            }));
        }
        profiles.push((file, profile));
    }
    Ok(profiles.into_iter().map(|(_, profile)| profile).collect())
}

/// Path and text of each, by name; no folder is no file.
pub(crate) fn yaml_files(home: &Home, folder: &str) -> Result<Vec<(String, String)>, OwnFileError> {
    let folder = home.config().join(folder);
    let disk = |path: &PathBuf| {
        let path = path.clone();
        move |error| OwnFileError::Disk { path, error }
    };
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(disk(&folder))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(disk(&folder))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = read(&path).map_err(disk(&path))?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// The text of one file of the configuration.
pub(super) fn read(path: &Path) -> io::Result<String> {
    /// No file that a person writes is larger, in octets.
    const MOST: u64 = 4 << 20;
    let bytes = disk::read(path, MOST)?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text"))
}
