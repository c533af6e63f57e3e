//! What happens to the app.

use std::sync::Arc;

use super::{key::Key, task::TaskId};
use crate::{
    clipboard::Copied,
    config::settings::Settings,
    jose::{claims::JsonObject, template::Template, thumbprint::Thumbprint},
    keystore::{
        record::{Entry, Record, Status},
        store::{Sealed, Trashed},
    },
    registry::{
        answer::{Exchange, Receipt, State as KeyState},
        book::Endpoints,
    },
    sandbox::server::{LogLine, Running},
    secret::Secret,
    x509::profile::Profile,
};

/// Everything that can happen.
#[derive(Debug)]
pub enum Msg {
    /// Another process changed keys or configuration, or this one did.
    Changed,
    /// The clipboard was asked to take something.
    Copied {
        what: String,
        result: Result<Copied, String>,
    },
    /// The configuration was read, at the start or after a change.
    Configured(Result<Box<Configuration>, String>),
    Done(TaskId, Outcome),
    /// The keys as they lie in the folder.
    Entries(Result<Vec<Entry>, String>),
    /// The first of many keys, while the rest is being read.
    FirstEntries(Vec<Entry>),
    Key(Key),
    Mouse(Mouse),
    Paste(Secret<String>),
    Resize {
        columns: u16,
        rows: u16,
    },
    /// The terminal is ours again.
    Resumed,
    SandboxFound(Running),
    SandboxLog(LogLine),
    /// Whose certificates keys have.
    Subjects(Vec<(Thumbprint, String)>),
    /// This process was asked to end.
    Signal(i32),
    /// The time that was waited for has come.
    Tick,
}

/// What the user's files say.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub settings: Settings,
    pub endpoints: Endpoints,
    pub templates: Vec<Template>,
    pub profiles: Vec<Profile>,
}

/// How a piece of work ended.
#[derive(Debug)]
pub enum Outcome {
    /// keyfob itself failed at it.
    Broken(String),
    Clipboard(Option<Secret<String>>),
    Confirmed(Result<(), String>),
    Created(Result<Sealed, String>),
    Exported(Result<String, String>),
    Generated(Result<Arc<Record>, String>),
    /// What was added, and a line for what was not.
    Imported(Result<Import, String>),
    Minted(Result<Box<Minted>, String>),
    Presented(Result<Box<Presented>, String>),
    Registered(Result<Receipt, Refusal>),
    Renamed(Result<Arc<Record>, String>),
    Restored(Vec<Acted>),
    Sandbox(Result<SandboxStart, String>),
    StatusSet(Status, Vec<Acted>),
    States(Vec<(String, Result<KeyState, String>)>),
    Trash(Result<Vec<Trashed>, String>),
    Tagged(Vec<Acted>),
    Trashed(Vec<Acted>),
    Unlocked(Result<(), String>),
    Unregistered(Result<Receipt, Refusal>),
}

/// What became of one key of those that something was done to.
#[derive(Debug)]
pub struct Acted {
    pub kid: String,
    pub result: Result<Arc<Record>, String>,
}

/// What an import brought.
#[derive(Debug)]
pub struct Import {
    pub added: Vec<Arc<Record>>,
    pub left: Vec<String>,
}

/// A signed token.
#[derive(Debug)]
pub struct Minted {
    pub record: Arc<Record>,
    pub template: String,
    pub token: Secret<String>,
    pub header: JsonObject,
    pub claims: JsonObject,
}

/// What the sandbox's profile said to a token.
#[derive(Clone, Debug)]
pub struct Presented {
    pub exchange: Exchange,
}

/// A sandbox at hand.
#[derive(Clone, Debug)]
pub struct SandboxStart {
    pub running: Running,
    pub whose: Whose,
}

/// In which process the sandbox runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whose {
    Ours,
    Another,
}

/// Why something was not done at a service, and what was sent and answered before.
#[derive(Debug)]
pub struct Refusal {
    pub summary: String,
    pub exchanges: Vec<Exchange>,
}

/// A mouse event at a cell, counted from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mouse {
    pub kind: MouseKind,
    pub column: u16,
    pub row: u16,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MouseKind {
    Click,
    ScrollDown,
    ScrollUp,
}
