//! A certificate, its DER kept as received.

use aws_lc_rs::digest;
use base64ct::{Base64, Encoding};
use der::{Decode, Encode, pem::LineEnding};
use jiff::Timestamp;
use x509_cert::certificate::{CertificateInner, Raw};

use super::times;
use crate::jose::{
    key::{KeyError, PublicKey},
    verdict::Leaf,
};

/// An X.509 certificate. Anything with the structure of one is taken: what RFC 5280 forbids and
/// people have (negative serials, SHA-1 signatures, odd times) too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    der: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// Why a certificate was refused or not made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateError {
    /// The library that issues could not.
    #[error("the certificate could not be made: {0}")]
    Issue(String),
    /// No certificate.
    #[error("no certificate: {0}")]
    Malformed(String),
    /// No certificate signing request, or one that its key has not signed.
    #[error("the certificate signing request: {0}")]
    Request(String),
    /// A time no calendar of ours holds.
    #[error("the certificate's validity lies outside the years 0 to 9999")]
    Time,
}

impl Certificate {
    /// Reads DER; the bytes are kept as they are.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        parse(der)?;
        Self::from_stored_der(der.to_vec())
    }

    /// Takes DER that was read whole before it was stored: only the validity is read now, and what
    /// else is wrong shows where it is asked for.
    pub fn from_stored_der(der: Vec<u8>) -> Result<Self, CertificateError> {
        let (not_before, not_after) = times::read(&der).map_err(CertificateError::Malformed)?;
        Ok(Self {
            der,
            not_before,
            not_after,
        })
    }

    /// Every certificate of a PEM text, in its order; text around the blocks is passed over.
    pub fn all_from_pem(pem: &str) -> Result<Vec<Self>, CertificateError> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let mut certificates = Vec::new();
        for block in pem.split(BEGIN).skip(1) {
            let (body, _) = block.split_once(END).ok_or_else(|| {
                CertificateError::Malformed("the PEM block has no end".to_owned())
            })?;
            let folded: String = body.split_ascii_whitespace().collect();
            let der = Base64::decode_vec(&folded).map_err(|_| {
                CertificateError::Malformed("the PEM block is no base64".to_owned())
            })?;
            certificates.push(Self::from_der(&der)?);
        }
        Ok(certificates)
    }

    /// The DER as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// `-----BEGIN CERTIFICATE-----` (RFC 7468 section 5), with a line feed at the end.
    pub fn pem(&self) -> String {
        // A certificate that was read is far below the encoder's limit, so it cannot fail.
        pem_rfc7468::encode_string("CERTIFICATE", LineEnding::LF, &self.der).unwrap_or_default()
    }

    /// The key it was made for.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        let malformed = |reason: String| KeyError::Malformed {
            form: "certificate",
            reason,
        };
        let parsed = parse(&self.der).map_err(|error| malformed(error.to_string()))?;
        let spki = parsed
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .map_err(|error| malformed(error.to_string()))?;
        PublicKey::from_spki_der(&spki)
    }

    /// The certificate as a verdict takes it.
    pub fn as_leaf(&self) -> Leaf {
        Leaf {
            der: self.der().to_vec(),
            key: self.public_key().ok(),
        }
    }

    /// The first moment it is valid.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The last moment it is valid; [`Timestamp::MAX`] where there is no end.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// SHA-1 of the DER, as of `x5t` (RFC 7517 section 4.8).
    pub fn x5t(&self) -> [u8; 20] {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der);
        std::array::from_fn(|index| hash.as_ref()[index])
    }

    /// SHA-256 of the DER, as of `x5t#S256` (RFC 7517 section 4.9).
    pub fn x5t_s256(&self) -> [u8; 32] {
        let hash = digest::digest(&digest::SHA256, &self.der);
        std::array::from_fn(|index| hash.as_ref()[index])
    }

    pub(super) fn parsed(&self) -> Result<CertificateInner<Raw>, CertificateError> {
        parse(&self.der)
    }
}

/// Times that the library does not take are read here: it is given others.
fn parse(der: &[u8]) -> Result<CertificateInner<Raw>, CertificateError> {
    CertificateInner::from_der(der)
        .or_else(|error| {
            let plain = times::plain(der).and_then(|plain| CertificateInner::from_der(&plain));
            plain.map_err(|_| error)
        })
        .map_err(|error| CertificateError::Malformed(error.to_string()))
}
