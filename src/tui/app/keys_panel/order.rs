//! What the rows are sorted by.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{column::Column, row::Row};
use crate::{
    keystore::record::{Record, Status},
    x509::certificate::Certificate,
};

/// A column and a direction.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Order {
    pub column: Column,
    pub direction: Direction,
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Ascending,
    Descending,
}

/// What a row is sorted by; rows without it come last in either direction.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
enum SortKey {
    Number(i64),
    Text(String),
    TextAndNumber(String, i64),
}

impl Order {
    /// By a column, in the direction that is asked for most: the newest first, the most registered
    /// first, else the smallest.
    pub fn by(column: Column) -> Self {
        let direction = match column {
            Column::Created | Column::Registered => Direction::Descending,
            _ => Direction::Ascending,
        };
        Self { column, direction }
    }

    /// By a column; by the same one again the other way round.
    #[must_use]
    pub fn chosen(self, column: Column) -> Self {
        if self.column != column {
            return Self::by(column);
        }
        let direction = match self.direction {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        };
        Self { column, direction }
    }

    /// The sign of the direction.
    pub fn sign(self) -> &'static str {
        match self.direction {
            Direction::Ascending => "↑",
            Direction::Descending => "↓",
        }
    }

    /// The places of `rows` in this order: keys being made first, unreadable files last; what is
    /// equal by kid. `subject` knows whose certificate a key has.
    pub(super) fn sorted<'a>(
        self,
        rows: &'a [Row],
        subject: impl Fn(&Row) -> Option<&'a str>,
    ) -> Vec<usize> {
        let class = |row: &Row| match row {
            Row::Pending { .. } => 0,
            Row::Key { .. } => 1,
            Row::Unreadable { .. } => 2,
        };
        let keys: Vec<Option<SortKey>> = rows
            .iter()
            .map(|row| {
                let (_, record) = row.key()?;
                self.key(record, subject(row))
            })
            .collect();
        let by_key = |one: usize, other: usize| match (&keys[one], &keys[other]) {
            (Some(one), Some(other)) => self.directed(one.cmp(other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        let by_name = |one: usize, other: usize| {
            let order = rows[one].name().cmp(rows[other].name());
            match self.column {
                Column::Kid => self.directed(order),
                _ => order,
            }
        };
        let mut places: Vec<usize> = (0..rows.len()).collect();
        places.sort_by(|&one, &other| {
            class(&rows[one])
                .cmp(&class(&rows[other]))
                .then_with(|| by_key(one, other))
                .then_with(|| by_name(one, other))
        });
        places
    }

    fn directed(self, order: Ordering) -> Ordering {
        match self.direction {
            Direction::Ascending => order,
            Direction::Descending => order.reverse(),
        }
    }

    fn key(self, record: &Record, subject: Option<&str>) -> Option<SortKey> {
        let text = |text: String| (!text.is_empty()).then_some(SortKey::Text(text));
        match self.column {
            // The name is what equal rows are sorted by.
            Column::Kid => None,
            Column::Algorithm => text(record.alg.name().to_owned()),
            Column::Key => {
                let label = record.public.label();
                let kind = label.split(' ').next().unwrap_or_default().to_owned();
                let bits = i64::from(record.public.bits());
                Some(SortKey::TextAndNumber(kind, bits))
            }
            Column::Created => Some(SortKey::Number(record.created.as_second())),
            Column::Expiry => record
                .leaf()
                .map(Certificate::not_after)
                .map(|end| SortKey::Number(end.as_second())),
            Column::Registered => {
                let count = i64::try_from(record.registrations.len()).unwrap_or(i64::MAX);
                (count > 0).then_some(SortKey::Number(count))
            }
            Column::Status => Some(SortKey::Number(match record.status {
                Status::Active => 0,
                Status::Retired => 1,
                Status::Revoked => 2,
            })),
            Column::Subject => text(subject?.to_lowercase()),
            Column::Tags => text(record.tags.join(" ")),
            Column::Thumbprint => text(record.thumbprint().to_string()),
        }
    }
}

impl Default for Order {
    fn default() -> Self {
        Self::by(Column::Kid)
    }
}
