//! A JWK as a key to verify with, its certificate read.

use super::certificate::Certificate;
use crate::jose::{
    jwk::PublicJwk,
    verdict::{KeyOrigin, Standing, VerificationKey},
};

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
