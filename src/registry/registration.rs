//! The whole act: from the key file to the service and back. The keystore knows of an act before
//! the first request is sent, and until what became of it is known: a stop on the way is no lie.

use jiff::Timestamp;

use super::{
    answer::{Done, Receipt, State},
    endpoint::{Endpoint, LastKey},
    error::RegistryError,
    journal::Step,
    own_client, view,
};
use crate::keystore::{
    error::KeystoreError,
    record::{Evidence, Record, Registration},
    store::{Act, ActKind, Keystore},
};

/// Registers a key and notes in its file where it was seen. Where an earlier attempt has no end, it
/// is looked first whether that one was done: nothing is sent twice.
pub fn register(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Receipt, RegistryError> {
    let earlier = if endpoint.is_by_hand() {
        // Nothing is sent there.
        None
    } else {
        earlier(keystore, record, endpoint, now)?
    };
    let act = || {
        let mut receipt = match earlier {
            Some(id) => Receipt {
                done: Done::AlreadyRegistered,
                id,
                differed: Vec::new(),
                exchanges: Vec::new(),
                remarks: Vec::new(),
                evidence: Evidence::Seen,
            },
            None => endpoint.register(&record.jwk())?,
        };
        let remark = own_client::add(keystore.home(), endpoint, &record.kid);
        receipt.remarks.extend(remark);
        Ok(receipt)
    };
    let record_it = |receipt: &Receipt| {
        let place = (endpoint.name.as_str(), receipt.id.as_str());
        noted(keystore, record, place, receipt.evidence, now)
    };
    perform(
        keystore,
        record,
        endpoint,
        (ActKind::Register, now),
        act,
        record_it,
    )
}

/// The id under which an earlier attempt without an end put the key there, where it did.
fn earlier(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Option<String>, RegistryError> {
    let name = &endpoint.name;
    let begun = open_act(keystore, record, endpoint)?;
    if begun.is_none_or(|act| act.kind != ActKind::Register) {
        return Ok(None);
    }
    let state = match listed(record, endpoint, now) {
        Err(error @ RegistryError::Net { .. }) => return Err(error),
        Err(_) => endpoint.state(&record.jwk(), Some(&remote_id(record, name)))?,
        Ok(state) => state,
    };
    match state {
        State::Registered { id } | State::Said { id } => Ok(Some(id)),
        // What differs under its id is replaced, and what is not there is put there.
        State::Differs { .. } | State::NotThere => Ok(None),
        State::Unknown { why } => Err(RegistryError::Unconfirmed {
            summary: format!(
                "{name}: the last attempt may have been done, and nobody can tell ({why}): look \
                 there; nothing was sent"
            ),
            exchanges: Vec::new(),
        }),
    }
}

/// Removes a key and forgets that it was there. The last key of a client is left alone, and
/// [`RegistryError::LastKey`] says so.
pub fn unregister(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Receipt, RegistryError> {
    remove(keystore, record, endpoint, LastKey::Keep, now)
}

/// As [`unregister`]; a client that loses its last key is deleted.
pub fn unregister_last(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Receipt, RegistryError> {
    remove(keystore, record, endpoint, LastKey::DeleteAll, now)
}

fn remove(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    last: LastKey,
    now: Timestamp,
) -> Result<Receipt, RegistryError> {
    let id = remote_id(record, &endpoint.name);
    let act = || {
        let mut receipt = endpoint.unregister(&record.jwk(), &id, last)?;
        let remark = own_client::settle(keystore.home(), endpoint, &record.kid);
        receipt.remarks.extend(remark);
        Ok(receipt)
    };
    let record_it =
        |_: &Receipt| keystore.remove_registration(&record.thumbprint(), &endpoint.name);
    perform(
        keystore,
        record,
        endpoint,
        (ActKind::Unregister, now),
        act,
        record_it,
    )
}

/// Notes that a key was seen at `endpoint` as `id`.
pub fn note(
    keystore: &Keystore,
    record: &Record,
    endpoint: &str,
    id: &str,
    now: Timestamp,
) -> Result<Record, KeystoreError> {
    noted(keystore, record, (endpoint, id), Evidence::Seen, now)
}

fn noted(
    keystore: &Keystore,
    record: &Record,
    (endpoint, id): (&str, &str),
    evidence: Evidence,
    now: Timestamp,
) -> Result<Record, KeystoreError> {
    let thumbprint = record.thumbprint();
    let registration = Registration {
        endpoint: endpoint.to_owned(),
        id: id.to_owned(),
        at: Timestamp::from_second(now.as_second()).unwrap_or(now),
        thumbprint: thumbprint.to_string(),
        evidence,
    };
    keystore.set_registration(&thumbprint, registration)
}

/// What an endpoint calls a key: the id recorded, else the kid.
pub fn remote_id(record: &Record, endpoint: &str) -> String {
    let known = noted_at(record, endpoint);
    known.map_or_else(|| record.kid.clone(), |known| known.id.clone())
}

/// What the key file says of a key at an endpoint.
pub fn noted_at<'a>(record: &'a Record, endpoint: &str) -> Option<&'a Registration> {
    let mut known = record.registrations.iter();
    known.find(|known| known.endpoint == endpoint)
}

/// Where a key stands, as its key file says.
pub fn noted_state(known: &Registration) -> State {
    let id = known.id.clone();
    match known.evidence {
        Evidence::Said => State::Said { id },
        Evidence::Seen => State::Registered { id },
    }
}

/// Asks where a key stands. Of an act without an end, what is known then is noted.
pub fn state(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<State, RegistryError> {
    if endpoint.is_blind() {
        let known = noted_at(record, &endpoint.name);
        return Ok(known.map_or(State::NotThere, noted_state));
    }
    let id = remote_id(record, &endpoint.name);
    let mut state = endpoint.state(&record.jwk(), Some(&id))?;
    if let State::Unknown { .. } = state
        && open_act(keystore, record, endpoint)?.is_some()
        && let Ok(listed) = listed(record, endpoint, now)
    {
        state = listed;
    }
    settle(keystore, record, endpoint, &state, now)?;
    Ok(state)
}

/// Where a key stands by the list of the keys there: a service that answers alike for what is not
/// there and for what a token may not see shows its list only to who may see it.
fn listed(record: &Record, endpoint: &Endpoint, now: Timestamp) -> Result<State, RegistryError> {
    let there = endpoint.list()?;
    let sights = view::seen(endpoint, &[record], &there, now);
    let ours = sights.into_iter().find(|sight| {
        sight.ours == Some(record.thumbprint()) && sight.standing != view::Standing::Missing
    });
    let state = ours.and_then(|sight| sight.state());
    Ok(state.unwrap_or(State::NotThere))
}

/// The act at `endpoint` whose end nobody saw.
fn open_act(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
) -> Result<Option<Act>, RegistryError> {
    let acts = keystore.acts().map_err(|source| failed(endpoint, source))?;
    let thumbprint = record.thumbprint().to_string();
    let mut acts = acts.into_iter();
    Ok(acts.find(|act| act.thumbprint == thumbprint && act.endpoint == endpoint.name))
}

/// Of an act without an end, notes what is known now: the key stands there as `state` says.
pub(super) fn settle(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    state: &State,
    now: Timestamp,
) -> Result<(), RegistryError> {
    let (thumbprint, name) = (record.thumbprint(), &endpoint.name);
    if open_act(keystore, record, endpoint)?.is_none() {
        return Ok(());
    }
    let settle = || -> Result<(), KeystoreError> {
        match state {
            State::Registered { id } => note(keystore, record, name, id, now).map(drop)?,
            State::NotThere => keystore.remove_registration(&thumbprint, name).map(drop)?,
            State::Differs { .. } | State::Said { .. } | State::Unknown { .. } => return Ok(()),
        }
        keystore.end_act(&thumbprint, name)
    };
    settle().map_err(|source| failed(endpoint, source))
}

/// Does `act` between two notes in the keystore, and `record_it` where it was done.
fn perform(
    keystore: &Keystore,
    record: &Record,
    endpoint: &Endpoint,
    (kind, now): (ActKind, Timestamp),
    act: impl FnOnce() -> Result<Receipt, RegistryError>,
    record_it: impl FnOnce(&Receipt) -> Result<Record, KeystoreError>,
) -> Result<Receipt, RegistryError> {
    let (thumbprint, name, journal) = (record.thumbprint(), &endpoint.name, &endpoint.journal);
    let earlier = keystore
        .begin_act(kind, &thumbprint, name, now)
        .map_err(|source| failed(endpoint, source))?;
    journal.tell(Step::Begun);
    let end = || keystore.end_act(&thumbprint, name);
    let receipt = match act() {
        Ok(receipt) => receipt,
        Err(error) => {
            // Of an earlier act without an end, this one tells nothing.
            if error.is_settled() && earlier.is_none() {
                end().map_err(|source| failed(endpoint, source))?;
                journal.tell(Step::Ended);
            }
            return Err(error);
        }
    };
    let noted = record_it(&receipt).and_then(|_| {
        journal.tell(Step::Recorded);
        end()
    });
    match noted {
        Ok(()) => {
            journal.tell(Step::Ended);
            Ok(receipt)
        }
        Err(source) => Err(RegistryError::NotRecorded {
            endpoint: endpoint.name.clone(),
            source,
            exchanges: receipt.exchanges,
        }),
    }
}

fn failed(endpoint: &Endpoint, source: KeystoreError) -> RegistryError {
    RegistryError::Keystore {
        endpoint: endpoint.name.clone(),
        source,
    }
}
