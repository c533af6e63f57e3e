//! The steps of a rotation, and what each is called.

use serde::{Deserialize, Serialize};

use super::Rotation;

/// A step of a rotation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody goes on with a set of keys without the new one.
    AwaitCaches,
    /// No token of the old key is alive.
    AwaitTokens,
    /// The new key has a certificate of the issuer that signed the old one's. By hand.
    Certify { issuer: String },
    /// The new key is made.
    Create,
    /// The new key is registered beside the old one.
    Register { endpoint: String },
    /// The old key gives way to the new one, where both cannot be.
    Replace { endpoint: String },
    /// The old key is retired: the last step, and the one that cannot be undone.
    Retire,
    /// A client signs with the new key.
    Switch { client: String },
    /// The new key mints from the template that the old one mints from.
    Template { name: String },
    /// The old key is removed.
    Unregister { endpoint: String },
}

impl Stage {
    /// Its name in `--json`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AwaitCaches => "await_caches",
            Self::AwaitTokens => "await_tokens",
            Self::Certify { .. } => "certify",
            Self::Create => "create",
            Self::Register { .. } => "register",
            Self::Replace { .. } => "replace",
            Self::Retire => "retire",
            Self::Switch { .. } => "switch",
            Self::Template { .. } => "template",
            Self::Unregister { .. } => "unregister",
        }
    }

    /// The endpoint that is asked, where one is.
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Register { endpoint }
            | Self::Replace { endpoint }
            | Self::Unregister { endpoint } => Some(endpoint),
            _ => None,
        }
    }

    /// The client that changes, where one does.
    pub fn client(&self) -> Option<&str> {
        match self {
            Self::Switch { client } => Some(client),
            _ => None,
        }
    }

    /// Whether it is nothing but waiting.
    pub fn is_wait(&self) -> bool {
        matches!(self, Self::AwaitCaches | Self::AwaitTokens)
    }

    /// What it does, in a few words.
    pub fn text(&self, of: &Rotation) -> String {
        let (old, new) = (&of.old.kid, of.new_kid());
        match self {
            Self::AwaitCaches => "wait for caches to hold the new key".to_owned(),
            Self::AwaitTokens => "wait for the last token of the old key to end".to_owned(),
            Self::Certify { issuer } => format!("have {new} certified by {issuer}"),
            Self::Create => format!("make {new}: {}", of.kind),
            Self::Register { endpoint } => format!("register {new} at {endpoint} beside {old}"),
            Self::Replace { endpoint } => format!("put {new} in the place of {old} at {endpoint}"),
            Self::Retire => format!("retire {old}"),
            Self::Switch { client } => format!("let the client {client} sign with {new}"),
            Self::Template { name } => format!("let {new} mint from {name}"),
            Self::Unregister { endpoint } => format!("remove {old} from {endpoint}"),
        }
    }
}
