//! What proves who a client is, in one try.

use base64ct::{Base64, Encoding};

use super::{assertion::Assertion, client::Client, metadata::Metadata};
use crate::{net::form, secret::Secret};

/// What proves who a client is, in one try.
#[derive(Debug)]
pub(super) enum Proof {
    /// Sent with the request.
    Assertion(Box<Assertion>),
    /// `client_id` and secret in base64, in a header of the request (RFC 6749 section 2.3.1).
    Basic(Secret<String>),
    /// The TLS connection that the request goes over.
    Certificate,
}

impl Proof {
    /// That of the client `id` with `secret`.
    pub(super) fn basic(id: &str, secret: &Secret<String>) -> Self {
        let encoded = Secret::new(form::encode(secret.expose()));
        let pair = Secret::new(format!("{}:{}", form::encode(id), encoded.expose()));
        Self::Basic(Secret::new(Base64::encode_string(pair.expose().as_bytes())))
    }
}

/// Where the server offers other grants than that of `client`.
pub(super) fn not_granted(client: &Client, metadata: &Metadata) -> Option<String> {
    let grant = client.settings.grant.kind();
    let grants = metadata.texts("grant_types_supported")?;
    (!grants.contains(&grant)).then(|| {
        format!(
            "the server does not grant {grant}, but {}",
            grants.join(", ")
        )
    })
}

/// Where the server offers others than the method of `client`.
pub(super) fn not_offered(client: &Client, metadata: &Metadata) -> Option<String> {
    let method = client.settings.auth.name();
    let methods = metadata.texts("token_endpoint_auth_methods_supported")?;
    (!methods.contains(&method)).then(|| {
        format!(
            "the server does not offer {method}, but {}",
            methods.join(", ")
        )
    })
}
