//! What goes into a backup.

use std::{fs, io, path::PathBuf};

use super::{
    CONFIGURATION, IDENTITY, KeyFile, Keystore, KeystoreError, Unlocked, Written,
    archive::Entry,
    disk,
    files::{self, name},
    opened,
};
use crate::{config::home::Home, secret::Secret};

/// Every file with its place in the archive. What cannot be opened is left out, and named.
pub(super) fn collect(
    keystore: &Keystore,
    unlocked: &Unlocked,
) -> Result<(Vec<Entry>, Written), KeystoreError> {
    let mut written = Written::default();
    let mut entries = vec![Entry {
        name: IDENTITY.to_owned(),
        content: Secret::new(unlocked.text().expose().as_bytes().to_vec()),
    }];
    let mut add = |name: String, bytes: Vec<u8>| {
        let content = Secret::new(bytes);
        entries.push(Entry { name, content });
    };
    for folder in ["keys", "trash"] {
        for path in keystore.key_paths(folder)? {
            let place = format!("{folder}/{}", name(&path));
            let checked = KeyFile::read(&path)
                .map_err(|error| error.to_string())
                .and_then(|file| opened(&file, unlocked))
                .and_then(|_| files::read_text(&path).map_err(|error| error.to_string()));
            match checked {
                Ok(text) => {
                    add(place, text.into_bytes());
                    match folder {
                        "keys" => written.keys += 1,
                        _ => written.trashed += 1,
                    }
                }
                Err(reason) => written.left_out.push((place, reason)),
            }
        }
    }
    for secret in keystore.secrets()? {
        let place = format!("secrets/{secret}.age");
        let checked = files::read_text(&keystore.path(&place))
            .and_then(|text| unlocked.open_sealed(&place, &text).map(|_| text));
        match checked {
            Ok(text) => {
                add(place, text.into_bytes());
                written.secrets += 1;
            }
            Err(error) => written.left_out.push((place, error.to_string())),
        }
    }
    for (place, path) in configuration(keystore.home())? {
        match fs::read(&path) {
            Ok(bytes) => {
                add(format!("config/{place}"), bytes);
                written.configuration += 1;
            }
            Err(error) => written.left_out.push((place, error.to_string())),
        }
    }
    Ok((entries, written))
}

/// The files of the configuration, with their places in it.
fn configuration(home: &Home) -> Result<Vec<(String, PathBuf)>, KeystoreError> {
    let mut files = Vec::new();
    let main = home.config().join("config.yaml");
    if main.exists() {
        files.push(("config.yaml".to_owned(), main));
    }
    for folder in CONFIGURATION {
        let path = home.config().join(folder);
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(disk("list", &path))?,
        };
        for entry in entries {
            let path = entry.map_err(disk("list", &path))?.path();
            if path.extension().is_some_and(|ending| ending == "yaml") {
                files.push((format!("{folder}/{}", name(&path)), path));
            }
        }
    }
    files.sort();
    Ok(files)
}
