//! All keys at an endpoint, seen from there: ours, others', and ours that are missing.

use jiff::Timestamp;

use super::{answer::RemoteKey, drift, endpoint::Endpoint};
use crate::{keystore::record::Record, x509::certificate::Certificate};

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
    /// Whether what is there is not what is noted here. Keys of others are no drift.
    pub fn is_drift(&self) -> bool {
        match self.standing {
            Standing::Foreign | Standing::Ours => false,
            Standing::Unreadable(_) => !self.kid.is_empty(),
            Standing::Adoptable | Standing::Differs(_) | Standing::Missing => true,
        }
    }
}

/// What `there`, the keys at `endpoint`, are to the keys `here`: in the order of the service, then
/// those of ours that are missing.
pub fn seen(
    endpoint: &Endpoint,
    here: &[Record],
    there: &[RemoteKey],
    now: Timestamp,
) -> Vec<Sight> {
    let mut sights: Vec<Sight> = there
        .iter()
        .map(|remote| sight(endpoint, here, there, remote, now))
        .collect();
    for record in here {
        if let Some(id) = noted(record, &endpoint.name)
            && !there.iter().any(|remote| remote.id == id)
        {
            sights.push(Sight {
                id: id.to_owned(),
                kid: record.kid.clone(),
                standing: Standing::Missing,
                expired: None,
            });
        }
    }
    sights
}

fn sight(
    endpoint: &Endpoint,
    here: &[Record],
    there: &[RemoteKey],
    remote: &RemoteKey,
    now: Timestamp,
) -> Sight {
    let is_noted = |record: &&Record| noted(record, &endpoint.name) == Some(remote.id.as_str());
    let under_id = here.iter().find(is_noted);
    let of = |kid: &str, standing, expired| Sight {
        id: remote.id.clone(),
        kid: kid.to_owned(),
        standing,
        expired,
    };
    let jwk = match &remote.jwk {
        Ok(jwk) => jwk,
        Err(why) => {
            let kid = under_id.map_or("", |record| record.kid.as_str());
            return of(kid, Standing::Unreadable(why.clone()), None);
        }
    };
    let expired = jwk
        .x5c
        .first()
        .and_then(|der| Certificate::from_der(der).ok())
        .map(|certificate| certificate.not_after())
        .filter(|end| *end < now);
    let same_key = here
        .iter()
        .find(|record| record.thumbprint() == jwk.key.thumbprint());
    let Some(record) = under_id.or(same_key) else {
        let kid = jwk.kid.as_deref().unwrap_or_default();
        return of(kid, Standing::Foreign, expired);
    };
    let differing = drift::differences(&endpoint.preset.key, &record.jwk(), jwk);
    // A key is noted once an endpoint: a second entry of it there is not for adoption.
    let noted_there = noted(record, &endpoint.name)
        .is_some_and(|id| id != remote.id && there.iter().any(|each| each.id == id));
    let standing = if !differing.is_empty() {
        Standing::Differs(differing)
    } else if noted_there {
        Standing::Differs(vec!["id".to_owned()])
    } else if under_id.is_some() {
        Standing::Ours
    } else {
        Standing::Adoptable
    };
    of(&record.kid, standing, expired)
}

/// The id under which `record` is noted at the endpoint `name`.
fn noted<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    let mut known = record.registrations.iter();
    known
        .find(|known| known.endpoint == name)
        .map(|known| known.id.as_str())
}
