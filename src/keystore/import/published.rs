//! What a published JWK Set offers.

use std::collections::HashMap;

use super::{Offer, hashes};
use crate::jose::jwk::{Jwk, PublishedKey};

impl Offer {
    /// The public halves of a published set. A key that something speaks against is left out, with
    /// the reason.
    pub fn published(keys: &[PublishedKey]) -> Self {
        let publics = keys.iter().filter_map(PublishedKey::public);
        hashes::compute(&publics.map(|public| &public.key).collect::<Vec<_>>());
        let mut offer = Self::default();
        let mut places = HashMap::new();
        let mut certificates = Vec::new();
        for key in keys {
            match (key.faults.first(), key.public()) {
                (Some(fault), _) => offer.refused.push(format!("{}: {fault}", key.name())),
                (None, Some(public)) => {
                    let jwk = Jwk::Public(public.clone());
                    offer.push_jwk(jwk, &mut certificates, &mut places);
                }
                (None, None) => {}
            }
        }
        offer.hand_out(&certificates, &mut places);
        offer
    }

    /// The keys that are called one of `names`, and why some of those were left out.
    #[must_use]
    pub fn called(self, names: &[String]) -> Self {
        let is_named = |reason: &String| {
            let mut names = names.iter();
            names.any(|name| reason.starts_with(&format!("{name}: ")))
        };
        let keys = self.keys.into_iter();
        Self {
            keys: keys.filter(|key| names.contains(&key.name())).collect(),
            refused: self.refused.into_iter().filter(is_named).collect(),
            unkept: self.unkept,
        }
    }
}
