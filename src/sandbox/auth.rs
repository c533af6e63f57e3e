//! The authorization server and registry: what it holds, and its routes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header::CACHE_CONTROL, header::CONTENT_TYPE},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::{
    access_key::AccessKey,
    answer::Answer,
    entities,
    instance::Instance,
    oauth_error::{Code, OAuthError},
    profile,
    store::Store,
    token,
};
use crate::jose::{algorithm::Algorithm, jwk::JwkSet};

/// The authorization server.
pub(super) struct Auth {
    /// `http://127.0.0.1:3001`: the `iss` of its tokens.
    pub(super) issuer: String,
    /// `http://127.0.0.1:3002`: whom access tokens are for unless the client names a `resource`.
    pub(super) audience: String,
    pub(super) instance: Instance,
    store: Mutex<Store>,
    access_key: OnceCell<AccessKey>,
}

impl Auth {
    pub(super) fn new(issuer: String, audience: String, instance: Instance) -> Self {
        Self {
            issuer,
            audience,
            instance,
            store: Mutex::default(),
            access_key: OnceCell::new(),
        }
    }

    pub(super) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/health", get(health))
            .route("/jwks.json", get(jwks))
            .route("/.well-known/jwks.json", get(jwks))
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/.well-known/oauth-authorization-server", get(discovery))
            .route("/token", post(token::grant))
            .route("/api/v1/profile", get(profile::read))
            .route(
                "/api/v1/entities/jwks",
                get(entities::list).post(entities::create),
            )
            .route(
                "/api/v1/entities/jwks/{id}",
                get(entities::read)
                    .put(entities::replace)
                    .patch(entities::patch)
                    .delete(entities::delete),
            )
            .fallback(unknown_path)
            .method_not_allowed_fallback(wrong_method)
            .with_state(self)
    }

    pub(super) fn token_endpoint(&self) -> String {
        format!("{}/token", self.issuer)
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        // Every change to the store is a single insertion or removal: a panic leaves it whole.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key that signs access tokens. The first to ask waits until it is generated; asking for
    /// nothing but the registry and the profile never costs an RSA key.
    pub(super) async fn access_key(&self) -> Result<&AccessKey, OAuthError> {
        self.access_key
            .get_or_try_init(AccessKey::generate)
            .await
            .map_err(|reason| OAuthError::new(Code::ServerError, reason))
    }
}

/// The media type of `headers`, without parameters, is one of `allowed`.
pub(super) fn check_media_type(headers: &HeaderMap, allowed: &[&str]) -> Result<(), String> {
    let sent = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("none");
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if allowed.iter().any(|one| one.eq_ignore_ascii_case(essence)) {
        return Ok(());
    }
    Err(format!(
        "Content-Type is {sent}: send {}",
        allowed.join(" or ")
    ))
}

/// What a route that does not exist answers, on both servers.
pub(super) async fn unknown_path(uri: Uri) -> Answer {
    let path = uri.path();
    if path.starts_with("/api/v1/") {
        return Answer::problem(StatusCode::NOT_FOUND, entities::NOT_FOUND);
    }
    Answer::json(StatusCode::NOT_FOUND, json!({ "error": "Not found" })).note("no such path")
}

/// What a route answers to a method it does not have, on both servers.
pub(super) async fn wrong_method() -> Answer {
    Answer::json(
        StatusCode::METHOD_NOT_ALLOWED,
        json!({ "error": "Method not allowed" }),
    )
    .note("no such method here")
}

async fn health(State(auth): State<Arc<Auth>>) -> Answer {
    auth.instance.health()
}

/// The authorization server's own keys; those of its clients are not its to publish.
async fn jwks(State(auth): State<Arc<Auth>>) -> Result<Answer, OAuthError> {
    let keys = [auth.access_key().await?.public_jwk()];
    let set: Value = serde_json::from_str(&JwkSet::public_json(&keys))
        .map_err(|error| OAuthError::new(Code::ServerError, error.to_string()))?;
    Ok(Answer::json(StatusCode::OK, set).header(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60"),
    ))
}

/// RFC 8414 section 2 and OpenID Connect Discovery 1.0 section 3, as far as there is something to
/// tell.
async fn discovery(State(auth): State<Arc<Auth>>) -> Answer {
    let issuer = &auth.issuer;
    Answer::json(
        StatusCode::OK,
        json!({
            "issuer": issuer,
            "token_endpoint": auth.token_endpoint(),
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::name),
            "id_token_signing_alg_values_supported": ["RS256"],
        }),
    )
}
