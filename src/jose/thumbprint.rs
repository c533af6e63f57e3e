//! JWK thumbprints (RFC 7638, SHA-256).

use std::fmt;

/// The SHA-256 thumbprint of a public key.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Thumbprint(pub [u8; 32]);

impl Thumbprint {
    /// 64 lower-case hexadecimal digits: the name of the key's file.
    pub fn hex(&self) -> String {
        unimplemented!()
    }
    pub fn from_hex(text: &str) -> Option<Self> {
        unimplemented!("{text}")
    }
}
/// base64url without padding, as RFC 7638 section 3.1 writes it: the default `kid`.
impl fmt::Display for Thumbprint {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        unimplemented!()
    }
}
