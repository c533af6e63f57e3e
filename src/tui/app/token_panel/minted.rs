//! A token that was signed.

use crate::{jose::claims::JsonObject, secret::Secret};

/// A signed token and what became of it.
#[derive(Debug)]
pub struct MintedToken {
    pub token: Secret<String>,
    pub header: JsonObject,
    pub claims: JsonObject,
    pub presented: Option<Presentation>,
}

/// A token at the sandbox's profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Presentation {
    UnderWay(String),
    Answered {
        url: String,
        status: u16,
        body: String,
    },
    Failed {
        url: String,
        reason: String,
    },
}
