//! A certificate, its DER kept as received.

use jiff::Timestamp;

use crate::jose::key::{KeyError, PublicKey};

/// An X.509 certificate. Anything with the outer structure of one is taken; what RFC 5280 forbids and
/// people have (negative serials, SHA-1) too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    der: Vec<u8>,
}

/// Why a certificate was refused. (owner: x509)
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CertificateError(pub String);

impl Certificate {
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        unimplemented!("{der:?}")
    }
    /// Every certificate of a PEM text, in its order.
    pub fn all_from_pem(pem: &str) -> Result<Vec<Self>, CertificateError> {
        unimplemented!("{pem}")
    }
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// `-----BEGIN CERTIFICATE-----`, with a line feed at the end.
    pub fn pem(&self) -> String {
        unimplemented!()
    }
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        unimplemented!()
    }
    /// Cheap: reads nothing but the validity.
    pub fn not_before(&self) -> Timestamp {
        unimplemented!()
    }
    pub fn not_after(&self) -> Timestamp {
        unimplemented!()
    }
    /// SHA-1 of the DER, as of `x5t` (RFC 7517 section 4.8).
    pub fn x5t(&self) -> [u8; 20] {
        unimplemented!()
    }
    /// SHA-256 of the DER, as of `x5t#S256` (RFC 7517 section 4.9).
    pub fn x5t_s256(&self) -> [u8; 32] {
        unimplemented!()
    }
}
