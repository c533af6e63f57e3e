//! Where an answer holds a key, and in which form.

use base64ct::{Base64, Encoding};
use serde::Deserialize;
use serde_json::{Map, value::RawValue};

use super::{
    answer::{Claimed, RemoteKey},
    members::Members,
    pointer::Pointer,
    talk::parse,
};
use crate::{
    jose::{jwk::PublicJwk, key::PublicKey, thumbprint::Thumbprint},
    x509::certificate::Certificate,
};

/// Where an answer holds a key, and in which form.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "Written")]
pub enum KeyPlace {
    /// Somewhere in the answer, in whatever form; of several, ours.
    Anywhere,
    /// Base64 of a certificate's DER.
    CertificateBase64(Pointer),
    /// Base64 of a certificate's PEM.
    CertificatePemBase64(Pointer),
    /// The service shows no key, but the texts that came with it.
    Claimed(ClaimedPlaces),
    /// A JWK.
    Jwk(Pointer),
    /// `SubjectPublicKeyInfo` in PEM, or its base64 alone.
    SpkiPem(Pointer),
}

/// What a service that shows no key tells of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ClaimedPlaces {
    /// A text that ends with the thumbprint (RFC 7638, base64url), as keyfob wrote it there.
    pub thumbprint: Pointer,
    pub kid: Pointer,
    pub alg: Pointer,
}

/// As it stands in a preset.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    anywhere: bool,
    certificate_base64: Option<Pointer>,
    certificate_pem_base64: Option<Pointer>,
    claimed: Option<ClaimedPlaces>,
    jwk: Option<Pointer>,
    spki_pem: Option<Pointer>,
}

impl KeyPlace {
    /// The key that stands in `answer`, which the service calls `id`; of several, the one of `ours`.
    pub fn read(&self, id: String, answer: &RawValue, ours: Option<Thumbprint>) -> RemoteKey {
        let text = |at: &Pointer| {
            at.text(answer)
                .ok_or_else(|| "its answer holds no key where it should".to_owned())
        };
        let jwk = match self {
            Self::Anywhere => {
                let mut keys = found_in(answer);
                let place = keys
                    .iter()
                    .position(|jwk| Some(jwk.key.thumbprint()) == ours);
                match (place, keys.is_empty()) {
                    (_, true) => Err("its answer holds no key".to_owned()),
                    (place, false) => Ok(keys.swap_remove(place.unwrap_or(0))),
                }
            }
            Self::CertificateBase64(at) => text(at).and_then(|text| certificate(&bytes(&text)?)),
            Self::CertificatePemBase64(at) => text(at).and_then(|text| {
                let pem = String::from_utf8(bytes(&text)?).map_err(|error| error.to_string())?;
                let all = Certificate::all_from_pem(&pem).map_err(|error| error.to_string())?;
                let leaf = all.first().ok_or("it holds no certificate")?;
                certificate(leaf.der())
            }),
            Self::Claimed(places) => {
                let claimed = places.read(answer);
                return RemoteKey {
                    id,
                    jwk: Err("the service shows no key".to_owned()),
                    claimed: Some(claimed),
                    unmet: Vec::new(),
                };
            }
            Self::Jwk(at) => at
                .find(answer)
                .ok_or_else(|| "its answer holds no key where it should".to_owned())
                .and_then(|key| parse(&whole(key.get()))),
            Self::SpkiPem(at) => text(at).and_then(|text| spki(&text)),
        };
        RemoteKey {
            id,
            jwk,
            claimed: None,
            unmet: Vec::new(),
        }
    }
}

impl ClaimedPlaces {
    fn read(&self, answer: &RawValue) -> Claimed {
        let name = self.thumbprint.text(answer).unwrap_or_default();
        let last = name.rsplit(|c: char| c.is_whitespace()).next();
        Claimed {
            thumbprint: last.and_then(Thumbprint::from_base64url),
            kid: self.kid.text(answer),
            alg: self.alg.text(answer),
        }
    }
}

impl TryFrom<Written> for KeyPlace {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let named = [
            written.anywhere.then_some(Self::Anywhere),
            written.certificate_base64.map(Self::CertificateBase64),
            written
                .certificate_pem_base64
                .map(Self::CertificatePemBase64),
            written.claimed.map(Self::Claimed),
            written.jwk.map(Self::Jwk),
            written.spki_pem.map(Self::SpkiPem),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(place), None) => Ok(place),
            _ => Err(
                "where a key stands is said once: {jwk: POINTER}, {certificate_base64: POINTER}, \
                 {certificate_pem_base64: POINTER}, {spki_pem: POINTER}, {anywhere: true} or \
                 {claimed: {…}}"
                    .to_owned(),
            ),
        }
    }
}

/// Every key in an answer: JWKs, and texts that are keys or certificates.
fn found_in(answer: &RawValue) -> Vec<PublicJwk> {
    let text = answer.get();
    if let Ok(Members(members)) = serde_json::from_str(text) {
        if members.iter().any(|(name, _)| name == "kty") {
            return parse(&whole(text)).into_iter().collect();
        }
        return members
            .iter()
            .flat_map(|(_, value)| found_in(value))
            .collect();
    }
    if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
        return items.into_iter().flat_map(found_in).collect();
    }
    let Ok(text) = serde_json::from_str::<String>(text) else {
        return Vec::new();
    };
    let leaf = Certificate::all_from_pem(&text).ok();
    let leaf = leaf.and_then(|all| certificate(all.first()?.der()).ok());
    let pem = || {
        let der = bytes(&text).ok()?;
        certificate(&der).ok().or_else(|| {
            let all = Certificate::all_from_pem(&String::from_utf8(der).ok()?).ok()?;
            certificate(all.first()?.der()).ok()
        })
    };
    let one = leaf.or_else(|| spki(&text).ok()).or_else(pem);
    one.into_iter().collect()
}

/// A JWK; one of an elliptic curve that names no `crv` is given the one that the length of its `x`
/// says (RFC 7518 section 6.2.1.2).
fn whole(jwk: &str) -> String {
    let Ok(Members(members)) = serde_json::from_str(jwk) else {
        return jwk.to_owned();
    };
    let text = |name: &str| -> Option<String> {
        let (_, value) = members.iter().find(|(known, _)| known == name)?;
        serde_json::from_str(value.get()).ok()
    };
    if text("kty").as_deref() != Some("EC") || members.iter().any(|(name, _)| name == "crv") {
        return jwk.to_owned();
    }
    let curve = match text("x").map(|x| x.len()) {
        Some(43) => "P-256",
        Some(64) => "P-384",
        Some(88) => "P-521",
        _ => return jwk.to_owned(),
    };
    let rest = jwk.trim_start().trim_start_matches('{');
    format!("{{\"crv\":\"{curve}\",{rest}")
}

fn spki(text: &str) -> Result<PublicJwk, String> {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let der = bytes(&lines.collect::<String>())?;
    let key = PublicKey::from_spki_der(&der).map_err(|error| error.to_string())?;
    Ok(bare(key, None))
}

fn bytes(base64: &str) -> Result<Vec<u8>, String> {
    let text: String = base64.split_whitespace().collect();
    Base64::decode_vec(&text).map_err(|_| "what stands there is no base64".to_owned())
}

fn certificate(der: &[u8]) -> Result<PublicJwk, String> {
    let leaf = Certificate::from_der(der).map_err(|error| error.to_string())?;
    let key = leaf.public_key().map_err(|error| error.to_string())?;
    Ok(bare(key, Some(der)))
}

/// A key of which nothing else is told than its certificate.
fn bare(key: PublicKey, der: Option<&[u8]>) -> PublicJwk {
    PublicJwk {
        key,
        kid: None,
        usage: None,
        alg: None,
        x5c: der.map(<[u8]>::to_vec).into_iter().collect(),
        x5t: None,
        x5t_s256: None,
        other: Map::new(),
    }
}
