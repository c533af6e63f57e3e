//! What the list can show of a key.

use serde::{Deserialize, Serialize};

/// A column.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    Algorithm,
    Created,
    Expiry,
    Key,
    Kid,
    Registered,
    Status,
    Subject,
    Tags,
    Thumbprint,
}

impl Column {
    /// Every column, in the order in which they stand side by side.
    pub const ALL: [Self; 10] = [
        Self::Kid,
        Self::Tags,
        Self::Subject,
        Self::Thumbprint,
        Self::Algorithm,
        Self::Key,
        Self::Status,
        Self::Created,
        Self::Expiry,
        Self::Registered,
    ];

    /// The columns that are there from the start.
    pub const FIRST: [Self; 6] = [
        Self::Kid,
        Self::Tags,
        Self::Algorithm,
        Self::Key,
        Self::Expiry,
        Self::Registered,
    ];

    /// As the menus and the panel's border call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Algorithm => "algorithm",
            Self::Created => "created",
            Self::Expiry => "expiry",
            Self::Key => "key",
            Self::Kid => "kid",
            Self::Registered => "registered",
            Self::Status => "status",
            Self::Subject => "subject",
            Self::Tags => "tags",
            Self::Thumbprint => "thumbprint",
        }
    }

    /// What stands in it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Algorithm => "what it signs with",
            Self::Created => "the day it came into the keystore",
            Self::Expiry => "how long its certificate is valid",
            Self::Key => "its type and size",
            Self::Kid => "its name",
            Self::Registered => "a sign for each endpoint",
            Self::Status => "active, retired or revoked",
            Self::Subject => "whose certificate it is",
            Self::Tags => "your own marks on it",
            Self::Thumbprint => "RFC 7638, SHA-256",
        }
    }
}
