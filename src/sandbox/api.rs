//! The protected API: it knows nothing of the authorization server but its public keys, fetched
//! over HTTP.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    routing::get,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    answer::Answer,
    auth::{unknown_path, wrong_method},
    bearer::bearer,
    instance::Instance,
    profile::{decode, text},
    trusted_key::judge,
};
use crate::{
    jose::{
        jwk::{Jwk, JwkSet},
        verdict::{Expectations, KeyOrigin, Standing, VerificationKey, choose},
    },
    net::{
        http,
        policy::Policy,
        request::{Method, Request},
    },
};

/// How long fetched keys serve.
const KEYS_LIFE: Duration = Duration::from_secs(60);

/// The API's server.
pub(super) struct Api {
    /// The authorization server.
    issuer: String,
    /// `aud` of the tokens it takes.
    audience: String,
    instance: Instance,
    keys: Mutex<Option<(Instant, Arc<Vec<VerificationKey>>)>>,
}

impl Api {
    pub(super) fn new(issuer: String, audience: String, instance: Instance) -> Self {
        Self {
            issuer,
            audience,
            instance,
            keys: Mutex::new(None),
        }
    }

    pub(super) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/health", get(health))
            .route("/protected", get(protected))
            .route("/headers", get(headers))
            .fallback(unknown_path)
            .method_not_allowed_fallback(wrong_method)
            .with_state(self)
    }

    /// The authorization server's keys, fetched when there are none or they are old.
    async fn keys(&self) -> Result<Arc<Vec<VerificationKey>>, String> {
        let kept = self
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((fetched, keys)) = kept
            && fetched.elapsed() < KEYS_LIFE
        {
            return Ok(keys);
        }
        let url = format!("{}/.well-known/jwks.json", self.issuer);
        let fetched = tokio::task::spawn_blocking(move || fetch(&url));
        let keys = Arc::new(fetched.await.map_err(|error| error.to_string())??);
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&keys)));
        Ok(keys)
    }

    /// The `sub` of a good token, else the answer that refuses.
    async fn authenticate(&self, headers: &HeaderMap) -> Result<String, Answer> {
        let unauthorized = |error: &str, note: String| {
            Answer::json(StatusCode::UNAUTHORIZED, json!({"error": error})).note(note)
        };
        let Some(token) = bearer(headers) else {
            let error = "Missing or invalid Authorization header";
            return Err(unauthorized(error, "no bearer token".to_owned()).challenge(None));
        };
        let keys = self.keys().await.map_err(|reason| {
            let error = json!({"error": "The authorization server's keys cannot be fetched"});
            Answer::json(StatusCode::BAD_GATEWAY, error).note(reason)
        })?;
        let judged = decode(token).and_then(|decoded| {
            let key = choose(&decoded, &keys).ok_or("kid is not the authorization server's")?;
            let expectations = Expectations {
                iss: Some(self.issuer.clone()),
                aud: Some(self.audience.clone()),
                required: vec!["exp".to_owned()],
                ..Expectations::default()
            };
            judge(&decoded, key, &expectations, Timestamp::now())?;
            let subject = decoded.claims().and_then(|claims| text(claims, "sub"));
            subject
                .map(str::to_owned)
                .ok_or_else(|| "sub is missing".to_owned())
        });
        judged.map_err(|reason| {
            let refusal = unauthorized("Invalid or expired token", reason.clone());
            refusal.challenge(Some(&reason))
        })
    }
}

async fn health(State(api): State<Arc<Api>>) -> Answer {
    api.instance.health()
}

async fn protected(State(api): State<Arc<Api>>, headers: HeaderMap) -> Result<Answer, Answer> {
    let user = api.authenticate(&headers).await?;
    let body = json!({"message": "Protected resource accessed", "user": user});
    Ok(Answer::json(StatusCode::OK, body).note(format!("sub {user}")))
}

/// The request's headers as they arrived; the token is not told back.
async fn headers(State(api): State<Arc<Api>>, headers: HeaderMap) -> Result<Answer, Answer> {
    let user = api.authenticate(&headers).await?;
    let mut told = Map::new();
    for (name, value) in &headers {
        let value = if name == AUTHORIZATION {
            "Bearer [masked]".to_owned()
        } else {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        told.insert(name.as_str().to_owned(), Value::String(value));
    }
    let body = json!({"headers": told});
    Ok(Answer::json(StatusCode::OK, body).note(format!("sub {user}")))
}

fn fetch(url: &str) -> Result<Vec<VerificationKey>, String> {
    let request = Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
    };
    let response = http::send(&request, &Policy::default()).map_err(|error| error.to_string())?;
    if response.status != 200 {
        return Err(format!("{url} answered {}", response.status));
    }
    let set = JwkSet::parse(&response.text()).map_err(|error| error.to_string())?;
    let public = set.keys.into_iter().filter_map(|jwk| match jwk {
        Ok(Jwk::Public(jwk)) => Some(VerificationKey::Public {
            kid: jwk.kid,
            key: jwk.key,
            alg: jwk.alg.and_then(|alg| alg.parse().ok()),
            leaf: None,
            origin: KeyOrigin::Set,
            standing: Standing::Good,
        }),
        _ => None,
    });
    Ok(public.collect())
}
