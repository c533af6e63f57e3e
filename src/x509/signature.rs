//! The signature on a certificate: its algorithm by name, and whether a key made it.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA1_ASN1, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1,
    ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA1_ASN1,
    ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use der::{
    AnyRef, Decode, Header, Reader, SliceReader, TagNumber,
    asn1::{BitStringRef, ContextSpecific, ObjectIdentifier},
};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use crate::jose::{algorithm::KeyType, key::PublicKey};

/// How good the hash under a signature is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Strength {
    /// SHA-2, or the hash that Ed25519 has in it.
    Good,
    /// No hash that is known here.
    Unknown,
    /// MD5 or SHA-1: whoever can make collisions can forge it.
    Weak,
}

/// What a check of a signature found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Check {
    /// The key made it.
    Good,
    /// The key did not make it over these bytes.
    Bad,
    /// It cannot be checked here, and why.
    NotChecked(String),
}

/// The algorithm a certificate is signed with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignatureAlgorithm {
    /// Its name in RFC 8017, RFC 5758 or RFC 8410, or its OID.
    pub name: String,
    /// Whether its hash can be trusted.
    pub strength: Strength,
    scheme: Option<Scheme>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Ecdsa(Hash),
    Ed25519,
    Pkcs1(Hash),
    Pss(Hash),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

const PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// OID, name, strength, and how it is checked.
const TABLE: [(&str, &str, Strength, Option<Scheme>); 14] = [
    (
        "1.2.840.113549.1.1.2",
        "md2WithRSAEncryption",
        Strength::Weak,
        None,
    ),
    (
        "1.2.840.113549.1.1.4",
        "md5WithRSAEncryption",
        Strength::Weak,
        None,
    ),
    (
        "1.2.840.113549.1.1.5",
        "sha1WithRSAEncryption",
        Strength::Weak,
        Some(Scheme::Pkcs1(Hash::Sha1)),
    ),
    (
        "1.2.840.113549.1.1.11",
        "sha256WithRSAEncryption",
        Strength::Good,
        Some(Scheme::Pkcs1(Hash::Sha256)),
    ),
    (
        "1.2.840.113549.1.1.12",
        "sha384WithRSAEncryption",
        Strength::Good,
        Some(Scheme::Pkcs1(Hash::Sha384)),
    ),
    (
        "1.2.840.113549.1.1.13",
        "sha512WithRSAEncryption",
        Strength::Good,
        Some(Scheme::Pkcs1(Hash::Sha512)),
    ),
    (
        "1.2.840.113549.1.1.14",
        "sha224WithRSAEncryption",
        Strength::Good,
        None,
    ),
    (
        "1.2.840.10045.4.1",
        "ecdsa-with-SHA1",
        Strength::Weak,
        Some(Scheme::Ecdsa(Hash::Sha1)),
    ),
    (
        "1.2.840.10045.4.3.1",
        "ecdsa-with-SHA224",
        Strength::Good,
        None,
    ),
    (
        "1.2.840.10045.4.3.2",
        "ecdsa-with-SHA256",
        Strength::Good,
        Some(Scheme::Ecdsa(Hash::Sha256)),
    ),
    (
        "1.2.840.10045.4.3.3",
        "ecdsa-with-SHA384",
        Strength::Good,
        Some(Scheme::Ecdsa(Hash::Sha384)),
    ),
    (
        "1.2.840.10045.4.3.4",
        "ecdsa-with-SHA512",
        Strength::Good,
        Some(Scheme::Ecdsa(Hash::Sha512)),
    ),
    (
        "1.3.101.112",
        "Ed25519",
        Strength::Good,
        Some(Scheme::Ed25519),
    ),
    ("1.3.101.113", "Ed448", Strength::Good, None),
];

impl SignatureAlgorithm {
    /// That of a certificate whose stored bytes were spoiled.
    pub(super) fn unreadable() -> Self {
        Self {
            name: "an unreadable algorithm".to_owned(),
            strength: Strength::Unknown,
            scheme: None,
        }
    }

    /// Its name, and what is to be minded.
    pub fn words(&self) -> String {
        let name = &self.name;
        match self.strength {
            Strength::Good => name.clone(),
            Strength::Unknown => format!("{name}: not known here"),
            Strength::Weak => format!("! {name}: weak, its hash can be forged"),
        }
    }

    pub(super) fn of(identifier: &AlgorithmIdentifierOwned) -> Self {
        let oid = identifier.oid.to_string();
        if identifier.oid == PSS {
            return pss(identifier);
        }
        match TABLE.iter().find(|row| row.0 == oid) {
            Some((_, name, strength, scheme)) => Self {
                name: (*name).to_owned(),
                strength: *strength,
                scheme: *scheme,
            },
            None => Self {
                name: oid,
                strength: Strength::Unknown,
                scheme: None,
            },
        }
    }
}

/// Whether `signer` made the signature on `whole`, the DER of a certificate or of a request for one
/// as it was received.
pub(super) fn check(whole: &[u8], algorithm: &SignatureAlgorithm, signer: &PublicKey) -> Check {
    let Some(scheme) = algorithm.scheme else {
        return Check::NotChecked(format!("{} is not checked here", algorithm.name));
    };
    let key_type = signer.key_type();
    let Some(verification) = verification(scheme, key_type) else {
        let fits = matches!(
            (scheme, key_type),
            (Scheme::Pkcs1(_) | Scheme::Pss(_), KeyType::Rsa)
                | (
                    Scheme::Ecdsa(_),
                    KeyType::P256 | KeyType::P384 | KeyType::P521
                )
        );
        return if fits {
            let (name, key) = (&algorithm.name, signer.label());
            Check::NotChecked(format!("{name} with {key} is not checked here"))
        } else {
            Check::Bad
        };
    };
    let Ok((message, signature)) = parts(whole) else {
        return Check::Bad;
    };
    match UnparsedPublicKey::new(verification, signer.raw()).verify(message, signature) {
        Ok(()) => Check::Good,
        Err(_) => Check::Bad,
    }
}

fn verification(scheme: Scheme, key_type: KeyType) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (scheme, key_type) {
        (Scheme::Pkcs1(hash), KeyType::Rsa) => match hash {
            Hash::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        },
        (Scheme::Pss(hash), KeyType::Rsa) => match hash {
            Hash::Sha1 => return None,
            Hash::Sha256 => &RSA_PSS_2048_8192_SHA256,
            Hash::Sha384 => &RSA_PSS_2048_8192_SHA384,
            Hash::Sha512 => &RSA_PSS_2048_8192_SHA512,
        },
        (Scheme::Ecdsa(hash), KeyType::P256) => match hash {
            Hash::Sha1 => &ECDSA_P256_SHA1_ASN1,
            Hash::Sha256 => &ECDSA_P256_SHA256_ASN1,
            Hash::Sha384 => &ECDSA_P256_SHA384_ASN1,
            Hash::Sha512 => &ECDSA_P256_SHA512_ASN1,
        },
        (Scheme::Ecdsa(hash), KeyType::P384) => match hash {
            Hash::Sha1 => return None,
            Hash::Sha256 => &ECDSA_P384_SHA256_ASN1,
            Hash::Sha384 => &ECDSA_P384_SHA384_ASN1,
            Hash::Sha512 => &ECDSA_P384_SHA512_ASN1,
        },
        (Scheme::Ecdsa(hash), KeyType::P521) => match hash {
            Hash::Sha1 => &ECDSA_P521_SHA1_ASN1,
            Hash::Sha256 => &ECDSA_P521_SHA256_ASN1,
            Hash::Sha384 => &ECDSA_P521_SHA384_ASN1,
            Hash::Sha512 => &ECDSA_P521_SHA512_ASN1,
        },
        (Scheme::Ed25519, KeyType::Ed25519) => &ED25519,
        _ => return None,
    })
}

/// The signed bytes and the signature (RFC 5280 section 4.1, RFC 2986 section 4.2).
fn parts(der: &[u8]) -> der::Result<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(der)?;
    Header::decode(&mut reader)?;
    let signed = reader.tlv_bytes()?;
    reader.tlv_bytes()?;
    let signature = BitStringRef::decode(&mut reader)?;
    let octets = signature
        .as_bytes()
        .ok_or_else(|| der::Tag::BitString.value_error())?;
    Ok((signed, octets))
}

/// RSASSA-PSS has its hash in the parameters (RFC 4055 section 3.1), SHA-1 where they say none.
/// A salt of another length than the hash's is named, not checked.
fn pss(identifier: &AlgorithmIdentifierOwned) -> SignatureAlgorithm {
    let (hash, salt) = pss_parameters(identifier).unwrap_or_default();
    let known = match hash.as_deref() {
        None => Some((Hash::Sha1, "SHA1", 20)),
        Some("2.16.840.1.101.3.4.2.1") => Some((Hash::Sha256, "SHA256", 32)),
        Some("2.16.840.1.101.3.4.2.2") => Some((Hash::Sha384, "SHA384", 48)),
        Some("2.16.840.1.101.3.4.2.3") => Some((Hash::Sha512, "SHA512", 64)),
        Some(_) => None,
    };
    match known {
        Some((hash, name, length)) => SignatureAlgorithm {
            name: format!("RSASSA-PSS with {name}, salt of {salt} octets"),
            strength: if hash == Hash::Sha1 {
                Strength::Weak
            } else {
                Strength::Good
            },
            scheme: (salt == length).then_some(Scheme::Pss(hash)),
        },
        None => SignatureAlgorithm {
            name: format!("RSASSA-PSS with {}", hash.unwrap_or_default()),
            strength: Strength::Unknown,
            scheme: None,
        },
    }
}

/// The hash's OID and the length of the salt in octets.
fn pss_parameters(identifier: &AlgorithmIdentifierOwned) -> Option<(Option<String>, u32)> {
    let parameters = AnyRef::from(identifier.parameters.as_ref()?);
    parameters
        .sequence(|reader| -> der::Result<_> {
            let hash = ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(
                reader,
                TagNumber(0),
            )?;
            ContextSpecific::<AnyRef<'_>>::decode_explicit(reader, TagNumber(1))?;
            let salt = ContextSpecific::<u32>::decode_explicit(reader, TagNumber(2))?;
            ContextSpecific::<u8>::decode_explicit(reader, TagNumber(3))?;
            let hash = hash.map(|field| field.value.oid.to_string());
            Ok((hash, salt.map_or(20, |field| field.value)))
        })
        .ok()
}
