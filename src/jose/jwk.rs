//! JSON Web Keys and sets of them (RFC 7517), on jose-jwk's data types with the checks they lack.

use super::{
    algorithm::MacAlgorithm,
    key::{KeyError, PrivateKey, PublicKey},
};
use crate::secret::Secret;

/// A public JWK with what stood beside the key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicJwk {
    pub key: PublicKey,
    pub kid: Option<String>,
    /// `use`.
    pub usage: Option<String>,
    /// `alg` as it stood, also where it is no signature algorithm.
    pub alg: Option<String>,
    /// DER certificates of `x5c`, leaf first.
    pub x5c: Vec<Vec<u8>>,
    /// SHA-1 of the leaf (`x5t`).
    pub x5t: Option<[u8; 20]>,
    /// SHA-256 of the leaf (`x5t#S256`).
    pub x5t_s256: Option<[u8; 32]>,
    /// Every other member, verbatim, in its order (the public ones only).
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// What a JWK text held. A private key's text never enters a `serde_json::Value`.
#[derive(Clone, Debug)]
pub enum Jwk {
    Public(PublicJwk),
    Private {
        public: PublicJwk,
        private: PrivateKey,
    },
    /// `oct`: only to check HS tokens of others.
    Symmetric {
        kid: Option<String>,
        alg: Option<MacAlgorithm>,
        secret: Secret<Vec<u8>>,
    },
}

/// A JWK Set parsed key by key: one that cannot be read does not spoil the set.
#[derive(Debug)]
pub struct JwkSet {
    pub keys: Vec<Result<Jwk, KeyError>>,
}

impl PublicJwk {
    /// `kid`, `use: sig`, `alg`, and where a certificate is given, `x5c`, `x5t`, `x5t#S256`.
    pub fn new(
        key: PublicKey,
        kid: &str,
        alg: super::algorithm::Algorithm,
        chain_der: &[Vec<u8>],
    ) -> Self {
        unimplemented!("{key:?}{kid}{alg}{chain_der:?}")
    }
    /// Members in the order kty, use, alg, kid, key members, x5c, x5t, x5t#S256, others.
    pub fn to_value(&self) -> serde_json::Map<String, serde_json::Value> {
        unimplemented!()
    }
    /// One line of JSON, in the order of [`Self::to_value`].
    pub fn to_json(&self) -> String {
        unimplemented!()
    }
    /// Indented by two spaces.
    pub fn to_json_pretty(&self) -> String {
        unimplemented!()
    }
}
impl Jwk {
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        unimplemented!("{}", text.len())
    }
    /// The private JWK of `private`, as one line of JSON.
    pub fn private_json(_public: &PublicJwk, _private: &PrivateKey) -> Secret<String> {
        unimplemented!()
    }
}
impl JwkSet {
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        unimplemented!("{}", text.len())
    }
    /// `{"keys":[…]}` of public keys.
    pub fn public_json(keys: &[PublicJwk]) -> String {
        unimplemented!("{}", keys.len())
    }
}
