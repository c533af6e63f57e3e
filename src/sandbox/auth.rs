//! The authorization server and registry: what it holds, and its routes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header::CACHE_CONTROL, header::CONTENT_TYPE},
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    access_keys::AccessKeys,
    answer::Answer,
    article::{self, Names},
    client::{Client, Origin},
    control, entities,
    fault::{Fault, Switchboard},
    instance::Instance,
    introspect,
    key_folder::KeyFolder,
    oauth_error::{Code, OAuthError},
    options::{Options, Strictness},
    profile, register, revoke,
    store::Store,
    token,
    trusted_key::TrustedKey,
};
use crate::jose::{algorithm::Algorithm, jwk::JwkSet};

/// How far the clock is ahead while [`Fault::Clock`] is on.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// The authorization server.
pub(super) struct Auth {
    /// `http://127.0.0.1:3001`: where it is.
    base: String,
    /// The `iss` of its tokens: where it is, unless the options say otherwise.
    pub(super) issuer: String,
    /// `http://127.0.0.1:3002`: whom access tokens are for unless the client names a `resource`.
    pub(super) audience: String,
    /// What the Node.js article calls both.
    pub(super) names: Names,
    pub(super) strictness: Strictness,
    pub(super) instance: Instance,
    pub(super) switchboard: Switchboard,
    pub(super) access_keys: AccessKeys,
    store: Mutex<Store>,
}

/// Where the servers are.
#[derive(Debug)]
pub(super) struct Addresses {
    pub(super) auth: String,
    pub(super) api: String,
}

impl Auth {
    pub(super) fn new(
        options: &Options,
        addresses: &Addresses,
        instance: Instance,
        switchboard: Switchboard,
    ) -> Self {
        let mut store = Store::default();
        let access_keys = match &options.keys {
            None => AccessKeys::default(),
            Some(folder) => {
                // An empty store has room.
                let _ = store.put_client(article::CLIENT, client_of(folder));
                AccessKeys::of(folder)
            }
        };
        let (issuer, audience) = (options.issuer.as_deref(), options.audience.as_deref());
        Self {
            base: addresses.auth.clone(),
            issuer: issuer.unwrap_or(&addresses.auth).to_owned(),
            audience: audience.unwrap_or(&addresses.api).to_owned(),
            names: Names::new(issuer, audience),
            strictness: options.strictness,
            instance,
            switchboard,
            access_keys,
            store: Mutex::new(store),
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
            .route("/introspect", post(introspect::answer))
            .route("/revoke", post(revoke::answer))
            .route("/register", post(register::create))
            .route(
                "/register/{id}",
                get(register::read)
                    .put(register::replace)
                    .delete(register::delete),
            )
            .route("/faults", get(control::faults).put(control::set_faults))
            .route("/rotate", post(control::rotate))
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
        self.at("/token")
    }

    /// The URL of a path here.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The time by this server's clock.
    pub(super) fn now(&self) -> Timestamp {
        now(&self.switchboard)
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        // Every change to the store is a single insertion or removal: a panic leaves it whole.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time by the clock of servers with these faults.
pub(super) fn now(switchboard: &Switchboard) -> Timestamp {
    let now = Timestamp::now();
    if switchboard.has(Fault::Clock) {
        now + AHEAD
    } else {
        now
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
    let failed = |reason: String| OAuthError::new(Code::ServerError, reason);
    let keys = auth.access_keys.public().await.map_err(failed)?;
    let set: Value = serde_json::from_str(&JwkSet::public_json(&keys))
        .map_err(|error| failed(error.to_string()))?;
    Ok(Answer::json(StatusCode::OK, set).header(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60"),
    ))
}

/// RFC 8414 section 2 and OpenID Connect Discovery 1.0 section 3, as far as there is something to
/// tell.
async fn discovery(State(auth): State<Arc<Auth>>) -> Answer {
    let algorithms = json!(Algorithm::ALL.map(Algorithm::name));
    let mut metadata = json!({
        "issuer": auth.issuer,
        "token_endpoint": auth.token_endpoint(),
        "jwks_uri": auth.at("/.well-known/jwks.json"),
        "registration_endpoint": auth.at("/register"),
        "introspection_endpoint": auth.at("/introspect"),
        "revocation_endpoint": auth.at("/revoke"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    for endpoint in ["token", "introspection", "revocation"] {
        metadata[format!("{endpoint}_endpoint_auth_methods_supported")] =
            json!(["private_key_jwt"]);
        metadata[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")] =
            algorithms.clone();
    }
    Answer::json(StatusCode::OK, metadata)
}

/// The client of a folder: the one of the Node.js article.
fn client_of(folder: &KeyFolder) -> Client {
    let key = TrustedKey::of(folder.jwk.clone(), folder.alg);
    Client::with_key(key, Origin::Article)
}
