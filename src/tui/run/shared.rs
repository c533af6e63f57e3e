//! What the workers share: where the files lie, the identity while it is open, and what was
//! cancelled.

use std::{
    collections::HashSet,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Sender, channel},
    },
};

use super::{configuration, worker};
use crate::{
    config::home::Home,
    jose::thumbprint::Thumbprint,
    keystore::{
        error::KeystoreError, record::Record, sealing::Unlocked, store::Keystore, watch::Watch,
    },
    oauth::discovery::Discovery,
    registry::{book::Endpoints, error::RegistryError, rotation},
    sandbox::{
        fault::Faults,
        options::{Options, PortTaken},
        server::{Running, Sandbox},
    },
    tui::app::{
        msg::{Msg, Outcome, SandboxStart, Whose},
        task::TaskId,
    },
    x509::details,
};

/// Where in the state folder the arrangement of the list is kept.
const ARRANGEMENT: &str = "list.json";
/// How many subjects are told of at once.
const SUBJECTS: usize = 5_000;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    home: Home,
    unlocked: Arc<Mutex<Option<Unlocked>>>,
    cancelled: Arc<Mutex<HashSet<TaskId>>>,
    /// One key is generated at a time: a second one would only make the first one slower.
    generation: Arc<Mutex<()>>,
    /// What issuers publish, as it was fetched in this run.
    discovery: Arc<Discovery>,
}

impl Shared {
    pub(super) fn new(home: Home) -> Self {
        Self {
            home,
            unlocked: Arc::default(),
            cancelled: Arc::default(),
            generation: Arc::default(),
            discovery: Arc::default(),
        }
    }

    pub(super) fn discovery(&self) -> &Discovery {
        &self.discovery
    }

    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    pub(super) fn keystore(&self) -> Result<Keystore, KeystoreError> {
        Keystore::open(&self.home)
    }

    /// The endpoints as they are configured now.
    pub(super) fn endpoints(&self) -> Result<Endpoints, String> {
        let configuration = configuration::load(&self.home);
        configuration
            .map(|configuration| configuration.endpoints)
            .map_err(|error| error.to_string())
    }

    /// The open identity; a keystore without a passphrase opens by itself.
    pub(super) fn unlocked(&self, keystore: &Keystore) -> Result<Unlocked, KeystoreError> {
        if let Some(unlocked) = held(&self.unlocked).as_ref() {
            return Ok(unlocked.clone());
        }
        keystore.unlock(None)
    }

    pub(super) fn set_unlocked(&self, unlocked: Unlocked) {
        *held(&self.unlocked) = Some(unlocked);
    }

    pub(super) fn lock(&self) {
        *held(&self.unlocked) = None;
    }

    pub(super) fn cancel(&self, task: TaskId) {
        held(&self.cancelled).insert(task);
    }

    pub(super) fn is_cancelled(&self, task: TaskId) -> bool {
        held(&self.cancelled).contains(&task)
    }

    /// Waits until no other key is being generated.
    pub(super) fn generation(&self) -> MutexGuard<'_, ()> {
        held(&self.generation)
    }

    /// Reads the keys on a thread of their own.
    pub(super) fn list(&self, sender: &Sender<Msg>) {
        let (shared, sender) = (self.clone(), sender.clone());
        worker::thread("list", move || {
            let mut entries = Vec::new();
            let read = shared.keystore().and_then(|keystore| {
                keystore.scan(&mut |chunk| {
                    if entries.is_empty() {
                        // Nobody receives any more: the app has ended.
                        let _ = sender.send(Msg::FirstEntries(chunk.clone()));
                    }
                    entries.extend(chunk);
                    ControlFlow::Continue(())
                })
            });
            let entries = read.map(|()| entries).map_err(|error| error.to_string());
            let rotations = shared.keystore().map_err(RegistryError::from);
            let rotations = rotations.and_then(|keystore| rotation::under_way(&keystore));
            let rotations = rotations.map_err(|error| error.to_string());
            let _ = sender.send(Msg::Rotations(rotations));
            let _ = sender.send(Msg::Entries(entries));
        });
    }

    /// How the list was arranged last.
    pub(super) fn arrangement(&self) -> Option<String> {
        self.keystore().ok()?.remembered(ARRANGEMENT)
    }

    /// Keeps how the list is arranged. What cannot be kept is arranged anew in the next run.
    pub(super) fn keep_arrangement(&self, text: String) {
        let shared = self.clone();
        worker::thread("arrangement", move || {
            if let Ok(keystore) = shared.keystore() {
                let _ = keystore.remember(ARRANGEMENT, &text);
            }
        });
    }

    /// Tells of changes by other processes.
    pub(super) fn watch(&self, sender: &Sender<Msg>) -> Option<Watch> {
        let sender = sender.clone();
        let keystore = self.keystore().ok()?;
        let told = move || {
            // Nobody receives any more: the app has ended.
            let _ = sender.send(Msg::Changed);
        };
        // Where the system watches no more folders, Ctrl-R reads them.
        Watch::start(&keystore, told).ok()
    }

    /// Reads the configuration on a thread of its own.
    pub(super) fn load_configuration(&self, sender: &Sender<Msg>) {
        let (home, sender) = (self.home.clone(), sender.clone());
        worker::thread("configuration", move || {
            let loaded = configuration::load(&home).map_err(|error| error.to_string());
            let _ = sender.send(Msg::Configured(loaded.map(Box::new)));
        });
    }

    /// Looks for a sandbox of another process.
    pub(super) fn find_sandbox(&self, sender: &Sender<Msg>) {
        let (home, sender) = (self.home.clone(), sender.clone());
        worker::thread("sandbox", move || {
            if let Some(running) = Sandbox::running(&home) {
                let _ = sender.send(Msg::SandboxFound(running));
            }
        });
    }

    /// Starts the sandbox, on free ports where its own are taken, or takes the one that runs.
    pub(super) fn start_sandbox(
        &self,
        faults: Faults,
        sender: &Sender<Msg>,
        sandbox: &mut Option<Sandbox>,
    ) -> Outcome {
        if let Some(running) = Sandbox::running(&self.home) {
            let whose = match sandbox {
                Some(_) => Whose::Ours,
                None => Whose::Another,
            };
            return Outcome::Sandbox(Ok(SandboxStart { running, whose }));
        }
        let (log, lines) = channel();
        let options = Options {
            port_taken: PortTaken::AnyFree,
            home: Some(self.home.clone()),
            faults,
            ..Options::default()
        };
        let started = match Sandbox::start(&options, log) {
            Ok(started) => started,
            Err(error) => return Outcome::Sandbox(Err(error.to_string())),
        };
        let running = Running {
            auth: started.auth_url().to_owned(),
            api: started.api_url().to_owned(),
        };
        *sandbox = Some(started);
        let sender = sender.clone();
        worker::thread("log", move || {
            for line in lines {
                if sender.send(Msg::SandboxLog(line)).is_err() {
                    break;
                }
            }
        });
        Outcome::Sandbox(Ok(SandboxStart {
            running,
            whose: Whose::Ours,
        }))
    }
}

/// Reads whose certificates keys have, on a thread of its own.
pub(super) fn read_subjects(keys: Vec<(Thumbprint, Arc<Record>)>, sender: &Sender<Msg>) {
    let sender = sender.clone();
    worker::thread("subjects", move || {
        for chunk in keys.chunks(SUBJECTS) {
            let subjects = chunk.iter().filter_map(|(thumbprint, record)| {
                Some((*thumbprint, details::subject(record.leaf()?)))
            });
            if sender.send(Msg::Subjects(subjects.collect())).is_err() {
                break;
            }
        }
    });
}

/// A lock whose holder panicked guards the same value still.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
