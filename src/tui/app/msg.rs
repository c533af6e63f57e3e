//! What happens to the app.

use std::sync::Arc;

use super::{dialog::Completions, effect::Source, key::Key, task::TaskId};
use crate::{
    clipboard::Copied,
    config::settings::{ClientSettings, Settings},
    jose::{claims::JsonObject, template::Template, thumbprint::Thumbprint, verdict::Candidates},
    keystore::{
        import::{Offer, Standing},
        record::{Entry, Record, Status},
        store::{Sealed, Trashed},
    },
    oauth::{access_token::AccessToken, step::Step},
    registry::{
        answer::{Exchange, Receipt, State as KeyState},
        book::Endpoints,
        checkup::Finding,
        rotation::{Deed, Rotation},
        view::Sight,
    },
    sandbox::{
        remote::{Order, Told},
        server::{LogLine, Running},
    },
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
    /// Why a page was not opened.
    PageNotOpened(String),
    /// The configuration was read, at the start or after a change.
    Configured(Result<Box<Configuration>, String>),
    Done(TaskId, Outcome),
    /// The keys as they lie in the folder.
    Entries(Result<Vec<Entry>, String>),
    /// A client has an access token, and goes on to call with it.
    Granted(TaskId, Box<AccessToken>),
    /// The first of many keys, while the rest is being read.
    FirstEntries(Vec<Entry>),
    Key(Key),
    Mouse(Mouse),
    Paste(Secret<String>),
    /// A piece of an API's answer came.
    Piece(TaskId, String),
    Resize {
        columns: u16,
        rows: u16,
    },
    /// How far a piece of work is.
    Progress(TaskId, Progress),
    /// The terminal is ours again.
    Resumed,
    /// The rotations that are under way.
    Rotations(Result<Vec<Rotation>, String>),
    SandboxFound(Running),
    SandboxLog(LogLine),
    /// A step of a client's way is over.
    Step(TaskId, Box<Step>),
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
    /// Keys that were found at an endpoint are noted.
    Adopted(Vec<Acted>),
    /// The body of a call was read.
    Body(Result<String, String>),
    /// keyfob itself failed at it.
    Broken(String),
    /// A key has another certificate.
    Certified(Result<Box<Certified>, String>),
    /// A client was taken away, or why not.
    ClientRemoved(String, Result<(), String>),
    /// A client was written, or why not.
    ClientSaved(String, Result<Box<SavedClient>, String>),
    Clipboard(Option<Secret<String>>),
    Completed(Completion),
    Confirmed(Result<(), String>),
    Created(Result<Sealed, String>),
    Exported(Result<String, NotWritten>),
    Generated(Result<Arc<Record>, String>),
    /// What can be told of an endpoint before it is saved.
    EndpointChecked(Result<Vec<Finding>, String>),
    EndpointRemoved(Result<String, String>),
    /// Its name and its file.
    EndpointSaved(String, Result<String, String>),
    /// What was added, and a line for what was not.
    Imported(Result<Import, NotImported>),
    Minted(Result<Box<Minted>, String>),
    /// What the keys at an endpoint are to ours.
    Looked(Result<Vec<Sight>, Refusal>),
    /// Several things in one file: a person chooses.
    Offered(Arc<Offered>),
    Presented(Result<Box<Presented>, String>),
    /// Keys to check a token with.
    ReadKeys(Box<ReadKeys>),
    Registered(Result<Receipt, Refusal>),
    /// What became of each key is told, or nobody waits for more.
    RegisteredSeveral,
    Renamed(Result<Arc<Record>, String>),
    /// A request for a certificate was made.
    Requested(Result<Requested, NotWritten>),
    Restored(Vec<Acted>),
    Rotated(Box<Rotated>),
    Sandbox(Result<SandboxStart, String>),
    /// What the sandbox said to an order.
    SandboxTold(Order, Result<Told, NotTold>),
    StatusSet(Status, Vec<Acted>),
    /// Every question has its answer, or nobody waits for more.
    Surveyed,
    Trash(Result<Vec<Trashed>, String>),
    Tagged(Vec<Acted>),
    Trashed(Vec<Acted>),
    Unlocked(Result<(), String>),
    Unregistered(Result<Receipt, Refusal>),
    WayGone(Box<WayGone>),
}

/// A client as it was written.
#[derive(Debug)]
pub struct SavedClient {
    pub settings: ClientSettings,
    pub file: String,
}

/// What became of a rotation.
#[derive(Debug)]
pub struct Rotated {
    /// As it is now; none where it was not begun.
    pub rotation: Option<Rotation>,
    pub result: Result<Turn, Refusal>,
}

/// A turn of a rotation.
#[derive(Debug)]
pub enum Turn {
    /// Somebody has to do it: what, and where.
    ByHand(String),
    Did(Deed),
    Planned(Arc<Record>),
    Undid(Deed),
    UndidAll,
    /// Nothing can be done now.
    Waits,
}

/// How far a client came.
#[derive(Debug)]
pub struct WayGone {
    /// The token it has now.
    pub access: Option<AccessToken>,
    /// Why it came no farther: the first line of what the step says that failed.
    pub result: Result<(), String>,
}

/// A part of a piece of work that is done.
#[derive(Debug)]
pub enum Progress {
    /// A key is being registered, one of several.
    Registering(Thumbprint),
    /// What became of one of several keys.
    Registered(Thumbprint, Result<Receipt, Refusal>),
    /// What an endpoint said of a key.
    Seen {
        thumbprint: Thumbprint,
        endpoint: String,
        state: Result<KeyState, String>,
    },
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

/// Why nothing was imported.
#[derive(Debug)]
pub enum NotImported {
    Refused(String),
    /// Its passphrase was not given, or does not open it.
    Sealed {
        source: Source,
        reason: String,
    },
}

/// What a source holds, before any of it is stored.
#[derive(Debug)]
pub struct Offered {
    pub offer: Offer,
    /// How each key of the offer stands to the keystore.
    pub standings: Vec<Standing>,
    /// The address that was asked for it, where it came from there, and what was said.
    pub asked: Option<(String, Vec<Exchange>)>,
}

/// Why a file was not written.
#[derive(Debug)]
pub enum NotWritten {
    Failed(String),
    /// There is one, and replacing it was not asked for.
    ThereAlready(String),
}

/// Keys to check a token with, or why there are none.
#[derive(Debug)]
pub struct ReadKeys {
    /// The file or the address.
    pub name: String,
    pub keys: Result<Candidates, String>,
    /// What is to be said of keys that were left out.
    pub remarks: Vec<String>,
    /// What was sent and came back; nothing where it was known already.
    pub exchanges: Vec<Exchange>,
}

/// What a path may go on with.
#[derive(Debug)]
pub struct Completion {
    /// The path as it was typed.
    pub typed: String,
    /// As far as all names go on alike.
    pub path: String,
    pub completions: Completions,
}

/// A key with another certificate than before.
#[derive(Debug)]
pub struct Certified {
    pub old: Arc<Record>,
    pub new: Arc<Record>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

/// A request for a certificate.
#[derive(Debug)]
pub struct Requested {
    pub kid: String,
    pub pem: String,
    /// The file that it was written to.
    pub file: Option<String>,
    pub left_out: Vec<String>,
}

/// A signed token.
#[derive(Debug)]
pub struct Minted {
    pub record: Arc<Record>,
    pub template: Option<String>,
    pub token: Secret<String>,
    pub header: JsonObject,
    pub claims: JsonObject,
}

/// Why the sandbox did not do what it was told.
#[derive(Debug)]
pub enum NotTold {
    /// It does not answer.
    Gone(String),
    Refused(String),
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
