//! Bringing a backup into a keystore.

use std::{collections::HashMap, fs, io, path::PathBuf};

use super::{
    CONFIGURATION, IDENTITY, KeyFile, Keystore, KeystoreError, Record, Unlocked,
    archive::Entry,
    disk,
    files::{self, name},
    opened, secrets,
    staging::Staging,
};
use crate::{jose::thumbprint::Thumbprint, secret::Secret};

/// What a backup holds, every part opened and checked.
#[derive(Debug, Default)]
pub struct Contents {
    keys: Vec<Key>,
    secrets: Vec<(String, Secret<String>)>,
    configuration: Vec<(String, Secret<Vec<u8>>)>,
}

#[derive(Debug)]
struct Key {
    kind: Kind,
    file: KeyFile,
    /// What was sealed, where there is a private half.
    private: Option<Secret<String>>,
}

/// What kind of thing a part of a backup is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A file of the configuration.
    Configuration,
    /// A key.
    Key,
    /// A secret.
    Secret,
    /// A key in the trash.
    Trashed,
}

/// What became of a part of a backup.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It is here now.
    Added,
    /// What is here differs, and was left as it is; in what, as far as that can be told.
    Kept(String),
    /// The same was here.
    Same,
}

/// A part of a backup and what became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Its kid, its name or its place in the configuration.
    pub name: String,
    /// What became of it.
    pub fate: Fate,
}

impl Contents {
    /// The error is what is wrong with the archive.
    pub(super) fn of(entries: Vec<Entry>) -> Result<Self, String> {
        let text = |entry: &Entry| {
            std::str::from_utf8(entry.content.expose())
                .map(str::to_owned)
                .map_err(|_| format!("{} in it is no text", entry.name))
        };
        let identity = entries
            .iter()
            .find(|entry| entry.name == IDENTITY)
            .and_then(|entry| Unlocked::parse(std::str::from_utf8(entry.content.expose()).ok()?))
            .ok_or("it holds no identity, so it is no backup of keyfob's")?;
        let mut contents = Self::default();
        for entry in entries {
            let place = entry.name.clone();
            let inside = |reason: String| format!("{place} in it: {reason}");
            let foreign = || format!("{place} in it is nothing that keyfob put there");
            match place.split_once('/') {
                None if place == IDENTITY => {}
                Some((folder @ ("keys" | "trash"), file_name)) => {
                    let file = KeyFile::parse(&text(&entry)?).map_err(inside)?;
                    if file_name != key_name(&file.record.thumbprint()) {
                        return Err(inside("its name is not its key's thumbprint".to_owned()));
                    }
                    contents.keys.push(Key {
                        kind: if folder == "keys" {
                            Kind::Key
                        } else {
                            Kind::Trashed
                        },
                        private: opened(&file, &identity).map_err(inside)?,
                        file,
                    });
                }
                Some(("secrets", file_name)) => {
                    let name = file_name.strip_suffix(".age").ok_or_else(foreign)?;
                    if secrets::check(name).is_err() {
                        return Err(foreign());
                    }
                    let secret = identity
                        .open_sealed(&place, &text(&entry)?)
                        .map_err(|error| error.to_string())?;
                    contents.secrets.push((name.to_owned(), secret));
                }
                Some(("config", file)) if is_configuration(file) => {
                    contents
                        .configuration
                        .push((file.to_owned(), entry.content));
                }
                _ => return Err(foreign()),
            }
        }
        Ok(contents)
    }
}

/// Brings in what is not here. Nothing that is here is changed; a kid that another key has here
/// stops everything, and so does any failure.
pub fn restore(
    keystore: &Keystore,
    unlocked: &Unlocked,
    contents: &Contents,
) -> Result<Vec<Item>, KeystoreError> {
    let _lock = keystore.lock()?;
    let recipient = unlocked.recipient();
    let mut staging = Staging::default();
    let mut items = Vec::new();
    let mut known = Vec::new();
    let kids = kids(keystore)?;
    for key in &contents.keys {
        let theirs = &key.file.record;
        let (thumbprint, kid) = (theirs.thumbprint(), &theirs.kid);
        let file = key_name(&thumbprint);
        let here = match key.kind {
            Kind::Trashed => ["keys", "trash"].as_slice(),
            _ => ["keys"].as_slice(),
        };
        let mut there = here.iter().map(|folder| keystore.path(folder).join(&file));
        let fate = match there.find(|path| fs::symlink_metadata(path).is_ok()) {
            Some(path) => match KeyFile::read(&path) {
                Ok(ours) => compared(&ours.record, theirs),
                Err(error) => Fate::Kept(format!("the file here cannot be read: {error}")),
            },
            None => {
                if key.kind == Kind::Key && kids.contains_key(kid) {
                    return Err(KeystoreError::Taken(kid.clone()));
                }
                let mut sealed = key.file.clone();
                sealed.sealed = match &key.private {
                    Some(text) => Some(recipient.seal(text)?),
                    None => None,
                };
                let folder = *here.last().unwrap_or(&"keys");
                let text = sealed.text().map_err(|error| KeystoreError::Damaged {
                    file: file.clone(),
                    reason: error.to_string(),
                })?;
                staging.add(keystore.path(folder).join(&file), text.as_bytes())?;
                known.push(thumbprint);
                Fate::Added
            }
        };
        items.push(Item {
            kind: key.kind,
            name: kid.clone(),
            fate,
        });
    }
    for (secret, text) in &contents.secrets {
        let place = format!("secrets/{secret}.age");
        let path = keystore.path(&place);
        let fate = if fs::symlink_metadata(&path).is_ok() {
            let ours =
                files::read_text(&path).and_then(|sealed| unlocked.open_sealed(&place, &sealed));
            match ours {
                Ok(ours) if ours.expose() == text.expose() => Fate::Same,
                Ok(_) => Fate::Kept("another value is here".to_owned()),
                Err(error) => Fate::Kept(format!("the one here cannot be opened: {error}")),
            }
        } else {
            staging.add(path, recipient.seal(text)?.as_bytes())?;
            Fate::Added
        };
        items.push(Item {
            kind: Kind::Secret,
            name: secret.clone(),
            fate,
        });
    }
    for (file, bytes) in &contents.configuration {
        let path = keystore.home().config().join(file);
        items.push(Item {
            kind: Kind::Configuration,
            name: file.clone(),
            fate: configured(path, bytes.expose(), &mut staging)?,
        });
    }
    keystore.note_known(&known)?;
    staging.commit()?;
    Ok(items)
}

fn configured(path: PathBuf, bytes: &[u8], staging: &mut Staging) -> Result<Fate, KeystoreError> {
    match fs::read(&path) {
        Ok(ours) if ours == bytes => Ok(Fate::Same),
        Ok(_) => Ok(Fate::Kept("another text is here".to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            staging.add(path, bytes)?;
            Ok(Fate::Added)
        }
        Err(error) => Err(disk("read", &path)(error)),
    }
}

/// The keys here by their kids.
fn kids(keystore: &Keystore) -> Result<HashMap<String, PathBuf>, KeystoreError> {
    let mut kids = HashMap::new();
    for path in keystore.key_paths("keys")? {
        if let Ok(file) = KeyFile::read(&path) {
            kids.insert(file.record.kid, path);
        }
    }
    Ok(kids)
}

/// The same key here and in the backup.
fn compared(ours: &Record, theirs: &Record) -> Fate {
    let parts = [
        ("kid", ours.kid == theirs.kid),
        ("alg", ours.alg == theirs.alg),
        ("use", ours.usage == theirs.usage),
        ("created", ours.created == theirs.created),
        ("status", ours.status == theirs.status),
        ("tags", ours.tags == theirs.tags),
        ("registrations", ours.registrations == theirs.registrations),
        ("template", ours.template == theirs.template),
        ("profile", ours.profile == theirs.profile),
        ("private half", ours.half == theirs.half),
        ("certificate", ours.chain == theirs.chain),
    ];
    let differing: Vec<&str> = parts
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(name, _)| name)
        .collect();
    if differing.is_empty() {
        Fate::Same
    } else {
        Fate::Kept(format!("the one here differs in {}", differing.join(", ")))
    }
}

fn key_name(thumbprint: &Thumbprint) -> String {
    format!("{}.key", thumbprint.hex())
}

/// Whether a place in the configuration is one that a backup is made of.
fn is_configuration(place: &str) -> bool {
    if place == "config.yaml" {
        return true;
    }
    place.split_once('/').is_some_and(|(folder, file)| {
        CONFIGURATION.contains(&folder)
            && file.strip_suffix(".yaml").is_some()
            && !file.starts_with('.')
            && name(file.as_ref()) == file
    })
}
