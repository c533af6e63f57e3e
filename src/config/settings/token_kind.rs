//! The kinds of tokens that can be exchanged.

use std::str::FromStr;

/// A kind of token (RFC 8693 section 3).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TokenKind {
    #[default]
    AccessToken,
    IdToken,
    Jwt,
    RefreshToken,
    Saml1,
    Saml2,
}

impl TokenKind {
    /// Every kind, the usual one first.
    pub const ALL: [Self; 6] = [
        Self::AccessToken,
        Self::IdToken,
        Self::Jwt,
        Self::RefreshToken,
        Self::Saml1,
        Self::Saml2,
    ];

    /// The identifier of the kind.
    pub fn identifier(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::IdToken => "urn:ietf:params:oauth:token-type:id_token",
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
            Self::RefreshToken => "urn:ietf:params:oauth:token-type:refresh_token",
            Self::Saml1 => "urn:ietf:params:oauth:token-type:saml1",
            Self::Saml2 => "urn:ietf:params:oauth:token-type:saml2",
        }
    }

    /// Its last part, `access_token` for example.
    pub fn name(self) -> &'static str {
        let identifier = self.identifier();
        identifier.rsplit(':').next().unwrap_or(identifier)
    }
}

impl FromStr for TokenKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text || kind.identifier() == text)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("{text:?}: write one of {names}")
            })
    }
}
