//! What a file or a paste holds, told by its content: PEM with text around it, DER, JWK, JWKS.

use super::{
    jwk::Jwk,
    key::{KeyError, PrivateKey, PublicKey},
};

/// One thing found in a file.
#[derive(Debug)]
pub enum Found {
    Private(PrivateKey),
    Public(PublicKey),
    /// DER of an X.509 certificate, as received.
    Certificate(Vec<u8>),
    Jwk(Box<Jwk>),
    /// A part that is refused or not understood, with the reason.
    Refused(KeyError),
}

/// Everything found in `content`, in its order. Empty content and content without anything known
/// are errors that name what was expected.
pub fn detect(content: &crate::secret::Secret<Vec<u8>>) -> Result<Vec<Found>, KeyError> {
    unimplemented!("{content:?}")
}
