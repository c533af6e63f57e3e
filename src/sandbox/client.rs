//! OAuth clients that prove themselves with a key.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{key_cache::KeyCache, trusted_key::TrustedKey};
use crate::{jose::algorithm::Algorithm, secret::Secret};

/// What is known of a client.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// Its keys; those that it publishes are fetched when they are needed.
    pub(super) keys: Vec<TrustedKey>,
    /// Where it publishes them, on this machine.
    pub(super) published: Option<Arc<KeyCache>>,
    /// The only algorithm that it may sign with, where its registration names one.
    pub(super) alg: Option<Algorithm>,
    /// What it may ask for, where its registration names it.
    pub(super) scope: Option<String>,
    pub(super) origin: Origin,
}

/// Where a client comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// Built in: the one of the Node.js article.
    Article,
    /// A key in the registry is one.
    Registry,
    /// It was registered (RFC 7591).
    Registered(Registration),
}

/// What a registration is kept with.
#[derive(Clone, Debug)]
pub(super) struct Registration {
    /// As the client sent it, defaults filled in.
    pub(super) metadata: Map<String, Value>,
    /// The registration access token.
    pub(super) token: Secret<String>,
    /// Seconds since 1970.
    pub(super) issued_at: i64,
}

impl Client {
    /// A client with a single key, which may ask for any scope.
    pub(super) fn with_key(key: TrustedKey, origin: Origin) -> Self {
        Self {
            keys: vec![key],
            published: None,
            alg: None,
            scope: None,
            origin,
        }
    }

    pub(super) fn is_of_the_article(&self) -> bool {
        matches!(self.origin, Origin::Article)
    }
}
