//! `POST /introspect` (RFC 7662): what the authorization server knows of an access token.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::{Map, Value, json};

use super::{
    answer::Answer,
    auth::{Auth, check_media_type},
    authenticate::{authenticate, one},
    bearer::{Bearer, bearer},
    form::Form,
    oauth_error::{Code, OAuthError},
    profile::{decode, text},
    server::TOKEN,
    token::FORM,
    trusted_key::judge,
};
use crate::jose::{
    claims::JsonObject,
    verdict::{Expectations, choose},
};

/// Who asks proves itself like a client, or as a resource server with the registry's token.
pub(super) async fn answer(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    body: String,
) -> Result<Answer, OAuthError> {
    let invalid = |reason| OAuthError::new(Code::InvalidRequest, reason);
    check_media_type(&headers, &[FORM]).map_err(invalid)?;
    let form = Form::parse(&body).map_err(|error| invalid(error.to_string()))?;
    let asker = if bearer(&headers) == Bearer::Token(TOKEN) {
        "a resource server".to_owned()
    } else {
        let endpoint = auth.at("/introspect");
        authenticate(&auth, &headers, &form, &endpoint).await?.id
    };
    let token = one(&form, "token")?.ok_or_else(|| invalid("token is missing".to_owned()))?;
    let (body, note) = match own_claims(&auth, token).await {
        Ok(claims) => (active(&claims), "active".to_owned()),
        Err(reason) => (json!({"active": false}), format!("not active: {reason}")),
    };
    Ok(Answer::json(StatusCode::OK, body)
        .no_store()
        .note(format!("{note}, to {asker}")))
}

/// The claims of a token that was granted here and still counts.
pub(super) async fn own_claims(auth: &Auth, token: &str) -> Result<JsonObject, String> {
    let decoded = decode(token)?;
    let keys = auth.access_keys.verification_keys().await;
    let key = choose(&decoded, &keys).ok_or("kid: no key of this server signed it")?;
    let expectations = Expectations {
        required: vec!["exp".to_owned()],
        ..Expectations::default()
    };
    judge(&decoded, key, &expectations, auth.now())?;
    let claims = decoded
        .claims()
        .ok_or("the payload is no claims set")?
        .clone();
    match text(&claims, "jti") {
        Some(jti) if auth.store().is_revoked(jti) => Err("it was revoked".to_owned()),
        _ => Ok(claims),
    }
}

fn active(claims: &JsonObject) -> Value {
    let mut body = Map::new();
    body.insert("active".to_owned(), json!(true));
    body.insert("token_type".to_owned(), json!("Bearer"));
    for (name, value) in claims.members() {
        body.insert(name.clone(), value.clone());
    }
    Value::Object(body)
}
