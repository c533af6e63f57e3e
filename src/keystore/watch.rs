//! Changes by other processes: in the folder of the keys, and in the user's own configuration.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};

use super::{error::KeystoreError, store::Keystore};
use crate::disk;

/// How long nothing has happened when a burst is over.
const QUIET: Duration = Duration::from_millis(50);
/// How long a burst may last before it is told all the same.
const LONGEST: Duration = Duration::from_millis(500);
/// Folders of the configuration, beside `config.yaml`.
const FOLDERS: [&str; 5] = ["config.d", "endpoints", "claims", "certificates", "themes"];

/// Watches a keystore and its configuration until it is dropped. While nothing changes it sleeps.
#[derive(Debug)]
pub struct Watch {
    sender: Sender<Message>,
}

enum Message {
    Changed,
    /// One of [`FOLDERS`] may have come into being.
    Folder,
    Stop,
}

/// What is watched.
struct Places {
    keys: PathBuf,
    config: PathBuf,
}

impl Watch {
    /// Calls `on_change`, on a thread of its own, after any change of a key file or of the
    /// configuration, once a burst; changes by this process too.
    pub fn start(
        keystore: &Keystore,
        on_change: impl Fn() + Send + 'static,
    ) -> Result<Self, KeystoreError> {
        let failed = |error: notify::Error| KeystoreError::Watch(error.to_string());
        let places = Places {
            keys: keystore.home().data().join("keys"),
            config: keystore.home().config().to_owned(),
        };
        // Where it cannot be made, watching it fails and says so.
        let _ = disk::make_folder(&places.config);
        let (keys, config) = (places.keys.clone(), places.config.clone());
        let (sender, receiver) = mpsc::channel();
        let events = sender.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if let Some(message) = places.message(event) {
                // Nobody listens any more where the watch was dropped.
                let _ = events.send(message);
            }
        })
        .map_err(failed)?;
        for folder in [&keys, &config] {
            watcher
                .watch(folder, RecursiveMode::NonRecursive)
                .map_err(failed)?;
        }
        watch_folders(&mut watcher, &config);
        thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || tell(&receiver, watcher, &config, on_change))
            .map_err(|error| KeystoreError::Watch(error.to_string()))?;
        Ok(Self { sender })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The thread has ended already where this fails.
        let _ = self.sender.send(Message::Stop);
    }
}

impl Places {
    fn message(&self, event: notify::Result<Event>) -> Option<Message> {
        let Ok(event) = event else {
            return Some(Message::Changed);
        };
        let read_only = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Access(_) => true,
            _ => false,
        };
        if read_only {
            return None;
        }
        if event.paths.iter().any(|path| self.is_folder(path)) {
            return Some(Message::Folder);
        }
        let lost_some = event.need_rescan();
        (lost_some || event.paths.iter().any(|path| self.concerns(path)))
            .then_some(Message::Changed)
    }

    fn is_folder(&self, path: &Path) -> bool {
        FOLDERS
            .iter()
            .any(|folder| path == self.config.join(folder))
    }

    /// Whether a file counts: temporary ones and the lock do not.
    fn concerns(&self, path: &Path) -> bool {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return false;
        };
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            return false;
        }
        if folder == self.keys {
            return name.ends_with(".key");
        }
        (folder == self.config && name == "config.yaml")
            || (self.is_folder(folder) && name.ends_with(".yaml"))
    }
}

/// Tells of bursts until the watch is dropped.
fn tell(
    receiver: &Receiver<Message>,
    mut watcher: RecommendedWatcher,
    config: &Path,
    on_change: impl Fn(),
) {
    while let Ok(mut message) = receiver.recv() {
        let start = Instant::now();
        loop {
            match message {
                Message::Changed => {}
                Message::Folder => watch_folders(&mut watcher, config),
                Message::Stop => return,
            }
            if start.elapsed() > LONGEST {
                break;
            }
            message = match receiver.recv_timeout(QUIET) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            };
        }
        on_change();
    }
}

/// Those that are not there are watched once they are.
fn watch_folders(watcher: &mut RecommendedWatcher, config: &Path) {
    for folder in FOLDERS {
        let _ = watcher.watch(&config.join(folder), RecursiveMode::NonRecursive);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::mpsc};

    use tempfile::TempDir;

    use super::*;
    use crate::{config::home::Home, keystore::sealing::Protection};

    /// Longer than any burst; only a failing test waits for it.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn watched() -> (TempDir, PathBuf, Watch, mpsc::Receiver<()>) {
        let folder = TempDir::new().unwrap();
        let home = folder.path().join("home");
        let (keystore, _) = Keystore::create(&Home::at(&home), &Protection::None).unwrap();
        let (sender, told) = mpsc::channel();
        let watch = Watch::start(&keystore, move || {
            let _ = sender.send(());
        })
        .unwrap();
        (folder, home, watch, told)
    }

    #[test]
    fn a_key_file_and_the_configuration_are_watched() {
        let (_folder, home, _watch, told) = watched();
        for file in ["keys/a.key", "config.yaml"] {
            fs::write(home.join(file), "x").unwrap();
            told.recv_timeout(PATIENCE).unwrap();
        }
    }

    #[test]
    fn a_folder_made_later_is_watched_too() {
        let (_folder, home, _watch, told) = watched();
        fs::create_dir(home.join("config.d")).unwrap();
        told.recv_timeout(PATIENCE).unwrap();
        fs::write(home.join("config.d/a.yaml"), "x").unwrap();
        told.recv_timeout(PATIENCE).unwrap();
    }

    #[test]
    fn the_lock_unfinished_files_and_state_do_not_count() {
        let places = Places {
            keys: PathBuf::from("/home/keys"),
            config: PathBuf::from("/home"),
        };
        for (path, counts) in [
            ("/home/keys/a.key", true),
            ("/home/config.yaml", true),
            ("/home/config.d/a.yaml", true),
            ("/home/claims/a.yaml", true),
            ("/home/keys/.new-1", false),
            ("/home/keys/note.txt", false),
            ("/home/lock", false),
            ("/home/state/sandbox.json", false),
            ("/home/config.d/.a.yaml", false),
            ("/", false),
        ] {
            assert_eq!(places.concerns(Path::new(path)), counts, "{path}");
        }
    }
}
