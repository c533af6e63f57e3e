//! Private keys.

use std::{
    fmt,
    num::{NonZero, NonZeroU32},
    sync::Arc,
};

use aws_lc_rs::{
    rand::SecureRandom,
    rsa as aws_rsa,
    signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RsaEncoding},
};
use der::{Decode, asn1::UintRef};
use pkcs8::{EncodePrivateKey, LineEnding, ObjectIdentifier, PrivateKeyInfoRef};
use rand_core::CryptoRng;
use rsa::{
    BoxedUint, Generate, pkcs1,
    traits::{PrivateKeyParts, PublicKeyParts},
};

use super::{
    Curve, KeyError, KeySpec, PublicKey, Signer, foreign, primes,
    public::{EC_OID, ED25519_OID, RSA_OID},
};
use crate::{jose::algorithm::Algorithm, secret::Secret};

/// The public exponent of every key that is made here (RFC 8017 section 3.1).
const RSA_EXPONENT: u64 = 65_537;

/// A private key whose public half was recomputed and compared. Clones share the parsed key.
#[derive(Clone)]
pub struct PrivateKey(Arc<Inner>);

struct Inner {
    pkcs8: Secret<Vec<u8>>,
    public: PublicKey,
    signer: Parsed,
}

/// The key as aws-lc-rs holds it.
enum Parsed {
    Rsa(aws_rsa::KeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The private numbers of a key, big-endian.
pub(in crate::jose) enum PrivateParts {
    Rsa {
        d: Secret<Vec<u8>>,
        p: Secret<Vec<u8>>,
        q: Secret<Vec<u8>>,
        dp: Secret<Vec<u8>>,
        dq: Secret<Vec<u8>>,
        qi: Secret<Vec<u8>>,
    },
    /// The scalar of a curve, or the seed of Ed25519.
    Scalar(Secret<Vec<u8>>),
}

/// The numbers beside `n`, `e` and `d` of an RSA key (RFC 8017 section 3.2), big-endian.
pub(in crate::jose) struct RsaFactors<'a> {
    pub p: &'a [u8],
    pub q: &'a [u8],
    /// `dp` and `dq`, which OpenSSH leaves away.
    pub exponents: Option<(&'a [u8], &'a [u8])>,
    /// `qi`.
    pub coefficient: &'a [u8],
}

impl RsaFactors<'_> {
    /// What was made of the factors takes the place of what was given: that must be the same.
    fn check(&self, own: &PrivateParts) -> Result<(), KeyError> {
        let PrivateParts::Rsa { dp, dq, qi, .. } = own else {
            return Ok(());
        };
        let given = [
            ("dp", self.exponents.map(|both| both.0), dp),
            ("dq", self.exponents.map(|both| both.1), dq),
            ("qi", Some(self.coefficient), qi),
        ];
        for (name, given, own) in given {
            let given = given.map(significant);
            if given.is_some_and(|given| given != significant(own.expose())) {
                return Err(KeyError::RsaFactors(format!("{name} is another's")));
            }
        }
        Ok(())
    }
}

/// A number without the zeros before it.
fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    &number[zeros..]
}

impl PrivateKey {
    /// Generates a key on one thread, as [`Self::generate_on`] does.
    pub fn generate<R: CryptoRng + Send + ?Sized>(
        spec: KeySpec,
        rng: &mut R,
    ) -> Result<Self, KeyError> {
        Self::generate_on(spec, rng, NonZero::<usize>::MIN)
    }

    /// Generates a key; the primes of an RSA key are searched for by so many threads. RSA takes
    /// seconds, spread ten to one: never on a thread that draws.
    pub fn generate_on<R: CryptoRng + Send + ?Sized>(
        spec: KeySpec,
        rng: &mut R,
        threads: NonZero<usize>,
    ) -> Result<Self, KeyError> {
        match spec {
            KeySpec::Rsa { bits } => {
                let failed = || KeyError::Internal("generating an RSA key");
                let half = NonZeroU32::new(bits / 2).ok_or_else(failed)?;
                loop {
                    let [p, q] = primes::pair(rng, half, threads).ok_or_else(failed)?;
                    match rsa::PrivateKey::from_p_q(p, q, BoxedUint::from(RSA_EXPONENT)) {
                        Ok(key) => return Self::from_rsa(&key),
                        // The exponent divides one prime less one: once in 30,000 keys.
                        Err(rsa::Error::InvalidPrime) => {}
                        Err(_) => return Err(failed()),
                    }
                }
            }
            KeySpec::P256 => Self::from_encoded(&p256::SecretKey::generate_from_rng(rng)),
            KeySpec::P384 => Self::from_encoded(&p384::SecretKey::generate_from_rng(rng)),
            KeySpec::P521 => Self::from_encoded(&p521::SecretKey::generate_from_rng(rng)),
            KeySpec::Ed25519 => {
                let mut seed = Secret::new(vec![0; 32]);
                rng.fill_bytes(seed.expose_mut());
                Self::from_ed25519_seed(&seed)
            }
        }
    }

    /// Reads a DER PKCS#8 `PrivateKeyInfo` or `OneAsymmetricKey` (RFC 5208, RFC 5958).
    pub fn from_pkcs8_der(der: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::from_der(der.expose()).map_err(malformed)?;
        match info.algorithm.oid {
            RSA_OID => Self::from_pkcs1_der(&Secret::new(info.private_key.as_bytes().to_vec())),
            EC_OID => {
                let parameters = info.algorithm.parameters.ok_or(KeyError::ExplicitCurve)?;
                let oid = parameters
                    .decode_as::<ObjectIdentifier>()
                    .map_err(|_| KeyError::ExplicitCurve)?;
                let curve = Curve::of_oid(&oid).ok_or_else(|| foreign::on_curve(&oid))?;
                Self::from_ec_pkcs8(curve, info.private_key.as_bytes())
            }
            ED25519_OID => Self::from_ed25519_pkcs8(info),
            other => Err(foreign::of_type(&other)),
        }
    }

    /// Reads a DER `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    pub fn from_pkcs1_der(der: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let parts = pkcs1::RsaPrivateKeyRef::from_der(der.expose()).map_err(|error| {
            KeyError::Malformed {
                form: "PKCS#1",
                reason: error.to_string(),
            }
        })?;
        Self::from_rsa_numbers(
            parts.modulus.as_bytes(),
            parts.public_exponent.as_bytes(),
            parts.private_exponent.as_bytes(),
            Some(&RsaFactors {
                p: parts.prime1.as_bytes(),
                q: parts.prime2.as_bytes(),
                exponents: Some((parts.exponent1.as_bytes(), parts.exponent2.as_bytes())),
                coefficient: parts.coefficient.as_bytes(),
            }),
        )
    }

    /// Reads a DER `ECPrivateKey` (RFC 5915) that names its curve.
    pub fn from_sec1_der(der: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let key = sec1::EcPrivateKey::from_der(der.expose()).map_err(|error| {
            match error.kind() {
                // Of parameters only the curve's name is read.
                der::ErrorKind::TagUnexpected {
                    expected: Some(der::Tag::ObjectIdentifier),
                    actual: der::Tag::Sequence,
                } => KeyError::ExplicitCurve,
                _ => KeyError::Malformed {
                    form: "SEC1",
                    reason: error.to_string(),
                },
            }
        })?;
        let oid = key
            .parameters
            .and_then(sec1::EcParameters::named_curve)
            .ok_or(KeyError::ExplicitCurve)?;
        let curve = Curve::of_oid(&oid).ok_or_else(|| foreign::on_curve(&oid))?;
        let scalar = Secret::new(key.private_key.to_vec());
        let own = Self::from_scalar(curve, &scalar)?;
        match key.public_key {
            Some(point) if curve.point(point)? != own.public().raw() => Err(KeyError::Mismatch),
            _ => Ok(own),
        }
    }

    /// An RSA key of its big-endian numbers; factors that are not given are recovered.
    pub(in crate::jose) fn from_rsa_numbers(
        n: &[u8],
        e: &[u8],
        d: &[u8],
        factors: Option<&RsaFactors<'_>>,
    ) -> Result<Self, KeyError> {
        PublicKey::rsa(n, e)?;
        let number = BoxedUint::from_be_slice_vartime;
        let primes = factors.map_or_else(Vec::new, |given| vec![number(given.p), number(given.q)]);
        let key = rsa::PrivateKey::from_components(number(n), number(e), number(d), primes)
            .map_err(misfit)?;
        let own = Self::from_rsa(&key)?;
        if let Some(given) = factors {
            given.check(&own.parts()?)?;
        }
        Ok(own)
    }

    /// An EC key of its scalar, big-endian and of the curve's exact length.
    pub(in crate::jose) fn from_scalar(
        curve: Curve,
        scalar: &Secret<Vec<u8>>,
    ) -> Result<Self, KeyError> {
        let bad = |_| KeyError::Malformed {
            form: "EC private key",
            reason: format!("no scalar of {}", curve.name()),
        };
        match curve {
            Curve::P256 => {
                Self::from_encoded(&p256::SecretKey::from_slice(scalar.expose()).map_err(bad)?)
            }
            Curve::P384 => {
                Self::from_encoded(&p384::SecretKey::from_slice(scalar.expose()).map_err(bad)?)
            }
            Curve::P521 => {
                Self::from_encoded(&p521::SecretKey::from_slice(scalar.expose()).map_err(bad)?)
            }
        }
    }

    /// An Ed25519 key of its 32-octet seed (RFC 8032 section 5.1.5).
    pub(in crate::jose) fn from_ed25519_seed(seed: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let secret_key = seed
            .expose()
            .as_slice()
            .try_into()
            .map_err(|_| KeyError::Malformed {
                form: "Ed25519 private key",
                reason: "its seed has 32 octets".to_owned(),
            })?;
        // Without the public half: version 1, which OpenSSL 3.0 reads.
        let bytes = ed25519_dalek::pkcs8::KeypairBytes {
            secret_key,
            public_key: None,
        };
        Self::from_encoded(&bytes)
    }

    /// DER PKCS#8, as keyfob writes it: with the public half for EC, without for the others.
    pub fn pkcs8_der(&self) -> &Secret<Vec<u8>> {
        &self.0.pkcs8
    }

    /// `-----BEGIN PRIVATE KEY-----` (RFC 7468 section 10), with a line feed at the end.
    pub fn pkcs8_pem(&self) -> Secret<String> {
        // The DER is far below the encoder's limit and the label is valid, so it cannot fail.
        let pem = pem_rfc7468::encode_string("PRIVATE KEY", LineEnding::LF, self.0.pkcs8.expose());
        Secret::new(pem.unwrap_or_default())
    }

    /// The numbers that a private JWK holds (RFC 7518 section 6).
    pub(in crate::jose) fn parts(&self) -> Result<PrivateParts, KeyError> {
        let info = PrivateKeyInfoRef::from_der(self.0.pkcs8.expose()).map_err(malformed)?;
        match &self.0.signer {
            Parsed::Rsa(_) => {
                let key = pkcs1::RsaPrivateKeyRef::from_der(info.private_key.as_bytes())
                    .map_err(malformed)?;
                let number = |number: UintRef<'_>| Secret::new(number.as_bytes().to_vec());
                Ok(PrivateParts::Rsa {
                    d: number(key.private_exponent),
                    p: number(key.prime1),
                    q: number(key.prime2),
                    dp: number(key.exponent1),
                    dq: number(key.exponent2),
                    qi: number(key.coefficient),
                })
            }
            Parsed::Ec(_) => {
                let key =
                    sec1::EcPrivateKey::from_der(info.private_key.as_bytes()).map_err(malformed)?;
                Ok(PrivateParts::Scalar(Secret::new(key.private_key.to_vec())))
            }
            Parsed::Ed25519(_) => {
                // An OCTET STRING inside the OCTET STRING (RFC 8410 section 7).
                let seed = info.private_key.as_bytes().get(2..).unwrap_or_default();
                Ok(PrivateParts::Scalar(Secret::new(seed.to_vec())))
            }
        }
    }

    fn from_rsa(key: &rsa::PrivateKey) -> Result<Self, KeyError> {
        if key.primes().len() != 2 {
            return Err(KeyError::RsaFactors("more than two primes".to_owned()));
        }
        let public = PublicKey::rsa(&key.n_bytes(), &key.e_bytes())?;
        Self::assemble(key, public)
    }

    /// The `ECPrivateKey` inside PKCS#8 (RFC 5915 section 3), whose curve may be named outside.
    fn from_ec_pkcs8(curve: Curve, inner: &[u8]) -> Result<Self, KeyError> {
        let key = sec1::EcPrivateKey::from_der(inner).map_err(malformed)?;
        let inside = key.parameters.and_then(sec1::EcParameters::named_curve);
        if inside.is_some_and(|oid| oid != curve.oid()) {
            return Err(malformed("its curve is another inside than outside"));
        }
        let own = Self::from_scalar(curve, &Secret::new(key.private_key.to_vec()))?;
        match key.public_key {
            Some(point) if curve.point(point)? != own.public().raw() => Err(KeyError::Mismatch),
            _ => Ok(own),
        }
    }

    fn from_ed25519_pkcs8(info: PrivateKeyInfoRef<'_>) -> Result<Self, KeyError> {
        let bytes = ed25519_dalek::pkcs8::KeypairBytes::try_from(info).map_err(malformed)?;
        let own = Self::from_ed25519_seed(&Secret::new(bytes.secret_key.to_vec()))?;
        match &bytes.public_key {
            Some(public) if public.0.as_slice() != own.public().raw() => Err(KeyError::Mismatch),
            _ => Ok(own),
        }
    }

    /// A key whose public half is in its PKCS#8 encoding's reach.
    fn from_encoded<K: EncodePrivateKey + PublicHalf>(key: &K) -> Result<Self, KeyError> {
        let public = key.public_half()?;
        Self::assemble(key, public)
    }

    fn assemble<K: EncodePrivateKey>(key: &K, public: PublicKey) -> Result<Self, KeyError> {
        let document = key.to_pkcs8_der().map_err(malformed)?;
        let pkcs8 = Secret::new(document.as_bytes().to_vec());
        let signer = parse(&public, &pkcs8)?;
        Ok(Self(Arc::new(Inner {
            pkcs8,
            public,
            signer,
        })))
    }
}

impl Signer for PrivateKey {
    fn public(&self) -> &PublicKey {
        &self.0.public
    }

    fn sign(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        rng: &dyn SecureRandom,
    ) -> Result<Vec<u8>, KeyError> {
        if !self.public().supports(algorithm) {
            return Err(KeyError::AlgorithmMismatch {
                algorithm,
                key: self.public().label(),
            });
        }
        let failed = |_| KeyError::Internal("signing");
        match &self.0.signer {
            Parsed::Rsa(key) => {
                let padding = rsa_padding(algorithm).ok_or(KeyError::Internal("signing"))?;
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(padding, rng, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Parsed::Ec(key) => Ok(key.sign(rng, message).map_err(failed)?.as_ref().to_vec()),
            Parsed::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey([redacted] of {:?})", self.0.public)
    }
}

/// How a parsed private key gives its public half.
trait PublicHalf {
    fn public_half(&self) -> Result<PublicKey, KeyError>;
}

macro_rules! ec_public_half {
    ($($curve:ident),*) => {$(
        impl PublicHalf for $curve::SecretKey {
            fn public_half(&self) -> Result<PublicKey, KeyError> {
                use pkcs8::EncodePublicKey;
                let spki = self.public_key().to_public_key_der().map_err(malformed)?;
                PublicKey::from_spki_der(spki.as_bytes())
            }
        }
    )*};
}

ec_public_half!(p256, p384, p521);

impl PublicHalf for ed25519_dalek::pkcs8::KeypairBytes {
    fn public_half(&self) -> Result<PublicKey, KeyError> {
        let key = ed25519_dalek::SigningKey::from_bytes(&self.secret_key);
        PublicKey::ed25519(key.verifying_key().to_bytes())
    }
}

fn parse(public: &PublicKey, pkcs8: &Secret<Vec<u8>>) -> Result<Parsed, KeyError> {
    let der = pkcs8.expose();
    let rejected = |error: aws_lc_rs::error::KeyRejected| KeyError::Malformed {
        form: "PKCS#8",
        reason: error.to_string(),
    };
    let Some(curve) = Curve::of(public.key_type()) else {
        return if public.supports(Algorithm::Rs256) {
            Ok(Parsed::Rsa(
                aws_rsa::KeyPair::from_pkcs8(der).map_err(rejected)?,
            ))
        } else {
            Ok(Parsed::Ed25519(
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(rejected)?,
            ))
        };
    };
    let algorithm: &'static EcdsaSigningAlgorithm = match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
    };
    Ok(Parsed::Ec(
        EcdsaKeyPair::from_pkcs8(algorithm, der).map_err(rejected)?,
    ))
}

fn rsa_padding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_SHA512),
        Algorithm::Ps256 => Some(&signature::RSA_PSS_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_SHA512),
        _ => None,
    }
}

/// Which of the numbers of an RSA key do not fit.
fn misfit(error: rsa::Error) -> KeyError {
    KeyError::RsaFactors(match error {
        rsa::Error::InvalidModulus => "the modulus is not the product of the factors".to_owned(),
        rsa::Error::InvalidExponent => "d does not undo e".to_owned(),
        rsa::Error::InvalidArguments => "no factors come of n, e and d".to_owned(),
        other => other.to_string(),
    })
}

fn malformed(error: impl ToString) -> KeyError {
    KeyError::Malformed {
        form: "PKCS#8",
        reason: error.to_string(),
    }
}
