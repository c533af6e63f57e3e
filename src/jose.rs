//! Keys, JWKs and tokens (RFC 7515–7519, 7638, 8037, 8725, 9864), as pure functions: no I/O, no
//! clock, no randomness of its own.

pub mod algorithm;
mod base64url;
pub mod claims;
mod effort;
pub mod header;
pub mod json_text;
pub mod jwe;
pub mod jwk;
pub mod key;
pub mod openssh;
pub mod pem;
pub mod pkcs12;
pub mod reading;
pub mod registered;
pub mod sealed_pkcs8;
pub mod search;
pub mod template;
pub mod thumbprint;
pub mod time;
pub mod token;
pub mod verdict;
pub mod why;
