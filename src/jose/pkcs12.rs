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
/// What the OID of PBKDF2, 1.2.840.113549.1.5.12, is in DER.
const PBKDF2: [u8; 11] = [
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c,
];
/// What the OIDs of PBES1 with PKCS#12's own derivation, 1.2.840.113549.1.12.1.x, begin with.
const PBES1: [u8; 11] = [
    0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01,
];
/// The OID of scrypt, 1.3.6.1.4.1.11591.4.11, in DER.
const SCRYPT: [u8; 11] = [
    0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b,
];
/// The OID of a sealed key's bag, 1.2.840.113549.1.12.10.1.2, in DER.
const SEALED_KEY: [u8; 13] = [
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x02,
];
/// Up to so many rounds of its authentication code a file is tried with the empty passphrase before
/// anybody is asked: files that need none are written with 1 to 10,000.
const MOST_ROUNDS_TO_TRY: u64 = 10_000;
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
    passphrases.effort().derive(FORM, rounds(der))?;
    let empty = match mac_rounds(der) {
        Ok(rounds) if rounds <= MOST_ROUNDS_TO_TRY => Pkcs12Archive::from_pkcs12(der, "").ok(),
        _ => None,
    };
    let archive = match empty {
        Some(archive) => archive,
        None => {
            let passphrase = passphrases.asked(FORM)?;
            Pkcs12Archive::from_pkcs12(der, passphrase.expose()).map_err(|error| match error {
                Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => {
                    KeyError::WrongPassphrase(FORM)
                }
                other => malformed(other),
            })?
        }
    };
    let mut found = Vec::new();
    for bag in archive.keys {
        let der = Secret::new(bag.key.as_der().to_vec());
        let size = der.expose().len();
        let key = passphrases
            .effort()
            .read_private(size, || PrivateKey::from_pkcs8_der(&der));
        found.push(key.map_or_else(Found::Refused, |key| Found::Private(key, bag.friendly_name)));
    }
    for bag in archive.certs {
        found.push(Found::Certificate(bag.cert.as_der().to_vec()));
    }
    if found.is_empty() {
        return Err(malformed("it holds neither a key nor a certificate"));
    }
    Ok(found)
}

/// The rounds of every key derivation that the file asks for in plain text, and those of its
/// authentication code.
fn rounds(der: &[u8]) -> u64 {
    let kdfs = [(&PBKDF2, PBKDF2.len()), (&PBES1, PBES1.len() + 1)];
    let sealed = kdfs.into_iter().flat_map(|(oid, length)| {
        der.windows(oid.len())
            .enumerate()
            .filter(move |(_, window)| window == oid)
            .filter_map(move |(at, _)| second_number(der.get(at + length..)?).ok())
    });
    let authentication = mac_rounds(der).unwrap_or(1);
    sealed.fold(authentication, u64::saturating_add)
}

/// Parameters of a key derivation: the salt, then the rounds (RFC 8018 appendix A).
fn second_number(parameters: &[u8]) -> der::Result<u64> {
    let parameters = AnyRef::decode(&mut SliceReader::new(parameters)?)?;
    let mut parts = SliceReader::new(parameters.value())?;
    AnyRef::decode(&mut parts)?;
    u64::decode(&mut parts)
}

/// The last part of the `MacData` that stands after the content (RFC 7292 section 4).
fn mac_rounds(der: &[u8]) -> der::Result<u64> {
    let outer = AnyRef::from_der(der)?;
    let mut parts = SliceReader::new(outer.value())?;
    AnyRef::decode(&mut parts)?;
    AnyRef::decode(&mut parts)?;
    let mac = AnyRef::decode(&mut parts)?;
    let mut parts = SliceReader::new(mac.value())?;
    AnyRef::decode(&mut parts)?;
    AnyRef::decode(&mut parts)?;
    u64::decode(&mut parts)
}

fn malformed(reason: impl ToString) -> KeyError {
    KeyError::Malformed {
        form: FORM,
        reason: reason.to_string(),
    }
}
