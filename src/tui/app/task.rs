//! Work under way: an answer that nobody waits for any more is dropped.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// The number of a piece of work.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TaskId(u64);

/// What is under way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Task {
    /// In words, as the footer shows it: `minting`, `registering at sandbox`.
    pub label: String,
    pub since: Timestamp,
}

/// Everything under way.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    last: u64,
    pending: BTreeMap<TaskId, Task>,
}

impl Tasks {
    /// Notes a new piece of work.
    pub fn begin(&mut self, label: impl Into<String>, now: Timestamp) -> TaskId {
        self.last += 1;
        let id = TaskId(self.last);
        let label = label.into();
        self.pending.insert(id, Task { label, since: now });
        id
    }

    /// Ends a piece of work; none where nobody waits for it any more.
    pub fn end(&mut self, id: TaskId) -> Option<Task> {
        self.pending.remove(&id)
    }

    /// Whether anybody waits for it.
    pub fn is_pending(&self, id: TaskId) -> bool {
        self.pending.contains_key(&id)
    }

    /// What was begun first of what is under way.
    pub fn oldest(&self) -> Option<&Task> {
        self.pending.values().next()
    }

    /// A piece of work that is under way.
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.pending.get(&id)
    }
}
