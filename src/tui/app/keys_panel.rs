//! Panel 1: the list that drives everything else.

use std::{cmp::Ordering, collections::HashSet, sync::Arc};

use jiff::Timestamp;
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::{line::Line, scroll::Scroll, task::TaskId};
use crate::{
    jose::{algorithm::Algorithm, thumbprint::Thumbprint},
    keystore::record::{Entry, Record},
};

/// The rows and the place among them.
#[derive(Clone, Debug, Default)]
pub struct KeysPanel {
    rows: Vec<Row>,
    /// Places in `rows`, in the order shown.
    shown: Vec<usize>,
    marked: HashSet<Thumbprint>,
    pub scroll: Scroll,
    pub filter: Option<Filter>,
    pub order: Order,
    pub listing: Listing,
}

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

/// What is typed after `/`.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub line: Line,
    pub typing: Typing,
}

/// Whether the filter has the keys.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Typing {
    Done,
    #[default]
    UnderWay,
}

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    #[default]
    Kid,
    Algorithm,
    Expiry,
    Newest,
}

/// Whether the folder has been read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Listing {
    #[default]
    UnderWay,
    Done,
    Failed(String),
}

impl Order {
    /// The order after this one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Kid => Self::Algorithm,
            Self::Algorithm => Self::Expiry,
            Self::Expiry => Self::Newest,
            Self::Newest => Self::Kid,
        }
    }

    /// As the panel's border tells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kid => "kid",
            Self::Algorithm => "algorithm",
            Self::Expiry => "expiry",
            Self::Newest => "newest",
        }
    }
}

impl Row {
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

    fn is(&self, other: &Self) -> bool {
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

impl KeysPanel {
    /// The rows in the order shown.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.shown.iter().map(|place| &self.rows[*place])
    }

    /// How many rows there are, shown or not.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The row under the cursor.
    pub fn selected_row(&self) -> Option<&Row> {
        self.shown().nth(self.scroll.0)
    }

    /// The key under the cursor.
    pub fn selected(&self) -> Option<(Thumbprint, &Arc<Record>)> {
        self.selected_row()?.key()
    }

    /// Whether a key is marked.
    pub fn is_marked(&self, thumbprint: &Thumbprint) -> bool {
        self.marked.contains(thumbprint)
    }

    /// How many keys are marked, shown or not.
    pub fn marks(&self) -> usize {
        self.marked.len()
    }

    /// The marked keys in the order of the list, those that a filter hides last.
    pub fn marked(&self) -> Vec<(Thumbprint, &Arc<Record>)> {
        if self.marked.is_empty() {
            return Vec::new();
        }
        let shown: HashSet<usize> = self.shown.iter().copied().collect();
        let hidden = (0..self.rows.len()).filter(|place| !shown.contains(place));
        let places = self.shown.iter().copied().chain(hidden);
        places
            .filter_map(|place| self.rows[place].key())
            .filter(|(thumbprint, _)| self.marked.contains(thumbprint))
            .collect()
    }

    /// The keys that an act is about: the marked ones, else the one under the cursor.
    pub fn meant(&self) -> Vec<(Thumbprint, &Arc<Record>)> {
        if self.marked.is_empty() {
            self.selected().into_iter().collect()
        } else {
            self.marked()
        }
    }

    /// Marks the key under the cursor, or takes its mark; none where no key is there.
    pub fn mark(&mut self) -> Option<()> {
        let (thumbprint, _) = self.selected()?;
        if !self.marked.remove(&thumbprint) {
            self.marked.insert(thumbprint);
        }
        Some(())
    }

    /// Takes every mark; whether there was one.
    pub fn unmark(&mut self) -> bool {
        !std::mem::take(&mut self.marked).is_empty()
    }

    /// The key being made under the cursor.
    pub fn selected_pending(&self) -> Option<TaskId> {
        match self.selected_row()? {
            Row::Pending { task, .. } => Some(*task),
            Row::Key { .. } | Row::Unreadable { .. } => None,
        }
    }

    /// Every key.
    pub fn records(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.rows
            .iter()
            .filter_map(Row::key)
            .map(|(_, record)| record)
    }

    /// The key of a thumbprint.
    pub fn record(&self, wanted: &Thumbprint) -> Option<&Arc<Record>> {
        self.rows.iter().find_map(|row| match row {
            Row::Key { thumbprint, record } if thumbprint == wanted => Some(record),
            _ => None,
        })
    }

    /// Takes the folder as it is now; keys being made stay, and so does the selection.
    pub fn set_entries(&mut self, entries: Vec<Entry>) {
        let selected = self.selected_row().cloned();
        self.rows.retain(|row| matches!(row, Row::Pending { .. }));
        self.rows
            .extend(entries.into_iter().map(|entry| match entry {
                Entry::Key(record) => Row::Key {
                    thumbprint: record.thumbprint(),
                    record: Arc::from(record),
                },
                Entry::Unreadable { file, reason } => Row::Unreadable { file, reason },
            }));
        self.listing = Listing::Done;
        if !self.marked.is_empty() {
            let here = self.rows.iter().filter_map(Row::key);
            let here: HashSet<Thumbprint> = here.map(|(thumbprint, _)| thumbprint).collect();
            self.marked.retain(|thumbprint| here.contains(thumbprint));
        }
        self.arrange();
        self.select(selected.as_ref());
    }

    /// Adds a row and selects it; a filter that would hide it goes.
    pub fn add(&mut self, row: Row) {
        self.filter = None;
        self.rows.push(row.clone());
        self.arrange();
        self.select(Some(&row));
    }

    /// Puts a key in the place of the one being made, or of its older self.
    pub fn put(&mut self, record: &Arc<Record>, in_place_of: Option<TaskId>) {
        let thumbprint = record.thumbprint();
        let new = Row::Key {
            thumbprint,
            record: Arc::clone(record),
        };
        let follow = match (self.selected_row(), in_place_of) {
            (Some(Row::Pending { task, .. }), Some(made)) => *task == made,
            (Some(row), _) => row.is(&new),
            (None, _) => true,
        };
        let selected = if follow {
            Some(new.clone())
        } else {
            self.selected_row().cloned()
        };
        self.rows.retain(|row| match row {
            Row::Pending { task, .. } => Some(*task) != in_place_of,
            row => !row.is(&new),
        });
        self.rows.push(new);
        self.arrange();
        self.select(selected.as_ref());
    }

    /// Takes a key being made away.
    pub fn drop_pending(&mut self, task: TaskId) {
        let selected = self.selected_row().cloned();
        self.rows
            .retain(|row| !matches!(row, Row::Pending { task: each, .. } if *each == task));
        self.arrange();
        self.select(selected.as_ref());
    }

    /// Takes a key away.
    pub fn remove(&mut self, thumbprint: &Thumbprint) {
        self.marked.remove(thumbprint);
        self.rows
            .retain(|row| !matches!(row, Row::Key { thumbprint: each, .. } if each == thumbprint));
        self.arrange();
    }

    /// Moves the cursor to a key.
    pub fn select_key(&mut self, record: &Arc<Record>) {
        let row = Row::Key {
            thumbprint: record.thumbprint(),
            record: Arc::clone(record),
        };
        self.select(Some(&row));
    }

    /// Sorts and filters anew; the cursor stays on its row where that is still shown.
    pub fn rearrange(&mut self) {
        let selected = self.selected_row().cloned();
        self.arrange();
        self.select(selected.as_ref());
    }

    /// Shows the rows that match the filter, the best first, and puts the cursor on the first.
    pub fn refilter(&mut self) {
        self.arrange();
        self.scroll = Scroll::default();
    }

    fn arrange(&mut self) {
        self.shown = (0..self.rows.len()).collect();
        let text = self.filter.as_ref().map_or("", |filter| filter.line.text());
        if text.is_empty() {
            let (rows, order) = (&self.rows, self.order);
            self.shown
                .sort_by(|one, other| compare(&rows[*one], &rows[*other], order));
        } else {
            let rows = &self.rows;
            self.shown = ranked(text, rows.len(), |place| haystack(&rows[place]));
        }
        self.scroll.0 = self.scroll.0.min(self.shown.len().saturating_sub(1));
    }

    fn select(&mut self, wanted: Option<&Row>) {
        let place = wanted.and_then(|wanted| self.shown().position(|row| row.is(wanted)));
        if let Some(place) = place {
            self.scroll = Scroll(place);
        }
    }
}

/// The places below `count` whose text matches `pattern` fuzzily, the best first.
pub fn ranked(pattern: &str, count: usize, text: impl Fn(usize) -> String) -> Vec<usize> {
    let pattern = Pattern::parse(pattern, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = (0..count)
        .filter_map(|place| {
            let text = text(place);
            let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
            Some((score, place))
        })
        .collect();
    scored.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    scored.into_iter().map(|(_, place)| place).collect()
}

/// What the filter looks in: kid, algorithm and tags.
fn haystack(row: &Row) -> String {
    match row {
        Row::Key { record, .. } => {
            let mut text = format!("{} {}", record.kid, record.alg);
            for tag in &record.tags {
                text.push(' ');
                text.push_str(tag);
            }
            text
        }
        Row::Pending { kid, alg, .. } => format!("{kid} {alg}"),
        Row::Unreadable { file, .. } => file.clone(),
    }
}

/// Keys being made first, unreadable files last, between them by `order`, then by kid.
fn compare(one: &Row, other: &Row, order: Order) -> Ordering {
    let class = |row: &Row| match row {
        Row::Pending { .. } => 0,
        Row::Key { .. } => 1,
        Row::Unreadable { .. } => 2,
    };
    let by_order = match (one, other) {
        (Row::Key { record: one, .. }, Row::Key { record: other, .. }) => match order {
            Order::Kid => Ordering::Equal,
            Order::Algorithm => one.alg.name().cmp(other.alg.name()),
            Order::Expiry => expiry(one).cmp(&expiry(other)),
            Order::Newest => other.created.cmp(&one.created),
        },
        _ => Ordering::Equal,
    };
    class(one)
        .cmp(&class(other))
        .then(by_order)
        .then_with(|| one.name().cmp(other.name()))
}

fn expiry(record: &Record) -> Timestamp {
    record.leaf().map_or(
        Timestamp::MAX,
        crate::x509::certificate::Certificate::not_after,
    )
}
