//! Private and public keys: two types.

use aws_lc_rs::rand::SecureRandom;
use rand_core::CryptoRng;

use super::{
    algorithm::{Algorithm, KeyType},
    thumbprint::Thumbprint,
};
use crate::secret::Secret;

/// What to generate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeySpec {
    Rsa { bits: u32 },
    P256,
    P384,
    P521,
    Ed25519,
}

/// Why key material was refused, with the remedy. (owner: jose)
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{0}")]
    Refused(String),
}

/// The signature does not fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the signature does not match")]
pub struct BadSignature;

/// A checked public key: point on its curve, RSA modulus of 2048 to 8192 bits with a sane exponent.
/// Clones share the parsed key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    spki: Vec<u8>,
}

/// A private key whose public half has been recomputed. Clones share the parsed key.
#[derive(Clone, Debug)]
pub struct PrivateKey {
    pkcs8: Secret<Vec<u8>>,
}

/// Something that signs with one key; the parsed key is cached in it.
pub trait Signer {
    fn public(&self) -> &PublicKey;
    /// The JWS signature over `message`: ECDSA as fixed-length `r || s`.
    fn sign(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        rng: &dyn SecureRandom,
    ) -> Result<Vec<u8>, KeyError>;
}

/// Something that checks signatures.
pub trait Verifier {
    fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature>;
}

impl KeySpec {
    /// The spec for `alg`; `bits` counts for RSA only (2048–8192, default 2048).
    pub fn new(algorithm: Algorithm, bits: Option<u32>) -> Result<Self, KeyError> {
        unimplemented!("{algorithm}{bits:?}")
    }
}

impl PublicKey {
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        unimplemented!("{der:?}")
    }
    pub fn spki_der(&self) -> &[u8] {
        unimplemented!()
    }
    /// `-----BEGIN PUBLIC KEY-----`, with a line feed at the end.
    pub fn spki_pem(&self) -> String {
        unimplemented!()
    }
    pub fn key_type(&self) -> KeyType {
        unimplemented!()
    }
    /// Bits of the modulus or of the curve.
    pub fn bits(&self) -> u32 {
        unimplemented!()
    }
    /// `RSA 2048`, `P-256`, `Ed25519`.
    pub fn label(&self) -> String {
        unimplemented!()
    }
    pub fn thumbprint(&self) -> Thumbprint {
        unimplemented!()
    }
    pub fn supports(&self, algorithm: Algorithm) -> bool {
        unimplemented!("{algorithm}")
    }
}
impl Verifier for PublicKey {
    fn verify(
        &self,
        _algorithm: Algorithm,
        _message: &[u8],
        _signature: &[u8],
    ) -> Result<(), BadSignature> {
        unimplemented!()
    }
}

impl PrivateKey {
    /// Seconds for RSA: never on the UI thread.
    pub fn generate<R: CryptoRng + ?Sized>(spec: KeySpec, _rng: &mut R) -> Result<Self, KeyError> {
        unimplemented!("{spec:?}")
    }
    pub fn from_pkcs8_der(_der: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        unimplemented!()
    }
    pub fn pkcs8_der(&self) -> &Secret<Vec<u8>> {
        &self.pkcs8
    }
    pub fn pkcs8_pem(&self) -> Secret<String> {
        unimplemented!()
    }
}
impl Signer for PrivateKey {
    fn public(&self) -> &PublicKey {
        unimplemented!()
    }
    fn sign(
        &self,
        _algorithm: Algorithm,
        _message: &[u8],
        _rng: &dyn SecureRandom,
    ) -> Result<Vec<u8>, KeyError> {
        unimplemented!()
    }
}
