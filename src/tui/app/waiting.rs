//! A key press that waits for work under way, and the keys that are pressed meanwhile.

use super::{key::Key, task::TaskId};

/// Keys held back until a piece of work ends. `Esc` cancels it and drops them.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub task: TaskId,
    /// What goes on when it ends well.
    pub then: Option<Then>,
    /// Pressed meanwhile, to be fed afterwards.
    pub keys: Vec<Key>,
}

/// What was asked for and had to wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Then {
    /// The form that was put aside is accepted again.
    Form,
    Mint,
    MintEdited,
    Register,
    RegisterHere,
    Rename,
    /// The way of a client.
    Way,
}

/// The most keys that are held back.
pub const MOST_KEYS: usize = 64;
