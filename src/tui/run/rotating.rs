//! Steps of rotations, done by workers.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    registering::{refusal, resolved, said},
    shared::Shared,
    worker::told,
};
use crate::{
    keystore::record::{Origin, Record},
    registry::{
        endpoint::Word,
        error::RegistryError,
        journal::Journal,
        rotation::{self, Advance, Guide, Rotation, Undone, Wishes},
    },
    tui::app::{
        effect::RotationOrder,
        msg::{Refusal, Rotated, Turn},
    },
};

/// Plans a rotation, begins it, or does or undoes its next step.
pub(super) fn turn(order: RotationOrder, shared: &Shared) -> Rotated {
    let mut rotation = None;
    let result = match order {
        RotationOrder::Plan(record) => plan(&record, shared).map(|planned| {
            rotation = Some(planned);
            Turn::Planned(record)
        }),
        RotationOrder::Begin(record) => begin(&record, shared).and_then(|begun| {
            let begun = rotation.insert(begun);
            advance(begun, Word::Asked, shared)
        }),
        RotationOrder::Advance(under_way, word) => {
            advance(rotation.insert(under_way), word, shared)
        }
        RotationOrder::Undo(under_way, word) => undo(rotation.insert(under_way), word, shared),
    };
    Rotated { rotation, result }
}

fn plan(record: &Record, shared: &Shared) -> Result<Rotation, Refusal> {
    let keystore = told(shared.keystore()).map_err(said)?;
    let endpoints = shared.endpoints().map_err(said)?;
    let (wishes, now) = (Wishes::default(), Timestamp::now());
    rotation::plan(&keystore, record, &endpoints, &wishes, now).map_err(refusal)
}

fn begin(record: &Arc<Record>, shared: &Shared) -> Result<Rotation, Refusal> {
    let keystore = told(shared.keystore()).map_err(said)?;
    let endpoints = shared.endpoints().map_err(said)?;
    if record.origin == Origin::NewHere {
        // The plan was shown, and Enter was the word for it.
        told(keystore.confirm(&record.thumbprint())).map_err(said)?;
    }
    let (wishes, now) = (Wishes::default(), Timestamp::now());
    rotation::begin(&keystore, record, &endpoints, &wishes, now).map_err(refusal)
}

fn advance(rotation: &mut Rotation, word: Word, shared: &Shared) -> Result<Turn, Refusal> {
    let advance = |guide: &Guide<'_>| guide.advance(rotation, Timestamp::now());
    Ok(match guided(shared, word, advance)? {
        Advance::ByHand(what) => Turn::ByHand(what),
        Advance::Did(deed) => Turn::Did(deed),
        Advance::Finished | Advance::Waits { .. } => Turn::Waits,
    })
}

fn undo(rotation: &mut Rotation, word: Word, shared: &Shared) -> Result<Turn, Refusal> {
    let undo = |guide: &Guide<'_>| guide.undo(rotation, Timestamp::now());
    Ok(match guided(shared, word, undo)? {
        Undone::All => Turn::UndidAll,
        Undone::ByHand(what) => Turn::ByHand(what),
        Undone::Step(deed) => Turn::Undid(deed),
    })
}

fn guided<T>(
    shared: &Shared,
    word: Word,
    act: impl FnOnce(&Guide<'_>) -> Result<T, RegistryError>,
) -> Result<T, Refusal> {
    let keystore = told(shared.keystore()).map_err(said)?;
    let endpoints = shared.endpoints().map_err(said)?;
    let guide = Guide {
        keystore: &keystore,
        endpoint: &|name| Ok(resolved(&endpoints, name, &keystore, shared)?.with_word(word)),
        journal: Journal::default(),
    };
    act(&guide).map_err(refusal)
}
