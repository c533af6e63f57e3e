//! Signature algorithms of RFC 7518 section 3.1, RFC 8037 section 3.1 and RFC 9864 section 2.

use std::{fmt, str::FromStr};

/// An asymmetric signature algorithm (the `alg` of a JWS header or a JWK).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// `EdDSA` (RFC 8037), here always on Ed25519.
    EdDsa,
    /// `Ed25519`, the fully specified name of RFC 9864.
    Ed25519,
}

/// A symmetric algorithm (RFC 7518 section 3.2), only to check tokens of others with an explicit
/// secret file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MacAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

/// Any algorithm that a token is signed with, or guarded by a MAC.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignatureAlgorithm {
    /// With a key pair.
    Asymmetric(Algorithm),
    /// With a shared secret.
    Mac(MacAlgorithm),
}

/// What a key is made of.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyType {
    /// RSA, 2048 to 8192 bits.
    Rsa,
    /// NIST P-256 (secp256r1).
    P256,
    /// NIST P-384 (secp384r1).
    P384,
    /// NIST P-521 (secp521r1).
    P521,
    /// Ed25519 (RFC 8032).
    Ed25519,
}

/// A name that is no algorithm keyfob signs with.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown algorithm {name}: keyfob knows {}", names())]
pub struct UnknownAlgorithm {
    /// The name as it was given.
    pub name: String,
}

/// The one table of asymmetric algorithms: value, name, kind of key.
const TABLE: [(Algorithm, &str, KeyType); 11] = [
    (Algorithm::Rs256, "RS256", KeyType::Rsa),
    (Algorithm::Rs384, "RS384", KeyType::Rsa),
    (Algorithm::Rs512, "RS512", KeyType::Rsa),
    (Algorithm::Ps256, "PS256", KeyType::Rsa),
    (Algorithm::Ps384, "PS384", KeyType::Rsa),
    (Algorithm::Ps512, "PS512", KeyType::Rsa),
    (Algorithm::Es256, "ES256", KeyType::P256),
    (Algorithm::Es384, "ES384", KeyType::P384),
    (Algorithm::Es512, "ES512", KeyType::P521),
    (Algorithm::EdDsa, "EdDSA", KeyType::Ed25519),
    (Algorithm::Ed25519, "Ed25519", KeyType::Ed25519),
];

impl Algorithm {
    /// All of them, in the order of the table.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Rs256; TABLE.len()];
        let mut row = 0;
        while row < TABLE.len() {
            all[row] = TABLE[row].0;
            row += 1;
        }
        all
    };

    /// The `alg` value, `RS256` for example.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// How many octets a signature has; `bits` counts for RSA alone (RFC 7518 section 3, RFC 8037
    /// section 3.1).
    pub fn signature_length(self, bits: u32) -> usize {
        match self.key_type() {
            KeyType::Rsa => bits.div_ceil(8) as usize,
            KeyType::P256 | KeyType::Ed25519 => 64,
            KeyType::P384 => 96,
            KeyType::P521 => 132,
        }
    }

    /// The kind of key that signs with it.
    pub fn key_type(self) -> KeyType {
        TABLE[self as usize].2
    }
}

impl MacAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Hs256, Self::Hs384, Self::Hs512];

    /// The `alg` value, `HS256` for example.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// The shortest secret that RFC 7518 section 3.2 allows, in bytes: the size of the hash.
    pub fn least_secret(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }
}

impl SignatureAlgorithm {
    /// The `alg` value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asymmetric(algorithm) => algorithm.name(),
            Self::Mac(algorithm) => algorithm.name(),
        }
    }
}

impl FromStr for SignatureAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        match MacAlgorithm::ALL.into_iter().find(|mac| mac.name() == name) {
            Some(mac) => Ok(Self::Mac(mac)),
            None => name.parse().map(Self::Asymmetric),
        }
    }
}

impl KeyType {
    /// `RSA 2048`, `P-256`, `Ed25519`; `bits` counts for RSA alone.
    pub fn label(self, bits: u32) -> String {
        match self {
            Self::Rsa => format!("RSA {bits}"),
            Self::P256 => "P-256".to_owned(),
            Self::P384 => "P-384".to_owned(),
            Self::P521 => "P-521".to_owned(),
            Self::Ed25519 => "Ed25519".to_owned(),
        }
    }

    /// The `alg` a new key of this type gets: RS256, ES256, ES384, ES512, `EdDSA`.
    pub fn default_algorithm(self) -> Algorithm {
        match self {
            Self::Rsa => Algorithm::Rs256,
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::P521 => Algorithm::Es512,
            Self::Ed25519 => Algorithm::EdDsa,
        }
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        TABLE
            .iter()
            .find(|row| row.1 == name)
            .map(|row| row.0)
            .ok_or_else(|| UnknownAlgorithm {
                name: name.to_owned(),
            })
    }
}

impl FromStr for MacAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
            .ok_or_else(|| UnknownAlgorithm {
                name: name.to_owned(),
            })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for MacAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

fn names() -> String {
    TABLE.map(|row| row.1).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_variants() {
        for (position, (algorithm, name, _)) in TABLE.into_iter().enumerate() {
            assert_eq!(algorithm as usize, position);
            assert_eq!(name.parse(), Ok(algorithm));
        }
    }

    #[test]
    fn names_are_case_sensitive() {
        assert_eq!(
            "rs256".parse::<Algorithm>().unwrap_err().to_string(),
            "unknown algorithm rs256: keyfob knows RS256, RS384, RS512, PS256, PS384, PS512, \
             ES256, ES384, ES512, EdDSA, Ed25519"
        );
    }
}
