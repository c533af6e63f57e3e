//! A JWK Set that a server publishes.

use crate::{
    jose::{
        jwk::{Jwk, JwkSet},
        key::PublicKey,
        verdict::{KeyOrigin, VerificationKey},
    },
    x509::verification::verification_key,
};

/// A JWK Set with the address it was fetched from.
#[derive(Debug)]
pub struct RemoteSet {
    url: String,
    set: JwkSet,
}

impl RemoteSet {
    pub(super) fn new(url: &str, set: JwkSet) -> Self {
        Self {
            url: url.to_owned(),
            set,
        }
    }

    /// Where it was fetched from.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its keys in their order, each read or refused.
    pub fn set(&self) -> &JwkSet {
        &self.set
    }

    /// The keys to verify with. One that stands there with its private half, or as a secret, proves
    /// nothing any more and is left out; so is one for another use.
    pub fn verification_keys(&self) -> Vec<VerificationKey> {
        let keys = || self.set.keys.iter().flatten();
        let leaked: Vec<&PublicKey> = keys()
            .filter_map(|jwk| match jwk {
                Jwk::Private { public, .. } => Some(&public.key),
                Jwk::Public(_) | Jwk::Symmetric { .. } => None,
            })
            .collect();
        let public = keys().filter_map(|jwk| match jwk {
            Jwk::Public(public) => Some(public),
            Jwk::Private { .. } | Jwk::Symmetric { .. } => None,
        });
        public
            .filter(|public| !leaked.contains(&&public.key) && public.serves_signatures().is_ok())
            .map(|public| verification_key(public, KeyOrigin::Set))
            .collect()
    }

    /// Whether a key is named `kid`.
    pub fn has_kid(&self, kid: &str) -> bool {
        self.set.keys.iter().flatten().any(|jwk| match jwk {
            Jwk::Public(public) | Jwk::Private { public, .. } => public.kid.as_deref() == Some(kid),
            Jwk::Symmetric { kid: each, .. } => each.as_deref() == Some(kid),
        })
    }

    /// A line for each key that cannot serve: what is wrong, and what to do.
    pub fn remarks(&self) -> Vec<String> {
        let url = &self.url;
        let remark = |(place, key): (usize, &Result<Jwk, _>)| {
            let number = place + 1;
            match key {
                Ok(Jwk::Public(_)) => None,
                Ok(Jwk::Private { public, .. }) => {
                    let name = name(public.kid.as_deref(), number);
                    Some(format!(
                        "{url} publishes the private half of {name}: anybody can sign with it, so it \
                         is not used; its owner must replace it"
                    ))
                }
                Ok(Jwk::Symmetric { kid, .. }) => {
                    let name = name(kid.as_deref(), number);
                    Some(format!(
                        "{url} publishes {name}, which is a secret (kty oct): it is not used; its \
                         owner must replace it"
                    ))
                }
                Err(error) => Some(format!("key {number} of {url} cannot be read: {error}")),
            }
        };
        self.set
            .keys
            .iter()
            .enumerate()
            .filter_map(remark)
            .collect()
    }
}

fn name(kid: Option<&str>, number: usize) -> String {
    match kid {
        Some(kid) => format!("the key {kid:?}"),
        None => format!("key {number}"),
    }
}
