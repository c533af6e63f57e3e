//! The protected API: it knows nothing of the authorization server but its public keys, fetched
//! over HTTP.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::get,
};
use serde_json::{Map, Value, json};

use super::{
    answer::Answer,
    article::Names,
    auth::{Addresses, now, unknown_path, wrong_method},
    bearer::{Bearer, bearer},
    fault::Switchboard,
    instance::Instance,
    key_cache::KeyCache,
    options::{Options, Servers, Strictness},
    profile::{decode, text},
    trusted_key::judge,
};
use crate::jose::{
    token::UnverifiedToken,
    verdict::{Expectations, VerificationKey},
};

/// The API's server.
pub(super) struct Api {
    /// Whose tokens it takes, the likeliest first.
    trusted: Vec<Trusted>,
    strictness: Strictness,
    keys: KeyCache,
    instance: Instance,
    switchboard: Switchboard,
}

/// What a token must say to be taken.
struct Trusted {
    iss: String,
    aud: String,
}

/// The bearer of a good token.
struct Caller {
    sub: String,
    /// For the log: who it is, and what a strict API would have refused.
    note: String,
}

/// `typ` of access tokens (RFC 9068 section 2.1).
const TYP: &str = "at+jwt";

impl Api {
    pub(super) fn new(
        options: &Options,
        addresses: &Addresses,
        instance: Instance,
        switchboard: Switchboard,
    ) -> Self {
        let (issuer, audience) = (options.issuer.as_deref(), options.audience.as_deref());
        let mut trusted = vec![Trusted {
            iss: issuer.unwrap_or(&addresses.auth).to_owned(),
            aud: audience.unwrap_or(&addresses.api).to_owned(),
        }];
        if options.strictness == Strictness::Lenient {
            let names = Names::new(issuer, audience);
            trusted.push(Trusted {
                iss: names.issuer,
                aud: names.audience,
            });
        }
        let url = options.jwks_url.clone().unwrap_or_else(|| {
            let named =
                issuer.filter(|issuer| options.servers == Servers::Api && issuer.contains("://"));
            let base = named.unwrap_or(&addresses.auth).trim_end_matches('/');
            format!("{base}/.well-known/jwks.json")
        });
        Self {
            trusted,
            strictness: options.strictness,
            keys: KeyCache::new(url),
            instance,
            switchboard,
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

    /// Whose the token is, else the answer that refuses (RFC 6750 section 3).
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, Answer> {
        let missing = "Missing or invalid Authorization header";
        let token = match bearer(headers) {
            Bearer::Token(token) => token,
            Bearer::Missing => {
                let answer = refusal(StatusCode::UNAUTHORIZED, missing, "no bearer token");
                return Err(answer.challenge(None));
            }
            Bearer::Malformed => {
                let reason = "the Authorization header is not one bearer token";
                let answer = refusal(StatusCode::BAD_REQUEST, missing, reason);
                return Err(answer.challenge_with(Some(("invalid_request", reason))));
            }
        };
        let refused = |reason: String| {
            let answer = refusal(
                StatusCode::UNAUTHORIZED,
                "Invalid or expired token",
                &reason,
            );
            answer.challenge(Some(&reason))
        };
        let decoded = decode(token).map_err(refused)?;
        let key = self.keys.key_for(&decoded).await.map_err(|reason| {
            let error = "The authorization server's keys cannot be fetched";
            refusal(StatusCode::BAD_GATEWAY, error, &reason)
        })?;
        let key = key.ok_or_else(|| refused(unknown_key(&decoded)))?;
        self.judge(&decoded, &key).map_err(refused)
    }

    /// Whose the token is, or every check that failed.
    fn judge(&self, token: &UnverifiedToken, key: &VerificationKey) -> Result<Caller, String> {
        let claims = token.claims().ok_or("the payload is no claims set")?;
        let iss = text(claims, "iss");
        let said = self.trusted.iter().find(|known| iss == Some(&known.iss));
        let expected = said
            .or(self.trusted.first())
            .ok_or("no issuer is trusted")?;
        let expectations = Expectations {
            iss: Some(expected.iss.clone()),
            aud: Some(expected.aud.clone()),
            typ: match self.strictness {
                Strictness::Lenient => None,
                Strictness::Strict => Some(TYP.to_owned()),
            },
            required: vec!["exp".to_owned()],
            ..Expectations::default()
        };
        judge(token, key, &expectations, now(&self.switchboard))?;
        let sub = text(claims, "sub").ok_or("sub is missing")?;
        let mut note = format!("sub {sub}");
        let typ = token.header_text("typ").unwrap_or("none");
        if !typ.eq_ignore_ascii_case(TYP) && self.strictness == Strictness::Lenient {
            note = format!("{note}; a strict API refuses: typ is {typ}: it must be {TYP}");
        }
        Ok(Caller {
            sub: sub.to_owned(),
            note,
        })
    }
}

fn refusal(status: StatusCode, error: &str, note: &str) -> Answer {
    Answer::json(status, json!({"error": error})).note(note)
}

fn unknown_key(token: &UnverifiedToken) -> String {
    match token.kid() {
        Some(kid) => format!("kid: {kid} is none of the authorization server's keys"),
        None => "kid is missing: it names the key of the authorization server".to_owned(),
    }
}

async fn health(State(api): State<Arc<Api>>) -> Answer {
    api.instance.health()
}

async fn protected(State(api): State<Arc<Api>>, headers: HeaderMap) -> Result<Answer, Answer> {
    let caller = api.authenticate(&headers).await?;
    let body = json!({"message": "Protected resource accessed", "user": caller.sub});
    Ok(Answer::json(StatusCode::OK, body).note(caller.note))
}

/// The request's headers as they arrived, the caller's own token too.
async fn headers(State(api): State<Arc<Api>>, headers: HeaderMap) -> Result<Answer, Answer> {
    let caller = api.authenticate(&headers).await?;
    let mut told = Map::new();
    for (name, value) in &headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        told.insert(name.as_str().to_owned(), Value::String(value));
    }
    let body = json!({"headers": told});
    Ok(Answer::json(StatusCode::OK, body)
        .no_store()
        .note(caller.note))
}
