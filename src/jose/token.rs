//! JWS compact tokens: minted and decoded (RFC 7515 section 3.1, RFC 7519).

use aws_lc_rs::rand::SecureRandom;

use super::{
    algorithm::Algorithm,
    claims::JsonObject,
    key::{KeyError, Signer},
};

/// A token that was taken apart and not verified.
#[derive(Clone, Debug)]
pub struct UnverifiedToken {
    /// The token itself, cleaned of `Bearer `, quotes and line breaks.
    pub text: String,
    pub header: JsonObject,
    pub body: Body,
    /// What the clean-up took away, each as a short remark ("Bearer prefix").
    pub remarks: Vec<String>,
}

/// What follows the header.
#[derive(Clone, Debug)]
pub enum Body {
    /// A JWS whose payload is a claims set.
    Claims {
        claims: JsonObject,
        signature: Vec<u8>,
    },
    /// A JWS whose payload is no JSON object.
    Payload {
        payload: Vec<u8>,
        signature: Vec<u8>,
    },
    /// A JWE: only the header can be read.
    Encrypted,
}

/// Why a text is no token: what and where. (owner: jose)
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(pub String);

impl UnverifiedToken {
    /// At most 1 MiB with a header of 16 KiB.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        unimplemented!("{}", text.len())
    }
    /// `alg`, as it stands.
    pub fn alg(&self) -> Option<&str> {
        unimplemented!()
    }
    pub fn kid(&self) -> Option<&str> {
        unimplemented!()
    }
    pub fn claims(&self) -> Option<&JsonObject> {
        unimplemented!()
    }
}

/// Signs exactly the bytes of `header` and `claims`.
pub fn mint(
    header: &JsonObject,
    claims: &JsonObject,
    algorithm: Algorithm,
    signer: &dyn Signer,
    rng: &dyn SecureRandom,
) -> Result<String, KeyError> {
    unimplemented!(
        "{header:?}{claims:?}{algorithm}{}{rng:?}",
        signer.public().label()
    )
}
