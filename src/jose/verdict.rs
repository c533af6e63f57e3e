//! The judgement over a token: valid, invalid or not checked, with every single check (RFC 8725).

use std::time::Duration;

use jiff::Timestamp;

use super::{
    algorithm::{Algorithm, MacAlgorithm},
    key::PublicKey,
    token::UnverifiedToken,
};
use crate::secret::Secret;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    Valid,
    Invalid,
    NotChecked,
}

/// What became of one check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CheckOutcome {
    Passed,
    Failed,
    NotChecked,
    Finding,
}

/// One check: `signature`, `alg`, `kid`, `typ`, `crit`, `exp`, `nbf`, `iat`, `iss`, `aud`, `key strength`, `certificate`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    pub name: &'static str,
    pub outcome: CheckOutcome,
    pub detail: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdict {
    pub outcome: Outcome,
    pub checks: Vec<Check>,
}

/// Where a key came from: decides what a differing `kid` means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyOrigin {
    Keystore,
    Set,
    SingleFile,
}

/// A key to check with.
#[derive(Clone, Debug)]
pub enum VerificationKey {
    Public {
        kid: Option<String>,
        key: PublicKey,
        alg: Option<Algorithm>,
        leaf: Option<Vec<u8>>,
        origin: KeyOrigin,
    },
    Symmetric {
        alg: Option<MacAlgorithm>,
        secret: Secret<Vec<u8>>,
    },
}

/// What the caller expects of the token; what is not given is not checked.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// Allowed `alg` values; empty: the key's own.
    pub algorithms: Vec<String>,
    pub iss: Option<String>,
    pub aud: Option<String>,
    pub typ: Option<String>,
    pub required: Vec<String>,
    pub max_age: Option<Duration>,
    /// At most 300 s.
    pub leeway: Duration,
    /// The payload need not be a claims set.
    pub raw: bool,
}

impl Verdict {
    /// Judges `token` with `key` (None: no key was found).
    pub fn of(
        token: &UnverifiedToken,
        key: Option<&VerificationKey>,
        expectations: &Expectations,
        now: Timestamp,
    ) -> Self {
        unimplemented!("{token:?}{key:?}{expectations:?}{now}")
    }
}

/// The key of `keys` that `token` names: by `kid`, then by thumbprint as `kid`, then `x5t`, then the only one.
pub fn choose<'a>(
    token: &UnverifiedToken,
    keys: &'a [VerificationKey],
) -> Option<&'a VerificationKey> {
    unimplemented!("{token:?}{keys:?}")
}
