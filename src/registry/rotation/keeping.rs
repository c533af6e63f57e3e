//! Rotations under way, one file each in the keystore's `state/`.

use super::{Named, Rotation, Wishes};
use crate::{
    keystore::{error::KeystoreError, store::Keystore},
    registry::error::RegistryError,
};

const PREFIX: &str = "rotation-";
const SUFFIX: &str = ".json";

/// The rotations under way, by the kid of the key that goes. One that cannot be read is an error
/// that names its file.
pub fn under_way(keystore: &Keystore) -> Result<Vec<Rotation>, RegistryError> {
    let mut all = Vec::new();
    for name in keystore.kept_names(PREFIX, SUFFIX)? {
        let Some(text) = keystore.kept(&name)? else {
            continue;
        };
        let rotation = serde_json::from_str(&text).map_err(|error| KeystoreError::Damaged {
            file: format!("state/{name}"),
            reason: format!("{error}: no rotation is read from it; mend it, or remove it"),
        })?;
        all.push(rotation);
    }
    all.sort_by(|one: &Rotation, other| one.old.kid.cmp(&other.old.kid));
    Ok(all)
}

/// The rotation that the key `kid` goes in, or comes in.
pub fn find(keystore: &Keystore, kid: &str) -> Result<Option<Rotation>, RegistryError> {
    let all = under_way(keystore)?;
    if all.is_empty() {
        return Ok(None);
    }
    let thumbprint = keystore.find(kid).map(|record| record.thumbprint().hex());
    let is_it = |named: &Named| match (&named.thumbprint, &thumbprint) {
        (Some(one), Ok(other)) => one == other,
        _ => named.kid == kid,
    };
    Ok(all
        .into_iter()
        .find(|rotation| is_it(&rotation.old) || is_it(&rotation.new)))
}

/// Says anew how long is waited, and keeps it.
pub fn wish(
    keystore: &Keystore,
    rotation: &mut Rotation,
    wishes: &Wishes,
) -> Result<(), RegistryError> {
    let mut after = rotation.clone();
    after.wish(wishes);
    if after != *rotation {
        keep(keystore, Some(rotation), Some(&after))?;
        *rotation = after;
    }
    Ok(())
}

/// Writes `after` in the place of `before`; refused where another keyfob changed it in between.
pub(super) fn keep(
    keystore: &Keystore,
    before: Option<&Rotation>,
    after: Option<&Rotation>,
) -> Result<(), RegistryError> {
    let Some(rotation) = after.or(before) else {
        return Ok(());
    };
    let hex = rotation.old.thumbprint.as_deref().unwrap_or_default();
    let name = format!("{PREFIX}{hex}{SUFFIX}");
    let text = |rotation: &Rotation| {
        // Texts, numbers and times are always JSON.
        serde_json::to_string_pretty(rotation).unwrap_or_default()
    };
    let (before, after) = (before.map(text), after.map(text));
    keystore.keep(&name, before.as_deref(), after.as_deref())?;
    Ok(())
}
