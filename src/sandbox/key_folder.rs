//! A folder with one key pair in the files of the well-known Node.js article: `private_key.pem`
//! (PKCS#8), `public_key.pem` (SPKI) and `jwks.json`. One pair serves client and server.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use getrandom::SysRng;
use rand_core::UnwrapErr;

use crate::{
    disk::{self, Existing},
    jose::{
        algorithm::Algorithm,
        jwk::{Jwk, JwkSet, PublicJwk},
        key::{KeyError, KeySpec, PrivateKey, Signer},
        pem::{self, Found},
    },
    secret::Secret,
};

/// The files, in the order in which they are written.
pub const FILES: [&str; 3] = ["private_key.pem", "public_key.pem", "jwks.json"];

/// The kid of the article's key.
pub const KID: &str = "client-key";

/// Larger files are no key files, in bytes.
const LARGEST: u64 = 64 * 1024;

/// The pair of a folder.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    pub(super) private: PrivateKey,
    pub(super) jwk: PublicJwk,
    pub(super) alg: Algorithm,
}

/// Why a folder cannot be written or used: which file, why, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyFolderError {
    /// The system said no. Exit 6.
    #[error("{}: {source}", path.display())]
    Disk { path: PathBuf, source: io::Error },
    /// A key is there already. Exit 2.
    #[error(
        "{} is there already: choose another folder, or remove its {}",
        path.display(),
        FILES.join(", ")
    )]
    Exists { path: PathBuf },
    /// There is no such file. Exit 3.
    #[error("there is no {}: keyfob sandbox bootstrap DIR writes it", path.display())]
    Missing { path: PathBuf },
    /// What is in a file is not what must be there. Exit 2.
    #[error("{}: {why}", path.display())]
    Unusable { path: PathBuf, why: String },
}

impl KeyFolder {
    /// Makes an RS256 key of 2048 bits and writes the three files, the private one 0600; nothing
    /// that is there is replaced.
    pub fn bootstrap(folder: &Path) -> Result<Self, KeyFolderError> {
        for name in FILES {
            let path = folder.join(name);
            if fs::symlink_metadata(&path).is_ok() {
                return Err(KeyFolderError::Exists { path });
            }
        }
        disk::make_folder(folder).map_err(|source| KeyFolderError::Disk {
            path: folder.to_owned(),
            source,
        })?;
        let private = PrivateKey::generate(KeySpec::Rsa { bits: 2048 }, &mut UnwrapErr(SysRng))
            .map_err(|error| unusable(folder, &error))?;
        let jwk = PublicJwk::new(private.public().clone(), KID, Algorithm::Rs256, &[]);
        let pem = private.pkcs8_pem();
        let spki = private.public().spki_pem();
        let set = format!("{}\n", JwkSet::public_json(std::slice::from_ref(&jwk)));
        let contents = [pem.expose().as_bytes(), spki.as_bytes(), set.as_bytes()];
        for (place, (name, content)) in FILES.iter().zip(contents).enumerate() {
            let path = folder.join(name);
            let mode = if place == 0 { 0o600 } else { 0o644 };
            if let Err(source) = disk::write_with_mode(&path, content, Existing::Refuse, mode) {
                for written in &FILES[..place] {
                    // What cannot be removed is named when the folder is used next.
                    let _ = disk::remove(&folder.join(written));
                }
                return Err(KeyFolderError::Disk { path, source });
            }
        }
        Ok(Self {
            private,
            jwk,
            alg: Algorithm::Rs256,
        })
    }

    /// Reads the private key and its kid and algorithm; `jwks.json` must hold its public half.
    pub fn read(folder: &Path) -> Result<Self, KeyFolderError> {
        let path = folder.join(FILES[0]);
        let found = pem::detect(&read(&path)?).map_err(|error| unusable(&path, &error))?;
        let private = found.into_iter().find_map(|found| match found {
            Found::Private(private, _) => Some(private),
            _ => None,
        });
        let private = private.ok_or_else(|| KeyFolderError::Unusable {
            path: path.clone(),
            why: "there is no private key in it".to_owned(),
        })?;
        let path = folder.join(FILES[2]);
        let content = read(&path)?;
        let text = String::from_utf8_lossy(content.expose());
        let set = JwkSet::parse(&text).map_err(|error| unusable(&path, &error))?;
        let jwk = set.keys.into_iter().find_map(|jwk| match jwk {
            Ok(Jwk::Public(jwk)) if jwk.key == *private.public() => Some(jwk),
            _ => None,
        });
        let jwk = jwk.ok_or_else(|| KeyFolderError::Unusable {
            path: path.clone(),
            why: format!("the public half of {} is not in it", FILES[0]),
        })?;
        let alg = match &jwk.alg {
            Some(alg) => alg
                .parse()
                .ok()
                .filter(|alg| jwk.key.supports(*alg))
                .ok_or_else(|| KeyFolderError::Unusable {
                    path: path.clone(),
                    why: format!("alg {alg} does not fit a key {}", jwk.key.label()),
                })?,
            None => Algorithm::ALL
                .into_iter()
                .find(|alg| jwk.key.supports(*alg))
                .ok_or_else(|| KeyFolderError::Unusable {
                    path,
                    why: format!("no algorithm fits a key {}", jwk.key.label()),
                })?,
        };
        Ok(Self { private, jwk, alg })
    }

    /// The kid, where there is one.
    pub fn kid(&self) -> Option<&str> {
        self.jwk.kid.as_deref()
    }
}

fn read(path: &Path) -> Result<Secret<Vec<u8>>, KeyFolderError> {
    let length = fs::metadata(path)
        .map_err(|error| of_disk(path, error))?
        .len();
    if length > LARGEST {
        return Err(KeyFolderError::Unusable {
            path: path.to_owned(),
            why: format!("larger than {LARGEST} bytes: that is no key"),
        });
    }
    fs::read(path)
        .map(Secret::new)
        .map_err(|error| of_disk(path, error))
}

fn of_disk(path: &Path, source: io::Error) -> KeyFolderError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => KeyFolderError::Missing { path },
        _ => KeyFolderError::Disk { path, source },
    }
}

fn unusable(path: &Path, error: &KeyError) -> KeyFolderError {
    KeyFolderError::Unusable {
        path: path.to_owned(),
        why: error.to_string(),
    }
}
