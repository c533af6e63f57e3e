//! The names of the well-known Node.js article about client credentials with a client assertion:
//! plain words, where standards have URLs.

use std::time::Duration;

/// Its only client.
pub(super) const CLIENT: &str = "client";

/// The life of its access tokens.
pub(super) const TOKEN_LIFE: Duration = Duration::from_secs(2 * 3600);

/// The claim `user` of its access tokens.
pub(super) const USER: &str = "exampleUser";

/// What its servers call themselves.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// `aud` of assertions and `iss` of access tokens.
    pub(super) issuer: String,
    /// `aud` of access tokens.
    pub(super) audience: String,
}

impl Names {
    /// The article's own, `auth` and `api`, unless others are given.
    pub(super) fn new(issuer: Option<&str>, audience: Option<&str>) -> Self {
        Self {
            issuer: issuer.unwrap_or("auth").to_owned(),
            audience: audience.unwrap_or("api").to_owned(),
        }
    }
}
