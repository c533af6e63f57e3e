//! `/api/v1/profile`: who a token's bearer is, as GoodData tells it.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    answer::Answer,
    auth::Auth,
    bearer::{Bearer, bearer},
    trusted_key::{TrustedKey, judge},
};
use crate::jose::{claims::JsonObject, token::UnverifiedToken, verdict::Expectations};

/// Accepts a JWT that a registered key signed. Any `sub` is a user here; `aud` and `iss` are not
/// looked at, as GoodData's own documentation names neither.
pub(super) async fn read(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
) -> Result<Answer, Answer> {
    let Bearer::Token(token) = bearer(&headers) else {
        let detail = "The token is missing: send 'Authorization: Bearer JWT'.";
        return Err(Answer::problem(StatusCode::UNAUTHORIZED, detail).challenge(None));
    };
    let user = authenticate(&auth, token, auth.now()).map_err(|reason| {
        Answer::problem(StatusCode::UNAUTHORIZED, &reason).challenge(Some(&reason))
    })?;
    let body = json!({
        "organizationId": "sandbox",
        "organizationName": "keyfob sandbox",
        "name": user.name,
        "userId": user.sub,
        "permissions": [],
        "links": { "self": auth.at("/api/v1/profile") },
    });
    Ok(Answer::json(StatusCode::OK, body).note(format!("sub {}", user.sub)))
}

struct User {
    sub: String,
    name: String,
}

/// The user that `token` speaks for, or every reason why it does not.
fn authenticate(auth: &Auth, token: &str, now: Timestamp) -> Result<User, String> {
    let decoded = decode(token)?;
    let kid = decoded
        .kid()
        .ok_or("kid: the header names no key; add the kid of a registered one")?;
    let keys = auth.store().keys_by_kid(kid);
    if keys.is_empty() {
        return Err(format!("kid: {kid} is not registered here"));
    }
    let mut outcome = Ok(());
    for key in &keys {
        outcome = judge(&decoded, &key.verification_key(), &expectations(key), now);
        if outcome.is_ok() {
            break;
        }
    }
    outcome?;
    let claims = decoded.claims().ok_or("the payload is no claims set")?;
    let sub = text(claims, "sub").ok_or("sub: it must be a text that is not empty")?;
    let name = text(claims, "name").unwrap_or(sub);
    Ok(User {
        sub: sub.to_owned(),
        name: name.to_owned(),
    })
}

/// Takes `token` apart as it stands: what a person's paste is forgiven, a request is not.
pub(super) fn decode(token: &str) -> Result<UnverifiedToken, String> {
    let decoded = UnverifiedToken::decode(token).map_err(|error| error.to_string())?;
    if decoded.text != token {
        return Err("the token has other characters around it".to_owned());
    }
    Ok(decoded)
}

/// The claim `name`, if it is a text that is not empty.
pub(super) fn text<'a>(claims: &'a JsonObject, name: &str) -> Option<&'a str> {
    claims
        .members()
        .get(name)?
        .as_str()
        .filter(|text| !text.is_empty())
}

fn expectations(key: &TrustedKey) -> Expectations {
    Expectations {
        algorithms: key.alg().iter().map(ToString::to_string).collect(),
        required: ["sub", "exp"].map(str::to_owned).into(),
        ..Expectations::default()
    }
}
