//! The authorization server's keys, fetched over HTTP and kept.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::{
    jose::{
        jwk::{Jwk, JwkSet},
        token::UnverifiedToken,
        verdict::{KeyOrigin, Standing, VerificationKey, choose},
    },
    net::{
        http,
        policy::Policy,
        request::{Method, Request},
    },
};

/// How long fetched keys serve.
const LIFE: Duration = Duration::from_secs(60);

/// Tokens with an unknown key make the keys be fetched before they are old, no more often than this:
/// tokens come from anybody.
const REST: Duration = Duration::from_secs(5);

/// The keys behind one URL.
pub(super) struct KeyCache {
    url: String,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    fetched: Instant,
    /// When a token with an unknown key was the reason.
    for_unknown: Option<Instant>,
    keys: Vec<VerificationKey>,
}

impl KeyCache {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            kept: Mutex::new(None),
        }
    }

    /// The key that signed `token`, so it says; none if the server does not have it. Fetches the
    /// keys where there are none, where they are old, and where the key is not among them. One
    /// request fetches, the others wait for it.
    pub(super) async fn key_for(
        &self,
        token: &UnverifiedToken,
    ) -> Result<Option<VerificationKey>, String> {
        let mut kept = self.kept.lock().await;
        let mut for_unknown = None;
        if let Some(known) = kept.as_ref().filter(|known| known.fetched.elapsed() < LIFE) {
            let key = choose(token, &known.keys);
            let rests = known.for_unknown.is_some_and(|last| last.elapsed() < REST);
            if key.is_some() || rests {
                return Ok(key.cloned());
            }
            for_unknown = Some(Instant::now());
        }
        let url = self.url.clone();
        let keys = tokio::task::spawn_blocking(move || fetch(&url))
            .await
            .map_err(|error| error.to_string())??;
        let key = choose(token, &keys).cloned();
        *kept = Some(Kept {
            fetched: Instant::now(),
            for_unknown,
            keys,
        });
        Ok(key)
    }
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
