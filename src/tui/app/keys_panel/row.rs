//! A row of the list.

use std::sync::Arc;

use crate::{
    jose::{algorithm::Algorithm, thumbprint::Thumbprint},
    keystore::record::Record,
    tui::app::task::TaskId,
};

/// A row.
#[derive(Clone, Debug)]
pub enum Row {
    Key {
        thumbprint: Thumbprint,
        record: Arc<Record>,
    },
    /// A key being made.
    Pending {
        task: TaskId,
        kid: String,
        alg: Algorithm,
        label: String,
    },
    Unreadable {
        file: String,
        reason: String,
    },
}

impl Row {
    /// The row of a key.
    pub fn of(record: &Arc<Record>) -> Self {
        Self::Key {
            thumbprint: record.thumbprint(),
            record: Arc::clone(record),
        }
    }

    /// What the row is called.
    pub fn name(&self) -> &str {
        match self {
            Self::Key { record, .. } => &record.kid,
            Self::Pending { kid, .. } => kid,
            Self::Unreadable { file, .. } => file,
        }
    }

    /// The key of the row.
    pub fn key(&self) -> Option<(Thumbprint, &Arc<Record>)> {
        match self {
            Self::Key { thumbprint, record } => Some((*thumbprint, record)),
            Self::Pending { .. } | Self::Unreadable { .. } => None,
        }
    }

    /// Whether both stand for the same thing.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Key {
                    thumbprint: one, ..
                },
                Self::Key {
                    thumbprint: two, ..
                },
            ) => one == two,
            (Self::Pending { task: one, .. }, Self::Pending { task: two, .. }) => one == two,
            (Self::Unreadable { file: one, .. }, Self::Unreadable { file: two, .. }) => one == two,
            _ => false,
        }
    }
}
