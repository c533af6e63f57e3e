//! What `--key` and file arguments name: a URL if it has `://`, a file if it has a `/` or names an
//! existing file that is no kid, else a kid.

use std::path::{Path, PathBuf};

use super::{failure::Failure, files, output::Output, session::Session};
use crate::{
    jose::{
        jwk::Jwk,
        key::{KeyError, PublicKey, Signer},
        pem::{self, Found},
        verdict::{Candidates, KeyOrigin, Leaf, Standing, VerificationKey},
    },
    keystore::{record::Entry, store::Keystore},
    oauth::{discovery::Discovery, key_place::KeyPlace},
    x509::{certificate::Certificate, verification::verification_key},
};

/// `text` as a file, where it is one by the rule above.
pub(super) fn as_file(text: &str, session: &Session) -> Result<Option<PathBuf>, Failure> {
    let path = PathBuf::from(text);
    if text.contains('/') {
        return Ok(Some(path));
    }
    if !path.is_file() {
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
    let found = read(path)?;
    let usable = found
        .iter()
        .filter(|part| !matches!(part, Found::Refused(_)))
        .count();
    let origin = if usable > 1 {
        KeyOrigin::Set
    } else {
        KeyOrigin::SingleFile
    };
    let mut keys = Vec::new();
    let mut refused = None;
    for part in found {
        match part {
            Found::Private(key, _) => {
                keys.push(bare(key.public().clone(), None, origin));
            }
            Found::Public(key, _) => keys.push(bare(key, None, origin)),
            Found::Certificate(der) => {
                let certificate = Certificate::from_der(&der)?;
                let key = certificate
                    .public_key()
                    .map_err(|error| in_file(path, &error))?;
                keys.push(bare(key, Some(certificate.as_leaf()), origin));
            }
            Found::Jwk(jwk) => match from_jwk(&jwk, origin) {
                Ok(key) => keys.push(key),
                Err(error) => refused = Some(error),
            },
            Found::Refused(error) => refused = Some(error),
        }
    }
    match (keys.is_empty(), refused) {
        (true, Some(error)) => Err(in_file(path, &error)),
        _ => Ok(keys),
    }
}

fn from_jwk(jwk: &Jwk, origin: KeyOrigin) -> Result<VerificationKey, KeyError> {
    match jwk {
        Jwk::Public(public) | Jwk::Private { public, .. } => {
            public.serves_signatures()?;
            Ok(verification_key(public, origin))
        }
        Jwk::Symmetric { alg, secret, .. } => Ok(VerificationKey::Symmetric {
            alg: *alg,
            secret: secret.clone(),
        }),
    }
}

fn bare(key: PublicKey, leaf: Option<Leaf>, origin: KeyOrigin) -> VerificationKey {
    VerificationKey::Public {
        kid: None,
        key,
        alg: None,
        leaf,
        origin,
        standing: Standing::Good,
    }
}
