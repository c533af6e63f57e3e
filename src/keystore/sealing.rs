//! age: the identity, the recipient, sealing and opening.

use crate::secret::Secret;

/// How the identity is protected.
#[derive(Clone, Debug)]
pub enum Protection {
    Passphrase(Secret<String>),
    None,
}

/// The unlocked identity: proof that the passphrase was given. Zeroed on drop.
#[derive(Clone)]
pub struct Unlocked {
    identity: age::x25519::Identity,
}
