//! Who asks: client authentication with `private_key_jwt` (RFC 7521, RFC 7523 section 3).

use std::time::Duration;

use axum::http::{HeaderMap, header::AUTHORIZATION};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    auth::Auth,
    client::Client,
    fault::Fault,
    form::Form,
    oauth_error::{Code, OAuthError},
    options::Strictness,
    profile::{decode, text},
    store::Refused,
    trusted_key::{TrustedKey, judge},
};
use crate::jose::{
    algorithm::Algorithm,
    claims::JsonObject,
    time,
    token::UnverifiedToken,
    verdict::{Expectations, VerificationKey, choose},
};

pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest life of an assertion, as strict servers have it.
const ASSERTION_LIFE: Duration = Duration::from_secs(300);

/// The most keys of a set that a client publishes.
const KEYS: usize = 100;

/// A client that proved who it is.
pub(super) struct Proven {
    pub(super) id: String,
    pub(super) client: Client,
    /// What a strict server would have refused.
    pub(super) objections: Vec<String>,
}

/// An assertion that holds.
struct Assertion {
    id: String,
    client: Client,
    jti: Option<String>,
    expiry: Timestamp,
    objections: Vec<String>,
}

/// The client that the assertion of `form` proves. Its audience is the issuer, the token endpoint
/// or, where that is another, the `endpoint` that was asked.
pub(super) async fn authenticate(
    auth: &Auth,
    headers: &HeaderMap,
    form: &Form,
    endpoint: &str,
) -> Result<Proven, OAuthError> {
    if headers.contains_key(AUTHORIZATION) {
        let reason = "clients prove themselves with private_key_jwt here: send client_assertion in \
                      the form, and no Authorization header";
        return Err(refused(reason).challenged());
    }
    if one(form, "client_assertion_type")? != Some(ASSERTION_TYPE) {
        return Err(refused(format!(
            "client_assertion_type must be {ASSERTION_TYPE}"
        )));
    }
    let assertion =
        one(form, "client_assertion")?.ok_or_else(|| refused("client_assertion is missing"))?;
    let client_id = one(form, "client_id")?;
    let now = auth.now();
    let decoded = decode(assertion).map_err(refused)?;
    let client = client_of(auth, &decoded).await.map_err(refused)?;
    let assertion = check(auth, &decoded, client, client_id, endpoint, now).map_err(refused)?;
    use_up(auth, &assertion, now)?;
    Ok(Proven {
        id: assertion.id,
        client: assertion.client,
        objections: assertion.objections,
    })
}

/// The only value of `name`.
pub(super) fn one<'a>(form: &'a Form, name: &str) -> Result<Option<&'a str>, OAuthError> {
    form.one(name)
        .map_err(|error| OAuthError::new(Code::InvalidRequest, error.to_string()))
}

fn refused(reason: impl Into<String>) -> OAuthError {
    OAuthError::new(Code::InvalidClient, reason)
}

/// An assertion serves once. Only a lenient server lets one come again that has no `jti`.
fn use_up(auth: &Auth, assertion: &Assertion, now: Timestamp) -> Result<(), OAuthError> {
    let again = |jti: &str| {
        refused(format!(
            "jti {jti} was used before: make a fresh one each time"
        ))
    };
    if auth.switchboard.has(Fault::Replay) {
        let jti = assertion.jti.as_deref().unwrap_or("none");
        return Err(refused(format!("fault replay: jti {jti} was used before")));
    }
    let Some(jti) = &assertion.jti else {
        return Ok(());
    };
    auth.store()
        .use_up(&assertion.id, jti, assertion.expiry, now)
        .map_err(|error| match error {
            Refused::Taken => again(jti),
            Refused::Full => OAuthError::new(
                Code::TemporarilyUnavailable,
                "too many assertions at once: wait until they expire",
            ),
        })
}

/// The client that the assertion names, with the keys that it publishes.
async fn client_of(auth: &Auth, assertion: &UnverifiedToken) -> Result<Option<Client>, String> {
    let subject = assertion.claims().and_then(|claims| text(claims, "sub"));
    let client = subject.and_then(|subject| auth.store().client(subject));
    let Some(mut client) = client else {
        return Ok(None);
    };
    if let Some(published) = &client.published {
        let keys = published.keys_for(assertion).await;
        let keys = keys.map_err(|reason| format!("the client's jwks_uri: {reason}"))?;
        let trusted = keys.into_iter().filter_map(|jwk| TrustedKey::new(jwk).ok());
        client.keys = trusted.take(KEYS).collect();
    }
    Ok(Some(client))
}

/// The rules of RFC 7523 section 3.
fn check(
    auth: &Auth,
    decoded: &UnverifiedToken,
    client: Option<Client>,
    client_id: Option<&str>,
    endpoint: &str,
    now: Timestamp,
) -> Result<Assertion, String> {
    let claims = decoded
        .claims()
        .ok_or("the assertion's payload is no claims set")?;
    let subject = text(claims, "sub").ok_or("sub is missing: it is the client_id")?;
    if text(claims, "iss") != Some(subject) {
        return Err("iss and sub must both be the client_id".to_owned());
    }
    if client_id.is_some_and(|id| id != subject) {
        return Err("client_id is not the assertion's sub".to_owned());
    }
    let client = client.ok_or_else(|| format!("client {subject} is not registered here"))?;
    let mut objections = Vec::new();
    let key = key_of(auth, &client, decoded, &mut objections)?;
    let alg = client.alg.or(key.alg());
    let expectations = Expectations {
        algorithms: alg.iter().map(Algorithm::to_string).collect(),
        required: ["exp", "iat"].map(str::to_owned).into(),
        ..Expectations::default()
    };
    judge(decoded, &key.verification_key(), &expectations, now)?;
    check_audience(auth, claims, endpoint, &mut objections)?;
    let date = |name| claims.members().get(name).and_then(time::numeric_date);
    let (iat, exp) = (date("iat").unwrap_or(now), date("exp").unwrap_or(now));
    check_life(iat, exp, now)?;
    let jti = text(claims, "jti").map(str::to_owned);
    if jti.is_none() {
        let reason = "jti is missing: each assertion needs a fresh one";
        object(auth, &mut objections, reason.to_owned())?;
    }
    Ok(Assertion {
        id: subject.to_owned(),
        client,
        jti,
        expiry: exp,
        objections,
    })
}

/// Refuses, or takes note of it where the server is lenient.
fn object(auth: &Auth, objections: &mut Vec<String>, reason: String) -> Result<(), String> {
    match auth.strictness {
        Strictness::Strict => Err(reason),
        Strictness::Lenient => {
            objections.push(reason);
            Ok(())
        }
    }
}

/// The client's key that the assertion names; one that names none is for a client with a single key
/// (OpenID Connect Core 1.0 section 10.1).
fn key_of(
    auth: &Auth,
    client: &Client,
    assertion: &UnverifiedToken,
    objections: &mut Vec<String>,
) -> Result<TrustedKey, String> {
    if assertion.kid().is_none() && auth.strictness == Strictness::Lenient {
        objections.push("kid is missing: a client with several keys must name one".to_owned());
    }
    if let [only] = client.keys.as_slice() {
        return Ok(only.clone());
    }
    if client.keys.is_empty() {
        return Err("the client's jwks_uri has no key that serves signatures".to_owned());
    }
    let keys: Vec<VerificationKey> = client
        .keys
        .iter()
        .map(TrustedKey::verification_key)
        .collect();
    let chosen = choose(assertion, &keys).and_then(VerificationKey::thumbprint);
    let key = client
        .keys
        .iter()
        .find(|key| chosen.is_some() && key.verification_key().thumbprint() == chosen);
    key.cloned().ok_or_else(|| match assertion.kid() {
        Some(kid) => format!("kid: {kid} is none of the client's keys"),
        None => format!(
            "kid is missing: the client has {} keys, name the one that signed",
            client.keys.len()
        ),
    })
}

/// One audience: the issuer or the endpoint (RFC 7523 section 3). A lenient server also takes the
/// plain word that the Node.js article's client says.
fn check_audience(
    auth: &Auth,
    claims: &JsonObject,
    endpoint: &str,
    objections: &mut Vec<String>,
) -> Result<(), String> {
    let issuer = &auth.issuer;
    let audience = match claims.members().get("aud") {
        Some(Value::String(one)) => one.as_str(),
        Some(Value::Array(_)) => {
            return Err(format!("aud must be one text, {issuer}, not an array"));
        }
        _ => return Err(format!("aud is missing: it is {issuer}")),
    };
    let token_endpoint = auth.token_endpoint();
    if [issuer, &token_endpoint, endpoint].contains(&audience) {
        return Ok(());
    }
    let reason = format!("aud is {audience}: it must be {issuer} or {token_endpoint}");
    if audience == auth.names.issuer {
        return object(auth, objections, reason);
    }
    Err(reason)
}

fn check_life(iat: Timestamp, exp: Timestamp, now: Timestamp) -> Result<(), String> {
    let life = exp.duration_since(iat.min(now)).as_secs();
    if life <= i64::try_from(ASSERTION_LIFE.as_secs()).unwrap_or(i64::MAX) {
        return Ok(());
    }
    Err(format!(
        "the assertion lives {}: at most {} are accepted",
        time::span(life.unsigned_abs()),
        time::span(ASSERTION_LIFE.as_secs())
    ))
}
