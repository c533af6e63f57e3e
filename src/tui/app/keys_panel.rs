//! Panel 1: the list that drives everything else.

pub mod arrangement;
pub mod column;
pub mod filter;
pub mod order;
pub mod row;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use self::{
    arrangement::Arrangement,
    column::Column,
    filter::{Haystack, Words, best_first},
};
pub use self::{
    filter::{Filter, Typing, ranked},
    row::Row,
};
use super::{scroll::Scroll, task::TaskId};
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::record::{Entry, Record},
};

/// The rows and the place among them.
#[derive(Clone, Debug, Default)]
pub struct KeysPanel {
    rows: Vec<Row>,
    /// Places in `rows`, in the order shown.
    shown: Vec<usize>,
    marked: HashSet<Thumbprint>,
    subjects: HashMap<Thumbprint, Subject>,
    /// One for each of `rows`; none of them where the filter has not been used since they changed.
    haystacks: Vec<Haystack>,
    pub scroll: Scroll,
    pub filter: Option<Filter>,
    pub arrangement: Arrangement,
    pub listing: Listing,
}

/// Whose certificate a key has, which a certificate tells when it is read whole.
#[derive(Clone, Debug)]
enum Subject {
    Asked,
    Known(String),
}

/// Whether the folder has been read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Listing {
    #[default]
    UnderWay,
    Done,
    Failed(String),
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
        let before = std::mem::take(&mut self.rows);
        let (pending, before) = before
            .into_iter()
            .partition(|row| matches!(row, Row::Pending { .. }));
        self.rows = pending;
        self.rows
            .extend(entries.into_iter().map(|entry| match entry {
                Entry::Key(record) => Row::of(&Arc::from(record)),
                Entry::Unreadable { file, reason } => Row::Unreadable { file, reason },
            }));
        self.listing = Listing::Done;
        self.forget(&before);
        self.changed();
        self.select(selected.as_ref());
    }

    /// Adds a row and selects it; a filter that would hide it goes.
    pub fn add(&mut self, row: Row) {
        self.filter = None;
        self.rows.push(row.clone());
        self.changed();
        self.select(Some(&row));
    }

    /// Puts a key in the place of the one being made, or of its older self.
    pub fn put(&mut self, record: &Arc<Record>, in_place_of: Option<TaskId>) {
        let new = Row::of(record);
        self.subjects.remove(&record.thumbprint());
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
        self.changed();
        self.select(selected.as_ref());
    }

    /// Takes a key being made away.
    pub fn drop_pending(&mut self, task: TaskId) {
        let selected = self.selected_row().cloned();
        self.rows
            .retain(|row| !matches!(row, Row::Pending { task: each, .. } if *each == task));
        self.changed();
        self.select(selected.as_ref());
    }

    /// Takes a key away.
    pub fn remove(&mut self, thumbprint: &Thumbprint) {
        self.marked.remove(thumbprint);
        self.rows
            .retain(|row| !matches!(row, Row::Key { thumbprint: each, .. } if each == thumbprint));
        self.changed();
    }

    /// Moves the cursor to a key.
    pub fn select_key(&mut self, record: &Arc<Record>) {
        self.select(Some(&Row::of(record)));
    }

    /// Sorts and filters anew; the cursor stays on its row where that is still shown.
    pub fn rearrange(&mut self) {
        let selected = self.selected_row().cloned();
        self.arrange();
        self.select(selected.as_ref());
    }

    /// Gets ready what the filter looks in, before its first letter.
    pub fn prepare_filter(&mut self) {
        if self.haystacks.len() != self.rows.len() {
            self.haystacks = self.rows.iter().map(|row| self.haystack(row)).collect();
        }
    }

    /// Shows the rows that match the filter, the best first, and puts the cursor on the first.
    pub fn refilter(&mut self) {
        self.arrange();
        self.scroll = Scroll::default();
    }

    /// The keys whose certificate's subject is wanted and not known: from now on they count as asked
    /// for. A subject is wanted where the filter, a column or the order needs it.
    pub fn ask_subjects(&mut self) -> Vec<(Thumbprint, Arc<Record>)> {
        let wanted = self.filter.is_some()
            || self.arrangement.shows(Column::Subject)
            || self.arrangement.order.column == Column::Subject;
        if !wanted {
            return Vec::new();
        }
        let keys = self.rows.iter().filter_map(Row::key);
        let asked: Vec<(Thumbprint, Arc<Record>)> = keys
            .filter(|(thumbprint, record)| {
                record.leaf().is_some() && !self.subjects.contains_key(thumbprint)
            })
            .map(|(thumbprint, record)| (thumbprint, Arc::clone(record)))
            .collect();
        let places = asked.iter().map(|(thumbprint, _)| *thumbprint);
        self.subjects
            .extend(places.map(|thumbprint| (thumbprint, Subject::Asked)));
        asked
    }

    /// Takes the subjects that were asked for.
    pub fn set_subjects(&mut self, subjects: Vec<(Thumbprint, String)>) {
        for (thumbprint, subject) in subjects {
            // One that was not asked for is of a certificate that has changed since.
            if let Some(known) = self.subjects.get_mut(&thumbprint) {
                *known = Subject::Known(subject);
            }
        }
        self.haystacks = Vec::new();
        self.rearrange();
    }

    /// Whose certificate a key has, where that is known.
    pub fn subject(&self, thumbprint: &Thumbprint) -> Option<&str> {
        match self.subjects.get(thumbprint)? {
            Subject::Asked => None,
            Subject::Known(subject) => Some(subject),
        }
    }

    /// The characters of a column that made the row at a place of those shown match the filter.
    pub fn matched(&self, place: usize, columns: &[Column]) -> Vec<(Column, Vec<usize>)> {
        let text = self.pattern();
        let haystack = self
            .shown
            .get(place)
            .and_then(|place| self.haystacks.get(*place));
        match haystack {
            Some(haystack) if !text.is_empty() => {
                let mut words = Words::new(text);
                let matched = |column: &Column| (*column, words.matched(haystack, *column));
                columns.iter().map(matched).collect()
            }
            _ => Vec::new(),
        }
    }

    fn pattern(&self) -> &str {
        self.filter
            .as_ref()
            .map_or("", |filter| filter.line.text().trim())
    }

    /// The rows are not what they were.
    fn changed(&mut self) {
        self.haystacks = Vec::new();
        self.arrange();
    }

    /// Forgets what is known of keys that are not there any more, and of certificates that are not
    /// what they were.
    fn forget(&mut self, before: &[Row]) {
        if self.marked.is_empty() && self.subjects.is_empty() {
            return;
        }
        let chains: HashMap<Thumbprint, &Arc<Record>> =
            self.rows.iter().filter_map(Row::key).collect();
        self.marked
            .retain(|thumbprint| chains.contains_key(thumbprint));
        for (thumbprint, record) in before.iter().filter_map(Row::key) {
            let same = chains
                .get(&thumbprint)
                .is_some_and(|now| now.leaf() == record.leaf());
            if !same {
                self.subjects.remove(&thumbprint);
            }
        }
    }

    fn arrange(&mut self) {
        if self.filter.is_some() {
            self.prepare_filter();
        }
        if self.pattern().is_empty() {
            let subjects = &self.subjects;
            let order = self.arrangement.order;
            self.shown = order.sorted(&self.rows, |row| match subjects.get(&row.key()?.0)? {
                Subject::Asked => None,
                Subject::Known(subject) => Some(subject),
            });
        } else {
            let mut words = Words::new(self.pattern());
            let scored = self.haystacks.iter().enumerate();
            self.shown = best_first(
                scored.filter_map(|(place, haystack)| Some((words.score(haystack)?, place))),
            );
        }
        self.scroll.0 = self.scroll.0.min(self.shown.len().saturating_sub(1));
    }

    fn haystack(&self, row: &Row) -> Haystack {
        let subject = row
            .key()
            .and_then(|(thumbprint, _)| self.subject(&thumbprint));
        Haystack::of(row, subject)
    }

    fn select(&mut self, wanted: Option<&Row>) {
        let place = wanted.and_then(|wanted| self.shown().position(|row| row.is(wanted)));
        if let Some(place) = place {
            self.scroll = Scroll(place);
        }
    }
}
