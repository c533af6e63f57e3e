//! By what right an access token is asked for.

use std::str::FromStr;

use super::TokenKind;

/// By what right an access token is asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Grant {
    /// For the client itself (RFC 6749 section 4.4).
    #[default]
    ClientCredentials,
    /// For whom an assertion names, which the key signs (RFC 7523 section 2.1).
    JwtBearer,
    /// In exchange for a token of this kind, given for one request (RFC 8693).
    TokenExchange(TokenKind),
}

impl Grant {
    /// Every grant that a client can have for good, the usual one first.
    pub const ALL: [Self; 2] = [Self::ClientCredentials, Self::JwtBearer];

    /// What to write.
    pub(super) const EXPECTED: &'static str = "client_credentials or jwt_bearer";

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer => "jwt_bearer",
            Self::TokenExchange(_) => "token_exchange",
        }
    }

    /// `grant_type` of the request.
    pub fn kind(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::TokenExchange(_) => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }
}

impl FromStr for Grant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|grant| grant.name() == text || grant.kind() == text)
            .ok_or_else(|| format!("{text:?}: write {}", Self::EXPECTED))
    }
}
