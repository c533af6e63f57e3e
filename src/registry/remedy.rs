//! What to do about a key that a service does not take.

use super::endpoint::{Endpoint, own_id};
use crate::jose::{algorithm::Algorithm, jwk::PublicJwk};

/// What makes a key fit, or another one that does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Remedy {
    /// A certificate for this key.
    Certificate,
    /// Another kid for this key.
    Name,
    /// A new key of this algorithm.
    NewKey(Algorithm),
}

impl Endpoint {
    /// What to do about `jwk`; none where it fits.
    #[must_use]
    pub fn remedy(&self, jwk: &PublicJwk) -> Option<Remedy> {
        let (capabilities, title) = (&self.preset.capabilities, &self.preset.title);
        let fits = |jwk: &PublicJwk, id: &str| capabilities.check(title, jwk, id).is_ok();
        let id = own_id(jwk);
        let certified = PublicJwk {
            x5c: vec![Vec::new()],
            ..jwk.clone()
        };
        if fits(jwk, &id) {
            None
        } else if fits(&certified, &id) {
            Some(Remedy::Certificate)
        } else if fits(jwk, "a") {
            Some(Remedy::Name)
        } else {
            let first = capabilities.algorithms.first();
            Some(Remedy::NewKey(
                first.map_or(Algorithm::Rs256, |first| first.0),
            ))
        }
    }
}
