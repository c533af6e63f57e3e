//! The reasons that lie in what a token is: an id token or a proof is no access token.

use serde_json::Value;

use super::{Case, Likelihood, Reason};
use crate::jose::claims::JsonObject;

/// What a `typ` names that no API takes as an access token.
const KINDS: [(&str, &str); 5] = [
    ("dpop+jwt", "a DPoP proof (RFC 9449)"),
    (
        "logout+jwt",
        "a logout token (OpenID Connect Back-Channel Logout)",
    ),
    ("oauth-authz-req+jwt", "a request object (RFC 9101)"),
    ("secevent+jwt", "a security event (RFC 8417)"),
    (
        "token-introspection+jwt",
        "the answer to an inquiry about a token (RFC 9701)",
    ),
];

pub(super) fn reasons(case: &Case<'_>) -> Vec<Reason> {
    let Some(claims) = case.token.claims() else {
        return Vec::new();
    };
    let typ = case.token.header_text("typ").unwrap_or_default();
    let typ = typ.to_ascii_lowercase();
    let typ = typ.trim_start_matches("application/");
    if typ == "at+jwt" {
        return api(claims).into_iter().collect();
    }
    let other = KINDS.iter().find(|(name, _)| *name == typ);
    match other {
        Some((_, what)) => vec![Reason::new(
            Likelihood::Possible,
            "kind",
            format!("typ is {typ}: this is {what}, and no access token"),
            "send it only where such a one is asked for, and the access token in Authorization",
        )],
        None => id_token(case, claims).into_iter().collect(),
    }
}

/// An access token (RFC 9068) is for one API.
fn api(claims: &JsonObject) -> Option<Reason> {
    let aud = claims.members().get("aud")?.as_str()?;
    Some(Reason::new(
        Likelihood::Possible,
        "aud",
        format!("it is for {aud}: an API that calls itself otherwise refuses it"),
        "compare with what the API expects, and ask for a token for that",
    ))
}

fn id_token(case: &Case<'_>, claims: &JsonObject) -> Option<Reason> {
    let signs = match own_claims(claims) {
        own if own.is_empty() => for_the_client(case, claims)?,
        own => format!("it has {}", own.join(", ")),
    };
    Some(Reason::new(
        Likelihood::Likely,
        "kind",
        format!("{signs}: this is an id token, which is for the client and not for an API"),
        "send the access token of the same answer",
    ))
}

/// The claims that OpenID Connect Core (sections 2 and 3.3.2.11) and FAPI (`s_hash`) name for id
/// tokens alone; Keycloak says it in `typ`.
fn own_claims(claims: &JsonObject) -> Vec<&'static str> {
    let own = ["nonce", "at_hash", "c_hash", "s_hash"];
    let is_said = claims.members().get("typ").is_some_and(|typ| typ == "ID");
    own.into_iter()
        .filter(|name| claims.members().contains_key(*name))
        .chain(is_said.then_some("typ ID"))
        .collect()
}

/// The audience of an id token is the client (OpenID Connect Core section 2): the one that it was
/// issued to, or one that is known here. What
/// tells what its bearer may do is none, nor is what Keycloak calls an access token in `typ`.
fn for_the_client(case: &Case<'_>, claims: &JsonObject) -> Option<String> {
    let rights = ["client_id", "roles", "scope", "scp"];
    let text = |name: &str| claims.members().get(name).and_then(Value::as_str);
    let is_access = text("typ") == Some("Bearer");
    if is_access
        || rights
            .iter()
            .any(|name| claims.members().contains_key(*name))
    {
        return None;
    }
    let aud = match claims.members().get("aud")? {
        Value::String(one) => one.as_str(),
        Value::Array(all) => match all.as_slice() {
            [one] => one.as_str()?,
            _ => return None,
        },
        _ => return None,
    };
    if text("azp") == Some(aud) {
        return Some(format!("aud and azp are both {aud}, the client itself"));
    }
    let is_known = case.clients.contains(&aud);
    is_known.then(|| format!("aud is {aud}, a client that is known here"))
}
