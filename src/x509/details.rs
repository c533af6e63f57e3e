//! Everything a certificate says, for people.

mod extension;
mod name;

use base64ct::{Base64UrlUnpadded, Encoding};
use der::Encode;
use jiff::Timestamp;
use x509_cert::name::Name;

pub use self::{
    extension::{Criticality, Extension},
    name::{DistinguishedName, NameAttribute},
};
use super::{certificate::Certificate, signature::SignatureAlgorithm};

/// Whether a certificate may issue others (basicConstraints, RFC 5280 section 4.2.1.9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Authority {
    /// It may.
    Ca,
    /// It may not.
    EndEntity,
}

/// What a certificate says. The texts are raw: they pass the display gate before they are shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Details {
    /// Whom it is about; an empty name is allowed.
    pub subject: DistinguishedName,
    /// Who issued it.
    pub issuer: DistinguishedName,
    /// Hexadecimal, octets divided by colons, with a `-` before it when negative.
    pub serial: String,
    /// 1, 2 or 3.
    pub version: u8,
    /// The first moment it is valid.
    pub not_before: Timestamp,
    /// The last moment it is valid; [`Timestamp::MAX`] where there is no end.
    pub not_after: Timestamp,
    /// What it is signed with.
    pub signature: SignatureAlgorithm,
    /// `RSA 2048`, `P-256`, …, or why the key cannot be used.
    pub public_key: String,
    /// Whether it may issue others.
    pub authority: Authority,
    /// In its own order.
    pub extensions: Vec<Extension>,
    /// SHA-1 of the DER: hexadecimal, octets divided by colons.
    pub sha1: String,
    /// SHA-256 of the DER: hexadecimal, octets divided by colons.
    pub sha256: String,
    /// `x5t` (RFC 7515 section 4.1.7): SHA-1 as base64url.
    pub x5t: String,
    /// `x5t#S256` (RFC 7515 section 4.1.8): SHA-256 as base64url.
    pub x5t_s256: String,
}

/// Whom a certificate is about, as [`Details::subject`] says it; empty where it says nothing that
/// can be read.
pub fn subject(certificate: &Certificate) -> String {
    certificate
        .parsed()
        .map(|parsed| DistinguishedName::of(parsed.tbs_certificate().subject()).text)
        .unwrap_or_default()
}

impl Details {
    /// What `certificate` says. One whose stored bytes were spoiled says no more than its validity,
    /// its fingerprints and, in the place of its key, why.
    pub fn of(certificate: &Certificate) -> Self {
        let parsed = certificate.parsed().ok();
        let said = parsed
            .as_ref()
            .map(x509_cert::certificate::CertificateInner::tbs_certificate);
        let extensions: Vec<Extension> = said
            .and_then(|said| said.extensions())
            .into_iter()
            .flatten()
            .map(Extension::of)
            .collect();
        let name = |name: Option<&Name>| name.map(DistinguishedName::of).unwrap_or_default();
        let public_key = match certificate.public_key() {
            Ok(key) => key.label(),
            Err(error) => format!("not usable: {error}"),
        };
        let (x5t, x5t_s256) = (certificate.x5t(), certificate.x5t_s256());
        Self {
            subject: name(said.map(x509_cert::certificate::TbsCertificateInner::subject)),
            issuer: name(said.map(x509_cert::certificate::TbsCertificateInner::issuer)),
            serial: said.map_or_else(String::new, |said| {
                serial(&said.serial_number().to_der().unwrap_or_default())
            }),
            version: said.map_or(3, |said| said.version() as u8 + 1),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            signature: parsed
                .as_ref()
                .map_or_else(SignatureAlgorithm::unreadable, |parsed| {
                    SignatureAlgorithm::of(parsed.signature_algorithm())
                }),
            public_key,
            authority: authority(certificate),
            extensions,
            sha1: hex(&x5t),
            sha256: hex(&x5t_s256),
            x5t: Base64UrlUnpadded::encode_string(&x5t),
            x5t_s256: Base64UrlUnpadded::encode_string(&x5t_s256),
        }
    }
}

/// Whether `certificate` may issue others; one that does not say may not.
pub(super) fn authority(certificate: &Certificate) -> Authority {
    let constraints = certificate.parsed().ok().and_then(|parsed| {
        parsed
            .tbs_certificate()
            .get_extension::<x509_cert::ext::pkix::BasicConstraints>()
            .ok()
            .flatten()
    });
    match constraints {
        Some((_, constraints)) if constraints.ca => Authority::Ca,
        _ => Authority::EndEntity,
    }
}

/// `0a:ff`.
fn hex(bytes: &[u8]) -> String {
    let octets: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    octets.join(":")
}

/// A DER INTEGER as a signed number.
fn serial(der: &[u8]) -> String {
    // A tag, and a length of one octet up to 127.
    let header = match der.get(1) {
        Some(&length) if length >= 0x80 => 2 + usize::from(length & 0x7f),
        _ => 2,
    };
    let number = der.get(header..).unwrap_or_default();
    if number.first().is_some_and(|first| *first >= 0x80) {
        format!("-{}", hex(&without_zeros(&negated(number))))
    } else {
        hex(&without_zeros(number))
    }
}

/// The magnitude of a negative two's complement number.
fn negated(number: &[u8]) -> Vec<u8> {
    let mut carry = true;
    let mut magnitude: Vec<u8> = number
        .iter()
        .rev()
        .map(|byte| {
            let (digit, over) = (!byte).overflowing_add(u8::from(carry));
            carry = over;
            digit
        })
        .collect();
    magnitude.reverse();
    magnitude
}

fn without_zeros(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    number[zeros.min(number.len().saturating_sub(1))..].to_vec()
}

#[cfg(test)]
mod tests;
