//! `POST /token`: client credentials with `private_key_jwt` (RFC 6749 section 4.4, RFC 7523), and
//! for a lenient server the same in the shorter form of the well-known Node.js article.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    access_keys::AccessKey,
    answer::Answer,
    article,
    auth::{Auth, check_media_type},
    authenticate::{ASSERTION_TYPE, Proven, authenticate, one},
    fault::Fault,
    form::Form,
    instance::random_name,
    oauth_error::{Code, OAuthError},
    options::Strictness,
};
use crate::jose::claims::JsonObject;

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The life of an access token.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);

/// Where access tokens are for while [`Fault::WrongAud`] is on.
const ELSEWHERE: &str = "https://elsewhere.example/api";

/// The kid of access tokens while [`Fault::UnknownKid`] is on.
const UNKNOWN_KID: &str = "unknown-kid";

/// Which of the two forms a request has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    /// RFC 6749.
    Standard,
    /// The article's: no `grant_type`, and plain errors.
    Article,
}

/// A refusal in the words of the request's own form.
pub(super) enum Refusal {
    Article(StatusCode, &'static str, String),
    Standard(OAuthError),
}

pub(super) async fn grant(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    body: String,
) -> Result<Answer, Refusal> {
    if body.is_empty() {
        return Err(match auth.strictness {
            Strictness::Lenient => bad_request("Request body is required"),
            Strictness::Strict => standard(Code::InvalidRequest, "the body is empty: send a form"),
        });
    }
    check_media_type(&headers, &[FORM]).map_err(|reason| standard(Code::InvalidRequest, reason))?;
    let form =
        Form::parse(&body).map_err(|error| standard(Code::InvalidRequest, error.to_string()))?;
    let style = style(&form, auth.strictness)?;
    let endpoint = auth.token_endpoint();
    let mut proven = authenticate(&auth, &headers, &form, &endpoint)
        .await
        .map_err(|error| refused(error, style))?;
    if style == Style::Article {
        let reason = "grant_type is missing: it is client_credentials".to_owned();
        proven.objections.insert(0, reason);
    }
    let granted = Granted::new(&auth, &form, &proven, style)?;
    let key = auth.access_keys.current().await;
    let key = key.map_err(|reason| standard(Code::ServerError, reason))?;
    let token = granted
        .sign(&auth, key)
        .await
        .map_err(|reason| standard(Code::ServerError, reason))?;
    let mut answer = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": granted.life.as_secs(),
    });
    if let Some(scope) = granted.claims.members().get("scope") {
        answer["scope"] = scope.clone();
    }
    if granted.style == Style::Article {
        answer["token"] = answer["access_token"].clone();
    }
    Ok(Answer::json(StatusCode::OK, answer)
        .no_store()
        .note(note(&auth, &proven)))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Article(status, error, note) => Answer::json(status, json!({"error": error}))
                .no_store()
                .note(note)
                .into_response(),
            Self::Standard(error) => error.into_response(),
        }
    }
}

impl From<OAuthError> for Refusal {
    fn from(error: OAuthError) -> Self {
        Self::Standard(error)
    }
}

fn standard(code: Code, reason: impl Into<String>) -> Refusal {
    Refusal::Standard(OAuthError::new(code, reason))
}

fn bad_request(error: &'static str) -> Refusal {
    Refusal::Article(StatusCode::BAD_REQUEST, error, error.to_owned())
}

/// A refused client, in the words of the form.
fn refused(error: OAuthError, style: Style) -> Refusal {
    if style == Style::Article && error.code == Code::InvalidClient {
        let word = "Invalid client_assertion";
        return Refusal::Article(StatusCode::UNAUTHORIZED, word, error.description);
    }
    Refusal::Standard(error)
}

fn style(form: &Form, strictness: Strictness) -> Result<Style, Refusal> {
    match (one(form, "grant_type")?, strictness) {
        (Some("client_credentials"), _) => return Ok(Style::Standard),
        (Some(other), _) => {
            return Err(standard(
                Code::UnsupportedGrantType,
                format!("grant_type {other}: only client_credentials is granted here"),
            ));
        }
        (None, Strictness::Strict) => {
            return Err(standard(
                Code::InvalidRequest,
                "grant_type is missing: it is client_credentials",
            ));
        }
        (None, Strictness::Lenient) => {}
    }
    if one(form, "client_id")?.is_none() {
        return Err(bad_request("Missing or invalid client_id"));
    }
    if one(form, "client_assertion_type")? != Some(ASSERTION_TYPE) {
        return Err(bad_request("Missing or invalid client_assertion_type"));
    }
    if one(form, "client_assertion")?.is_none() {
        return Err(bad_request("Missing client_assertion"));
    }
    Ok(Style::Article)
}

/// An access token before it is signed.
struct Granted {
    claims: JsonObject,
    life: Duration,
    style: Style,
}

impl Granted {
    /// The article's client gets the article's token, whichever form it asks in.
    fn new(auth: &Auth, form: &Form, proven: &Proven, asked: Style) -> Result<Self, OAuthError> {
        let is_article = asked == Style::Article || proven.client.is_of_the_article();
        let style = if is_article && auth.strictness == Strictness::Lenient {
            Style::Article
        } else {
            Style::Standard
        };
        let life = match style {
            Style::Article => article::TOKEN_LIFE,
            Style::Standard => TOKEN_LIFE,
        };
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", json!(issuer(auth, style)));
        put("sub", json!(proven.id));
        match style {
            Style::Article => put("user", json!(article::USER)),
            Style::Standard => put("client_id", json!(proven.id)),
        };
        put("aud", json!(audience(auth, form, style)?));
        let (iat, exp) = life_of(auth, life);
        put("iat", json!(iat.as_second()));
        put("exp", json!(exp.as_second()));
        if style == Style::Standard {
            let jti = random_name()
                .map_err(|error| OAuthError::new(Code::ServerError, error.to_string()))?;
            put("jti", json!(jti));
        }
        if let Some(scope) = scope(form, proven)? {
            put("scope", json!(scope));
        }
        Ok(Self {
            claims: JsonObject::from_members(claims),
            life,
            style,
        })
    }

    /// Off the servers' thread: a signature takes longer than all the rest of a request.
    async fn sign(&self, auth: &Auth, key: Arc<AccessKey>) -> Result<String, String> {
        let has_unknown = auth.switchboard.has(Fault::UnknownKid);
        let (claims, style) = (self.claims.clone(), self.style);
        let signed = tokio::task::spawn_blocking(move || {
            let kid = if has_unknown {
                Some(UNKNOWN_KID)
            } else {
                key.kid()
            };
            match style {
                Style::Article => key.sign_bare(&claims, kid),
                Style::Standard => key.sign(&claims, kid),
            }
        });
        signed.await.map_err(|error| error.to_string())?
    }
}

fn issuer(auth: &Auth, style: Style) -> &str {
    match style {
        Style::Article => &auth.names.issuer,
        Style::Standard => &auth.issuer,
    }
}

fn audience(auth: &Auth, form: &Form, style: Style) -> Result<String, OAuthError> {
    let resource = match one(form, "resource")? {
        Some(resource) if is_absolute(resource) => Some(resource.to_owned()),
        Some(other) => {
            return Err(OAuthError::new(
                Code::InvalidTarget,
                format!(
                    "resource {other}: it must be an absolute URI without a fragment (RFC 8707 \
                     section 2)"
                ),
            ));
        }
        None => None,
    };
    if auth.switchboard.has(Fault::WrongAud) {
        return Ok(ELSEWHERE.to_owned());
    }
    Ok(match (resource, style) {
        (Some(resource), _) => resource,
        (None, Style::Article) => auth.names.audience.clone(),
        (None, Style::Standard) => auth.audience.clone(),
    })
}

fn is_absolute(resource: &str) -> bool {
    let scheme = resource.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(is_scheme)
        && !resource.contains('#')
}

/// When the token begins and ends.
fn life_of(auth: &Auth, life: Duration) -> (Timestamp, Timestamp) {
    let now = auth.now();
    let life = SignedDuration::try_from(life).unwrap_or_default();
    if auth.switchboard.has(Fault::Expired) {
        let end = now - SignedDuration::from_mins(1);
        return (end - life, end);
    }
    (now, now + life)
}

/// What the client asks for (RFC 6749 section 3.3), where its registration lets it.
fn scope<'a>(form: &'a Form, proven: &Proven) -> Result<Option<&'a str>, OAuthError> {
    // Clients of a gateway write `scopes`.
    let asked = match one(form, "scope")? {
        Some(scope) => Some(scope),
        None => one(form, "scopes")?,
    };
    let Some(asked) = asked else {
        return Ok(None);
    };
    let is_allowed = |byte: u8| (0x21..=0x7e).contains(&byte) && !b"\"\\".contains(&byte);
    let invalid = |reason: String| Err(OAuthError::new(Code::InvalidScope, reason));
    if asked
        .split(' ')
        .any(|word| word.is_empty() || !word.bytes().all(is_allowed))
    {
        return invalid("scope: words of printable ASCII, one space between them".to_owned());
    }
    if let Some(registered) = &proven.client.scope {
        let beyond = asked
            .split(' ')
            .find(|word| !registered.split(' ').any(|each| each == *word));
        if let Some(word) = beyond {
            return invalid(format!(
                "scope {word}: the client is registered for {registered:?} only"
            ));
        }
    }
    Ok(Some(asked))
}

/// For the log: who got it, what is wrong with it on purpose, and what a strict server would say.
fn note(auth: &Auth, proven: &Proven) -> String {
    let faults = auth.switchboard.faults();
    let mut said: Vec<String> = [Fault::Expired, Fault::WrongAud, Fault::UnknownKid]
        .into_iter()
        .filter(|fault| faults.has(*fault))
        .map(|fault| format!("fault {fault}: "))
        .collect();
    said.push(format!("token for {}", proven.id));
    if !proven.objections.is_empty() {
        said.push("; a strict server refuses: ".to_owned());
        said.push(proven.objections.join("; "));
    }
    said.concat()
}
