//! What `--key` and file arguments name: a URL if it has `://`, a file if it has a `/` or names an
//! existing file that is no kid, else a kid.

use std::path::{Path, PathBuf};

use super::{failure::Failure, files, output::Output, session::Session};
use crate::{
    jose::{
        key::KeyError,
        pem::{self, Found},
        verdict::{Candidates, VerificationKey},
    },
    keystore::{import::can_be_read, record::Entry, store::Keystore},
    oauth::{discovery::Discovery, key_place::KeyPlace},
    x509::verification::{self, NoKeys},
};

/// `text` as a file, where it is one by the rule above.
pub(super) fn as_file(text: &str, session: &Session) -> Result<Option<PathBuf>, Failure> {
    let path = PathBuf::from(text);
    if text.contains('/') {
        return Ok(Some(path));
    }
    if !can_be_read(&path) {
        return Ok(None);
    }
    let is_kid = Keystore::exists(session.home()) && session.keystore()?.find(text).is_ok();
    Ok((!is_kid).then_some(path))
}

/// What a file holds.
pub(super) fn read(path: &Path) -> Result<Vec<Found>, Failure> {
    let content = files::read(path)?;
    pem::detect(&content).map_err(|error| in_file(path, &error))
}

/// The keys that `--key` names to verify with.
pub(super) fn verification_keys(
    key: &str,
    session: &Session,
    output: &mut Output,
) -> Result<Candidates, Failure> {
    if key.contains("://") {
        return published(&KeyPlace::Set(key.to_owned()), output);
    }
    if let Some(path) = as_file(key, session)? {
        return from_file(&path).map(Candidates::Among);
    }
    let record = session.keystore()?.find(key)?;
    Ok(Candidates::Chosen(record.verification_keys().collect()))
}

/// The keys that an issuer or a URL publishes.
pub(super) fn published(place: &KeyPlace, output: &mut Output) -> Result<Candidates, Failure> {
    let set = place.keys(None, &Discovery::default(), &mut Vec::new())?;
    for remark in set.remarks() {
        output.say(&format!("! {remark}"));
    }
    Ok(Candidates::Among(set.verification_keys()))
}

/// Every key of the keystore; none where there is no keystore, which leaves tokens unchecked.
pub(super) fn of_keystore(session: &Session, output: &mut Output) -> Result<Candidates, Failure> {
    let mut keys = Vec::new();
    if Keystore::exists(session.home()) {
        for entry in session.keystore()?.list()? {
            match entry {
                Entry::Key(record) => keys.extend(record.verification_keys()),
                Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
            }
        }
    }
    Ok(Candidates::Among(keys))
}

/// An error of `path`, with its name before it.
pub(super) fn in_file(path: &Path, error: &KeyError) -> Failure {
    Failure::usage(format!("{}: {error}", path.display()))
}

fn from_file(path: &Path) -> Result<Vec<VerificationKey>, Failure> {
    let content = files::read(path)?;
    verification::keys_of_file(&content).map_err(|error| match error {
        NoKeys::Key(error) => in_file(path, &error),
        NoKeys::Certificate(error) => error.into(),
    })
}
