//! `POST /token`: client credentials with `private_key_jwt` (RFC 6749 section 4.4, RFC 7523), and
//! the same in the shorter form of the well-known Node.js article.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    answer::Answer,
    auth::{Auth, check_media_type},
    entity_id::EntityId,
    form::Form,
    instance::random_name,
    oauth_error::{Code, OAuthError},
    profile::{decode, text},
    store::Refused,
    trusted_key::{TrustedKey, judge},
};
use crate::jose::{claims::JsonObject, time, verdict::Expectations};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const FORM: &str = "application/x-www-form-urlencoded";

/// The longest life of an assertion, as strict servers have it.
const ASSERTION_LIFE: Duration = Duration::from_secs(300);

/// The life of an access token.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);

/// Which of the two forms a request has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    /// RFC 6749.
    Standard,
    /// The article's: no `grant_type`, and plain errors.
    Article,
}

pub(super) async fn grant(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    body: String,
) -> Result<Answer, Refusal> {
    if body.is_empty() {
        let error = "Request body is required";
        return Err(Refusal::Article(
            StatusCode::BAD_REQUEST,
            error,
            error.to_owned(),
        ));
    }
    check_media_type(&headers, &[FORM])
        .map_err(|reason| Refusal::standard(Code::InvalidRequest, reason))?;
    let form = Form::parse(&body)
        .map_err(|error| Refusal::standard(Code::InvalidRequest, error.to_string()))?;
    let style = style(&form)?;
    let client = authenticate(&auth, &form, style, Timestamp::now())?;
    let claims = access_claims(&auth, &form, &client)?;
    let key = auth.access_key().await.map_err(Refusal::Standard)?;
    let token = key
        .sign(&claims)
        .map_err(|reason| Refusal::standard(Code::ServerError, reason))?;
    let mut answer = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE.as_secs(),
    });
    if let Some(scope) = claims.members().get("scope") {
        answer["scope"] = scope.clone();
    }
    if style == Style::Article {
        answer["token"] = answer["access_token"].clone();
    }
    Ok(Answer::json(StatusCode::OK, answer)
        .no_store()
        .note(format!("token for {client}")))
}

/// A refusal in the words of the request's own form.
pub(super) enum Refusal {
    Article(StatusCode, &'static str, String),
    Standard(OAuthError),
}

impl Refusal {
    fn standard(code: Code, reason: impl Into<String>) -> Self {
        Self::Standard(OAuthError::new(code, reason))
    }
}

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> axum::response::Response {
        match self {
            Self::Article(status, error, note) => Answer::json(status, json!({"error": error}))
                .no_store()
                .note(note)
                .into_response(),
            Self::Standard(error) => error.into_response(),
        }
    }
}

fn style(form: &Form) -> Result<Style, Refusal> {
    let bad = |error| Refusal::Article(StatusCode::BAD_REQUEST, error, error.to_owned());
    match one(form, "grant_type")? {
        Some("client_credentials") => Ok(Style::Standard),
        Some(other) => Err(Refusal::standard(
            Code::UnsupportedGrantType,
            format!("grant_type {other}: only client_credentials is granted here"),
        )),
        None => {
            if one(form, "client_id")?.is_none() {
                return Err(bad("Missing or invalid client_id"));
            }
            if one(form, "client_assertion_type")? != Some(ASSERTION_TYPE) {
                return Err(bad("Missing or invalid client_assertion_type"));
            }
            if one(form, "client_assertion")?.is_none() {
                return Err(bad("Missing client_assertion"));
            }
            Ok(Style::Article)
        }
    }
}

fn one<'a>(form: &'a Form, name: &str) -> Result<Option<&'a str>, Refusal> {
    form.one(name)
        .map_err(|error| Refusal::standard(Code::InvalidRequest, error.to_string()))
}

/// The client that the assertion proves.
fn authenticate(auth: &Auth, form: &Form, style: Style, now: Timestamp) -> Result<String, Refusal> {
    let refused = |reason: String| match style {
        Style::Standard => Refusal::standard(Code::InvalidClient, reason),
        Style::Article => {
            Refusal::Article(StatusCode::UNAUTHORIZED, "Invalid client_assertion", reason)
        }
    };
    if one(form, "client_assertion_type")? != Some(ASSERTION_TYPE) {
        return Err(refused(format!(
            "client_assertion_type must be {ASSERTION_TYPE}"
        )));
    }
    let assertion = one(form, "client_assertion")?
        .ok_or_else(|| refused("client_assertion is missing".to_owned()))?;
    let client_id = one(form, "client_id")?;
    let (client, jti, expiry) = check(auth, assertion, client_id, style, now).map_err(refused)?;
    auth.store()
        .use_up(&client, &jti, expiry, now)
        .map_err(|error| match error {
            Refused::Taken => refused(format!(
                "jti {jti} was used before: make a fresh one each time"
            )),
            Refused::Full => Refusal::standard(
                Code::TemporarilyUnavailable,
                "too many assertions at once: wait until they expire",
            ),
        })?;
    Ok(client)
}

/// The rules of RFC 7523 section 3; answers the client, the `jti` and when it may come again.
fn check(
    auth: &Auth,
    assertion: &str,
    client_id: Option<&str>,
    style: Style,
    now: Timestamp,
) -> Result<(String, String, Timestamp), String> {
    let decoded = decode(assertion)?;
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
    let key = client_key(auth, subject)
        .ok_or_else(|| format!("client {subject} is not registered here"))?;
    let expectations = Expectations {
        algorithms: key.alg().iter().map(ToString::to_string).collect(),
        required: ["exp", "iat"].map(str::to_owned).into(),
        ..Expectations::default()
    };
    judge(&decoded, &key.verification_key(), &expectations, now)?;
    check_audience(auth, claims, style)?;
    let date = |name| claims.members().get(name).and_then(time::numeric_date);
    let (iat, exp) = (date("iat").unwrap_or(now), date("exp").unwrap_or(now));
    let life = exp.duration_since(iat.min(now)).as_secs();
    if life > i64::try_from(ASSERTION_LIFE.as_secs()).unwrap_or(i64::MAX) {
        return Err(format!(
            "the assertion lives {}: at most {} are accepted",
            time::span(life.unsigned_abs()),
            time::span(ASSERTION_LIFE.as_secs())
        ));
    }
    let jti = match (text(claims, "jti"), style) {
        (Some(jti), _) => jti.to_owned(),
        // The article's client sends none: its signature, fresh each second, stands in.
        (None, Style::Article) => assertion.rsplit('.').next().unwrap_or_default().to_owned(),
        (None, Style::Standard) => {
            return Err("jti is missing: each assertion needs a fresh one".to_owned());
        }
    };
    Ok((subject.to_owned(), jti, exp))
}

/// One audience: the issuer or the token endpoint (RFC 7523 section 3); the article's client says
/// the plain word `auth`.
fn check_audience(auth: &Auth, claims: &JsonObject, style: Style) -> Result<(), String> {
    let endpoint = auth.token_endpoint();
    let audience = match claims.members().get("aud") {
        Some(Value::String(one)) => one.as_str(),
        Some(Value::Array(_)) => {
            return Err(format!(
                "aud must be one text, {}, not an array",
                auth.issuer
            ));
        }
        _ => return Err(format!("aud is missing: it is {}", auth.issuer)),
    };
    let known = audience == auth.issuer
        || audience == endpoint
        || style == Style::Article && audience == "auth";
    if known {
        Ok(())
    } else {
        Err(format!(
            "aud is {audience}: it must be {} or {endpoint}",
            auth.issuer
        ))
    }
}

fn client_key(auth: &Auth, client: &str) -> Option<TrustedKey> {
    let id = EntityId::parse(client).ok()?;
    auth.store().entities().get(&id).cloned()
}

fn access_claims(auth: &Auth, form: &Form, client: &str) -> Result<JsonObject, Refusal> {
    let now = Timestamp::now();
    let life = SignedDuration::from_secs(i64::try_from(TOKEN_LIFE.as_secs()).unwrap_or(3600));
    let jti =
        random_name().map_err(|error| Refusal::standard(Code::ServerError, error.to_string()))?;
    let audience = match one(form, "resource")? {
        Some(resource) if resource.starts_with("http") => resource.to_owned(),
        Some(other) => {
            return Err(Refusal::standard(
                Code::InvalidTarget,
                format!("resource {other}: it must be an absolute URI (RFC 8707 section 2)"),
            ));
        }
        None => auth.audience.clone(),
    };
    let mut claims = Map::new();
    for (name, value) in [
        ("iss", json!(auth.issuer)),
        ("sub", json!(client)),
        ("client_id", json!(client)),
        ("aud", json!(audience)),
        ("iat", json!(now.as_second())),
        ("exp", json!((now + life).as_second())),
        ("jti", json!(jti)),
    ] {
        claims.insert(name.to_owned(), value);
    }
    // The article's client writes `scopes`.
    let scope = match one(form, "scope")? {
        Some(scope) => Some(scope),
        None => one(form, "scopes")?,
    };
    if let Some(scope) = scope {
        claims.insert("scope".to_owned(), json!(scope));
    }
    Ok(JsonObject::from_members(claims))
}
