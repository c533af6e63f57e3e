//! JSON Web Keys and sets of them (RFC 7517), on jose-jwk's data types with the checks they lack.
//! A key's text is read member by member as borrowed text, so that private numbers never enter a
//! `serde_json::Value`.

mod members;
mod published;
mod set;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use jose_jwk::{EcCurves, Key, OkpCurves};
use serde_json::{Map, Value};

use self::members::Members;
pub use self::{
    published::{Fault, PublishedKey},
    set::JwkSet,
};
use super::{
    algorithm::{Algorithm, MacAlgorithm},
    effort::{Effort, Factors},
    key::{
        Curve, KeyError, PrivateKey, PrivateParts, PublicKey, PublicParts, RsaFactors, Signer,
        coordinates,
    },
};
use crate::secret::Secret;

/// A public JWK with what stood beside the key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicJwk {
    /// The checked key.
    pub key: PublicKey,
    /// `kid`.
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
    /// Every other public member, verbatim, in its order.
    pub other: Map<String, Value>,
}

/// What a JWK's text held.
#[derive(Clone, Debug)]
pub enum Jwk {
    /// A public key.
    Public(PublicJwk),
    /// A key pair.
    Private {
        /// The public half and what stood beside it.
        public: PublicJwk,
        /// The private half.
        private: PrivateKey,
    },
    /// `oct`: only to check HS tokens of others.
    Symmetric {
        /// `kid`.
        kid: Option<String>,
        /// `alg`, where it names an HS algorithm.
        alg: Option<MacAlgorithm>,
        /// `k`.
        secret: Secret<Vec<u8>>,
    },
}

/// Members that hold private numbers (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Members that [`PublicJwk`] has fields for, or that are the key itself.
const KNOWN: [&str; 13] = [
    "kty", "use", "alg", "kid", "n", "e", "crv", "x", "y", "x5c", "x5t", "x5t#S256", "keys",
];

impl PublicKey {
    /// A JWK of nothing but the key itself (RFC 7638 section 3.2).
    pub fn required_members(&self) -> Map<String, Value> {
        let (kty, own) = required(self);
        let members = [("kty", kty.to_owned())].into_iter().chain(own);
        members
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }
}

impl PublicJwk {
    /// The JWK keyfob publishes: `use: sig`, `alg`, `kid`, and of a chain (DER, leaf first) `x5c`,
    /// `x5t` and `x5t#S256`.
    pub fn new(key: PublicKey, kid: &str, alg: Algorithm, chain_der: &[Vec<u8>]) -> Self {
        let leaf = chain_der.first();
        Self {
            key,
            kid: Some(kid.to_owned()),
            usage: Some("sig".to_owned()),
            alg: Some(alg.name().to_owned()),
            x5c: chain_der.to_vec(),
            x5t: leaf.map(|der| sha1(der)),
            x5t_s256: leaf.map(|der| sha256(der)),
            other: Map::new(),
        }
    }

    /// Members in the order kty, use, alg, kid, the key's own, x5c, x5t, x5t#S256, others.
    pub fn to_value(&self) -> Map<String, Value> {
        let b64 = Base64UrlUnpadded::encode_string;
        let mut map = Map::new();
        let mut put = |name: &str, value: String| map.insert(name.to_owned(), value.into());
        let (kty, own) = required(&self.key);
        put("kty", kty.to_owned());
        for (name, value) in [("use", &self.usage), ("alg", &self.alg), ("kid", &self.kid)] {
            if let Some(value) = value {
                put(name, value.clone());
            }
        }
        for (name, value) in own {
            put(name, value);
        }
        if !self.x5c.is_empty() {
            let chain = self
                .x5c
                .iter()
                .map(|der| Base64::encode_string(der).into())
                .collect();
            map.insert("x5c".to_owned(), Value::Array(chain));
        }
        if let Some(x5t) = &self.x5t {
            map.insert("x5t".to_owned(), b64(x5t).into());
        }
        if let Some(x5t) = &self.x5t_s256 {
            map.insert("x5t#S256".to_owned(), b64(x5t).into());
        }
        map.extend(self.other.clone());
        map
    }

    /// Whether its `use` and its `key_ops` let it check signatures (RFC 7517 sections 4.2 and 4.3).
    pub fn serves_signatures(&self) -> Result<(), KeyError> {
        let reason = |value: &Value, section| {
            format!("{value} is not for signatures (RFC 7517 section {section})")
        };
        if let Some(usage) = self.usage.as_deref().filter(|usage| *usage != "sig") {
            return Err(member("use", &reason(&usage.into(), "4.2")));
        }
        let signs = |value: &Value| value == "verify" || value == "sign";
        match self.other.get("key_ops") {
            Some(Value::Array(many)) if many.iter().any(signs) => Ok(()),
            Some(other) => Err(member("key_ops", &reason(other, "4.3"))),
            None => Ok(()),
        }
    }

    /// One line of JSON, in the order of [`Self::to_value`].
    pub fn to_json(&self) -> String {
        Value::Object(self.to_value()).to_string()
    }

    /// Indented by two spaces.
    pub fn to_json_pretty(&self) -> String {
        format!("{:#}", Value::Object(self.to_value()))
    }
}

impl Jwk {
    /// The public half, where it has one.
    pub fn public(&self) -> Option<&PublicJwk> {
        match self {
            Self::Public(public) | Self::Private { public, .. } => Some(public),
            Self::Symmetric { .. } => None,
        }
    }

    /// Reads one JWK, private or public. Unknown members are kept; an unknown `alg`, `use` or
    /// `key_ops` is no error.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::parse_within(text, &mut Effort::of_one_file())
    }

    /// As [`Self::parse`], as one of several of a file.
    pub(in crate::jose) fn parse_within(text: &str, effort: &mut Effort) -> Result<Self, KeyError> {
        let members = Members::parse(text)?;
        let key: Key = serde_json::from_str(text).map_err(|error| key_error(&members, &error))?;
        if let Key::Oct(oct) = &key {
            Ok(Self::Symmetric {
                kid: members.text("kid")?,
                alg: members.text("alg")?.and_then(|alg| alg.parse().ok()),
                secret: Secret::new(oct.k.to_vec()),
            })
        } else {
            let (public, private) = halves(&key, &members, effort)?;
            let public = beside(public, &members)?;
            Ok(match private {
                None => Self::Public(public),
                Some(private) if private.public() == &public.key => {
                    Self::Private { public, private }
                }
                Some(_) => return Err(KeyError::Mismatch),
            })
        }
    }

    /// The private JWK: the members of `public` and the private numbers, as one line of JSON.
    pub fn private_json(
        public: &PublicJwk,
        private: &PrivateKey,
    ) -> Result<Secret<String>, KeyError> {
        let names_and_numbers = match private.parts()? {
            PrivateParts::Rsa {
                d,
                p,
                q,
                dp,
                dq,
                qi,
            } => {
                vec![
                    ("d", d),
                    ("p", p),
                    ("q", q),
                    ("dp", dp),
                    ("dq", dq),
                    ("qi", qi),
                ]
            }
            PrivateParts::Scalar(d) => vec![("d", d)],
        };
        let mut json = Secret::new(public.to_json());
        let text = json.expose_mut();
        text.pop();
        for (name, number) in names_and_numbers {
            let number = Secret::new(Base64UrlUnpadded::encode_string(number.expose()));
            // Capacity first: a string that moves would leave its secret behind.
            let mut longer = String::with_capacity(text.len() + number.expose().len() + 16);
            longer.push_str(text);
            longer.push_str(",\"");
            longer.push_str(name);
            longer.push_str("\":\"");
            longer.push_str(number.expose());
            longer.push('"');
            let mut old = std::mem::replace(text, longer);
            zeroize::Zeroize::zeroize(&mut old);
        }
        text.push_str("}\n");
        Ok(json)
    }
}

/// The members of a JWK that are the key itself (RFC 7638 section 3.2).
fn required(key: &PublicKey) -> (&'static str, Vec<(&'static str, String)>) {
    let b64 = Base64UrlUnpadded::encode_string;
    match key.parts() {
        PublicParts::Rsa { n, e } => ("RSA", vec![("n", b64(n)), ("e", b64(e))]),
        PublicParts::Ec { curve, point } => {
            let (x, y) = coordinates(point);
            let crv = curve.name().to_owned();
            ("EC", vec![("crv", crv), ("x", b64(x)), ("y", b64(y))])
        }
        PublicParts::Ed25519(x) => ("OKP", vec![("crv", "Ed25519".to_owned()), ("x", b64(x))]),
    }
}

/// The key itself, both halves.
fn halves(
    key: &Key,
    members: &Members<'_>,
    effort: &mut Effort,
) -> Result<(PublicKey, Option<PrivateKey>), KeyError> {
    let has_private = members.has("d");
    match key {
        Key::Rsa(rsa) => {
            let public = PublicKey::rsa(&rsa.n, &rsa.e)?;
            if members.has("oth") {
                return Err(KeyError::RsaFactors("more than two primes".to_owned()));
            }
            let private = match &rsa.prv {
                // jose-jwk takes a key whose `d` it cannot read for a public one.
                None if PRIVATE.iter().any(|name| members.has(name)) => {
                    return Err(member("d", "it is not base64url without padding"));
                }
                None => None,
                Some(private) => {
                    let given = private.opt.as_ref().map(|more| RsaFactors {
                        p: &more.p,
                        q: &more.q,
                        exponents: Some((&more.dp, &more.dq)),
                        coefficient: &more.qi,
                    });
                    let factors = match given {
                        Some(_) => Factors::Given,
                        None => Factors::Recovered,
                    };
                    effort.check_private(&public, factors)?;
                    Some(PrivateKey::from_rsa_numbers(
                        &rsa.n,
                        &rsa.e,
                        &private.d,
                        given.as_ref(),
                    )?)
                }
            };
            Ok((public, private))
        }
        Key::Ec(ec) => {
            let curve = match ec.crv {
                EcCurves::P256 => Curve::P256,
                EcCurves::P384 => Curve::P384,
                EcCurves::P521 => Curve::P521,
                _ => return Err(KeyError::Unsupported("secp256k1".to_owned())),
            };
            let public = PublicKey::ec(curve, &ec.x, &ec.y)?;
            let private = match &ec.d {
                Some(d) => {
                    effort.check_private(&public, Factors::Given)?;
                    Some(PrivateKey::from_scalar(curve, &Secret::new(d.to_vec()))?)
                }
                None => None,
            };
            Ok((public, private))
        }
        Key::Okp(okp) if okp.crv == OkpCurves::Ed25519 => {
            let x =
                <[u8; 32]>::try_from(&okp.x[..]).map_err(|_| member("x", "it has 32 octets"))?;
            let public = PublicKey::ed25519(x)?;
            let private = match &okp.d {
                Some(d) => {
                    effort.check_private(&public, Factors::Given)?;
                    Some(PrivateKey::from_ed25519_seed(&Secret::new(d.to_vec()))?)
                }
                None => None,
            };
            Ok((public, private))
        }
        _ => Err(KeyError::Unsupported(
            members.text("crv")?.unwrap_or_default(),
        )),
    }
    .and_then(|(public, private)| {
        if has_private && private.is_none() {
            Err(member("d", "it could not be read"))
        } else {
            Ok((public, private))
        }
    })
}

/// What stands beside the key.
fn beside(key: PublicKey, members: &Members<'_>) -> Result<PublicJwk, KeyError> {
    let mut x5c = Vec::new();
    for text in members.texts("x5c")? {
        let folded: String = text.split_whitespace().collect();
        let der = Base64::decode_vec(&folded).map_err(|_| {
            member(
                "x5c",
                "an entry is not standard base64 (RFC 7517 section 4.7)",
            )
        })?;
        x5c.push(der);
    }
    let mut other = Map::new();
    for (name, raw) in members.iter() {
        if !KNOWN.contains(&name) && !PRIVATE.contains(&name) {
            let value = serde_json::from_str(raw.get())
                .map_err(|error| member(name, &error.to_string()))?;
            other.insert(name.to_owned(), value);
        }
    }
    Ok(PublicJwk {
        key,
        kid: members.text("kid")?,
        usage: members.text("use")?,
        alg: members.text("alg")?,
        x5c,
        x5t: hash(members, "x5t")?,
        x5t_s256: hash(members, "x5t#S256")?,
        other,
    })
}

fn hash<const N: usize>(members: &Members<'_>, name: &str) -> Result<Option<[u8; N]>, KeyError> {
    let Some(text) = members.text(name)? else {
        return Ok(None);
    };
    // Some writers pad; the value is the same.
    Base64UrlUnpadded::decode_vec(text.trim_end_matches('='))
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .map(Some)
        .ok_or_else(|| member(name, &format!("it is no base64url of {N} octets")))
}

/// jose-jwk says little; the likely causes are named first.
fn key_error(members: &Members<'_>, error: &serde_json::Error) -> KeyError {
    match members.text("kty") {
        Ok(None) => member("kty", "it is missing"),
        Ok(Some(kty)) if !["RSA", "EC", "OKP", "oct"].contains(&kty.as_str()) => {
            KeyError::Unsupported(format!("kty {kty}"))
        }
        Err(error) => error,
        Ok(Some(_)) => {
            if let Ok(Some(crv)) = members.text("crv")
                && !["P-256", "P-384", "P-521", "Ed25519"].contains(&crv.as_str())
            {
                return KeyError::Unsupported(format!("crv {crv}"));
            }
            KeyError::Malformed {
                form: "JWK",
                reason: error.to_string(),
            }
        }
    }
}

fn member(name: &str, reason: &str) -> KeyError {
    KeyError::Jwk {
        member: name.to_owned(),
        reason: reason.to_owned(),
    }
}

fn sha1(der: &[u8]) -> [u8; 20] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    std::array::from_fn(|index| digest.as_ref()[index])
}

fn sha256(der: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    std::array::from_fn(|index| digest.as_ref()[index])
}

#[cfg(test)]
mod tests;
