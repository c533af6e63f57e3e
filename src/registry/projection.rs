//! The forms of a key that services want.

use base64ct::{Base64, Encoding};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{jose::jwk::PublicJwk, x509::certificate::Certificate};

/// The form in which a service wants a key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Projection {
    /// The certificate: its DER as base64 on one line.
    CertificateBase64,
    /// The certificate as PEM.
    CertificatePem,
    /// The base64, on one line, of the certificate's PEM.
    CertificatePemBase64,
    /// A JWK with these members, where the key has them, in this order.
    Jwk { members: Vec<String> },
    /// The key as `SubjectPublicKeyInfo` in PEM (RFC 7468 section 13).
    SpkiPem,
}

/// The forms that a text of the user's can name, each in braces.
const FORMS: [(&str, Projection); 4] = [
    ("certificate_base64", Projection::CertificateBase64),
    ("certificate_pem", Projection::CertificatePem),
    ("certificate_pem_base64", Projection::CertificatePemBase64),
    ("spki_pem", Projection::SpkiPem),
];

impl Projection {
    /// `jwk` in this form; an empty text where it needs a certificate and there is none.
    pub fn of(&self, jwk: &PublicJwk) -> Value {
        let der = jwk.x5c.first();
        let pem = || {
            let leaf = der.and_then(|der| Certificate::from_der(der).ok());
            leaf.map_or_else(String::new, |leaf| leaf.pem())
        };
        match self {
            Self::CertificateBase64 => der
                .map_or_else(String::new, |der| Base64::encode_string(der))
                .into(),
            Self::CertificatePem => pem().into(),
            Self::CertificatePemBase64 => Base64::encode_string(pem().as_bytes()).into(),
            Self::Jwk { members } => {
                let all = jwk.to_value();
                let listed = members
                    .iter()
                    .filter_map(|name| Some((name.clone(), all.get(name)?.clone())));
                Value::Object(listed.collect::<Map<_, _>>())
            }
            Self::SpkiPem => jwk.key.spki_pem().into(),
        }
    }

    /// Every form by the name that a template gives it.
    pub fn all_of(jwk: &PublicJwk) -> Vec<(&'static str, Value)> {
        let whole = Value::Object(jwk.to_value());
        let mut forms = vec![("jwk", whole.clone()), ("jwks", json!({"keys": [whole]}))];
        forms.extend(FORMS.map(|(name, form)| (name, form.of(jwk))));
        forms
    }

    /// The names of [`Self::all_of`].
    pub fn names() -> impl Iterator<Item = &'static str> {
        ["jwk", "jwks"]
            .into_iter()
            .chain(FORMS.into_iter().map(|(name, _)| name))
    }

    /// Whether this form carries the JWK member `name`, or what it says.
    pub fn carries(&self, name: &str) -> bool {
        match self {
            Self::CertificateBase64 | Self::CertificatePem | Self::CertificatePemBase64 => {
                name == "x5c"
            }
            Self::Jwk { members } => members.iter().any(|each| each == name),
            Self::SpkiPem => false,
        }
    }
}
