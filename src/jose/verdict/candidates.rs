//! The keys that a token may be checked with, and which of them it is.

use super::{KeyOrigin, VerificationKey};
use crate::jose::{thumbprint::Thumbprint, token::UnverifiedToken};

/// Keys to check a token with.
#[derive(Clone, Debug)]
pub enum Candidates {
    /// Many: the token says which.
    Among(Vec<VerificationKey>),
    /// One key under each of its names: it is the caller who says which.
    Chosen(Vec<VerificationKey>),
}

impl Candidates {
    /// The key that `token` is checked with.
    pub fn key_for(&self, token: &UnverifiedToken) -> Option<&VerificationKey> {
        match self {
            Self::Among(keys) => choose(token, keys),
            Self::Chosen(names) => choose(token, names).or(names.first()),
        }
    }
}

/// The key of `keys` that `token` names: by `kid`, then by the thumbprint as `kid`, then by `x5t` or
/// `x5t#S256`; a single key serves a token that names none, and one from a single file always. Keys
/// of another type than the token's `alg` are passed over where there is a choice.
pub fn choose<'a>(
    token: &UnverifiedToken,
    keys: &'a [VerificationKey],
) -> Option<&'a VerificationKey> {
    if let [
        only @ (VerificationKey::Symmetric { .. }
        | VerificationKey::Public {
            origin: KeyOrigin::SingleFile,
            ..
        }),
    ] = keys
    {
        return Some(only);
    }
    let named = |matches: &dyn Fn(&VerificationKey) -> bool| {
        let mut fitting = keys.iter().filter(|key| matches(key));
        let first = fitting.next();
        let serves = |key: &&VerificationKey| token.alg().is_some_and(|alg| key.serves(alg));
        first.into_iter().chain(fitting).find(serves).or(first)
    };
    let by_certificate = |key: &VerificationKey| {
        token
            .header_text("x5t#S256")
            .is_some_and(|hash| key.leaf_hash256().as_deref() == Some(hash))
            || token
                .header_text("x5t")
                .is_some_and(|hash| key.leaf_hash1().as_deref() == Some(hash))
    };
    if let Some(kid) = token.kid() {
        let by_kid = |key: &VerificationKey| key.kid() == Some(kid);
        let thumbprint = Thumbprint::from_base64url(kid).or_else(|| Thumbprint::from_hex(kid));
        let by_thumbprint = |key: &VerificationKey| {
            thumbprint.is_some_and(|thumbprint| key.thumbprint() == Some(thumbprint))
        };
        return named(&by_kid)
            .or_else(|| named(&by_thumbprint))
            .or_else(|| named(&by_certificate));
    }
    // One key may stand there under several names.
    named(&by_certificate).or(match keys {
        [only] => Some(only),
        [first, rest @ ..] => {
            let own = first.thumbprint();
            let is_one = own.is_some() && rest.iter().all(|key| key.thumbprint() == own);
            is_one.then_some(first)
        }
        [] => None,
    })
}
