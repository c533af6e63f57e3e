//! The judgement over a token: valid, invalid or not checked, with every single check (RFC 7515
//! section 5.2, RFC 7519 section 7.2, RFC 8725).

mod ask;
mod candidates;
mod claims;
mod signature;

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;

pub use self::{
    ask::Ask,
    candidates::{Candidates, choose},
};
use super::{
    algorithm::{Algorithm, MacAlgorithm},
    key::PublicKey,
    thumbprint::Thumbprint,
    token::UnverifiedToken,
};
use crate::secret::Secret;

/// The most leeway that can be asked for.
pub const MAX_LEEWAY: Duration = Duration::from_secs(300);

/// The judgement in one word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Every check that was made passed, the signature among them.
    Valid,
    /// A check failed.
    Invalid,
    /// No key to check the signature with was found, and nothing else failed.
    NotChecked,
}

/// What became of one check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CheckOutcome {
    /// As expected.
    Passed,
    /// Not as expected: the token is invalid.
    Failed,
    /// Nothing to compare with; the verdict does not depend on it.
    NotChecked,
    /// Worth knowing; the verdict does not depend on it.
    Finding,
}

/// One check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// `paste`, `signature`, `alg`, `kid`, `typ`, `crit`, `b64`, `payload`, `exp`, `nbf`, `iat`,
    /// `iss`, `aud`, the name of another claim or header member, `key status`, `key strength` or
    /// `certificate`.
    pub name: String,
    /// What became of it.
    pub outcome: CheckOutcome,
    /// One line: what was found, and what was expected. Text of the token stands in it as it is.
    pub detail: String,
    /// What the caller can say to have it checked.
    pub ask: Option<Ask>,
}

/// The judgement and what it rests on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdict {
    /// The judgement.
    pub outcome: Outcome,
    /// Every check, failed ones too.
    pub checks: Vec<Check>,
}

/// Where a key came from: it decides what a differing `kid` means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyOrigin {
    /// The keystore.
    Keystore,
    /// A JWK Set.
    Set,
    /// A file with one key: a `kid` that differs is a finding only.
    SingleFile,
}

/// Whether a key's owner still stands by it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Standing {
    /// What it signed counts.
    #[default]
    Good,
    /// It is revoked: nothing that it signed counts.
    Revoked,
}

/// A key to check with. A public key is never an HMAC secret: the two are different variants.
#[derive(Clone, Debug)]
pub enum VerificationKey {
    /// An asymmetric key.
    Public {
        /// Its name.
        kid: Option<String>,
        /// The key.
        key: PublicKey,
        /// The one algorithm it serves, where it is told.
        alg: Option<Algorithm>,
        /// Its certificate.
        leaf: Option<Leaf>,
        /// Where it came from.
        origin: KeyOrigin,
        /// Whether its owner still stands by it.
        standing: Standing,
    },
    /// A secret for HS tokens of others.
    Symmetric {
        /// The one algorithm it serves, where it is told.
        alg: Option<MacAlgorithm>,
        /// The secret.
        secret: Secret<Vec<u8>>,
    },
}

/// A key's certificate, as far as a verdict needs it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leaf {
    /// The certificate's DER.
    pub der: Vec<u8>,
    /// The key it was made for; `None` for a kind of key that signs no tokens.
    pub key: Option<PublicKey>,
}

/// What the caller expects of the token; what is not given is not checked.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// Allowed `alg` values; empty: the key's own, or those of its type.
    pub algorithms: Vec<String>,
    /// Expected `iss`.
    pub iss: Option<String>,
    /// Expected `aud`, one of the token's.
    pub aud: Option<String>,
    /// Expected `typ`.
    pub typ: Option<String>,
    /// Claims that must be there.
    pub required: Vec<String>,
    /// The oldest `iat`, as an age.
    pub max_age: Option<Duration>,
    /// Tolerance for `exp`, `nbf` and `iat`; at most [`MAX_LEEWAY`] counts.
    pub leeway: Duration,
    /// The payload need not be a claims set.
    pub payload: Payload,
}

/// What the payload must be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Payload {
    /// A claims set (RFC 7519).
    #[default]
    Claims,
    /// Any octets.
    Raw,
}

impl Verdict {
    /// Judges `token` with `key`; without one it is at best not checked.
    pub fn of(
        token: &UnverifiedToken,
        key: Option<&VerificationKey>,
        expectations: &Expectations,
        now: Timestamp,
    ) -> Self {
        let mut checks = Vec::new();
        signature::judge(token, key, expectations, &mut checks);
        claims::judge(token, expectations, now, &mut checks);
        let failed = checks
            .iter()
            .any(|check| check.outcome == CheckOutcome::Failed);
        let outcome = match (failed, key) {
            (true, _) => Outcome::Invalid,
            (false, None) => Outcome::NotChecked,
            (false, Some(_)) => Outcome::Valid,
        };
        Self { outcome, checks }
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|check| check.outcome == CheckOutcome::Failed)
    }
}

impl Check {
    /// Its detail for the command line, with the option that would have it checked.
    pub fn told(&self) -> String {
        match self.ask {
            Some(ask) => format!("{} (say {})", self.detail, ask.option()),
            None => self.detail.clone(),
        }
    }

    fn new(name: &str, outcome: CheckOutcome, detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            outcome,
            detail: detail.into(),
            ask: None,
        }
    }

    fn asking(self, ask: Ask) -> Self {
        Self {
            ask: Some(ask),
            ..self
        }
    }

    fn passed(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, CheckOutcome::Passed, detail)
    }

    fn failed(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, CheckOutcome::Failed, detail)
    }

    fn finding(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, CheckOutcome::Finding, detail)
    }

    fn not_checked(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, CheckOutcome::NotChecked, detail)
    }
}

impl VerificationKey {
    /// Its name.
    pub fn kid(&self) -> Option<&str> {
        match self {
            Self::Public { kid, .. } => kid.as_deref(),
            Self::Symmetric { .. } => None,
        }
    }

    fn serves(&self, alg: &str) -> bool {
        match self {
            Self::Public { key, .. } => alg.parse().is_ok_and(|alg| key.supports(alg)),
            Self::Symmetric { .. } => alg.parse::<MacAlgorithm>().is_ok(),
        }
    }

    /// Its thumbprint; a secret has none.
    pub fn thumbprint(&self) -> Option<Thumbprint> {
        match self {
            Self::Public { key, .. } => Some(key.thumbprint()),
            Self::Symmetric { .. } => None,
        }
    }

    pub(super) fn leaf_hash1(&self) -> Option<String> {
        self.leaf_hash(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY)
    }

    pub(super) fn leaf_hash256(&self) -> Option<String> {
        self.leaf_hash(&aws_lc_rs::digest::SHA256)
    }

    fn leaf_hash(&self, algorithm: &'static aws_lc_rs::digest::Algorithm) -> Option<String> {
        match self {
            Self::Public {
                leaf: Some(leaf), ..
            } => Some(leaf.hash(algorithm)),
            _ => None,
        }
    }
}

impl Leaf {
    /// base64url of the hash of the DER, as `x5t` and `x5t#S256` have it.
    fn hash(&self, algorithm: &'static aws_lc_rs::digest::Algorithm) -> String {
        let digest = aws_lc_rs::digest::digest(algorithm, &self.der);
        Base64UrlUnpadded::encode_string(digest.as_ref())
    }
}

#[cfg(test)]
mod tests;
