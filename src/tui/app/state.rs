//! Everything the screen shows. It changes only in `update`.

use std::{collections::HashSet, sync::Arc};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{
    action::Context,
    activity::{Activity, Severity},
    clients_panel::{ClientsPanel, Part as ClientsPart},
    content::moments,
    dialog::{Dialog, FormDialog},
    effect::{Source, Target},
    keymap::Keymap,
    keys_panel::{KeysPanel, Typing},
    msg::Configuration,
    panel::Panel,
    register_panel::{RegisterPanel, Standing},
    rotation_guide::Rotations,
    sandbox_panel::SandboxPanel,
    scroll::Scroll,
    task::{TaskId, Tasks},
    toast::Toast,
    token_panel::{Draft, Mode, TokenPanel},
    waiting::Waiting,
};
use crate::{
    config::settings::ThemeName,
    jose::{reading::Reading, template::Template, thumbprint::Thumbprint, time},
    keystore::record::Record,
    oauth::step::Step,
    registry::book::SANDBOX,
    secret::Secret,
};

/// The state of the app.
#[derive(Debug)]
pub struct State {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time of the last message.
    pub now: Timestamp,
    /// The zone that times of day are shown in.
    pub zone: TimeZone,
    pub vault: Vault,
    pub configuration: Configuration,
    /// Why the configuration could not be read last; the one before counts.
    pub banner: Option<String>,
    pub keymap: Keymap,
    pub focus: Panel,
    /// The panel of the four that had the focus last.
    pub behind: Panel,
    pub zoom: Zoom,
    pub keys: KeysPanel,
    pub certificate: CertificatePanel,
    pub register: RegisterPanel,
    pub token: TokenPanel,
    pub clients: ClientsPanel,
    pub sandbox: SandboxPanel,
    pub activity: Activity,
    pub rotations: Rotations,
    pub dialog: Option<Dialog>,
    /// Forms that were left without an end: reopening brings them back.
    pub kept: Vec<FormDialog>,
    /// A form whose work is under way: it comes back where the work ends badly.
    pub sent: Option<(TaskId, FormDialog)>,
    /// A form that waits for the passphrase, or for a word on its key.
    pub put_aside: Option<FormDialog>,
    /// What was pasted or opened and needs its passphrase.
    pub sealed: Option<Source>,
    pub toast: Option<Toast>,
    pub tasks: Tasks,
    pub waiting: Option<Waiting>,
    pub theme: ThemeName,
    pub mouse: Switch,
    /// When a person did something last.
    pub touched: Timestamp,
    /// When what was copied is to be cleared.
    pub clear_clipboard: Option<Timestamp>,
    /// Keys deleted in this run, together what went together, the last ones last.
    pub deleted: Vec<Vec<Target>>,
    /// Keys that are not active and are used all the same, after a word.
    pub knowingly: HashSet<Thumbprint>,
    /// The file that the app was opened on, until there is a keystore to take it.
    pub opened: Option<Secret<Vec<u8>>>,
}

/// What the app is started with.
#[derive(Clone, Debug)]
pub struct Start {
    pub size: (u16, u16),
    pub now: Timestamp,
    pub zone: TimeZone,
    pub vault: Vault,
    pub configuration: Configuration,
    pub banner: Option<String>,
    pub keymap: Keymap,
    /// The file that the app is opened on.
    pub opened: Option<Secret<Vec<u8>>>,
}

/// How the private halves stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Vault {
    Locked,
    /// There is no keystore yet.
    Missing,
    /// Nothing protects them.
    Open,
    Unlocked,
}

/// Whether the focused panel has the screen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Zoom {
    In,
    Out,
}

/// On or off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Switch {
    Off,
    On,
}

/// Panel 2.
#[derive(Clone, Copy, Debug, Default)]
pub struct CertificatePanel {
    pub scroll: Scroll,
    pub folding: Folding,
}

/// Whether the extensions are shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Folding {
    Folded,
    #[default]
    Unfolded,
}

impl Folding {
    /// The other way.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Folded => Self::Unfolded,
            Self::Unfolded => Self::Folded,
        }
    }
}

impl State {
    pub fn new(start: Start) -> Self {
        Self {
            size: start.size,
            now: start.now,
            zone: start.zone,
            vault: start.vault,
            banner: start.banner,
            keymap: start.keymap,
            focus: Panel::Keys,
            behind: Panel::Keys,
            zoom: Zoom::Out,
            keys: KeysPanel::default(),
            certificate: CertificatePanel::default(),
            register: RegisterPanel::default(),
            token: TokenPanel::default(),
            clients: ClientsPanel::default(),
            sandbox: SandboxPanel::default(),
            activity: Activity::default(),
            rotations: Rotations::default(),
            dialog: None,
            kept: Vec::new(),
            sent: None,
            put_aside: None,
            sealed: None,
            toast: None,
            tasks: Tasks::default(),
            waiting: None,
            theme: start.configuration.settings.defaults.theme,
            configuration: start.configuration,
            mouse: Switch::On,
            touched: start.now,
            clear_clipboard: None,
            deleted: Vec::new(),
            knowingly: HashSet::new(),
            opened: start.opened,
        }
    }

    /// Where the next key press is looked up.
    pub fn context(&self) -> Context {
        if self.dialog.is_some() {
            Context::Dialog
        } else if self.is_editing() {
            Context::Editor
        } else if self.focus == Panel::Clients && self.clients.part != ClientsPart::Clients {
            Context::Steps
        } else if self.focus == Panel::Token && self.token.mode == Mode::Decode {
            Context::Decode
        } else {
            self.focus.context()
        }
    }

    /// Whether an editor of panel 4 has the keys.
    pub fn is_editing(&self) -> bool {
        self.focus == Panel::Token
            && self.token.mode == Mode::Mint
            && self.token.editing.is_some()
            && self.keys.selected().is_some()
    }

    /// Whether the filter of panel 1, 3 or 5 has the keys.
    pub fn is_filtering(&self) -> bool {
        let filter = match self.focus {
            Panel::Clients => self.clients.filter.as_ref(),
            Panel::Keys => self.keys.filter.as_ref(),
            Panel::Register => {
                let there = self.register.there.as_ref();
                there.and_then(|there| there.filter.as_ref())
            }
            _ => None,
        };
        let typing = filter.map(|filter| filter.typing);
        self.dialog.is_none() && typing == Some(Typing::UnderWay)
    }

    /// Whether what is looked for in the decoded token has the keys.
    pub fn is_searching(&self) -> bool {
        let typing = self.token.sought.as_ref().map(|sought| sought.typing);
        self.dialog.is_none()
            && self.context() == Context::Decode
            && typing == Some(Typing::UnderWay)
    }

    /// The names of the endpoints, the sandbox first.
    pub fn endpoints(&self) -> Vec<String> {
        let summaries = self.configuration.endpoints.summaries();
        summaries.into_iter().map(|summary| summary.name).collect()
    }

    /// Where a key stands at an endpoint.
    pub fn standing(&self, thumbprint: Thumbprint, record: &Record, endpoint: &str) -> Standing {
        self.register
            .standing(thumbprint, record, endpoint, self.sandbox.since())
    }

    /// The endpoint that `r` offers first: the one used last, at first the configured one.
    pub fn first_endpoint(&self) -> String {
        let names = self.endpoints();
        let default = &self.configuration.settings.defaults.endpoint;
        [self.register.used.as_ref(), Some(default)]
            .into_iter()
            .flatten()
            .find(|name| names.contains(name))
            .cloned()
            .unwrap_or_else(|| SANDBOX.to_owned())
    }

    /// The template a key mints from: its last, else the one of its algorithm.
    pub fn template_of(&self, record: &Record) -> Option<&Template> {
        let last = record.template.as_deref();
        last.and_then(|name| self.template(name))
            .or_else(|| self.template(Template::default_name(record.alg)))
    }

    /// A template by name, the user's own first.
    pub fn template(&self, name: &str) -> Option<&Template> {
        let mut all = self.configuration.templates.iter();
        all.find(|template| template.name == name)
    }

    /// The template that a draft began from, where it is still there.
    pub fn template_for(&self, draft: &Draft) -> Option<&Template> {
        self.template(draft.template.as_deref()?)
    }

    /// The draft of the selected key: as edited, else as its template gives it.
    pub fn draft(&self) -> Option<(Thumbprint, Arc<Record>, Draft)> {
        let (thumbprint, record) = self.keys.selected()?;
        let draft = match self.token.edited(&thumbprint) {
            Some(draft) => draft.clone(),
            None => {
                let ttl = self.configuration.settings.defaults.ttl;
                Draft::new(record, self.template_of(record)?, &[], ttl).ok()?
            }
        };
        Some((thumbprint, Arc::clone(record), draft))
    }

    /// When the keys lock by themselves.
    pub fn lock_at(&self) -> Option<Timestamp> {
        let after = SignedDuration::try_from(self.configuration.settings.defaults.lock_after);
        let after = after.ok().filter(jiff::SignedDuration::is_positive)?;
        (self.vault == Vault::Unlocked)
            .then(|| self.touched.checked_add(after).ok())
            .flatten()
    }

    /// When the screen changes by itself next.
    pub fn next_change(&self) -> Option<Timestamp> {
        [
            self.toast.as_ref().map(|toast| toast.until),
            self.lock_at(),
            self.clear_clipboard,
            self.spinner_change(),
            self.expiry_change(),
            self.rotation_change(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Says something at the foot of the screen.
    pub(super) fn say(&mut self, severity: Severity, text: impl Into<String>) {
        self.toast = Some(Toast::new(severity, text, self.now));
    }

    /// A spinner turns ten times a second while somebody watches work.
    fn spinner_change(&self) -> Option<Timestamp> {
        self.tasks.oldest()?;
        self.now.checked_add(SignedDuration::from_millis(100)).ok()
    }

    /// Dates of a token on the screen tell how far they are away, in minutes; in the last minute
    /// before its end they count seconds.
    fn expiry_change(&self) -> Option<Timestamp> {
        let dates = self.shown_dates().into_iter().chain(self.shown_ends());
        let changes = dates.filter_map(|(name, at)| moments::next_told(name, at, self.now));
        changes.chain(self.verdict_change()).min()
    }

    /// The verdict on a decoded token ends with its time.
    fn verdict_change(&self) -> Option<Timestamp> {
        let decoded = match self.token.mode {
            Mode::Decode => self.token.decoded.as_ref()?,
            Mode::Mint => return None,
        };
        decoded.result.as_ref().ok()?.until
    }

    /// The end of a wait is told at the head of the screen, and counted down in the guide.
    fn rotation_change(&self) -> Option<Timestamp> {
        let shown = match &self.dialog {
            Some(Dialog::Rotation(dialog)) => dialog.next_change(self.now),
            _ => None,
        };
        let end = self.rotations.next_end(self.now);
        shown.into_iter().chain(end).min()
    }

    /// The ends of tokens that panel 5 tells.
    fn shown_ends(&self) -> impl Iterator<Item = (&'static str, Timestamp)> {
        let is_shown = self.focus == Panel::Clients;
        let ways = self.clients.ways().filter(move |_| is_shown);
        let ends = ways.filter_map(|way| way.access()?.expires_at);
        let step = self.shown_step().filter(|_| is_shown);
        let ends = ends.chain(step.and_then(Step::exp));
        // An end that is past is told without its distance.
        ends.filter(|end| *end > self.now).map(|end| ("exp", end))
    }

    /// The dates that panel 4 tells the distance of.
    fn shown_dates(&self) -> Vec<(&'static str, Timestamp)> {
        let (claims, names) = match self.token.mode {
            Mode::Mint => {
                let selected = self.keys.selected();
                let minted =
                    selected.and_then(|(thumbprint, _)| self.token.minted.get(&thumbprint));
                (minted.map(|minted| &minted.claims), &["exp"][..])
            }
            Mode::Decode => {
                let decoded = self.token.decoded.as_ref();
                let reading = decoded.and_then(|decoded| decoded.reading.as_ref());
                (reading.and_then(Reading::claims), &time::DATES[..])
            }
        };
        let Some(claims) = claims else {
            return Vec::new();
        };
        let dates = names.iter().filter_map(|name| {
            let date = time::numeric_date(claims.members().get(*name)?)?;
            Some((*name, date))
        });
        dates.collect()
    }
}
