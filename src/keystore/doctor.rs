//! Looks over the whole keystore: modes, leftovers, damaged files, and whether its parts fit.

mod identity;

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{
    backup::CONFIGURATION,
    error::KeystoreError,
    files::{self, Existing, disk},
    key_file::KeyFile,
    lock::Lock,
    record::{Half, Record},
    sealing::{Recipient, Unlocked},
    store::{Keystore, Sealed},
};
use crate::{
    config::home::Home,
    secret::Secret,
    x509::{
        chain,
        validity::{Validity, WARN_DAYS},
    },
};

/// How the name of a file begins that is being written.
const UNFINISHED: &str = ".new-";

/// Something that is not as it should be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The file or folder.
    pub file: PathBuf,
    /// What is wrong with it.
    pub problem: String,
    /// What mends it: a command or a sentence.
    pub remedy: String,
    /// What can be done without losing anything, where there is something.
    pub mending: Option<Mending>,
}

/// What [`mend`] does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mending {
    /// Sets the mode.
    Mode(u32),
    /// Writes the recipient of the identity that is there, where there is none.
    Recipient(String),
    /// Removes a file that no write will finish.
    Remove,
}

/// Whether the private halves were opened and compared with their files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PrivateHalves {
    /// They were.
    Checked,
    /// The identity could not be opened; a finding says why.
    NotOpened,
    /// They are sealed, and no passphrase was given.
    Sealed,
}

/// What was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// By file.
    pub findings: Vec<Finding>,
    /// What was not looked at.
    pub private_halves: PrivateHalves,
}

/// Looks over the keystore at `home`. `endpoints` are the configured ones, none where the
/// configuration cannot be read; without `passphrase` sealed private halves stay closed.
pub fn examine(
    home: &Home,
    endpoints: Option<&[String]>,
    passphrase: Option<&Secret<String>>,
    now: Timestamp,
) -> Result<Report, KeystoreError> {
    if !Keystore::exists(home) {
        return Err(KeystoreError::Missing);
    }
    let keystore = Keystore::unchecked(home);
    let mut doctor = Doctor {
        home,
        findings: Vec::new(),
    };
    // Who holds the lock is writing: what is unfinished now is nobody's.
    let lock = Lock::acquire(&home.data().join("lock"))?;
    doctor.places()?;
    drop(lock);
    let unlocked = doctor.identity(&keystore, passphrase)?;
    doctor.keys(&keystore, endpoints, unlocked.as_ref(), now)?;
    doctor.secrets(&keystore, unlocked.as_ref())?;
    let mut findings = doctor.findings;
    findings.sort_by(|one, other| one.file.cmp(&other.file));
    let private_halves = match unlocked {
        Some(_) => PrivateHalves::Checked,
        None if keystore.sealed() == Sealed::Passphrase && passphrase.is_none() => {
            PrivateHalves::Sealed
        }
        None => PrivateHalves::NotOpened,
    };
    Ok(Report {
        findings,
        private_halves,
    })
}

/// Does what the findings allow to be done safely; returns those it mended.
pub fn mend(home: &Home, findings: &[Finding]) -> Result<Vec<Finding>, KeystoreError> {
    let _lock = Lock::acquire(&home.data().join("lock"))?;
    let mut mended = Vec::new();
    for finding in findings {
        let path = &finding.file;
        match &finding.mending {
            None => continue,
            Some(Mending::Mode(mode)) => {
                fs::set_permissions(path, fs::Permissions::from_mode(*mode))
                    .map_err(disk("change the mode of", path))?;
            }
            Some(Mending::Recipient(text)) => {
                files::write(path, format!("{text}\n").as_bytes(), Existing::Refuse)?;
            }
            Some(Mending::Remove) => files::remove(path)?,
        }
        mended.push(finding.clone());
    }
    Ok(mended)
}

struct Doctor<'a> {
    home: &'a Home,
    findings: Vec<Finding>,
}

impl Doctor<'_> {
    /// Modes, owner and links of everything, and what ended writes left.
    fn places(&mut self) -> Result<(), KeystoreError> {
        let data = self.home.data();
        self.folder(data);
        for name in ["identity.age", "identity.txt", "recipient.txt", "lock"] {
            self.file(&data.join(name));
        }
        self.leftovers(data)?;
        for name in ["keys", "secrets", "state", "trash"] {
            let folder = data.join(name);
            if fs::symlink_metadata(&folder).is_err() {
                continue;
            }
            if self.folder(&folder) {
                self.leftovers(&folder)?;
                for path in entries(&folder)? {
                    if !files::name(&path).starts_with(UNFINISHED) {
                        self.file(&path);
                    }
                }
            }
        }
        let config = self.home.config();
        if config != data && config.is_dir() {
            self.leftovers(config)?;
        }
        for folder in CONFIGURATION.map(|name| config.join(name)) {
            if folder.is_dir() {
                self.leftovers(&folder)?;
            }
        }
        Ok(())
    }

    /// Whether it is a folder that can be looked into.
    fn folder(&mut self, path: &Path) -> bool {
        let checked = files::check_folder(path);
        self.place(path, checked, 0o700);
        fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
    }

    fn file(&mut self, path: &Path) {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            _ => self.place(path, files::check_file(path), 0o600),
        }
    }

    fn place(&mut self, path: &Path, checked: Result<(), KeystoreError>, mode: u32) {
        match checked {
            Ok(()) => {}
            Err(KeystoreError::Unsafe {
                problem, remedy, ..
            }) => {
                let ours = fs::symlink_metadata(path).is_ok_and(|metadata| {
                    let right_kind = if mode == 0o700 {
                        metadata.is_dir()
                    } else {
                        metadata.is_file()
                    };
                    right_kind && metadata.uid() == rustix::process::geteuid().as_raw()
                });
                self.findings.push(Finding {
                    file: path.to_owned(),
                    problem,
                    remedy,
                    mending: ours.then_some(Mending::Mode(mode)),
                });
            }
            Err(error) => self.say(path, error.to_string(), "look at the disk"),
        }
    }

    fn leftovers(&mut self, folder: &Path) -> Result<(), KeystoreError> {
        for path in entries(folder)? {
            let file = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
            if file && files::name(&path).starts_with(UNFINISHED) {
                self.findings.push(Finding {
                    problem: "was left by a write that ended before it was done".to_owned(),
                    remedy: format!("rm '{}'", path.display()),
                    mending: Some(Mending::Remove),
                    file: path,
                });
            }
        }
        Ok(())
    }

    fn keys(
        &mut self,
        keystore: &Keystore,
        endpoints: Option<&[String]>,
        unlocked: Option<&Unlocked>,
        now: Timestamp,
    ) -> Result<(), KeystoreError> {
        let folder = self.home.data().join("keys");
        if !folder.is_dir() {
            return Ok(());
        }
        let mut seen: Vec<(String, PathBuf)> = Vec::new();
        let mut paths = entries(&folder)?;
        paths.sort();
        for path in paths {
            let name = files::name(&path);
            if name.starts_with('.') || path.extension().is_none_or(|extension| extension != "key")
            {
                continue;
            }
            let record = match KeyFile::read(&path) {
                Ok(file) => file.record,
                // Told already, where modes were looked at.
                Err(KeystoreError::Unsafe { .. }) => continue,
                Err(error) => {
                    let reason = match error {
                        KeystoreError::Damaged { reason, .. } => reason,
                        other => other.to_string(),
                    };
                    self.say(
                        &path,
                        reason,
                        "bring it back from a backup, or move it out of the folder",
                    );
                    continue;
                }
            };
            if let Some((_, other)) = seen.iter().find(|(kid, _)| *kid == record.kid) {
                self.say(
                    &path,
                    format!(
                        "has the kid {}, and so has {}",
                        record.kid,
                        files::name(other)
                    ),
                    &format!("keyfob keys rename {} NEW", record.thumbprint().hex()),
                );
            }
            seen.push((record.kid.clone(), path.clone()));
            self.certificate(&path, &record, now);
            self.registrations(&path, &record, endpoints);
            if let (Half::Private, Some(unlocked)) = (record.half, unlocked)
                && let Err(error) = keystore.private(&record, unlocked)
            {
                self.say(
                    &path,
                    error.to_string(),
                    "bring it back from a backup, or move it out of the folder",
                );
            }
        }
        Ok(())
    }

    /// Whether every secret opens, where the identity is open.
    fn secrets(
        &mut self,
        keystore: &Keystore,
        unlocked: Option<&Unlocked>,
    ) -> Result<(), KeystoreError> {
        let folder = self.home.data().join("secrets");
        let Some(unlocked) = unlocked.filter(|_| folder.is_dir()) else {
            return Ok(());
        };
        for name in keystore.secrets()? {
            match keystore.secret(&name, unlocked) {
                // Told already, where modes were looked at.
                Ok(_) | Err(KeystoreError::Unsafe { .. }) => {}
                Err(error) => self.say(
                    &folder.join(format!("{name}.age")),
                    error.to_string(),
                    "bring it back from a backup, or remove it and set the secret again",
                ),
            }
        }
        Ok(())
    }

    fn certificate(&mut self, path: &Path, record: &Record, now: Timestamp) {
        let Some(leaf) = record.leaf() else {
            return;
        };
        let kid = &record.kid;
        if !chain::belongs(leaf, &record.public) {
            self.say(
                path,
                format!("the certificate of {kid} is another key's"),
                "bring the file back from a backup, or move it out of the folder",
            );
        }
        let anew = &if record.half == Half::PublicOnly {
            format!("keyfob cert import {kid} FILE takes its next certificate")
        } else if chain::is_self_signed(leaf) {
            format!("keyfob cert renew {kid}")
        } else {
            format!(
                "keyfob cert csr {kid} asks its CA for the next one, keyfob cert import {kid} FILE \
                 takes it"
            )
        };
        match Validity::of(leaf, now) {
            Validity::Expired => self.say(
                path,
                format!(
                    "the certificate of {kid} expired on {}",
                    day(leaf.not_after())
                ),
                anew,
            ),
            Validity::EndsSoon { days } => self.say(
                path,
                format!(
                    "the certificate of {kid} ends on {}, in {days} d (within {WARN_DAYS})",
                    day(leaf.not_after())
                ),
                anew,
            ),
            Validity::Never => self.say(
                path,
                format!("the certificate of {kid} ends before it begins: it is never valid"),
                anew,
            ),
            Validity::NotYet => self.say(
                path,
                format!(
                    "the certificate of {kid} begins on {} only",
                    day(leaf.not_before())
                ),
                "wait, or set this machine's clock",
            ),
            Validity::Good { .. } => {}
        }
    }

    fn registrations(&mut self, path: &Path, record: &Record, endpoints: Option<&[String]>) {
        let kid = &record.kid;
        let thumbprint = record.thumbprint().to_string();
        for place in &record.registrations {
            let endpoint = &place.endpoint;
            if endpoints.is_some_and(|known| !known.contains(endpoint)) {
                self.say(
                    path,
                    format!("{kid} is recorded at {endpoint}, which is not configured any more"),
                    &format!(
                        "configure it again, then keyfob unregister {kid} --at {endpoint} where \
                         it is done with"
                    ),
                );
            }
            if place.thumbprint != thumbprint {
                self.say(
                    path,
                    format!("{kid} is recorded at {endpoint} with another key's thumbprint"),
                    &format!("keyfob register {kid} --at {endpoint}"),
                );
            }
        }
    }

    fn say(&mut self, file: &Path, problem: String, remedy: &str) {
        self.findings.push(Finding {
            file: file.to_owned(),
            problem,
            remedy: remedy.to_owned(),
            mending: None,
        });
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, KeystoreError> {
    fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect()
        })
        .map_err(disk("list", folder))
}

fn parsed(text: &Secret<Vec<u8>>) -> Option<Recipient> {
    Recipient::parse(std::str::from_utf8(text.expose()).ok()?)
}

/// `2026-11-25`.
fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
