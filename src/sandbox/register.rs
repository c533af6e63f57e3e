//! `/register`: clients register themselves (RFC 7591) and manage that (RFC 7592).

use std::{str::FromStr, sync::Arc};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    answer::Answer,
    auth::{Auth, check_media_type},
    bearer::{Bearer, bearer},
    client::{Client, Origin, Registration},
    instance::random_name,
    key_cache::KeyCache,
    oauth_error::{Code, OAuthError},
    server::TOKEN,
    trusted_key::TrustedKey,
};
use crate::{jose::algorithm::Algorithm, net::url::Url, secret::Secret};

const JSON: &str = "application/json";

/// Keys of one client.
const KEYS: usize = 20;

/// What the server says and the client must not (RFC 7592 section 2.2).
const OURS: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// The members that mean something here; the keys stay text until they are known to be public.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    grant_types: Option<Vec<String>>,
    #[serde(borrow, default)]
    jwks: Option<Set<'a>>,
    #[serde(default)]
    jwks_uri: Option<String>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    token_endpoint_auth_signing_alg: Option<String>,
}

#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// A client as it asks to be known.
struct Asked {
    client_id: Option<String>,
    metadata: Map<String, Value>,
    keys: Vec<TrustedKey>,
    published: Option<Arc<KeyCache>>,
    alg: Option<Algorithm>,
    scope: Option<String>,
}

pub(super) async fn create(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    body: String,
) -> Result<Answer, Refusal> {
    if bearer(&headers) != Bearer::Token(TOKEN) {
        return Err(Refusal::Token(
            "the initial access token is wrong or missing: send 'Authorization: Bearer sandbox'",
        ));
    }
    let asked = Asked::parse(&headers, &body)?;
    if asked.client_id.is_some() {
        return Err(invalid("client_id: the server chooses it, leave it out"));
    }
    let id = random()?;
    let issued_at = auth.now().as_second();
    let client = asked.into_client(issued_at)?;
    let body = told(&auth, &id, &client);
    auth.store()
        .put_client(&id, client)
        .map_err(|_| invalid("the sandbox holds no more clients: delete one first"))?;
    Ok(Answer::json(StatusCode::CREATED, body)
        .no_store()
        .note(format!("registered {id}")))
}

pub(super) async fn read(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    let client = authorised(&auth, &headers, &id)?;
    Ok(Answer::json(StatusCode::OK, told(&auth, &id, &client))
        .no_store()
        .note(format!("read {id}")))
}

/// The whole registration anew, with another registration access token: the old one is dead at
/// once, as certified servers do.
pub(super) async fn replace(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: String,
) -> Result<Answer, Refusal> {
    let known = authorised(&auth, &headers, &id)?;
    let asked = Asked::parse(&headers, &body)?;
    if let Some(ours) = OURS.iter().find(|name| asked.metadata.contains_key(**name)) {
        return Err(Refusal::Standard(OAuthError::new(
            Code::InvalidRequest,
            format!("{ours} is the server's to say: leave it out (RFC 7592 section 2.2)"),
        )));
    }
    if asked.client_id.as_deref() != Some(&id) {
        return Err(invalid(format!("client_id must be {id}")));
    }
    let issued_at = match &known.origin {
        Origin::Registered(registration) => registration.issued_at,
        Origin::Article | Origin::Registry => auth.now().as_second(),
    };
    let client = asked.into_client(issued_at)?;
    let body = told(&auth, &id, &client);
    // It is in the place of one that is there.
    let _ = auth.store().put_client(&id, client);
    Ok(Answer::json(StatusCode::OK, body)
        .no_store()
        .note(format!("replaced {id}")))
}

pub(super) async fn delete(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    authorised(&auth, &headers, &id)?;
    auth.store().delete_client(&id);
    Ok(Answer::empty(StatusCode::NO_CONTENT)
        .no_store()
        .note(format!("deleted {id}")))
}

/// Why a registration was not made.
pub(super) enum Refusal {
    Standard(OAuthError),
    /// The access token does not let the caller in.
    Token(&'static str),
}

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> axum::response::Response {
        match self {
            Self::Standard(error) => error.into_response(),
            Self::Token(reason) => {
                let body = json!({"error": "invalid_token", "error_description": reason});
                Answer::json(StatusCode::UNAUTHORIZED, body)
                    .no_store()
                    .note(format!("invalid_token: {reason}"))
                    .challenge(Some(reason))
                    .into_response()
            }
        }
    }
}

/// The client that the registration access token is for. A client that is not there is answered
/// like a wrong token (RFC 7592 section 2).
fn authorised(auth: &Auth, headers: &HeaderMap, id: &str) -> Result<Client, Refusal> {
    let client = auth.store().client(id);
    match (client, bearer(headers)) {
        (Some(client), Bearer::Token(token)) if holds(&client, token) => Ok(client),
        _ => Err(Refusal::Token(
            "the registration access token is not that of a client here",
        )),
    }
}

fn holds(client: &Client, token: &str) -> bool {
    match &client.origin {
        Origin::Registered(registration) => registration.token.expose() == token,
        Origin::Article | Origin::Registry => false,
    }
}

impl Asked {
    fn parse(headers: &HeaderMap, body: &str) -> Result<Self, Refusal> {
        check_media_type(headers, &[JSON]).map_err(invalid)?;
        let broken = |error: serde_json::Error| invalid(format!("the body: {error}"));
        let document: Document<'_> = serde_json::from_str(body).map_err(broken)?;
        let method = document.token_endpoint_auth_method.as_deref();
        if method.is_some_and(|method| method != "private_key_jwt") {
            return Err(invalid(
                "token_endpoint_auth_method must be private_key_jwt",
            ));
        }
        let grants = document.grant_types.unwrap_or_default();
        if grants != ["client_credentials"] {
            return Err(invalid("grant_types must be [\"client_credentials\"]"));
        }
        let (keys, published) = match (document.jwks, document.jwks_uri) {
            (Some(_), Some(_)) => {
                return Err(invalid("jwks and jwks_uri exclude each other: send one"));
            }
            (None, Some(url)) => (Vec::new(), Some(published(&url)?)),
            (set, None) => (keys(set)?, None),
        };
        let alg = document.token_endpoint_auth_signing_alg.as_deref();
        let alg = alg
            .map(Algorithm::from_str)
            .transpose()
            .map_err(|unknown| invalid(format!("token_endpoint_auth_signing_alg: {unknown}")))?;
        if let Some(alg) = alg
            && published.is_none()
            && !keys.iter().any(|key| key.jwk().key.supports(alg))
        {
            return Err(invalid(format!(
                "token_endpoint_auth_signing_alg is {alg}, and no key serves it"
            )));
        }
        // The keys are public, so the whole of it may become values.
        let mut metadata: Map<String, Value> = serde_json::from_str(body).map_err(broken)?;
        metadata.remove("client_id");
        metadata.insert(
            "token_endpoint_auth_method".to_owned(),
            json!("private_key_jwt"),
        );
        Ok(Self {
            client_id: document.client_id,
            metadata,
            keys,
            published,
            alg,
            scope: document.scope,
        })
    }

    fn into_client(mut self, issued_at: i64) -> Result<Client, Refusal> {
        self.metadata
            .retain(|name, _| !OURS.contains(&name.as_str()));
        Ok(Client {
            keys: self.keys,
            published: self.published,
            alg: self.alg,
            scope: self.scope,
            origin: Origin::Registered(Registration {
                metadata: self.metadata,
                token: Secret::new(random()?),
                issued_at,
            }),
        })
    }
}

/// Where the client publishes its keys: nothing but this machine is ever asked.
fn published(url: &str) -> Result<Arc<KeyCache>, Refusal> {
    let parsed = Url::parse(url).map_err(|error| invalid(format!("jwks_uri: {error}")))?;
    if !parsed.is_loopback() {
        return Err(invalid(format!(
            "jwks_uri: {} is another machine, and the sandbox asks this one alone: send the keys \
             themselves as jwks",
            parsed.authority()
        )));
    }
    Ok(Arc::new(KeyCache::new(parsed.as_str().to_owned())))
}

/// Public keys with different kids.
fn keys(set: Option<Set<'_>>) -> Result<Vec<TrustedKey>, Refusal> {
    let Some(set) = set else {
        return Err(invalid(
            "jwks is missing: {\"keys\": [public JWK]}, or jwks_uri: a URL of this machine",
        ));
    };
    if set.keys.is_empty() || set.keys.len() > KEYS {
        return Err(invalid(format!("jwks must have 1 to {KEYS} keys")));
    }
    let keys: Vec<TrustedKey> = set
        .keys
        .iter()
        .enumerate()
        .map(|(place, text)| {
            TrustedKey::parse(text.get())
                .map_err(|reason| invalid(format!("jwks.keys[{place}]: {reason}")))
        })
        .collect::<Result<_, _>>()?;
    for (place, key) in keys.iter().enumerate() {
        if keys.len() > 1 && key.kid().is_none() {
            return Err(invalid(format!(
                "jwks.keys[{place}]: kid is missing, and there are several keys"
            )));
        }
        if keys[..place].iter().any(|other| other.kid() == key.kid()) {
            return Err(invalid(format!(
                "jwks.keys[{place}]: another key has the kid {}",
                key.kid().unwrap_or_default()
            )));
        }
    }
    Ok(keys)
}

/// A client as the server tells it (RFC 7591 section 3.2.1, RFC 7592 section 3).
fn told(auth: &Auth, id: &str, client: &Client) -> Value {
    let Origin::Registered(registration) = &client.origin else {
        return json!({"client_id": id});
    };
    let mut body = Map::new();
    body.insert("client_id".to_owned(), json!(id));
    body.insert(
        "client_id_issued_at".to_owned(),
        json!(registration.issued_at),
    );
    body.insert(
        "registration_access_token".to_owned(),
        json!(registration.token.expose()),
    );
    let place = auth.at(&format!("/register/{id}"));
    body.insert("registration_client_uri".to_owned(), json!(place));
    body.extend(registration.metadata.clone());
    Value::Object(body)
}

fn random() -> Result<String, Refusal> {
    random_name()
        .map_err(|error| Refusal::Standard(OAuthError::new(Code::ServerError, error.to_string())))
}

fn invalid(reason: impl Into<String>) -> Refusal {
    Refusal::Standard(OAuthError::new(Code::InvalidClientMetadata, reason))
}
