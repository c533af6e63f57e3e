//! Files of others that are told by how they begin and are not read, each with what makes another of
//! it.

use crate::{jose::key::KeyError, secret::Secret};

/// How it begins, what it is, what makes something of it that is read.
const TABLE: [(&[u8], &str, &str); 5] = [
    (
        b"\xce\xce\xce\xce",
        "a Java key store (JCEKS)",
        "keytool -importkeystore -srckeystore FILE -srcstoretype JCEKS -destkeystore NEW \
         -deststoretype PKCS12 rewrites it",
    ),
    (
        b"\xfe\xed\xfe\xed",
        "a Java key store (JKS)",
        "keytool -importkeystore -srckeystore FILE -destkeystore NEW -deststoretype PKCS12 \
         rewrites it",
    ),
    (
        b"---- BEGIN SSH2 PUBLIC KEY",
        "an SSH2 public key (RFC 4716)",
        "ssh-keygen -i -f FILE > NEW rewrites it",
    ),
    (
        b"PuTTY-User-Key-File-",
        "a key of PuTTY's",
        "puttygen FILE -O private-openssh -o NEW rewrites it",
    ),
    (
        b"age-encryption.org/",
        "a file sealed with age",
        "age -d FILE > NEW opens it",
    ),
];

/// Beginnings of lines of `authorized_keys`, what stands there, and what to do instead.
const LINES: [(&str, &str, &str); 2] = [
    (
        "sk-",
        "the public half of a security key",
        "its private half never leaves the device, and signs no tokens",
    ),
    (
        "ssh-dss",
        "a DSA key",
        "no token is signed with one: keyfob keys new makes a key",
    ),
];

/// Why `content` is not read, where it is a kind that is known.
pub(super) fn refused(content: &[u8]) -> Option<KeyError> {
    let (_, form, remedy) = TABLE
        .iter()
        .find(|(start, ..)| content.starts_with(start))?;
    Some(convert(form, remedy))
}

/// Why a line of `authorized_keys` is not read.
pub(super) fn refused_line(line: &str) -> Option<KeyError> {
    let (kind, _) = line.split_once(' ')?;
    if kind.ends_with("-cert-v01@openssh.com") {
        return Some(convert(
            "an OpenSSH certificate",
            "import the public key that it was made for",
        ));
    }
    let (_, form, remedy) = LINES.iter().find(|(start, ..)| kind.starts_with(start))?;
    kind.contains("ssh").then(|| convert(form, remedy))
}

/// Why a PEM block of this label is not read.
pub(super) fn refused_block(label: &str) -> KeyError {
    let remedy = match label {
        "PKCS7" | "CMS" => {
            "openssl pkcs7 -print_certs -in FILE -out NEW takes its certificates out"
        }
        "AGE ENCRYPTED FILE" => {
            "it is sealed with age; in a key file of keyfob's only its own keystore opens it: \
             keyfob keys export takes the key out"
        }
        label if label.starts_with("PGP ") => "it is GnuPG's, and signs no tokens",
        _ => "it holds neither a key nor a certificate",
    };
    convert(label, remedy)
}

/// Why a PEM block that is sealed as OpenSSL did it before PKCS#8 is not read.
pub(super) fn sealed_block(label: &str) -> KeyError {
    convert(
        label,
        "it is sealed as before PKCS#8; openssl pkey -in FILE -aes256 -out NEW seals it anew",
    )
}

/// PKCS#7 as DER.
pub(super) fn pkcs7() -> KeyError {
    convert(
        "PKCS7",
        "openssl pkcs7 -inform DER -print_certs -in FILE -out NEW takes its certificates out",
    )
}

/// The text of what Windows writes as UTF-16, byte order mark first; nothing where it is none.
pub(super) fn utf16(content: &[u8]) -> Option<Secret<Vec<u8>>> {
    let (order, units): (fn([u8; 2]) -> u16, _) = match content.split_at_checked(2)? {
        ([0xff, 0xfe], units) => (u16::from_le_bytes, units),
        ([0xfe, 0xff], units) => (u16::from_be_bytes, units),
        _ => return None,
    };
    let units = units.chunks_exact(2).map(|unit| order([unit[0], unit[1]]));
    // A unit makes three octets at most: growing would leave copies behind.
    let mut text = Secret::new(Vec::with_capacity(content.len() / 2 * 3));
    for character in char::decode_utf16(units) {
        let mut octets = [0; 4];
        let encoded = character.ok()?.encode_utf8(&mut octets);
        text.expose_mut().extend_from_slice(encoded.as_bytes());
    }
    Some(text)
}

fn convert(form: &str, remedy: &str) -> KeyError {
    KeyError::Convert {
        form: form.to_owned(),
        remedy: remedy.to_owned(),
    }
}
