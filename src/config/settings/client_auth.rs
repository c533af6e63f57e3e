//! How a client proves itself, and what its access tokens are bound to.

use std::str::FromStr;

/// How the client proves itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ClientAuth {
    /// A secret that it shares with the server (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// An assertion by such a secret (RFC 7523 section 2.2).
    ClientSecretJwt,
    /// An assertion signed by its key (RFC 7523 section 2.2).
    #[default]
    PrivateKeyJwt,
    /// Its key's certificate, which the server knows itself (RFC 8705 section 2.2).
    SelfSignedTlsClientAuth,
    /// Its key's certificate, by a CA that the server trusts (RFC 8705 section 2.1).
    TlsClientAuth,
}

/// What an access token is bound to: nobody else can use it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Binding {
    /// The certificate of the client's key (RFC 8705 section 3).
    Certificate,
    /// A key that signs a proof for each request (`DPoP`, RFC 9449).
    Dpop,
}

impl ClientAuth {
    /// Every way, the usual one first.
    pub const ALL: [Self; 5] = [
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::ClientSecretJwt,
        Self::ClientSecretBasic,
    ];

    /// What to write.
    pub(super) const EXPECTED: &'static str = "private_key_jwt, tls_client_auth, self_signed_tls_client_auth, client_secret_jwt or \
         client_secret_basic";

    /// Its name among the authentication methods of token endpoints.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::TlsClientAuth => "tls_client_auth",
        }
    }

    /// Whether the server has the secret too.
    pub fn needs_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretJwt)
    }

    /// Whether the TLS connection itself is the proof.
    pub fn is_mutual_tls(self) -> bool {
        match self {
            Self::ClientSecretBasic | Self::ClientSecretJwt | Self::PrivateKeyJwt => false,
            Self::SelfSignedTlsClientAuth | Self::TlsClientAuth => true,
        }
    }
}

impl FromStr for ClientAuth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|auth| auth.name() == text)
            .ok_or_else(|| format!("{text:?}: write {}", Self::EXPECTED))
    }
}

impl Binding {
    pub const ALL: [Self; 2] = [Self::Certificate, Self::Dpop];

    /// What to write.
    pub(super) const EXPECTED: &'static str = "certificate or dpop";

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Dpop => "dpop",
        }
    }
}

impl FromStr for Binding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|binding| binding.name() == text)
            .ok_or_else(|| format!("{text:?}: write {}", Self::EXPECTED))
    }
}
