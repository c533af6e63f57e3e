//! What a file or a paste holds, told by its content: PEM with text around it (RFC 7468), DER, JWK,
//! JWK Set.

#[cfg(test)]
pub(crate) mod fixture;

use base64ct::{Base64, Encoding};
use der::{Decode, asn1::AnyRef};

use super::{
    jwk::{Jwk, JwkSet},
    key::{KeyError, PrivateKey, PublicKey},
};
use crate::secret::Secret;

/// One thing found in a file.
#[derive(Debug)]
pub enum Found {
    /// A private key.
    Private(PrivateKey),
    /// A public key alone.
    Public(PublicKey),
    /// DER of an X.509 certificate, as received.
    Certificate(Vec<u8>),
    /// A JWK, of whatever kind.
    Jwk(Box<Jwk>),
    /// A part that is refused or not understood, with the reason.
    Refused(KeyError),
}

/// Everything found in `content`, in its order. Content without anything known is an error that
/// names what was expected.
pub fn detect(content: &Secret<Vec<u8>>) -> Result<Vec<Found>, KeyError> {
    let bytes = content.expose();
    if let Ok(text) = std::str::from_utf8(bytes) {
        let trimmed = text.trim_start_matches('\u{feff}').trim();
        if trimmed.starts_with('{') {
            return json(trimmed);
        }
        let found = blocks(trimmed);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    if bytes.first() == Some(&0x30) {
        return Ok(vec![der_object(content)]);
    }
    Err(KeyError::NothingFound {
        empty: bytes.is_empty(),
    })
}

/// A JWK, a JWK Set, or a pair of PEM texts as the members of an object.
fn json(text: &str) -> Result<Vec<Found>, KeyError> {
    #[derive(serde::Deserialize)]
    struct Shape<'a> {
        #[serde(borrow)]
        keys: Option<&'a serde_json::value::RawValue>,
        #[serde(rename = "privateKeyPem")]
        private_pem: Option<String>,
        #[serde(rename = "publicKeyPem")]
        public_pem: Option<String>,
    }
    let shape: Shape<'_> = serde_json::from_str(text).map_err(|error| KeyError::Malformed {
        form: "JSON",
        reason: error.to_string(),
    })?;
    if shape.keys.is_some() {
        let set = JwkSet::parse(text)?;
        return Ok(set.keys.into_iter().map(found_jwk).collect());
    }
    let mut found = Vec::new();
    for pem in [shape.private_pem, shape.public_pem].into_iter().flatten() {
        found.extend(blocks(Secret::new(pem).expose()));
    }
    Ok(if found.is_empty() {
        vec![found_jwk(Jwk::parse(text))]
    } else {
        found
    })
}

fn found_jwk(jwk: Result<Jwk, KeyError>) -> Found {
    jwk.map_or_else(Found::Refused, |jwk| Found::Jwk(Box::new(jwk)))
}

/// The PEM blocks of `text`; whatever stands around them is passed over.
fn blocks(text: &str) -> Vec<Found> {
    const BEGIN: &str = "-----BEGIN ";
    const DASHES: &str = "-----";
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        rest = &rest[start + BEGIN.len()..];
        let Some(label_end) = rest.find(DASHES) else {
            break;
        };
        let label = &rest[..label_end];
        let end = format!("-----END {label}-----");
        let body = &rest[label_end + DASHES.len()..];
        let Some(body_end) = body.find(&end) else {
            found.push(Found::Refused(KeyError::Malformed {
                form: "PEM",
                reason: format!("the block {label} has no end: the file was cut off"),
            }));
            break;
        };
        found.push(block(label, &body[..body_end]));
        rest = &body[body_end + end.len()..];
    }
    found
}

fn block(label: &str, body: &str) -> Found {
    if let Some(remedy) = not_read(label, body) {
        return Found::Refused(KeyError::Convert {
            form: label.to_owned(),
            remedy,
        });
    }
    let folded = Secret::new(body.split_ascii_whitespace().collect::<String>());
    let Ok(der) = Base64::decode_vec(folded.expose()).map(Secret::new) else {
        return Found::Refused(KeyError::Malformed {
            form: "PEM",
            reason: format!("the block {label} is no base64"),
        });
    };
    let private =
        |key: Result<PrivateKey, KeyError>| key.map_or_else(Found::Refused, Found::Private);
    let public = |key: Result<PublicKey, KeyError>| key.map_or_else(Found::Refused, Found::Public);
    match label {
        "PRIVATE KEY" => private(PrivateKey::from_pkcs8_der(&der)),
        "RSA PRIVATE KEY" => private(PrivateKey::from_pkcs1_der(&der)),
        "EC PRIVATE KEY" => private(PrivateKey::from_sec1_der(&der)),
        "PUBLIC KEY" => public(PublicKey::from_spki_der(der.expose())),
        "RSA PUBLIC KEY" => public(PublicKey::from_pkcs1_der(der.expose())),
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
            Found::Certificate(der.expose().clone())
        }
        other => Found::Refused(KeyError::Unsupported(other.to_owned())),
    }
}

/// What converts a form that is not read here.
fn not_read(label: &str, body: &str) -> Option<String> {
    match label {
        "ENCRYPTED PRIVATE KEY" => {
            Some("openssl pkey -in FILE -out PLAIN asks for its passphrase".to_owned())
        }
        "OPENSSH PRIVATE KEY" => {
            Some("ssh-keygen -p -m PKCS8 -f COPY rewrites a copy of it".to_owned())
        }
        "EC PARAMETERS" => Some("the key itself is the block after it".to_owned()),
        _ if body.contains("Proc-Type:") => Some(
            "it is encrypted; openssl pkey -in FILE -out PLAIN asks for its passphrase".to_owned(),
        ),
        _ => None,
    }
}

/// DER that says nothing of its kind: the parsers are asked in turn.
fn der_object(content: &Secret<Vec<u8>>) -> Found {
    let bytes = content.expose();
    if AnyRef::from_der(bytes).is_err() {
        return Found::Refused(KeyError::Malformed {
            form: "DER",
            reason: "it is cut off, or something follows it".to_owned(),
        });
    }
    let mut first_reason = None;
    for read in [
        PrivateKey::from_pkcs8_der,
        PrivateKey::from_pkcs1_der,
        PrivateKey::from_sec1_der,
    ] {
        match read(content) {
            Ok(key) => return Found::Private(key),
            Err(KeyError::Malformed { .. }) => {}
            Err(error) => {
                first_reason.get_or_insert(error);
            }
        }
    }
    for read in [PublicKey::from_spki_der, PublicKey::from_pkcs1_der] {
        match read(bytes) {
            Ok(key) => return Found::Public(key),
            Err(KeyError::Malformed { .. }) => {}
            Err(error) => {
                first_reason.get_or_insert(error);
            }
        }
    }
    match first_reason {
        Some(error) => Found::Refused(error),
        // The outer shape of a certificate: a sequence of sequence, sequence, bit string.
        None => Found::Certificate(bytes.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::key::Signer;

    #[test]
    fn pem_is_found_with_text_around_it() {
        let text = format!("Bag Attributes\r\n  name\n{}\ntrailer", fixture::P256);
        let found = detect(&Secret::new(text.into_bytes())).unwrap();
        let [Found::Private(key)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(key.public(), fixture::private(fixture::P256).public());
    }

    #[test]
    fn the_same_key_as_der_is_found() {
        let key = fixture::private(fixture::ED25519);
        let found = detect(key.pkcs8_der()).unwrap();
        assert!(matches!(&found[..], [Found::Private(again)] if again.public() == key.public()));
        let spki = Secret::new(key.public().spki_der().to_vec());
        let found = detect(&spki).unwrap();
        assert!(matches!(&found[..], [Found::Public(again)] if again == key.public()));
    }

    #[test]
    fn an_encrypted_key_is_refused_with_the_command_that_converts_it() {
        let text =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
        let found = detect(&Secret::new(text.as_bytes().to_vec())).unwrap();
        let [Found::Refused(error)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            error.to_string(),
            "ENCRYPTED PRIVATE KEY is not read here: \
             openssl pkey -in FILE -out PLAIN asks for its passphrase"
        );
    }

    #[test]
    fn a_block_cut_off_is_named() {
        let text = fixture::P256
            .split("-----END")
            .next()
            .unwrap()
            .as_bytes()
            .to_vec();
        let found = detect(&Secret::new(text)).unwrap();
        let [Found::Refused(error)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            error.to_string(),
            "PEM: the block PRIVATE KEY has no end: the file was cut off"
        );
    }

    #[test]
    fn nothing_known_says_what_was_expected() {
        let error = detect(&Secret::new(b"hello".to_vec())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no key or certificate in it: PEM, DER, a JWK or a JWK Set was expected"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_detection_panic(bytes: Vec<u8>) {
            let _ = detect(&Secret::new(bytes));
        }
    }
}
