//! A certificate's fields by name, for people and for `--json`.

use jiff::Timestamp;

use super::certificate::{Certificate, CertificateError};

/// One extension: its name (or OID), whether it is critical, and its meaning line by line.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Extension {
    pub oid: String,
    pub name: String,
    pub critical: bool,
    pub lines: Vec<String>,
}

/// Every field of a certificate as text from outside: pass it through the display gate before showing it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Details {
    /// RFC 4514 text, `CN=prod,O=GoodData`.
    pub subject: String,
    pub issuer: String,
    /// The first CN of the subject, else the whole subject.
    pub name: String,
    /// Hexadecimal in pairs with colons; `-` before a negative one.
    pub serial: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// `RSA 2048`, `P-256`, or the OID of a key keyfob does not know.
    pub key: String,
    pub signature_algorithm: String,
    /// Upper-case pairs with colons.
    pub sha1: String,
    pub sha256: String,
    /// base64url.
    pub x5t: String,
    pub x5t_s256: String,
    pub is_ca: bool,
    pub self_signed: bool,
    pub extensions: Vec<Extension>,
}

impl Details {
    pub fn of(certificate: &Certificate) -> Result<Self, CertificateError> {
        unimplemented!("{certificate:?}")
    }
}
