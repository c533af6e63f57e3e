//! Signature algorithms of RFC 7518 section 3.1, RFC 8037 and RFC 9864.

use std::{fmt, str::FromStr};

/// An asymmetric signature algorithm.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    /// `EdDSA` (RFC 8037).
    EdDsa,
    /// `Ed25519`, the fully specified name of RFC 9864.
    Ed25519,
}

/// A symmetric algorithm, only to check tokens of others with an explicit secret file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MacAlgorithm {
    Hs256,
    Hs384,
    Hs512,
}

/// What a key is made of.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyType {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

/// A name that is no algorithm keyfob signs with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownAlgorithm(pub String);

impl Algorithm {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
        Self::Ed25519,
    ];
    /// The `alg` value, `RS256` for example.
    pub fn name(self) -> &'static str {
        unimplemented!()
    }
    pub fn key_type(self) -> KeyType {
        unimplemented!()
    }
}
impl KeyType {
    /// The `alg` a new key of this type gets: RS256, ES256, ES384, ES512, EdDSA.
    pub fn default_algorithm(self) -> Algorithm {
        unimplemented!()
    }
}
impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        unimplemented!("{name}")
    }
}
impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown algorithm {}", self.0)
    }
}
impl std::error::Error for UnknownAlgorithm {}
