//! What stands before the panels and has the keys.

use std::sync::Arc;

use super::{
    clients_panel::Asked, effect::Target, form::Form, keys_panel::filter::Filter, line::Line,
    msg::Offered, rich::Rich, rotation_guide::RotationDialog, scroll::Scroll, task::TaskId,
    waiting::Then,
};
use crate::{
    jose::{thumbprint::Thumbprint, why::Act as Remedied},
    keystore::record::Status,
    registry::{plan::Handed, remedy::Remedy},
};

/// A dialog.
#[derive(Clone, Debug)]
pub enum Dialog {
    Batch(Batch),
    Checklist(Checklist),
    Confirm(Confirm),
    Form(FormDialog),
    Menu(Menu),
    Rotation(Box<RotationDialog>),
    Send(Send),
    Text(TextDialog),
}

/// Fields to fill.
#[derive(Clone, Debug)]
pub struct FormDialog {
    pub kind: FormKind,
    pub form: Form,
    /// Why the last `Enter` did nothing: one line beside its cause.
    pub problem: Option<String>,
    pub consent: Consent,
    /// What the path that is being typed may go on with.
    pub completions: Completions,
    /// What was found out about what stands in it.
    pub notes: Vec<Rich>,
}

/// Whether a question stands in the form that `Enter` once more answers with yes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Consent {
    Asked,
    NotAsked,
}

/// The names that a path may go on with.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Completions {
    /// The path that they belong to.
    pub path: String,
    /// Their first ones.
    pub names: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// What a form is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FormKind {
    /// A new certificate.
    Certificate(Thumbprint),
    /// A request for a certificate.
    CertificateRequest(Thumbprint),
    /// A call of an API by a client.
    Call(String),
    /// A client to add, or to change.
    Client(Option<String>),
    /// A client to add that begins like the one of that name.
    ClientLike(String),
    Endpoint(OfEndpoint),
    /// What a decoded token is held against.
    Expectations,
    Export(Thumbprint),
    ExportMarked(Vec<Target>),
    FirstStart,
    Import,
    /// A certificate that a CA signed.
    ImportCertificate(Thumbprint),
    /// A key that keyfob did not write is about to be used.
    NewHere(Thumbprint, Then),
    NewKey,
    /// An empty passphrase was given: once more means yes.
    NoPassphrase,
    /// A key that is retired or revoked is about to sign.
    NotActive {
        thumbprint: Thumbprint,
        status: Status,
        then: Then,
    },
    /// The service of the template is known to refuse the token, and why.
    Refused(Vec<String>, Then),
    /// An endpoint, and the keys noted there.
    RemoveEndpoint(String, Vec<String>),
    Rename(String),
    RenewCertificate(Thumbprint),
    /// What was pasted or opened is sealed.
    Sealed,
    Tags {
        keys: Vec<Target>,
        /// The tags that all of them have.
        common: Vec<String>,
        /// Whether some have others beside.
        more: bool,
    },
    /// The fields of a template.
    Template(String),
    /// A token that a client is to exchange.
    TokenExchange(String),
    Unlock(Option<Then>),
}

/// Which endpoint a form is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OfEndpoint {
    /// The one of that name.
    Known(String),
    /// A new one that begins like the one of that name.
    Like(String),
    /// A new one of that preset.
    New(String),
}

/// What a file holds, to choose from.
#[derive(Clone, Debug)]
pub struct Checklist {
    pub offered: Arc<Offered>,
    /// Whether each key of the offer is to be imported.
    pub checks: Vec<Check>,
    /// The keys, and behind them the parts that were refused, which the filter leaves.
    pub shown: Vec<usize>,
    /// What is looked for.
    pub filter: Option<Filter>,
    /// A place among those shown.
    pub scroll: Scroll,
    /// Why the last `Enter` did nothing.
    pub problem: Option<String>,
}

/// A checkbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Check {
    Off,
    On,
}

/// Rows to choose from.
#[derive(Clone, Debug)]
pub struct Menu {
    pub kind: MenuKind,
    pub rows: Vec<MenuRow>,
    /// Those of the rows that match the filter.
    pub shown: Vec<usize>,
    pub filter: Line,
    pub scroll: Scroll,
}

/// What a menu is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MenuKind {
    Certificate,
    Columns,
    Copy,
    Faults,
    Endpoints,
    Found,
    Header,
    Palette,
    Sort,
    Status,
    Template,
    Trash,
}

/// A row of a menu.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MenuRow {
    pub text: String,
    pub detail: String,
    pub key: String,
}

/// A request before it is sent.
#[derive(Clone, Debug)]
pub struct Send {
    pub act: Act,
    /// The keys that were meant, in their order.
    pub keys: Vec<Thumbprint>,
    /// The first of them that fits.
    pub thumbprint: Thumbprint,
    pub kid: String,
    /// The others that fit.
    pub others: Vec<Target>,
    /// Those that do not, and why.
    pub left_out: Vec<(String, String)>,
    /// What to do where none fits.
    pub remedy: Option<Remedy>,
    /// The endpoints to choose from.
    pub endpoints: Vec<String>,
    pub chosen: usize,
    /// All that will be done, or why nothing can be.
    pub plan: Result<Vec<Shown>, String>,
    pub scroll: Scroll,
    /// What the service said, where it refused.
    pub failure: Option<Failure>,
    /// Of what a person does on a web page: whether it was handed over to them.
    pub handing: Handing,
}

/// How far an act is that a person does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Handing {
    /// It was not copied yet, and the page was not opened.
    Before,
    /// `Enter` says that it is done.
    Handed,
}

/// An act before it is done: what it does, and what will be sent.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub title: String,
    pub body: Vec<Rich>,
    pub scroll: Scroll,
    /// What `y` copies.
    pub copy: Option<String>,
    /// What `Enter` does: `sends`.
    pub verb: &'static str,
    pub asked: Asked,
}

/// Several keys being registered at an endpoint, and what became of each.
#[derive(Clone, Debug)]
pub struct Batch {
    pub endpoint: String,
    pub rows: Vec<(Target, Fate)>,
    /// The work, while it is under way.
    pub task: Option<TaskId>,
    pub stopping: Stopping,
    pub scroll: Scroll,
}

/// What became of one of several keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fate {
    /// In words.
    Done(String),
    Failed(String),
    /// It was stopped before this one.
    NotSent,
    UnderWay,
    Waiting,
}

/// Whether nothing more is to be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stopping {
    GoingOn,
    /// What is under way is waited for.
    Stopping,
}

/// What is to be done at an endpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    Register,
    Unregister,
}

/// A part of a plan as people see it: secrets masked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shown {
    /// What it is good for, where it is one of several.
    pub about: Option<String>,
    pub lines: Vec<String>,
    /// What `y` copies: what that is, and its text.
    pub copied: (String, String),
    /// What a person does, where it is that.
    pub by_hand: Option<Handed>,
    /// What doing it is called: `sends`.
    pub verb: &'static str,
}

/// A refusal with what was sent and answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    pub summary: String,
    pub lines: Vec<String>,
}

/// Text to read.
#[derive(Clone, Debug)]
pub struct TextDialog {
    pub title: String,
    pub body: Vec<Rich>,
    pub scroll: Scroll,
    /// What `y` copies.
    pub copy: Option<String>,
    /// What the keys `1` to `9` do.
    pub acts: Vec<Remedied>,
}

impl FormDialog {
    pub fn new(kind: FormKind, form: Form) -> Self {
        Self {
            kind,
            form,
            problem: None,
            consent: Consent::NotAsked,
            completions: Completions::default(),
            notes: Vec::new(),
        }
    }

    /// Something else stands in it now: what was told of it before is over.
    pub fn touched(&mut self) {
        self.problem = None;
        self.consent = Consent::NotAsked;
        self.completions = Completions::default();
        self.notes = Vec::new();
    }
}

impl Menu {
    pub fn new(kind: MenuKind, rows: Vec<MenuRow>) -> Self {
        Self {
            kind,
            shown: (0..rows.len()).collect(),
            rows,
            filter: Line::default(),
            scroll: Scroll::default(),
        }
    }

    /// The place in `rows` of the row that is chosen.
    pub fn chosen(&self) -> Option<usize> {
        self.shown.get(self.scroll.0).copied()
    }
}

impl Act {
    /// `register`, `unregister`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Unregister => "unregister",
        }
    }
}

impl Batch {
    /// The keys that are not registered yet.
    pub fn left(&self) -> impl Iterator<Item = &Target> {
        let rows = self.rows.iter();
        rows.filter(|(_, fate)| !matches!(fate, Fate::Done(_)))
            .map(|(key, _)| key)
    }
}

impl Fate {
    /// What is said of it.
    pub fn words(&self) -> &str {
        match self {
            Self::Done(words) | Self::Failed(words) => words,
            Self::NotSent => "not sent",
            Self::UnderWay => "sending…",
            Self::Waiting => "waits",
        }
    }
}
