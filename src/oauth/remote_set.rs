//! A JWK Set that a server publishes.

use std::collections::HashSet;

use crate::{
    jose::{
        jwk::{Fault, Jwk, PublicJwk, PublishedKey},
        key::PublicKey,
        verdict::{KeyOrigin, VerificationKey},
    },
    x509::verification::verification_key,
};

/// A JWK Set with the address it was fetched from.
#[derive(Debug)]
pub struct RemoteSet {
    url: String,
    keys: Vec<PublishedKey>,
}

impl RemoteSet {
    pub(super) fn new(url: &str, keys: Vec<PublishedKey>) -> Self {
        Self {
            url: url.to_owned(),
            keys,
        }
    }

    /// Where it was fetched from.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its keys in their order.
    pub fn keys(&self) -> &[PublishedKey] {
        &self.keys
    }

    /// The keys to verify with. One that stands there with its private half, or as a secret, proves
    /// nothing any more and is left out; so is one for another use.
    pub fn verification_keys(&self) -> Vec<VerificationKey> {
        let leaked: Vec<&PublicKey> = self
            .keys
            .iter()
            .filter(|key| key.is_leaked())
            .filter_map(|key| Some(&key.public()?.key))
            .collect();
        let public = self.keys.iter().filter_map(PublishedKey::public);
        let serves = |public: &&PublicJwk| {
            !leaked.contains(&&public.key) && public.serves_signatures().is_ok()
        };
        public
            .filter(serves)
            .map(|public| verification_key(public, KeyOrigin::Set))
            .collect()
    }

    /// Whether a key is named `kid`.
    pub fn has_kid(&self, kid: &str) -> bool {
        let mut read = self.keys.iter().filter(|key| key.found.is_ok());
        read.any(|key| key.kid.as_deref() == Some(kid))
    }

    /// A line for each key that cannot serve, and for each kid of several keys: what is wrong, and
    /// what to do.
    pub fn remarks(&self) -> Vec<String> {
        let mut twice = HashSet::new();
        let mut remarks = Vec::new();
        for key in &self.keys {
            for fault in &key.faults {
                if *fault != Fault::KidTwice || twice.insert(key.kid.as_deref()) {
                    remarks.push(self.remark(key, fault));
                }
            }
        }
        remarks
    }

    fn remark(&self, key: &PublishedKey, fault: &Fault) -> String {
        let (url, place) = (&self.url, key.place);
        let name = match &key.kid {
            Some(kid) => format!("the key {kid:?}"),
            None => format!("key {place}"),
        };
        match (fault, &key.found) {
            (Fault::Private(_), Ok(Jwk::Symmetric { .. })) => format!(
                "{url} publishes {name}, which is a secret (kty oct): it is not used; its owner must \
                 replace it"
            ),
            (Fault::Private(_), _) => format!(
                "{url} publishes the private half of {name}: anybody can sign with it, so it is not \
                 used; its owner must replace it"
            ),
            (Fault::Unreadable(why) | Fault::Weak(why), _) => {
                format!("key {place} of {url} cannot be read: {why}")
            }
            (Fault::KidTwice, _) => format!(
                "{url} publishes several keys as {:?}: each of them is tried; its owner must give \
                 each a kid of its own",
                key.name()
            ),
        }
    }
}
