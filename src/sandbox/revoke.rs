//! `POST /revoke` (RFC 7009): a client takes back its own access token.
//!
//! The API looks at signatures alone, as APIs behind JWTs do: it learns of a revocation by asking
//! `/introspect`, or never.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};

use super::{
    answer::Answer,
    auth::{Auth, check_media_type},
    authenticate::{authenticate, one},
    form::Form,
    introspect::own_claims,
    oauth_error::{Code, OAuthError},
    profile::text,
    token::FORM,
};
use crate::jose::time;

/// 200 also for a token that never was one: it does not count either way (section 2.2).
pub(super) async fn answer(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    body: String,
) -> Result<Answer, OAuthError> {
    let invalid = |reason| OAuthError::new(Code::InvalidRequest, reason);
    check_media_type(&headers, &[FORM]).map_err(invalid)?;
    let form = Form::parse(&body).map_err(|error| invalid(error.to_string()))?;
    let endpoint = auth.at("/revoke");
    let client = authenticate(&auth, &headers, &form, &endpoint).await?.id;
    let token = one(&form, "token")?.ok_or_else(|| invalid("token is missing".to_owned()))?;
    let done = |note: String| Ok(Answer::empty(StatusCode::OK).no_store().note(note));
    let claims = match own_claims(&auth, token).await {
        Ok(claims) => claims,
        Err(reason) => return done(format!("nothing to revoke: {reason}")),
    };
    if text(&claims, "sub") != Some(client.as_str()) {
        return Err(OAuthError::new(
            Code::UnauthorizedClient,
            "the token was granted to another client",
        ));
    }
    let end = claims.members().get("exp").and_then(time::numeric_date);
    let (Some(jti), Some(end)) = (text(&claims, "jti"), end) else {
        return done("nothing to revoke: the token has no jti".to_owned());
    };
    auth.store().revoke(jti, end, auth.now()).map_err(|_| {
        OAuthError::new(
            Code::TemporarilyUnavailable,
            "too many revoked tokens at once: wait until they expire",
        )
    })?;
    done(format!("revoked the token {jti} of {client}"))
}
