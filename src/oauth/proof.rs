//! What proves who a client is, in one try.

use super::{assertion::Assertion, client::Client, metadata::Metadata};

/// What proves who a client is, in one try.
#[derive(Debug)]
pub(super) enum Proof {
    /// Sent with the request.
    Assertion(Box<Assertion>),
    /// The TLS connection that the request goes over.
    Certificate,
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
