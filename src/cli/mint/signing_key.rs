//! What `mint --key` names: a key of the keystore, or a file with a private key or a shared secret.

use std::path::Path;

use aws_lc_rs::rand::SystemRandom;

use super::super::{failure::Failure, key_source, output::Output, session::Session};
use crate::{
    jose::{
        algorithm::{Algorithm, MacAlgorithm, SignatureAlgorithm},
        claims::JsonObject,
        header::HeaderSource,
        jwk::{Jwk, PublicJwk},
        key::{KeyError, PrivateKey, Signer},
        pem::Found,
        token,
    },
    keystore::record::Status,
    secret::Secret,
    x509::certificate::Certificate,
};

/// A key to sign with, and what it remembers.
pub(super) struct SigningKey {
    half: SecretHalf,
    /// What a header can tell of it.
    pub(super) source: HeaderSource,
    /// The template that it minted from last.
    pub(super) template: Option<String>,
}

enum SecretHalf {
    Pair {
        private: PrivateKey,
        algorithm: Algorithm,
    },
    Shared {
        secret: Secret<Vec<u8>>,
        algorithm: MacAlgorithm,
    },
}

impl SigningKey {
    /// The key that `--key` names; one of the keystore is unlocked.
    pub(super) fn find(key: &str, session: &Session, output: &mut Output) -> Result<Self, Failure> {
        if key.contains("://") {
            return Err(Failure::usage(
                "a URL holds no private key: name a kid or a file",
            ));
        }
        if let Some(path) = key_source::as_file(key, session)? {
            return from_file(&path);
        }
        let keystore = session.keystore()?;
        let record = keystore.find(key)?;
        session.confirm(&keystore, &record, output)?;
        if record.status != Status::Active {
            let (kid, status) = (&record.kid, record.status);
            output.say(&format!("! {kid} is {status}: {}", status.meaning()));
        }
        let unlocked = session.unlock(&keystore)?;
        let private = keystore.private(&record, &unlocked)?;
        Ok(Self {
            source: record.header_source(),
            half: SecretHalf::Pair {
                private,
                algorithm: record.alg,
            },
            template: record.template,
        })
    }

    /// What it signs with.
    pub(super) fn algorithm(&self) -> SignatureAlgorithm {
        match &self.half {
            SecretHalf::Pair { algorithm, .. } => SignatureAlgorithm::Asymmetric(*algorithm),
            SecretHalf::Shared { algorithm, .. } => SignatureAlgorithm::Mac(*algorithm),
        }
    }

    /// The template of a key that remembers none.
    pub(super) fn default_template(&self) -> &'static str {
        use crate::jose::template::Template;
        match &self.half {
            SecretHalf::Pair { algorithm, .. } => Template::default_name(*algorithm),
            SecretHalf::Shared { .. } => "access-token",
        }
    }

    /// Signs exactly the bytes of `header` and `claims`.
    pub(super) fn mint(
        &self,
        header: &JsonObject,
        claims: &JsonObject,
    ) -> Result<String, KeyError> {
        match &self.half {
            SecretHalf::Pair { private, algorithm } => {
                token::mint(header, claims, *algorithm, private, &SystemRandom::new())
            }
            SecretHalf::Shared { secret, algorithm } => {
                token::mint_with_secret(header, claims, *algorithm, secret)
            }
        }
    }
}

fn from_file(path: &Path) -> Result<SigningKey, Failure> {
    let mut refused = None;
    for part in key_source::read(path)? {
        match part {
            Found::Private(private, _) => {
                let algorithm = private.public().key_type().default_algorithm();
                return Ok(pair(private, algorithm, None, &[]));
            }
            Found::Jwk(jwk) => match *jwk {
                Jwk::Private { public, private } => {
                    let algorithm = algorithm_of(&public);
                    return Ok(pair(private, algorithm, public.kid, &public.x5c));
                }
                Jwk::Symmetric { kid, alg, secret } => {
                    return Ok(SigningKey {
                        half: SecretHalf::Shared {
                            secret,
                            algorithm: alg.unwrap_or(MacAlgorithm::Hs256),
                        },
                        source: HeaderSource {
                            key: None,
                            kid,
                            chain: Vec::new(),
                        },
                        template: None,
                    });
                }
                Jwk::Public(_) => {}
            },
            Found::Refused(error) => refused = Some(error),
            Found::Public(..) | Found::Certificate(_) | Found::Request(_) => {}
        }
    }
    Err(match refused {
        Some(error) => key_source::in_file(path, &error),
        None => Failure::usage(format!("{} holds no private key", path.display())),
    })
}

/// The JWK's own `alg` where it fits the key.
fn algorithm_of(jwk: &PublicJwk) -> Algorithm {
    match jwk.alg.as_deref().map(str::parse::<Algorithm>) {
        Some(Ok(algorithm)) if jwk.key.supports(algorithm) => algorithm,
        _ => jwk.key.key_type().default_algorithm(),
    }
}

fn pair(
    private: PrivateKey,
    algorithm: Algorithm,
    kid: Option<String>,
    x5c: &[Vec<u8>],
) -> SigningKey {
    let certificates = x5c.iter().filter_map(|der| Certificate::from_der(der).ok());
    SigningKey {
        source: HeaderSource {
            key: Some(private.public().clone()),
            kid,
            chain: certificates
                .map(|certificate| certificate.as_leaf())
                .collect(),
        },
        half: SecretHalf::Pair { private, algorithm },
        template: None,
    }
}
