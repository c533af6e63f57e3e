//! What the user notes of a key: its tags and where it stands in its life; and the names it had.

use std::ops::ControlFlow;

use super::{Keystore, KeystoreError, Record, Status, Thumbprint};
use crate::keystore::record::Entry;

/// Tags that come and tags that go.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TagChange {
    /// Those to have, behind what is there.
    pub add: Vec<String>,
    /// Those to have no more.
    pub remove: Vec<String>,
}

impl Keystore {
    /// Changes the tags of a key.
    pub fn change_tags(
        &self,
        thumbprint: &Thumbprint,
        change: &TagChange,
    ) -> Result<Record, KeystoreError> {
        self.update(thumbprint, |record| {
            record.tags.retain(|tag| !change.remove.contains(tag));
            for tag in &change.add {
                if !record.tags.contains(tag) {
                    record.tags.push(tag.clone());
                }
            }
        })
    }

    /// Says where a key stands in its life.
    pub fn set_status(
        &self,
        thumbprint: &Thumbprint,
        status: Status,
    ) -> Result<Record, KeystoreError> {
        self.update(thumbprint, |record| record.status = status)
    }

    /// Why there is no key `kid`: none ever was, or it has another name now.
    pub(super) fn not_found(&self, kid: &str) -> Result<KeystoreError, KeystoreError> {
        let mut now = None;
        self.scan(&mut |entries| {
            now = entries.into_iter().find_map(|entry| match entry {
                Entry::Key(record) if record.former.iter().any(|each| each == kid) => {
                    Some(record.kid)
                }
                _ => None,
            });
            match now {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        })?;
        Ok(match now {
            Some(now) => KeystoreError::Renamed {
                former: kid.to_owned(),
                kid: now,
            },
            None => KeystoreError::NotFound(kid.to_owned()),
        })
    }
}
