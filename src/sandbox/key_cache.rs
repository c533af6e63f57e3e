//! The keys that somebody publishes, fetched over HTTP and kept.

use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use crate::{
    jose::{
        jwk::{Jwk, JwkSet, PublicJwk},
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
#[derive(Debug)]
pub(super) struct KeyCache {
    url: String,
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    fetched: Instant,
    /// When a token with an unknown key was the reason.
    for_unknown: Option<Instant>,
    published: Vec<PublicJwk>,
    /// The same, to verify with.
    keys: Vec<VerificationKey>,
}

impl KeyCache {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            kept: Mutex::new(None),
        }
    }

    /// The key that signed `token`, so it says; none if the server does not have it.
    pub(super) async fn key_for(
        &self,
        token: &UnverifiedToken,
    ) -> Result<Option<VerificationKey>, String> {
        let kept = self.refreshed(token).await?;
        let keys = kept.as_ref().map_or(&[][..], |kept| &kept.keys);
        Ok(choose(token, keys).cloned())
    }

    /// All keys, among which that of `token` is where it is published.
    pub(super) async fn keys_for(&self, token: &UnverifiedToken) -> Result<Vec<PublicJwk>, String> {
        let kept = self.refreshed(token).await?;
        let kept = kept.as_ref();
        Ok(kept.map_or_else(Vec::new, |kept| kept.published.clone()))
    }

    /// Fetches the keys where there are none, where they are old, and where that of `token` is not
    /// among them. One request fetches, the others wait for it.
    async fn refreshed(
        &self,
        token: &UnverifiedToken,
    ) -> Result<MutexGuard<'_, Option<Kept>>, String> {
        let mut kept = self.kept.lock().await;
        let mut for_unknown = None;
        if let Some(known) = kept.as_ref().filter(|known| known.fetched.elapsed() < LIFE) {
            let rests = known.for_unknown.is_some_and(|last| last.elapsed() < REST);
            if rests || choose(token, &known.keys).is_some() {
                return Ok(kept);
            }
            for_unknown = Some(Instant::now());
        }
        let url = self.url.clone();
        let published = tokio::task::spawn_blocking(move || fetch(&url))
            .await
            .map_err(|error| error.to_string())??;
        *kept = Some(Kept {
            fetched: Instant::now(),
            for_unknown,
            keys: published.iter().map(verification_key).collect(),
            published,
        });
        Ok(kept)
    }
}

fn fetch(url: &str) -> Result<Vec<PublicJwk>, String> {
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
        Ok(Jwk::Public(jwk)) => Some(jwk),
        _ => None,
    });
    Ok(public.collect())
}

fn verification_key(jwk: &PublicJwk) -> VerificationKey {
    VerificationKey::Public {
        kid: jwk.kid.clone(),
        key: jwk.key.clone(),
        alg: jwk.alg.as_ref().and_then(|alg| alg.parse().ok()),
        leaf: None,
        origin: KeyOrigin::Set,
        standing: Standing::Good,
    }
}
