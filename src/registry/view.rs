//! All keys at an endpoint, seen from there: ours, others', and ours that are missing.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet},
};

use jiff::Timestamp;

use super::{
    answer::{RemoteKey, State},
    drift,
    endpoint::Endpoint,
};
use crate::{
    jose::{jwk::PublicJwk, thumbprint::Thumbprint},
    keystore::record::Record,
    x509::certificate::Certificate,
};

/// A key at an endpoint, or one that should be there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sight {
    /// The service's own name for it.
    pub id: String,
    /// The kid: ours where the key is ours, else the one it has there.
    pub kid: String,
    /// Whose it is, and whether it is as it should be.
    pub standing: Standing,
    /// When its certificate there expired, where it did.
    pub expired: Option<Timestamp>,
    /// The key of ours that it is.
    pub ours: Option<Thumbprint>,
    /// The key as it is published there, where it can be read.
    pub jwk: Option<Box<PublicJwk>>,
}

/// Whose a key at an endpoint is, and whether it is as it should be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Ours, and not noted under this id: it can be adopted.
    Adoptable,
    /// Ours, with the members that differ: `alg`, `x5t`, …
    Differs(Vec<String>),
    /// Not one of the keystore's.
    Foreign,
    /// Noted as registered there, and not there.
    Missing,
    /// Ours, noted and the same.
    Ours,
    /// There, and why it cannot be read.
    Unreadable(String),
}

impl Standing {
    /// Its name on the screen.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Ours => "ours",
            Self::Adoptable | Self::Differs(_) | Self::Foreign | Self::Unreadable(_) => {
                self.state()
            }
        }
    }

    /// Its name in `--json`: the states of a registration, and what only a list of keys shows.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Adoptable => "adoptable",
            Self::Differs(_) => "differs",
            Self::Foreign => "foreign",
            Self::Missing => "not_there",
            Self::Ours => "registered",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

impl Sight {
    /// What asking for this key alone would have said; none of a key of others.
    pub fn state(&self) -> Option<State> {
        let id = self.id.clone();
        match &self.standing {
            Standing::Adoptable | Standing::Ours => Some(State::Registered { id }),
            Standing::Differs(what) => Some(State::Differs {
                id,
                what: what.clone(),
            }),
            Standing::Missing => Some(State::NotThere),
            Standing::Unreadable(why) => Some(State::Unknown { why: why.clone() }),
            Standing::Foreign => None,
        }
    }

    /// Whether what is there is not what is noted here. Keys of others are no drift.
    pub fn is_drift(&self) -> bool {
        match self.standing {
            Standing::Foreign | Standing::Ours => false,
            Standing::Unreadable(_) => !self.kid.is_empty(),
            Standing::Adoptable | Standing::Differs(_) | Standing::Missing => true,
        }
    }
}

/// The keys here and the ids there, each found at once.
struct Known<'a> {
    endpoint: &'a Endpoint,
    by_id: HashMap<&'a str, &'a Record>,
    by_thumbprint: HashMap<Thumbprint, &'a Record>,
    there: HashSet<&'a str>,
}

/// What `there`, the keys at `endpoint`, are to the keys `here`: in the order of the service, then
/// those of ours that are missing.
pub fn seen(
    endpoint: &Endpoint,
    here: &[impl Borrow<Record>],
    there: &[RemoteKey],
    now: Timestamp,
) -> Vec<Sight> {
    let mut known = Known {
        endpoint,
        by_id: HashMap::new(),
        by_thumbprint: HashMap::new(),
        there: there.iter().map(|remote| remote.id.as_str()).collect(),
    };
    for record in here.iter().map(Borrow::borrow) {
        if let Some(id) = noted(record, &endpoint.name) {
            known.by_id.entry(id).or_insert(record);
        }
        known
            .by_thumbprint
            .entry(record.thumbprint())
            .or_insert(record);
    }
    let mut sights: Vec<Sight> = there
        .iter()
        .map(|remote| known.sight(remote, now))
        .collect();
    for record in here.iter().map(Borrow::borrow) {
        if let Some(id) = noted(record, &endpoint.name)
            && !known.there.contains(id)
        {
            sights.push(Sight {
                id: id.to_owned(),
                kid: record.kid.clone(),
                standing: Standing::Missing,
                expired: None,
                ours: Some(record.thumbprint()),
                jwk: None,
            });
        }
    }
    sights
}

impl Known<'_> {
    fn sight(&self, remote: &RemoteKey, now: Timestamp) -> Sight {
        let under_id = self.by_id.get(remote.id.as_str()).copied();
        let of = |kid: &str, ours: Option<&Record>, standing| Sight {
            id: remote.id.clone(),
            kid: kid.to_owned(),
            standing,
            expired: None,
            ours: ours.map(Record::thumbprint),
            jwk: None,
        };
        if let (Err(why), None) = (&remote.jwk, &remote.claimed) {
            let kid = under_id.map_or("", |record| record.kid.as_str());
            return of(kid, under_id, Standing::Unreadable(why.clone()));
        }
        let thumbprint = remote.thumbprint();
        let same_key = thumbprint.and_then(|thumbprint| self.by_thumbprint.get(&thumbprint));
        let ours = under_id.or(same_key.copied());
        let kid = match ours {
            Some(record) => &record.kid,
            None => remote.kid().unwrap_or_default(),
        };
        let standing = match ours {
            Some(record) => self.standing(record, under_id.is_some(), remote),
            None => Standing::Foreign,
        };
        let jwk = remote.jwk.as_ref().ok();
        Sight {
            expired: jwk.and_then(|jwk| expired(jwk, now)),
            jwk: jwk.cloned().map(Box::new),
            ..of(kid, ours, standing)
        }
    }

    fn standing(&self, record: &Record, is_under_its_id: bool, remote: &RemoteKey) -> Standing {
        let projection = &self.endpoint.preset.key;
        let differing =
            drift::remote_differences(projection, &record.jwk(), remote).unwrap_or_default();
        // A key is noted once an endpoint: a second entry of it there is not for adoption.
        let noted_there = noted(record, &self.endpoint.name)
            .is_some_and(|id| id != remote.id && self.there.contains(id));
        if !differing.is_empty() {
            Standing::Differs(differing)
        } else if noted_there {
            Standing::Differs(vec!["id".to_owned()])
        } else if is_under_its_id {
            Standing::Ours
        } else {
            Standing::Adoptable
        }
    }
}

/// When the certificate beside a key expired, where it did.
fn expired(jwk: &PublicJwk, now: Timestamp) -> Option<Timestamp> {
    let certificate = Certificate::from_der(jwk.x5c.first()?).ok()?;
    Some(certificate.not_after()).filter(|end| *end < now)
}

/// The id under which `record` is noted at the endpoint `name`.
fn noted<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    let mut known = record.registrations.iter();
    known
        .find(|known| known.endpoint == name)
        .map(|known| known.id.as_str())
}
