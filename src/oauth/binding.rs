//! Whether an access token is bound to what its client holds (`cnf`, RFC 7800 section 3.1).

use serde_json::Value;

use super::{access_token::AccessToken, certificate, client::Client, dpop, keys::Keys};
use crate::{config::settings::Binding, keystore::record::Record};

/// What is worth a word of the binding of `access`; an error where the client cannot use it at all.
pub(super) fn look(
    client: &Client,
    keys: &Keys,
    access: &AccessToken,
) -> Result<Vec<String>, String> {
    let mut findings: Vec<String> = proof(keys, access).into_iter().collect();
    let Some(decoded) = access.decoded() else {
        return Ok(findings);
    };
    let Some(claims) = decoded.claims() else {
        return Ok(findings);
    };
    let cnf = claims.members().get("cnf").and_then(Value::as_object);
    let said = |name: &str| cnf.and_then(|cnf| cnf.get(name)).and_then(Value::as_str);
    findings.extend(certified(client, keys, said("x5t#S256"))?);
    findings.extend(possessed(keys, access, said("jkt"))?);
    Ok(findings)
}

/// What the kind of token says of the proof that was shown.
fn proof(keys: &Keys, access: &AccessToken) -> Option<String> {
    match (keys.prover(), access.needs_proof()) {
        (Some(_), false) => Some(format!(
            "token_type is {}, although a proof was shown: the token is bound to nothing, and \
             whoever has it can use it; set dpop_bound_access_tokens of the client at the server",
            access.token_type.as_deref().unwrap_or("not told")
        )),
        (None, true) => {
            Some("token_type is DPoP, and the client shows no proofs: write bind: dpop".to_owned())
        }
        (Some(_), true) | (None, false) => None,
    }
}

/// `bound` is the `x5t#S256` of the token.
fn certified(client: &Client, keys: &Keys, bound: Option<&str>) -> Result<Option<String>, String> {
    let kid = keys.kid();
    let leaf = keys.record().and_then(Record::leaf);
    let own = leaf.map(certificate::confirmation);
    let shows = client.settings.shows_certificate();
    match bound {
        Some(bound) if Some(bound) != own.as_deref() => Err(format!(
            "it is bound to the certificate with x5t#S256 {bound}, and that of {kid} has {}: \
             something between changed the connection's certificate, or the server keeps an old one",
            own.as_deref().unwrap_or("none")
        )),
        Some(_) if !shows => Ok(Some(format!(
            "it is bound to the certificate of {kid}, and the client shows none to an API: write \
             bind: certificate"
        ))),
        None if client.settings.bind == Some(Binding::Certificate) => Ok(Some(
            "it is bound to no certificate, although bind: certificate asks for it: set \
             tls_client_certificate_bound_access_tokens of the client at the server"
                .to_owned(),
        )),
        Some(_) | None => Ok(None),
    }
}

/// `bound` is the `jkt` of the token.
fn possessed(
    keys: &Keys,
    access: &AccessToken,
    bound: Option<&str>,
) -> Result<Option<String>, String> {
    match (keys.prover(), bound) {
        (Some(prover), Some(bound)) => {
            let own = dpop::confirmation(&prover.record.public);
            if bound == own {
                return Ok(None);
            }
            Err(format!(
                "it is bound to the key with the thumbprint {bound}, and the proof is by {}, {own}: \
                 something between changed the proof, or the server keeps an old one",
                prover.record.kid
            ))
        }
        (None, Some(_)) if !access.needs_proof() => Ok(Some(
            "it is bound to a key (cnf, jkt), and the client shows no proofs: write bind: dpop"
                .to_owned(),
        )),
        (Some(_), None) if access.needs_proof() => Ok(Some(
            "token_type is DPoP, and the token names no key (cnf, jkt): an API may not take it"
                .to_owned(),
        )),
        (Some(_) | None, Some(_) | None) => Ok(None),
    }
}
