//! Private and public keys: two types. Key material is parsed with the `RustCrypto` crates, which say
//! what is wrong with it; signatures are aws-lc-rs's, with the parsed key cached.

mod curve;
mod foreign;
mod primes;
mod private;
mod public;
mod traditional;

use aws_lc_rs::rand::SecureRandom;

pub(in crate::jose) use self::{
    curve::Curve,
    private::{PrivateParts, RsaFactors},
    public::{Parts as PublicParts, coordinates},
};
pub use self::{private::PrivateKey, public::PublicKey};
use super::algorithm::{Algorithm, KeyType};

/// The smallest RSA modulus that is accepted, in bits (RFC 7518 section 3.3).
pub const RSA_LEAST_BITS: u32 = 2048;
/// The largest RSA modulus that is accepted, in bits.
pub const RSA_MOST_BITS: u32 = 8192;

/// What to generate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeySpec {
    /// RSA with a modulus of this many bits.
    Rsa {
        /// 2048 to 8192, a multiple of 8.
        bits: u32,
    },
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Ed25519.
    Ed25519,
}

/// Why key material was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// A key asked to sign with an algorithm of another type of key.
    #[error("a key of type {key} does not sign with {algorithm}")]
    AlgorithmMismatch {
        /// What was asked for.
        algorithm: Algorithm,
        /// The key's label.
        key: String,
    },
    /// A form keyfob does not read, with what makes another of it.
    #[error("{form} is not read here: {remedy}")]
    Convert {
        /// The form that was found.
        form: String,
        /// The command that converts it.
        remedy: String,
    },
    /// Two members of one name in a JSON object.
    #[error("the member {0:?} stands twice: a JWK's members are unique (RFC 7517 section 4)")]
    DuplicateMember(String),
    /// EC parameters spelt out instead of named.
    #[error(
        "the curve is given by its parameters, not by its name: \
         openssl pkey -in FILE -ec_param_enc named_curve names it (a public key: with -pubin)"
    )]
    ExplicitCurve,
    /// The generator or the signer failed.
    #[error("{0} failed inside the cryptographic library")]
    Internal(&'static str),
    /// A member of a JWK is wrong.
    #[error("JWK member {member:?}: {reason}")]
    Jwk {
        /// Its name.
        member: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The bytes are no key of the form they claim.
    #[error("{form}: {reason}")]
    Malformed {
        /// `PKCS#8`, `SubjectPublicKeyInfo`, …
        form: &'static str,
        /// What the parser said.
        reason: String,
    },
    /// The public half in the file is another key's.
    #[error("the public half is not the private key's own: the file was put together wrongly")]
    Mismatch,
    /// A form that keys of this type do not have.
    #[error("{form} holds {type_of_key} keys, and this one is {key}: say --as pkcs8")]
    NoSuchForm {
        /// `PKCS#1`, `SEC1`.
        form: &'static str,
        /// What it holds.
        type_of_key: &'static str,
        /// The key's label.
        key: String,
    },
    /// A public key that fits signatures which nobody made.
    #[error("the point is of small order: signatures that nobody made fit it")]
    SmallOrder,
    /// Nothing that looks like a key.
    #[error(
        "no key or certificate in it: PEM, DER, a JWK or a JWK Set was expected{}",
        if *.empty { ", and it is empty" } else { "" }
    )]
    NothingFound {
        /// Whether there was no content at all.
        empty: bool,
    },
    /// An EC point that is not on its curve.
    #[error("the point is not on the curve {0}")]
    OffCurve(&'static str),
    /// Something sealed, and nobody gave the passphrase.
    #[error(
        "the {0} is sealed with a passphrase: keyfob keys import FILE asks for it, or takes \
         --file-passphrase-file FILE"
    )]
    PassphraseNeeded(&'static str),
    /// An RSA exponent that is even, tiny or huge.
    #[error("the RSA exponent must be odd, at least 65537 and at most 33 bits long")]
    RsaExponent,
    /// One key of a set.
    #[error("{key}: {source}")]
    InSet {
        /// Its kid, else where it stands: `key 2`.
        key: String,
        /// What is wrong with it.
        source: Box<KeyError>,
    },
    /// RSA factors that do not multiply to the modulus, or exponents that do not fit.
    #[error("the RSA key's numbers do not fit together: {0}")]
    RsaFactors(String),
    /// A size that no RSA key is made with.
    #[error("no RSA key is made with {bits} bits: say 2048 to 8192, a multiple of 8")]
    RsaBits {
        /// The size that was asked for.
        bits: u32,
    },
    /// An RSA modulus outside 2048–8192 bits.
    #[error("RSA with {bits} bits: 2048 to 8192 are accepted; make a new key")]
    RsaSize {
        /// The size that was found.
        bits: u32,
    },
    /// A key derivation that would take too long.
    #[error(
        "the {form} asks for {rounds} rounds of key derivation, more than are turned for one \
         file: seal it anew with fewer"
    )]
    TooCostly {
        /// What is sealed.
        form: &'static str,
        /// What it costs, as rounds of PBKDF2.
        rounds: u64,
    },
    /// More private keys than are checked of one file.
    #[error(
        "the file makes too much work before this key comes: cut the key out and import it from a \
         file of its own"
    )]
    TooMany,
    /// A kind of key that signs no tokens here.
    #[error("a {0} key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 keys")]
    Unsupported(String),
    /// Not the passphrase it was sealed with.
    #[error("the passphrase does not open the {0}")]
    WrongPassphrase(&'static str),
}

impl KeyError {
    /// What is wrong, without what its owner would do: of a key that somebody else keeps.
    pub fn fault(&self) -> String {
        match self {
            Self::Convert { form, .. } => format!("{form} is not read here"),
            Self::InSet { key, source } => format!("{key}: {}", source.fault()),
            Self::ExplicitCurve => "its curve is given by parameters, not by its name".to_owned(),
            Self::RsaSize { bits } => format!("RSA with {bits} bits: 2048 to 8192 are accepted"),
            other => other.to_string(),
        }
    }
}

/// The signature does not fit the message and the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the signature does not match")]
pub struct BadSignature;

/// Something that signs with one key; the parsed key is cached in it.
pub trait Signer {
    /// The public half.
    fn public(&self) -> &PublicKey;

    /// The JWS signature over `message` (RFC 7518 section 3): ECDSA as `r || s` of fixed length.
    fn sign(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        rng: &dyn SecureRandom,
    ) -> Result<Vec<u8>, KeyError>;
}

/// Something that checks signatures; the parsed key is cached in it.
pub trait Verifier {
    /// Checks a JWS signature. An algorithm of another type of key never matches; ECDSA signatures
    /// have their exact length.
    fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature>;
}

impl KeySpec {
    /// The key that `algorithm` needs; `bits` counts for RSA only (default 2048).
    pub fn new(algorithm: Algorithm, bits: Option<u32>) -> Result<Self, KeyError> {
        Ok(match algorithm.key_type() {
            KeyType::Rsa => {
                let bits = bits.unwrap_or(RSA_LEAST_BITS);
                if !(RSA_LEAST_BITS..=RSA_MOST_BITS).contains(&bits) || !bits.is_multiple_of(8) {
                    return Err(KeyError::RsaBits { bits });
                }
                Self::Rsa { bits }
            }
            KeyType::P256 => Self::P256,
            KeyType::P384 => Self::P384,
            KeyType::P521 => Self::P521,
            KeyType::Ed25519 => Self::Ed25519,
        })
    }
}

/// Drops leading zero octets: the shortest big-endian form of a number.
fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests;
