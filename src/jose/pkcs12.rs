//! PKCS#12 files (RFC 7292): what OpenSSL, Java's keytool and Windows keep keys and their chains
//! in. Writing one takes randomness of its own and is the keystore's.

use der::{Decode, SliceReader, asn1::AnyRef};
use p12_keystore::{Pkcs12Archive, error::Error};

use super::{
    key::{KeyError, PrivateKey},
    pem::{Found, Passphrases},
};
use crate::secret::Secret;

const FORM: &str = "PKCS#12 file";
/// What opening costs where every part of it is sealed as others do: 10,000 to 600,000 rounds.
const ROUNDS: u64 = 600_000;
/// The OID of scrypt, 1.3.6.1.4.1.11591.4.11, in DER.
const SCRYPT: [u8; 11] = [
    0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b,
];
/// The OID of a sealed key's bag, 1.2.840.113549.1.12.10.1.2, in DER.
const SEALED_KEY: [u8; 13] = [
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x02,
];
/// The most keys that are read of one file.
const MOST_KEYS: usize = 64;

/// Whether `der` is a `PFX`: version 3, then content of PKCS#7.
pub fn is_pfx(der: &[u8]) -> bool {
    let version_and_content = || {
        let outer = AnyRef::from_der(der)?;
        let mut parts = SliceReader::new(outer.value())?;
        let version = u8::decode(&mut parts)?;
        let content = AnyRef::decode(&mut parts)?;
        content.sequence(|inner| {
            AnyRef::decode(inner)?;
            AnyRef::decode(inner)?;
            Ok::<_, der::Error>(version)
        })
    };
    version_and_content() == Ok(3)
}

/// Keys and certificates of a PKCS#12 file, sealed with PBES2, or with 3DES or RC2 as before.
pub fn open(der: &[u8], passphrases: &mut Passphrases<'_>) -> Result<Vec<Found>, KeyError> {
    let times = |needle: &[u8]| der.windows(needle.len()).filter(|at| at == &needle).count();
    if times(&SCRYPT) > 0 {
        return Err(malformed(
            "it is sealed with scrypt, which is not read here",
        ));
    }
    if times(&SEALED_KEY) > MOST_KEYS {
        return Err(malformed("it holds more than 64 keys"));
    }
    let passphrase = passphrases.of(FORM, ROUNDS)?;
    let archive =
        Pkcs12Archive::from_pkcs12(der, passphrase.expose()).map_err(|error| match error {
            Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => {
                KeyError::WrongPassphrase(FORM)
            }
            other => malformed(other),
        })?;
    let mut found = Vec::new();
    for bag in archive.keys {
        let der = Secret::new(bag.key.as_der().to_vec());
        found.push(PrivateKey::from_pkcs8_der(&der).map_or_else(Found::Refused, Found::Private));
    }
    for bag in archive.certs {
        found.push(Found::Certificate(bag.cert.as_der().to_vec()));
    }
    if found.is_empty() {
        return Err(malformed("it holds neither a key nor a certificate"));
    }
    Ok(found)
}

fn malformed(reason: impl ToString) -> KeyError {
    KeyError::Malformed {
        form: FORM,
        reason: reason.to_string(),
    }
}
