//! What a file or a JWK holds as keys to verify with, certificates read.

use super::{
    certificate::{Certificate, CertificateError},
    request::Request,
};
use crate::{
    jose::{
        jwk::{Jwk, PublicJwk},
        key::{KeyError, PublicKey, Signer},
        pem::{self, Found},
        verdict::{KeyOrigin, Leaf, Standing, VerificationKey},
    },
    secret::Secret,
};

/// Why a file holds no keys to verify with.
#[derive(Debug, thiserror::Error)]
pub enum NoKeys {
    /// A certificate, or a request for one, in it cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// None of the keys in it can be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The keys of a file: PEM, DER, a JWK or a JWK Set; of a private key its public half. What cannot
/// be used is passed over where something else can.
pub fn keys_of_file(content: &Secret<Vec<u8>>) -> Result<Vec<VerificationKey>, NoKeys> {
    let found = pem::detect(content)?;
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
            Found::Private(key, _) => keys.push(bare(key.public().clone(), None, origin)),
            Found::Public(key, _) => keys.push(bare(key, None, origin)),
            Found::Certificate(der) => {
                let certificate = Certificate::from_der(&der)?;
                let key = certificate.public_key()?;
                keys.push(bare(key, Some(certificate.as_leaf()), origin));
            }
            Found::Request(der) => {
                let key = Request::from_der(&der)?.public().clone();
                keys.push(bare(key, None, origin));
            }
            Found::Jwk(jwk) => match of_jwk(&jwk, origin) {
                Ok(key) => keys.push(key),
                Err(error) => refused = Some(error),
            },
            Found::Refused(error) => refused = Some(error),
        }
    }
    match (keys.is_empty(), refused) {
        (true, Some(error)) => Err(error.into()),
        _ => Ok(keys),
    }
}

/// `jwk` as a key to verify with; a certificate in it that cannot be read is left out.
pub fn verification_key(jwk: &PublicJwk, origin: KeyOrigin) -> VerificationKey {
    VerificationKey::Public {
        kid: jwk.kid.clone(),
        key: jwk.key.clone(),
        alg: jwk.alg.as_deref().and_then(|alg| alg.parse().ok()),
        leaf: jwk
            .x5c
            .first()
            .and_then(|der| Certificate::from_der(der).ok())
            .map(|certificate| certificate.as_leaf()),
        origin,
        standing: Standing::Good,
    }
}

fn of_jwk(jwk: &Jwk, origin: KeyOrigin) -> Result<VerificationKey, KeyError> {
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
