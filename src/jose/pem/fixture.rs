//! Keys for tests, made with openssl; they sign nothing of worth.

use super::{Found, detect};
use crate::{
    jose::{
        jwk::Jwk,
        key::{PrivateKey, PublicKey},
    },
    secret::Secret,
};

pub(crate) const RSA2048: &str = include_str!("../../../tests/vectors/rsa2048.pem");
pub(crate) const P256: &str = include_str!("../../../tests/vectors/p256.pem");
pub(crate) const P384: &str = include_str!("../../../tests/vectors/p384.pem");
pub(crate) const P521: &str = include_str!("../../../tests/vectors/p521.pem");
pub(crate) const ED25519: &str = include_str!("../../../tests/vectors/ed25519.pem");

pub(crate) fn private(pem: &str) -> PrivateKey {
    match detect(&Secret::new(pem.as_bytes().to_vec()))
        .unwrap()
        .remove(0)
    {
        Found::Private(key, _) => key,
        other => panic!("no private key: {other:?}"),
    }
}

pub(crate) fn public_jwk(jwk: &str) -> PublicKey {
    match Jwk::parse(jwk).unwrap() {
        Jwk::Public(public) | Jwk::Private { public, .. } => public.key,
        Jwk::Symmetric { .. } => panic!("a symmetric key"),
    }
}
