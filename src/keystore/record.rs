//! What is known of one key without its private half.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    jose::{
        algorithm::Algorithm,
        header::HeaderSource,
        jwk::PublicJwk,
        key::PublicKey,
        thumbprint::Thumbprint,
        verdict::{KeyOrigin, Standing, VerificationKey},
    },
    x509::certificate::Certificate,
};

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In use.
    Active,
    /// Kept to verify what it signed.
    Retired,
    /// Not to be trusted any more.
    Revoked,
}

/// A text that names no status.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0} is no status: there are active, retired and revoked")]
pub struct UnknownStatus(String);

impl Status {
    /// Every status, in the order of a key's life.
    pub const ALL: [Self; 3] = [Self::Active, Self::Retired, Self::Revoked];

    /// As the key file and `--json` write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Active => "in use",
            Self::Retired => "kept to verify what it signed",
            Self::Revoked => "not to be trusted any more",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        let mut all = Self::ALL.into_iter();
        all.find(|status| status.name() == text)
            .ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// Whether the private half is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Half {
    /// Both halves.
    Private,
    /// The public half alone.
    PublicOnly,
}

/// Who put the key file there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// It came from elsewhere and has not been confirmed yet.
    NewHere,
    /// This installation wrote it, or the user confirmed it.
    Ours,
}

/// A key at an endpoint, as seen there.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The endpoint's name.
    pub endpoint: String,
    /// What the endpoint calls the key.
    pub id: String,
    /// When it was seen there.
    pub at: Timestamp,
    /// The thumbprint that was seen.
    pub thumbprint: String,
    /// What it rests on.
    #[serde(default, skip_serializing_if = "Evidence::is_seen")]
    pub evidence: Evidence,
}

/// What is known of a registration rests on this.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// A person said so, and nobody can look.
    Said,
    /// It was read there.
    #[default]
    Seen,
}

impl Evidence {
    /// As key files and `--json` write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Seen => "seen",
        }
    }

    /// Whether it was read there.
    pub fn is_seen(&self) -> bool {
        *self == Self::Seen
    }
}

/// One key file, read without a passphrase.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// The name.
    pub kid: String,
    /// The kids it had before, the latest last: endpoints may know it by one of them.
    pub former: Vec<String>,
    /// The algorithm it signs with.
    pub alg: Algorithm,
    /// `use`.
    pub usage: String,
    /// When it came into the keystore.
    pub created: Timestamp,
    /// Where it stands in its life.
    pub status: Status,
    /// The user's own marks.
    pub tags: Vec<String>,
    /// Where it is registered.
    pub registrations: Vec<Registration>,
    /// The template it last minted from.
    pub template: Option<String>,
    /// The profile its certificate was made by.
    pub profile: Option<String>,
    /// Whether the private half is there.
    pub half: Half,
    /// Who put the file there.
    pub origin: Origin,
    /// The public half.
    pub public: PublicKey,
    /// Its certificates, leaf first; empty where there is none.
    pub chain: Vec<Certificate>,
}

/// A row of the list.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A key.
    Key(Box<Record>),
    /// A file that cannot be used, and is left alone.
    Unreadable {
        /// Its name.
        file: String,
        /// Why.
        reason: String,
    },
}

impl Record {
    /// The RFC 7638 thumbprint, which names the file.
    pub fn thumbprint(&self) -> Thumbprint {
        self.public.thumbprint()
    }

    /// The key's own certificate.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.chain.first()
    }

    /// The key as a verdict takes it.
    pub fn verification_key(&self) -> VerificationKey {
        self.named(&self.kid)
    }

    /// The key as a verdict takes it, under its kid and under those it had: what it signed then
    /// stays valid.
    pub fn verification_keys(&self) -> impl Iterator<Item = VerificationKey> {
        let former = self.former.iter().rev();
        std::iter::once(&self.kid)
            .chain(former)
            .map(|kid| self.named(kid))
    }

    /// The key as the header of a token tells of it.
    pub fn header_source(&self) -> HeaderSource {
        HeaderSource {
            key: Some(self.public.clone()),
            kid: Some(self.kid.clone()),
            chain: self.chain.iter().map(Certificate::as_leaf).collect(),
        }
    }

    /// The public JWK with `use`, `alg`, `kid`, `x5c`, `x5t` and `x5t#S256`.
    pub fn jwk(&self) -> PublicJwk {
        let chain: Vec<Vec<u8>> = self
            .chain
            .iter()
            .map(|certificate| certificate.der().to_vec())
            .collect();
        PublicJwk::new(self.public.clone(), &self.kid, self.alg, &chain)
    }

    fn named(&self, kid: &str) -> VerificationKey {
        VerificationKey::Public {
            kid: Some(kid.to_owned()),
            key: self.public.clone(),
            alg: Some(self.alg),
            leaf: self.leaf().map(Certificate::as_leaf),
            origin: KeyOrigin::Keystore,
            standing: match self.status {
                Status::Revoked => Standing::Revoked,
                Status::Active | Status::Retired => Standing::Good,
            },
        }
    }
}
