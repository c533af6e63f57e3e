//! What `update` asks for: data, carried out by the runner.

use std::{path::PathBuf, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};

use super::{msg::Offered, task::TaskId};
use crate::{
    clipboard::Sensitivity,
    config::settings::{ClientSettings, EndpointSettings, TokenKind},
    jose::{claims::JsonObject, thumbprint::Thumbprint},
    keystore::{
        certify,
        export::{Existing, Form},
        generate::Wanted,
        record::{Half, Record, Status},
        sealing::Protection,
        store::TagChange,
    },
    oauth::{access_token::AccessToken, call::Call, inquiry::Inquiry, key_place::KeyPlace},
    registry::{endpoint::Word, rotation::Rotation, survey::Question},
    sandbox::{fault::Faults, remote::Order, server::Running},
    secret::Secret,
};

/// Something to be done outside of the state.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Notes that keys were found at an endpoint, each with its id there.
    Adopt {
        task: TaskId,
        endpoint: String,
        found: Vec<(Arc<Record>, String)>,
    },
    ChangeTags {
        task: TaskId,
        keys: Vec<Target>,
        change: TagChange,
    },
    /// Goes the way of a client, to its access token and on to an API where a call is wanted.
    GoTheWay {
        task: TaskId,
        order: Box<WayOrder>,
    },
    /// The answer of this work is not wanted any more.
    Cancel(TaskId),
    /// Looks whether an endpoint could be used, were it saved.
    CheckEndpoint {
        task: TaskId,
        order: Box<EndpointOrder>,
    },
    /// Looks for what a path may go on with.
    CompletePath {
        task: TaskId,
        path: String,
    },
    /// Takes back what was copied last, where it is still there.
    ClearClipboard,
    /// Takes a key that came from elsewhere for one of ours.
    Confirm {
        task: TaskId,
        thumbprint: Thumbprint,
    },
    /// `what` is named in the toast.
    Copy {
        what: String,
        text: Secret<String>,
        sensitivity: Sensitivity,
    },
    /// Opens a web page in the user's browser.
    OpenPage(String),
    CreateKeystore {
        task: TaskId,
        protection: Protection,
    },
    /// Writes a form of a key to a file.
    Export {
        task: TaskId,
        order: Box<ExportOrder>,
    },
    /// Generates a key and stores it, unless the task is cancelled before.
    Generate {
        task: TaskId,
        wanted: Box<Wanted>,
    },
    /// `passphrase` is that of what the source seals, `kid` a name for a single key.
    Import {
        task: TaskId,
        source: Source,
        passphrase: Option<Secret<String>>,
        kid: Option<String>,
    },
    /// Takes a certificate that a CA signed.
    ImportCertificate {
        task: TaskId,
        record: Arc<Record>,
        source: Source,
    },
    /// Adds keys of an offer, by their places in it.
    ImportChosen {
        task: TaskId,
        offered: Arc<Offered>,
        places: Vec<usize>,
    },
    /// Asks for a published set, and offers its keys.
    ImportPublished {
        task: TaskId,
        place: KeyPlace,
    },
    /// Makes a certificate in the place of what was there.
    IssueCertificate {
        task: TaskId,
        order: Box<CertificateOrder>,
    },
    /// Remembers how the list is arranged.
    KeepArrangement(String),
    /// Asks an endpoint for all its keys, to be held against those `here`.
    ListEndpoint {
        task: TaskId,
        endpoint: String,
        here: Vec<Arc<Record>>,
    },
    /// Reads the keys again.
    ListKeys,
    ListTrash {
        task: TaskId,
    },
    /// Reads the configuration again.
    LoadConfiguration,
    /// Forgets the identity.
    Lock,
    Mint {
        task: TaskId,
        order: Box<MintOrder>,
    },
    MouseCapture(MouseCapture),
    /// Presents a token to the sandbox's `/api/v1/profile`.
    Present {
        task: TaskId,
        token: Secret<String>,
        url: String,
    },
    /// Reads the body of a call.
    ReadBody {
        task: TaskId,
        path: PathBuf,
    },
    /// Reads keys to check a token with.
    ReadKeys {
        task: TaskId,
        source: KeySource,
    },
    /// Asks the display server for its text.
    ReadClipboard {
        task: TaskId,
    },
    /// Reads the subjects of certificates.
    ReadSubjects(Vec<(Thumbprint, Arc<Record>)>),
    /// Draws everything anew.
    Redraw,
    Register {
        task: TaskId,
        record: Arc<Record>,
        endpoint: String,
    },
    /// Registers keys one after the other; what becomes of each is told as it comes.
    RegisterSeveral {
        task: TaskId,
        records: Vec<Arc<Record>>,
        endpoint: String,
    },
    /// Makes a request for a certificate, into a file where one is named.
    RequestCertificate {
        task: TaskId,
        order: Box<CertificateOrder>,
        file: Option<(PathBuf, Existing)>,
    },
    /// Takes an endpoint that keyfob added out of `config.d`.
    RemoveEndpoint {
        task: TaskId,
        name: String,
    },
    /// Takes away a client that keyfob added.
    RemoveClient {
        task: TaskId,
        name: String,
    },
    Rename {
        task: TaskId,
        kid: String,
        new: String,
    },
    Restore {
        task: TaskId,
        keys: Vec<Target>,
    },
    /// Plans a rotation, or does or undoes a step of one.
    Rotate {
        task: TaskId,
        order: Box<RotationOrder>,
    },
    /// Writes an endpoint to `config.d`, and seals its token.
    SaveEndpoint {
        task: TaskId,
        order: Box<EndpointOrder>,
    },
    /// Writes a client to `config.d`.
    SaveClient {
        task: TaskId,
        order: Box<ClientOrder>,
    },
    /// From the next request on the sandbox refuses so, and so does the next one that starts.
    SetFaults(Faults),
    SetStatus {
        task: TaskId,
        keys: Vec<Target>,
        status: Status,
    },
    /// Starts the sandbox, or finds the one that runs in another process.
    StartSandbox {
        task: TaskId,
    },
    StopSandbox,
    /// Asks or tells the sandbox that runs there.
    TellSandbox {
        task: TaskId,
        running: Running,
        order: Order,
    },
    /// Asks endpoints where keys stand; each answer is told as it comes.
    Survey {
        task: TaskId,
        questions: Arc<[Question]>,
    },
    /// Restores the terminal, stops the process, and comes back.
    Suspend,
    Trash {
        task: TaskId,
        keys: Vec<Target>,
    },
    Unlock {
        task: TaskId,
        passphrase: Secret<String>,
    },
    Unregister {
        task: TaskId,
        record: Arc<Record>,
        endpoint: String,
    },
    /// Ends the app.
    Quit(Leave),
}

/// A key that something is done to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// What it is called where it is told of.
    pub kid: String,
    pub thumbprint: Thumbprint,
}

/// What is to be done of a rotation.
#[derive(Clone, Debug)]
pub enum RotationOrder {
    /// The next step.
    Advance(Rotation, Word),
    /// The first step of the rotation of this key.
    Begin(Arc<Record>),
    /// Nothing but the plan.
    Plan(Arc<Record>),
    /// The last step, back.
    Undo(Rotation, Word),
}

/// Where keys are imported from.
#[derive(Clone, Debug)]
pub enum Source {
    File(PathBuf),
    Pasted(Secret<Vec<u8>>),
}

/// Where keys to check a token with are read.
#[derive(Clone, Debug)]
pub enum KeySource {
    File(PathBuf),
    /// Asked for anew where what is known has no key of that name.
    Published {
        place: KeyPlace,
        kid: Option<String>,
    },
}

/// What is to be written to a file.
#[derive(Clone, Debug)]
pub struct ExportOrder {
    pub exported: Exported,
    pub path: PathBuf,
    pub existing: Existing,
}

/// What a file is to hold.
#[derive(Clone, Debug)]
pub enum Exported {
    /// A form of a key.
    Of {
        record: Arc<Record>,
        form: Form,
        half: Half,
        /// Seals the file.
        passphrase: Option<Secret<String>>,
    },
    /// Public halves, in their form already.
    Ready(Vec<u8>),
}

/// A certificate to be made or asked for.
#[derive(Clone, Debug)]
pub struct CertificateOrder {
    pub record: Arc<Record>,
    pub wanted: certify::Wanted,
    /// What of the old certificate the new one cannot say.
    pub left_out: Vec<String>,
}

/// A token to be signed: exactly this header, and these claims with their times resolved.
#[derive(Clone, Debug)]
pub struct MintOrder {
    pub record: Arc<Record>,
    pub header: JsonObject,
    pub draft: JsonObject,
    /// The moment and the zone that its times are resolved in: those that were shown.
    pub now: Timestamp,
    pub zone: TimeZone,
    /// Remembered with the key.
    pub template: Option<String>,
}

/// A token that is exchanged for another one (RFC 8693).
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: TokenKind,
    pub token: Secret<String>,
}

/// A way to go.
#[derive(Clone, Debug)]
pub struct WayOrder {
    pub client: String,
    /// The client as it was shown; none: the sandbox's own, which is sought there.
    pub settings: Option<ClientSettings>,
    /// The token at hand, where it is to serve.
    pub access: Option<AccessToken>,
    pub call: Option<Call>,
    /// The token that is to be exchanged.
    pub subject: Option<Subject>,
    /// What the server is asked of the token at hand.
    pub inquiry: Option<Inquiry>,
}

/// A client to be written.
#[derive(Clone, Debug)]
pub struct ClientOrder {
    pub name: String,
    pub settings: ClientSettings,
    /// To be sealed as its own.
    pub secret: Option<Secret<String>>,
    pub saving: Saving,
}

/// An endpoint to be looked at, and written.
#[derive(Clone, Debug)]
pub struct EndpointOrder {
    pub name: String,
    pub settings: EndpointSettings,
    /// To be sealed.
    pub token: Option<Secret<String>>,
    pub saving: Saving,
}

/// Whether a client or an endpoint is new or takes the place of what was added before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Saving {
    Add,
    Replace,
}

/// Whether the terminal tells of the mouse.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MouseCapture {
    Off,
    On,
}

/// How the app ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leave {
    /// A person left.
    Quit,
    /// A signal of this number.
    Signal(i32),
}
