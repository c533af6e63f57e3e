//! DER that says nothing of its kind: the kind is told by the parts of its outer sequence.

use der::{Decode, Reader, SliceReader, Tag, Tagged, asn1::AnyRef};

use super::{Found, Passphrases, foreign};
use crate::{
    jose::{
        key::{KeyError, PrivateKey, PublicKey},
        pkcs12, sealed_pkcs8,
    },
    secret::Secret,
};

/// What the DER holds.
pub(super) fn read(content: &Secret<Vec<u8>>, passphrases: &mut Passphrases<'_>) -> Vec<Found> {
    let bytes = content.expose();
    let private = |key: Result<PrivateKey, KeyError>| {
        vec![key.map_or_else(Found::Refused, |key| Found::Private(key, None))]
    };
    let public = |key: Result<PublicKey, KeyError>| {
        vec![key.map_or_else(Found::Refused, |key| Found::Public(key, None))]
    };
    let mut plain = |read: fn(&Secret<Vec<u8>>) -> Result<PrivateKey, KeyError>| {
        let effort = passphrases.effort();
        private(effort.read_private(bytes.len(), || read(content)))
    };
    let tags = match tags(bytes) {
        Ok(tags) => tags,
        Err(error) => return vec![Found::Refused(error)],
    };
    match tags.as_slice() {
        _ if pkcs12::is_pfx(bytes) => {
            pkcs12::open(bytes, passphrases).unwrap_or_else(|error| vec![Found::Refused(error)])
        }
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => plain(PrivateKey::from_pkcs8_der),
        [Tag::Integer, Tag::Integer] => public(PublicKey::from_pkcs1_der(bytes)),
        [Tag::Integer, Tag::Integer, ..] => plain(PrivateKey::from_pkcs1_der),
        [Tag::Integer, Tag::OctetString, ..] => plain(PrivateKey::from_sec1_der),
        [Tag::ObjectIdentifier, ..] => vec![Found::Refused(foreign::pkcs7())],
        [Tag::Sequence, Tag::OctetString] => private(sealed_pkcs8::open(bytes, passphrases)),
        [Tag::Sequence, Tag::BitString] => public(PublicKey::from_spki_der(bytes)),
        [Tag::Sequence, Tag::Sequence, Tag::BitString] if is_request(bytes) => {
            vec![Found::Request(bytes.clone())]
        }
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => {
            vec![Found::Certificate(bytes.clone())]
        }
        _ => vec![Found::Refused(malformed(
            "it is neither a key nor a certificate",
        ))],
    }
}

/// The first object of `der`; openssl's trusted certificates have more behind it.
pub(super) fn first(der: &[u8]) -> &[u8] {
    let length = || {
        let mut reader = SliceReader::new(der)?;
        AnyRef::decode(&mut reader)?;
        usize::try_from(reader.position())
    };
    length()
        .ok()
        .and_then(|length| der.get(..length))
        .unwrap_or(der)
}

/// The tags of what stands in the outer sequence.
fn tags(der: &[u8]) -> Result<Vec<Tag>, KeyError> {
    /// No structure that is known has more parts.
    const MOST: usize = 16;
    if der.get(1) == Some(&0x80) {
        return Err(KeyError::Convert {
            form: "BER that leaves its lengths open".to_owned(),
            remedy: "openssl pkcs12 -in FILE -out NEW.pem rewrites a PKCS#12 file".to_owned(),
        });
    }
    let cut = |_| malformed("it is cut off, or something follows it");
    let outer = AnyRef::from_der(der).map_err(cut)?;
    let mut reader = SliceReader::new(outer.value()).map_err(cut)?;
    let mut tags = Vec::new();
    while !reader.is_finished() && tags.len() < MOST {
        tags.push(AnyRef::decode(&mut reader).map_err(cut)?.tag());
    }
    Ok(tags)
}

/// A request's first part is its version, then a name; a certificate's is `[0]` or a serial number,
/// then an algorithm.
fn is_request(der: &[u8]) -> bool {
    let parts = || {
        let outer = AnyRef::from_der(der)?;
        let info = AnyRef::decode(&mut SliceReader::new(outer.value())?)?;
        let mut parts = SliceReader::new(info.value())?;
        let version = AnyRef::decode(&mut parts)?;
        let name = AnyRef::decode(&mut parts)?;
        let names_a_set = name.value().first().is_none_or(|tag| *tag == 0x31);
        let key = AnyRef::decode(&mut parts)?;
        let next = AnyRef::decode(&mut parts)?;
        Ok::<_, der::Error>(
            version.tag() == Tag::Integer
                && name.tag() == Tag::Sequence
                && names_a_set
                && key.tag() == Tag::Sequence
                && next.tag() != Tag::Sequence,
        )
    };
    parts().unwrap_or(false)
}

fn malformed(reason: &str) -> KeyError {
    KeyError::Malformed {
        form: "DER",
        reason: reason.to_owned(),
    }
}
