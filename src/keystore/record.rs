//! What is known of one key without its private half.

use jiff::Timestamp;

use crate::{
    jose::{algorithm::Algorithm, jwk::PublicJwk, key::PublicKey, thumbprint::Thumbprint},
    x509::certificate::Certificate,
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    Active,
    Retired,
    Revoked,
}

/// Whether the private half is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Half {
    Private,
    PublicOnly,
}

/// A key at an endpoint, as seen there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    pub endpoint: String,
    pub id: String,
    pub at: Timestamp,
    pub thumbprint: String,
}

/// One key file, read without a passphrase.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    pub kid: String,
    pub alg: Algorithm,
    pub usage: String,
    pub created: Timestamp,
    pub status: Status,
    pub tags: Vec<String>,
    pub registrations: Vec<Registration>,
    /// The template last used to mint with it.
    pub template: Option<String>,
    pub half: Half,
    pub public: PublicKey,
    /// Leaf first; empty where there is none.
    pub chain: Vec<Certificate>,
}

impl Record {
    pub fn thumbprint(&self) -> Thumbprint {
        self.public.thumbprint()
    }
    pub fn leaf(&self) -> Option<&Certificate> {
        self.chain.first()
    }
    pub fn jwk(&self) -> PublicJwk {
        unimplemented!()
    }
}

/// A row of the list.
#[derive(Clone, Debug)]
pub enum Entry {
    Key(Box<Record>),
    /// A file that cannot be used: its name and why.
    Unreadable {
        file: String,
        reason: String,
    },
}
