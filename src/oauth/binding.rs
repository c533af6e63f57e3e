//! Whether an access token is bound to what its client holds (`cnf`, RFC 7800 section 3.1).

use serde_json::Value;

use super::{certificate, client::Client, keys::Keys};
use crate::{config::settings::Binding, jose::token::UnverifiedToken};

/// What is worth a word of the binding of `token`; an error where the client cannot use it at all.
pub(super) fn look(
    client: &Client,
    keys: &Keys,
    token: &UnverifiedToken,
) -> Result<Vec<String>, String> {
    let Some(claims) = token.claims() else {
        return Ok(Vec::new());
    };
    let cnf = claims.members().get("cnf").and_then(Value::as_object);
    let said = |name: &str| cnf.and_then(|cnf| cnf.get(name)).and_then(Value::as_str);
    let kid = &keys.record.kid;
    let own = keys.record.leaf().map(certificate::confirmation);
    let shows = client.settings.shows_certificate();
    match said("x5t#S256") {
        Some(bound) if Some(bound) != own.as_deref() => Err(format!(
            "it is bound to the certificate with x5t#S256 {bound}, and that of {kid} has {}: \
             something between changed the connection's certificate, or the server keeps an old one",
            own.as_deref().unwrap_or("none")
        )),
        Some(_) if !shows => Ok(vec![format!(
            "it is bound to the certificate of {kid}, and the client shows none to an API: write \
             bind: certificate"
        )]),
        None if client.settings.bind == Some(Binding::Certificate) => Ok(vec![
            "it is bound to no certificate, although bind: certificate asks for it: set \
             tls_client_certificate_bound_access_tokens of the client at the server"
                .to_owned(),
        ]),
        Some(_) | None => Ok(Vec::new()),
    }
}
