//! The loop: a message changes the state, effects are carried out, the frame is drawn once.

mod clients;
mod completion;
mod configuration;
mod endpoints;
mod files;
mod input;
mod judging;
mod registering;
mod rotating;
mod shared;
mod terminal;
mod way;
mod worker;

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use signal_hook::consts::SIGHUP;

use self::{shared::Shared, terminal::Screen};
use super::{
    app::{
        effect::{Effect, Leave},
        keymap::{Keymap, KeymapError},
        keys_panel::arrangement::Arrangement,
        msg::Msg,
        state::{Start, State, Vault},
        update::update,
    },
    view::{self, theme::Colours},
};
use crate::{
    browser,
    clipboard::Clipboard,
    config::{home::Home, own_files::OwnFileError, settings::SettingsError},
    keystore::{
        error::KeystoreError,
        store::{Keystore, Sealed},
        watch::Watch,
    },
    registry::error::RegistryError,
    sandbox::{fault::Faults, server::Sandbox},
    secret::Secret,
};

/// What the app is started with.
#[derive(Debug)]
pub struct Options {
    pub home: Home,
    /// From the file of the passphrase, where one was named.
    pub passphrase: Option<Secret<String>>,
    pub colours: Colours,
    /// The content of the file that the app is opened on.
    pub opened: Option<Secret<Vec<u8>>>,
}

/// Why the app did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The keystore cannot be used.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The user's keys cannot be used.
    #[error("{file}: {source}")]
    Keymap { file: String, source: KeymapError },
    /// Stdin or stdout is a pipe or a file.
    #[error(
        "the screen needs a terminal, and this is none: see keyfob --help for the same acts as \
         commands"
    )]
    NoTerminal,
    /// The user's templates or profiles cannot be used.
    #[error(transparent)]
    OwnFile(#[from] OwnFileError),
    /// An endpoint's preset cannot be used.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The terminal failed.
    #[error("the terminal failed: {0}")]
    Terminal(#[from] io::Error),
}

/// The loop's own: what the state must not know.
struct Runner {
    screen: Screen,
    shared: Shared,
    sender: Sender<Msg>,
    clipboard: Clipboard,
    sandbox: Option<Sandbox>,
    /// Those of the sandbox that runs, and of the next.
    faults: Faults,
    /// Tells of changes by other processes while it is held.
    watch: Option<Watch>,
    colours: Colours,
}

/// Whether the loop goes on.
enum Next {
    Draw,
    Leave(Leave),
}

/// Runs the app until a person or a signal ends it.
pub fn run(options: Options) -> Result<Leave, TuiError> {
    if !terminal::is_there() {
        return Err(TuiError::NoTerminal);
    }
    let configuration = configuration::load(&options.home)?;
    let keymap = keymap(&configuration.settings)?;
    let vault = vault(&options.home)?;
    let (sender, receiver) = channel();
    let shared = Shared::new(options.home);
    // Before raw mode: what fails here is told on a terminal that is as it was.
    input::watch_signals(sender.clone())?;
    let screen = Screen::open()?;
    input::watch_keys(sender.clone())?;
    let mut state = State::new(Start {
        size: screen.size()?,
        now: Timestamp::now(),
        zone: TimeZone::system(),
        vault,
        configuration,
        banner: None,
        keymap,
        opened: options.opened,
    });
    if let Some(text) = shared.arrangement() {
        state.keys.arrangement = Arrangement::parse(&text);
    }
    let mut runner = Runner {
        screen,
        shared,
        sender,
        clipboard: Clipboard::from_environment(),
        sandbox: None,
        faults: Faults::default(),
        watch: None,
        colours: options.colours,
    };
    runner.begin(&mut state, options.passphrase);
    runner.turn(&mut state, &receiver)
}

fn keymap(settings: &crate::config::settings::Settings) -> Result<Keymap, TuiError> {
    Keymap::new(&settings.keys).map_err(|source| {
        let file = settings.key_files.values().next();
        TuiError::Keymap {
            file: file.cloned().unwrap_or_else(|| "config.yaml".to_owned()),
            source,
        }
    })
}

fn vault(home: &Home) -> Result<Vault, KeystoreError> {
    if !Keystore::exists(home) {
        return Ok(Vault::Missing);
    }
    Ok(match Keystore::open(home)?.sealed() {
        Sealed::Passphrase => Vault::Locked,
        Sealed::Open => Vault::Open,
    })
}

impl Runner {
    /// Reads the keys, finds a sandbox, and asks for the first passphrase.
    fn begin(&mut self, state: &mut State, passphrase: Option<Secret<String>>) {
        let effects = crate::tui::app::update::start(state, passphrase);
        for effect in effects {
            // None of them ends the app.
            let _ = self.carry_out(effect);
        }
        if state.vault != Vault::Missing {
            self.watch = self.shared.watch(&self.sender);
        }
        self.shared.find_sandbox(&self.sender);
    }

    fn turn(&mut self, state: &mut State, receiver: &Receiver<Msg>) -> Result<Leave, TuiError> {
        loop {
            let drawn = self
                .screen
                .draw(|frame| view::draw(state, self.colours, frame));
            if drawn.is_err() {
                // A terminal that takes nothing any more has hung up; its signal may come later.
                return Ok(Leave::Signal(SIGHUP));
            }
            let mut next = Some(Self::wait(state, receiver));
            // Everything that is there already, then one frame.
            while let Some(msg) = next {
                if let Next::Leave(leave) = self.take(state, msg)? {
                    return Ok(leave);
                }
                next = receiver.try_recv().ok();
            }
        }
    }

    /// The next message, or the moment at which the screen changes by itself.
    fn wait(state: &State, receiver: &Receiver<Msg>) -> Msg {
        let Some(at) = state.next_change() else {
            // The runner holds a sender itself.
            return receiver.recv().unwrap_or(Msg::Tick);
        };
        let left = at.duration_since(Timestamp::now());
        let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
        match receiver.recv_timeout(left) {
            Ok(msg) => msg,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Msg::Tick,
        }
    }

    fn take(&mut self, state: &mut State, msg: Msg) -> Result<Next, TuiError> {
        let had_keystore = state.vault != Vault::Missing;
        for effect in update(state, msg, Timestamp::now()) {
            if let Next::Leave(leave) = self.carry_out(effect)? {
                return Ok(Next::Leave(leave));
            }
        }
        if !had_keystore && state.vault != Vault::Missing {
            self.watch = self.shared.watch(&self.sender);
        }
        Ok(Next::Draw)
    }

    fn carry_out(&mut self, effect: Effect) -> Result<Next, TuiError> {
        match effect {
            Effect::Quit(leave) => {
                // What is left in the clipboard after the app is gone is the user's.
                self.sandbox = None;
                return Ok(Next::Leave(leave));
            }
            Effect::Redraw => self.screen.redraw()?,
            Effect::Suspend => {
                self.screen.suspend()?;
                // Nobody receives any more: the app ends.
                let _ = self.sender.send(Msg::Resumed);
            }
            Effect::MouseCapture(capture) => self.screen.capture_mouse(capture)?,
            Effect::Copy {
                what,
                text,
                sensitivity,
            } => {
                let copied = self
                    .clipboard
                    .copy(text.expose(), sensitivity, self.screen.writer())
                    .map_err(|error| error.to_string());
                let _ = self.sender.send(Msg::Copied {
                    what,
                    result: copied,
                });
            }
            Effect::OpenPage(url) => {
                if let Err(error) = browser::open(&url) {
                    let _ = self.sender.send(Msg::PageNotOpened(error.to_string()));
                }
            }
            Effect::ClearClipboard => {
                // A clipboard that cannot be cleared any more has another owner.
                let _ = self.clipboard.clear(self.screen.writer());
            }
            Effect::ReadClipboard { task } => {
                let text = self.clipboard.text();
                let outcome = crate::tui::app::msg::Outcome::Clipboard(text);
                let _ = self.sender.send(Msg::Done(task, outcome));
            }
            Effect::StartSandbox { task } => {
                let outcome =
                    self.shared
                        .start_sandbox(self.faults, &self.sender, &mut self.sandbox);
                let _ = self.sender.send(Msg::Done(task, outcome));
            }
            Effect::SetFaults(faults) => {
                self.faults = faults;
                if let Some(sandbox) = &self.sandbox {
                    sandbox.switchboard().set(faults);
                }
            }
            Effect::StopSandbox => self.sandbox = None,
            Effect::Cancel(task) => self.shared.cancel(task),
            Effect::Lock => self.shared.lock(),
            Effect::KeepArrangement(text) => self.shared.keep_arrangement(text),
            Effect::ListKeys => self.shared.list(&self.sender),
            Effect::ReadSubjects(keys) => shared::read_subjects(keys, &self.sender),
            Effect::LoadConfiguration => self.shared.load_configuration(&self.sender),
            other => worker::spawn(other, &self.shared, &self.sender),
        }
        Ok(Next::Draw)
    }
}
