//! Public keys.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use der::{
    Decode, Encode,
    asn1::{AnyRef, BitStringRef},
    pem::LineEnding,
};
use rsa::pkcs1;
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use super::{
    BadSignature, Curve, KeyError, RSA_LEAST_BITS, RSA_MOST_BITS, Verifier, foreign, trimmed,
};
use crate::jose::{
    algorithm::{Algorithm, KeyType},
    thumbprint::Thumbprint,
};

pub(super) const RSA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const EC_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A checked public key: its point on its curve, or its RSA modulus of 2048 to 8192 bits with a
/// sane exponent. Clones share the parsed key.
#[derive(Clone)]
pub struct PublicKey(Arc<Inner>);

/// Of a set of 100,000 keys few are used: what is not asked for takes no memory.
struct Inner {
    parts: Parts,
    spki: OnceLock<Box<[u8]>>,
    thumbprint: OnceLock<Thumbprint>,
    parsed: OnceLock<Box<Parsed>>,
}

/// What aws-lc-rs parsed, for each algorithm, at the first use.
type Parsed = [OnceLock<Option<ParsedPublicKey>>; Algorithm::ALL.len()];

/// The numbers of a public key, big-endian, without leading zeros for RSA and of fixed length for
/// curves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::jose) enum Parts {
    Rsa {
        n: Box<[u8]>,
        e: Box<[u8]>,
    },
    /// An uncompressed SEC1 point.
    Ec {
        curve: Curve,
        point: Box<[u8]>,
    },
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(malformed)?;
        let bits = info
            .subject_public_key
            .as_bytes()
            .ok_or_else(|| malformed("the key does not end on an octet"))?;
        match info.algorithm.oid {
            RSA_OID => Self::from_pkcs1_der(bits),
            EC_OID => {
                let parameters = info.algorithm.parameters.ok_or(KeyError::ExplicitCurve)?;
                let oid = parameters
                    .decode_as::<ObjectIdentifier>()
                    .map_err(|_| KeyError::ExplicitCurve)?;
                let curve = Curve::of_oid(&oid).ok_or_else(|| foreign::on_curve(&oid))?;
                Ok(Self::new(Parts::Ec {
                    curve,
                    point: curve.point(bits)?.into(),
                }))
            }
            ED25519_OID => {
                let bytes = bits
                    .try_into()
                    .map_err(|_| malformed("Ed25519 has 32 octets"))?;
                Self::ed25519(bytes)
            }
            other => Err(foreign::of_type(&other)),
        }
    }

    /// Reads a DER `RSAPublicKey` (RFC 8017 appendix A.1.1).
    pub fn from_pkcs1_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = pkcs1::RsaPublicKeyRef::from_der(der).map_err(|error| KeyError::Malformed {
            form: "PKCS#1",
            reason: error.to_string(),
        })?;
        Self::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// An RSA key of its big-endian modulus and exponent.
    pub(in crate::jose) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let (n, e) = (trimmed(n), trimmed(e));
        let bits = bit_length(n);
        if !(RSA_LEAST_BITS..=RSA_MOST_BITS).contains(&bits) {
            return Err(KeyError::RsaSize { bits });
        }
        if n.last().is_none_or(|byte| byte.is_multiple_of(2)) {
            return Err(KeyError::RsaFactors("the modulus is even".to_owned()));
        }
        let odd = e.last().is_some_and(|byte| !byte.is_multiple_of(2));
        if !odd || !(17..=33).contains(&bit_length(e)) {
            return Err(KeyError::RsaExponent);
        }
        Ok(Self::new(Parts::Rsa {
            n: n.into(),
            e: e.into(),
        }))
    }

    /// A key of the affine coordinates of a point, each of its curve's exact length.
    pub(in crate::jose) fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        if x.len() != curve.coordinate() || y.len() != curve.coordinate() {
            return Err(KeyError::OffCurve(curve.name()));
        }
        let point = [&[4], x, y].concat();
        Ok(Self::new(Parts::Ec {
            curve,
            point: curve.point(&point)?.into(),
        }))
    }

    /// A key of the 32 octets of RFC 8032 section 5.1.2; small-order points are refused.
    pub(in crate::jose) fn ed25519(bytes: [u8; 32]) -> Result<Self, KeyError> {
        match ed25519_dalek::VerifyingKey::from_bytes(&bytes) {
            // A y of p or more is no point's (RFC 8032 section 5.1.3).
            Ok(_) if !is_below_p(bytes) => Err(KeyError::OffCurve("Ed25519")),
            Ok(key) if key.is_weak() => Err(KeyError::SmallOrder),
            Ok(_) => Ok(Self::new(Parts::Ed25519(bytes))),
            Err(_) => Err(KeyError::OffCurve("Ed25519")),
        }
    }

    /// DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> &[u8] {
        // The parts were checked and are far below the encoder's limits, so it cannot fail.
        let encoded = || encode_spki(&self.0.parts).unwrap_or_default().into();
        self.0.spki.get_or_init(encoded)
    }

    /// `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13), with a line feed at the end.
    pub fn spki_pem(&self) -> String {
        // The DER is far below the encoder's limit and the label is valid, so it cannot fail.
        pem_rfc7468::encode_string("PUBLIC KEY", LineEnding::LF, self.spki_der())
            .unwrap_or_default()
    }

    /// What the key is made of.
    pub fn key_type(&self) -> KeyType {
        match &self.0.parts {
            Parts::Rsa { .. } => KeyType::Rsa,
            Parts::Ec { curve, .. } => curve.key_type(),
            Parts::Ed25519(_) => KeyType::Ed25519,
        }
    }

    /// Bits of the modulus or of the curve's field.
    pub fn bits(&self) -> u32 {
        match &self.0.parts {
            Parts::Rsa { n, .. } => bit_length(n),
            Parts::Ec {
                curve: Curve::P256, ..
            }
            | Parts::Ed25519(_) => 256,
            Parts::Ec {
                curve: Curve::P384, ..
            } => 384,
            Parts::Ec {
                curve: Curve::P521, ..
            } => 521,
        }
    }

    /// `RSA 2048`, `P-256`, `Ed25519`.
    pub fn label(&self) -> String {
        self.key_type().label(self.bits())
    }

    /// The SHA-256 thumbprint (RFC 7638), computed at the first call.
    pub fn thumbprint(&self) -> Thumbprint {
        *self
            .0
            .thumbprint
            .get_or_init(|| Thumbprint::of_canonical(&self.0.parts.canonical_json()))
    }

    /// Whether the key signs with `algorithm`.
    pub fn supports(&self, algorithm: Algorithm) -> bool {
        algorithm.key_type() == self.key_type()
    }

    pub(in crate::jose) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// The key as [`VerificationAlgorithm`]s read it.
    pub(crate) fn raw(&self) -> Vec<u8> {
        match &self.0.parts {
            Parts::Rsa { n, e } => pkcs1_der(n, e).unwrap_or_default(),
            Parts::Ec { point, .. } => point.to_vec(),
            Parts::Ed25519(x) => x.to_vec(),
        }
    }

    fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            spki: OnceLock::new(),
            thumbprint: OnceLock::new(),
            parsed: OnceLock::new(),
        }))
    }
}

impl Parts {
    /// The required members of the JWK as RFC 7638 section 3 orders them.
    fn canonical_json(&self) -> String {
        let b64 = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
        match self {
            Self::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, b64(e), b64(n))
            }
            Self::Ec { curve, point } => {
                let (x, y) = coordinates(point);
                let crv = curve.name();
                format!(
                    r#"{{"crv":"{crv}","kty":"EC","x":"{}","y":"{}"}}"#,
                    b64(x),
                    b64(y)
                )
            }
            Self::Ed25519(x) => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, b64(x))
            }
        }
    }
}

/// The x and y of an uncompressed point.
pub(in crate::jose) fn coordinates(point: &[u8]) -> (&[u8], &[u8]) {
    point[1..].split_at((point.len() - 1) / 2)
}

impl Verifier for PublicKey {
    fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        if !self.supports(algorithm) {
            return Err(BadSignature);
        }
        self.0.parsed.get_or_init(Box::default)[algorithm as usize]
            .get_or_init(|| ParsedPublicKey::new(verification(algorithm), self.raw()).ok())
            .as_ref()
            .ok_or(BadSignature)?
            .verify_sig(message, signature)
            .map_err(|_| BadSignature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.label(), self.thumbprint())
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.parts == other.0.parts
    }
}

impl Eq for PublicKey {}

fn verification(algorithm: Algorithm) -> &'static dyn VerificationAlgorithm {
    match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        Algorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
        Algorithm::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
        Algorithm::Es512 => &signature::ECDSA_P521_SHA512_FIXED,
        Algorithm::EdDsa | Algorithm::Ed25519 => &signature::ED25519,
    }
}

fn encode_spki(parts: &Parts) -> Result<Vec<u8>, KeyError> {
    let curve_oid;
    let rsa_der;
    let (oid, parameters, bits) = match parts {
        Parts::Rsa { n, e } => {
            rsa_der = pkcs1_der(n, e).ok_or_else(|| malformed("an RSA number"))?;
            (RSA_OID, Some(AnyRef::NULL), rsa_der.as_slice())
        }
        Parts::Ec { curve, point } => {
            curve_oid = curve.oid();
            (EC_OID, Some(AnyRef::from(&curve_oid)), point.as_ref())
        }
        Parts::Ed25519(x) => (ED25519_OID, None, x.as_slice()),
    };
    spki::SubjectPublicKeyInfoRef {
        algorithm: spki::AlgorithmIdentifierRef { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(bits).map_err(malformed)?,
    }
    .to_der()
    .map_err(malformed)
}

/// Whether the y of an encoded point is below p, 2^255 - 19.
fn is_below_p(mut encoded: [u8; 32]) -> bool {
    encoded[31] &= 0x7f;
    let [least, middle @ .., most] = encoded;
    least < 0xed || middle.iter().any(|octet| *octet != 0xff) || most != 0x7f
}

fn pkcs1_der(n: &[u8], e: &[u8]) -> Option<Vec<u8>> {
    pkcs1::RsaPublicKeyRef {
        modulus: der::asn1::UintRef::new(n).ok()?,
        public_exponent: der::asn1::UintRef::new(e).ok()?,
    }
    .to_der()
    .ok()
}

fn bit_length(number: &[u8]) -> u32 {
    let octets = u32::try_from(number.len()).unwrap_or(u32::MAX / 8);
    number
        .first()
        .map_or(0, |first| octets * 8 - first.leading_zeros())
}

fn malformed(reason: impl ToString) -> KeyError {
    KeyError::Malformed {
        form: "SubjectPublicKeyInfo",
        reason: reason.to_string(),
    }
}
