//! What a decoded token is held against.

use crate::jose::verdict::{Candidates, Expectations, VerificationKey};

/// What a decoded token is held against.
#[derive(Debug, Default)]
pub struct Judging {
    pub expectations: Expectations,
    pub keys: Keys,
}

/// Where the keys come from that check it.
#[derive(Debug, Default)]
pub enum Keys {
    #[default]
    Keystore,
    /// A file or an address, and what it had when it was read.
    Given { name: String, keys: Candidates },
}

impl Keys {
    /// `the keystore`, or what the user named.
    pub fn name(&self) -> &str {
        match self {
            Self::Keystore => "the keystore",
            Self::Given { name, .. } => name,
        }
    }

    /// Secrets are not held while the keys are locked.
    pub fn forget_secrets(&mut self) {
        if let Self::Given {
            keys: Candidates::Among(keys) | Candidates::Chosen(keys),
            ..
        } = self
        {
            keys.retain(|key| matches!(key, VerificationKey::Public { .. }));
        }
    }
}
