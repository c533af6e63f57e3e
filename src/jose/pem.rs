//! What a file or a paste holds, told by its content: PEM with text around it (RFC 7468), DER, JWK,
//! JWK Set, OpenSSH, PKCS#12, what a passphrase seals, and base64 of any of these.

#[cfg(test)]
pub(crate) mod fixture;
mod foreign;
mod object;
mod passphrases;

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};

pub use self::passphrases::Passphrases;
use super::{
    jwe,
    jwk::{Jwk, JwkSet},
    key::{KeyError, PrivateKey, PublicKey, Signer},
    openssh, sealed_pkcs8,
};
use crate::secret::Secret;

/// One thing found in a file.
#[derive(Debug)]
pub enum Found {
    /// A private key, and what it is called there: the alias of a PKCS#12 entry, the comment of an
    /// OpenSSH key.
    Private(PrivateKey, Option<String>),
    /// A public key alone, and what it is called there.
    Public(PublicKey, Option<String>),
    /// DER of an X.509 certificate, as received.
    Certificate(Vec<u8>),
    /// DER of a certificate signing request (RFC 2986), as received.
    Request(Vec<u8>),
    /// A JWK, of whatever kind.
    Jwk(Box<Jwk>),
    /// A part that is refused or not understood, with the reason.
    Refused(KeyError),
}

/// Whether content may still be base64 of something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wrapping {
    Maybe,
    TakenOff,
}

/// Everything found in `content`, in its order; what a passphrase seals is refused. Content without
/// anything known is an error that names what was expected.
pub fn detect(content: &Secret<Vec<u8>>) -> Result<Vec<Found>, KeyError> {
    detect_sealed(content, &mut Passphrases::new(&mut |_| None))
}

/// As [`detect`], and what a passphrase seals is opened with those of `passphrases`.
pub fn detect_sealed(
    content: &Secret<Vec<u8>>,
    passphrases: &mut Passphrases<'_>,
) -> Result<Vec<Found>, KeyError> {
    detect_wrapped(content, Wrapping::Maybe, passphrases)
}

fn detect_wrapped(
    content: &Secret<Vec<u8>>,
    wrapping: Wrapping,
    passphrases: &mut Passphrases<'_>,
) -> Result<Vec<Found>, KeyError> {
    let bytes = content.expose();
    if let Some(text) = foreign::utf16(bytes) {
        return detect_wrapped(&text, wrapping, passphrases);
    }
    if let Some(error) = foreign::refused(bytes) {
        return Ok(vec![Found::Refused(error)]);
    }
    if bytes.starts_with(OPENSSH_MAGIC) {
        let key = openssh::read_private(bytes, passphrases);
        return Ok(vec![commented(key, Found::Private)]);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let trimmed = text.trim_start_matches('\u{feff}').trim();
        if trimmed.starts_with('{') {
            return json(trimmed, passphrases);
        }
        if starts_an_array_of_objects(trimmed) {
            let set = Secret::new(format!("{{\"keys\":{trimmed}}}"));
            return json(set.expose(), passphrases);
        }
        let found = blocks(trimmed, passphrases);
        if !found.is_empty() {
            return Ok(found);
        }
        if let Some(parts) = jwe::Parts::of_compact(trimmed) {
            return Ok(encrypted_jwk(&parts, passphrases));
        }
        let lines: Vec<Found> = trimmed.lines().filter_map(openssh_line).collect();
        if !lines.is_empty() {
            return Ok(lines);
        }
        if wrapping == Wrapping::Maybe
            && let Some(unwrapped) = base64(trimmed)
        {
            return detect_wrapped(&unwrapped, Wrapping::TakenOff, passphrases);
        }
    }
    if bytes.first() == Some(&0x30) {
        return Ok(object::read(content, passphrases));
    }
    Err(KeyError::NothingFound {
        empty: bytes.is_empty(),
    })
}

/// The keys of a set without the set around them.
fn starts_an_array_of_objects(text: &str) -> bool {
    text.strip_prefix('[')
        .is_some_and(|rest| rest.trim_start().starts_with('{'))
}

/// What every OpenSSH private key begins with.
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// A JWK, a JWK Set, an encrypted JWK, or a pair of PEM texts as the members of an object.
fn json(text: &str, passphrases: &mut Passphrases<'_>) -> Result<Vec<Found>, KeyError> {
    #[derive(serde::Deserialize)]
    struct Shape<'a> {
        #[serde(borrow)]
        keys: Option<&'a serde_json::value::RawValue>,
        #[serde(rename = "privateKeyPem")]
        private_pem: Option<String>,
        #[serde(rename = "publicKeyPem")]
        public_pem: Option<String>,
        protected: Option<String>,
        encrypted_key: Option<String>,
        iv: Option<String>,
        ciphertext: Option<String>,
        tag: Option<String>,
    }
    let shape: Shape<'_> = serde_json::from_str(text).map_err(|error| KeyError::Malformed {
        form: "JSON",
        reason: error.to_string(),
    })?;
    if shape.keys.is_some() {
        let set = JwkSet::parse_within(text, passphrases.effort())?;
        return Ok(found_set(text, set));
    }
    if let Some(ciphertext) = &shape.ciphertext {
        let parts = jwe::Parts {
            protected: part("protected", shape.protected.as_deref())?,
            encrypted_key: part("encrypted_key", shape.encrypted_key.as_deref())?,
            iv: part("iv", shape.iv.as_deref())?,
            ciphertext,
            tag: part("tag", shape.tag.as_deref())?,
        };
        return Ok(encrypted_jwk(&parts, passphrases));
    }
    let mut found = Vec::new();
    for pem in [shape.private_pem, shape.public_pem].into_iter().flatten() {
        found.extend(blocks(Secret::new(pem).expose(), passphrases));
    }
    if found.is_empty() {
        let jwk = Jwk::parse_within(text, passphrases.effort());
        if jwk.is_err() {
            found = named_blocks(text, passphrases);
        }
        if found.is_empty() {
            return Ok(vec![found_jwk(jwk)]);
        }
    }
    if let [Found::Private(private, _), Found::Public(public, _)] = found.as_slice()
        && private.public() != public
    {
        return Ok(vec![Found::Refused(KeyError::Mismatch)]);
    }
    Ok(found)
}

/// The PEM blocks in the members of some JSON, the private key called as Google's files of service
/// accounts do it.
fn named_blocks(text: &str, passphrases: &mut Passphrases<'_>) -> Vec<Found> {
    #[derive(serde::Deserialize)]
    struct Named {
        private_key_id: String,
    }
    let mut found = blocks(text, passphrases);
    let name = serde_json::from_str(text).map(|Named { private_key_id }| private_key_id);
    if let (Ok(name), [Found::Private(_, called)]) = (name, found.as_mut_slice()) {
        *called = Some(name);
    }
    found
}

/// The keys of a set; one that is refused is named.
fn found_set(text: &str, set: JwkSet) -> Vec<Found> {
    let mut names = if set.keys.iter().any(Result::is_err) {
        JwkSet::names(text)
    } else {
        Vec::new()
    }
    .into_iter();
    let keys = set.keys.into_iter().map(|key| {
        let name = names.next();
        found_jwk(key.map_err(|error| KeyError::InSet {
            key: name.unwrap_or_default(),
            source: Box::new(error),
        }))
    });
    keys.collect()
}

fn found_jwk(jwk: Result<Jwk, KeyError>) -> Found {
    jwk.map_or_else(Found::Refused, |jwk| Found::Jwk(Box::new(jwk)))
}

/// A part of a JWE, which must be there.
fn part<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, KeyError> {
    value.ok_or_else(|| KeyError::Malformed {
        form: "encrypted JWK",
        reason: format!("{name} is missing"),
    })
}

/// The JWK, or the JWK Set, that a JWE seals.
fn encrypted_jwk(parts: &jwe::Parts<'_>, passphrases: &mut Passphrases<'_>) -> Vec<Found> {
    let mut read = || {
        let opened = jwe::open(parts, passphrases)?;
        let text = std::str::from_utf8(opened.expose()).map_err(|_| KeyError::Malformed {
            form: "encrypted JWK",
            reason: "what it seals is no text".to_owned(),
        })?;
        let effort = passphrases.effort();
        Ok(match JwkSet::parse_within(text, effort) {
            Ok(set) => found_set(text, set),
            Err(_) => vec![found_jwk(Jwk::parse_within(text, effort))],
        })
    };
    read().unwrap_or_else(|error| vec![Found::Refused(error)])
}

/// A line of `authorized_keys`; other lines are passed over.
fn openssh_line(line: &str) -> Option<Found> {
    const KINDS: [&str; 3] = ["ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-nistp"];
    let line = line.trim();
    if let Some(error) = foreign::refused_line(line) {
        return Some(Found::Refused(error));
    }
    KINDS
        .iter()
        .any(|kind| line.starts_with(kind))
        .then(|| commented(openssh::read_public(line), Found::Public))
}

/// A key of OpenSSH's forms with its comment.
fn commented<K>(
    key: Result<(K, String), KeyError>,
    found: fn(K, Option<String>) -> Found,
) -> Found {
    key.map_or_else(Found::Refused, |(key, comment)| {
        found(key, Some(comment).filter(|comment| !comment.is_empty()))
    })
}

/// What `text` is base64 of, where it is nothing else.
fn base64(text: &str) -> Option<Secret<Vec<u8>>> {
    let folded = Secret::new(text.split_ascii_whitespace().collect::<String>());
    let folded = folded.expose();
    if folded.is_empty() {
        return None;
    }
    Base64::decode_vec(folded)
        .or_else(|_| Base64Unpadded::decode_vec(folded))
        .or_else(|_| Base64Url::decode_vec(folded))
        .or_else(|_| Base64UrlUnpadded::decode_vec(folded))
        .ok()
        .map(Secret::new)
}

/// The PEM blocks of `text`; whatever stands around them is passed over.
fn blocks(text: &str, passphrases: &mut Passphrases<'_>) -> Vec<Found> {
    const BEGIN: &str = "-----BEGIN ";
    const DASHES: &str = "-----";
    const LONGEST_LABEL: usize = 64;
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        rest = &rest[start + BEGIN.len()..];
        let Some(label_end) = rest.find(DASHES) else {
            break;
        };
        let label = &rest[..label_end];
        if label.len() > LONGEST_LABEL {
            continue;
        }
        let end = format!("-----END {label}-----");
        let body = &rest[label_end + DASHES.len()..];
        let Some(body_end) = body.find(&end) else {
            found.push(Found::Refused(KeyError::Malformed {
                form: "PEM",
                reason: format!("the block {label} has no end: the file was cut off"),
            }));
            break;
        };
        found.extend(block(label, &body[..body_end], passphrases));
        rest = &body[body_end + end.len()..];
    }
    found
}

/// What one block holds; nothing for the parameters that stand before an EC key.
fn block(label: &str, body: &str, passphrases: &mut Passphrases<'_>) -> Option<Found> {
    if body.contains("Proc-Type:") {
        return Some(Found::Refused(foreign::sealed_block(label)));
    }
    // In JSON and in variables a line may end with the two characters `\n`.
    let lines = body.split("\\n").flat_map(|line| line.split("\\r"));
    let words = lines.flat_map(str::split_ascii_whitespace);
    let folded = Secret::new(words.flat_map(|word| word.split('\\')).collect::<String>());
    let Ok(der) = Base64::decode_vec(folded.expose()).map(Secret::new) else {
        return Some(Found::Refused(KeyError::Malformed {
            form: "PEM",
            reason: format!("the block {label} is no base64"),
        }));
    };
    let bytes = der.expose();
    let private = |key: Result<PrivateKey, KeyError>| {
        key.map_or_else(Found::Refused, |key| Found::Private(key, None))
    };
    let mut plain = |read: fn(&Secret<Vec<u8>>) -> Result<PrivateKey, KeyError>| {
        let effort = passphrases.effort();
        private(effort.read_private(bytes.len(), || read(&der)))
    };
    let public = |key: Result<PublicKey, KeyError>| {
        key.map_or_else(Found::Refused, |key| Found::Public(key, None))
    };
    Some(match label {
        "PRIVATE KEY" => plain(PrivateKey::from_pkcs8_der),
        "ENCRYPTED PRIVATE KEY" => private(sealed_pkcs8::open(der.expose(), passphrases)),
        "RSA PRIVATE KEY" => plain(PrivateKey::from_pkcs1_der),
        "EC PRIVATE KEY" => plain(PrivateKey::from_sec1_der),
        "OPENSSH PRIVATE KEY" => {
            commented(openssh::read_private(bytes, passphrases), Found::Private)
        }
        "PUBLIC KEY" => public(PublicKey::from_spki_der(der.expose())),
        "RSA PUBLIC KEY" => public(PublicKey::from_pkcs1_der(der.expose())),
        "CERTIFICATE" | "X509 CERTIFICATE" => Found::Certificate(der.expose().clone()),
        "TRUSTED CERTIFICATE" => Found::Certificate(object::first(der.expose()).to_vec()),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Found::Request(bytes.clone()),
        "EC PARAMETERS" => return None,
        _ => Found::Refused(foreign::refused_block(label)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::key::Signer;

    #[test]
    fn pem_is_found_with_text_around_it() {
        let text = format!("Bag Attributes\r\n  name\n{}\ntrailer", fixture::P256);
        let found = detect(&Secret::new(text.into_bytes())).unwrap();
        let [Found::Private(key, _)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(key.public(), fixture::private(fixture::P256).public());
    }

    #[test]
    fn the_same_key_as_der_is_found() {
        let key = fixture::private(fixture::ED25519);
        let found = detect(key.pkcs8_der()).unwrap();
        assert!(
            matches!(&found[..], [Found::Private(again, None)] if again.public() == key.public())
        );
        let spki = Secret::new(key.public().spki_der().to_vec());
        let found = detect(&spki).unwrap();
        assert!(matches!(&found[..], [Found::Public(again, None)] if again == key.public()));
    }

    #[test]
    fn a_key_sealed_as_before_pkcs8_is_refused_with_the_command_that_converts_it() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n\
                    -----END RSA PRIVATE KEY-----";
        let found = detect(&Secret::new(text.as_bytes().to_vec())).unwrap();
        let [Found::Refused(error)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            error.to_string(),
            "RSA PRIVATE KEY is not read here: it is sealed as before PKCS#8; \
             openssl pkey -in FILE -aes256 -out NEW seals it anew"
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
