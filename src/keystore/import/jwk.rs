//! What a JWK brings with it.

use std::collections::HashMap;

use super::{Candidate, Offer};
use crate::{
    jose::{
        algorithm::Algorithm,
        jwk::{Jwk, PublicJwk},
        thumbprint::Thumbprint,
    },
    keystore::store::Material,
    x509::{certificate::Certificate, chain},
};

/// Members that say nothing which the key itself does not say: what it may be used for, and that a
/// browser may hand it out (W3C Web Cryptography API).
const IMPLIED: [&str; 2] = ["ext", "key_ops"];

impl Offer {
    pub(super) fn push_jwk(
        &mut self,
        jwk: Jwk,
        certificates: &mut Vec<Certificate>,
        places: &mut HashMap<Thumbprint, usize>,
    ) {
        let (public, material) = match jwk {
            Jwk::Public(public) => {
                let material = Material::Public(public.key.clone());
                (public, material)
            }
            Jwk::Private { public, private } => (public, Material::Private(private)),
            Jwk::Symmetric { .. } => {
                self.refused.push(
                    "a symmetric key (oct): name its file with keyfob verify --key FILE instead"
                        .to_owned(),
                );
                return;
            }
        };
        let alg = match algorithm_of(&public) {
            Ok(alg) => alg,
            Err(purpose) => {
                self.refuse(
                    &public,
                    &format!(
                        "a key for {purpose}: keyfob keeps signature keys of RS, PS, ES and EdDSA"
                    ),
                );
                return;
            }
        };
        for (position, der) in public.x5c.iter().enumerate() {
            match Certificate::from_der(der) {
                // RFC 7517 section 4.7: the first one is the key's own.
                Ok(leaf) if position == 0 && !chain::belongs(&leaf, &public.key) => {
                    self.refuse(&public, "a JWK whose x5c belongs to another key");
                    return;
                }
                Ok(certificate) => certificates.push(certificate),
                Err(error) => self.refuse(&public, &format!("x5c: {error}")),
            }
        }
        let unkept = public.other.keys().map(String::as_str);
        let unkept = unkept.filter(|name| !IMPLIED.contains(name));
        self.unkept.extend(unkept.map(str::to_owned));
        let mut new = Candidate::bare(material, None);
        new.kid = public.kid;
        self.push(new, alg, places);
    }

    /// Leaves a key out, and says which.
    fn refuse(&mut self, public: &PublicJwk, reason: &str) {
        let kid = public.kid.as_ref();
        self.refused.push(match kid.filter(|kid| !kid.is_empty()) {
            Some(kid) => format!("{kid}: {reason}"),
            None => reason.to_owned(),
        });
    }
}

/// The algorithm that a JWK names; of a key that signs nothing, what it is for.
fn algorithm_of(jwk: &PublicJwk) -> Result<Option<Algorithm>, String> {
    match (&jwk.alg, jwk.usage.as_deref()) {
        (None, Some("enc")) => Err("encryption (use enc)".to_owned()),
        (None, _) => Ok(None),
        (Some(name), _) => match name.parse::<Algorithm>() {
            Ok(alg) if jwk.key.supports(alg) => Ok(Some(alg)),
            _ => Err(name.clone()),
        },
    }
}
