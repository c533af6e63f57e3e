//! What the commands share: where the files lie, the keystore, and where a passphrase comes from.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{exit::Exit, failure::Failure, output::Output, passphrase};
use crate::{
    config::{home::Home, settings::Settings},
    keystore::{
        record::{Origin, Record},
        sealing::{Protection, Unlocked},
        store::{Keystore, Sealed},
    },
    registry::book::Endpoints,
    secret::Secret,
};

/// One run of the command line.
pub(super) struct Session {
    home: Home,
    passphrase_file: Option<PathBuf>,
}

impl Session {
    /// Reads `KEYFOB_HOME`; `passphrase_file` is the option or `KEYFOB_PASSPHRASE_FILE`.
    pub(super) fn from_environment(passphrase_file: Option<PathBuf>) -> Result<Self, Failure> {
        Ok(Self {
            home: Home::from_environment()?,
            passphrase_file,
        })
    }

    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    /// The clock of the command line.
    #[expect(
        clippy::unused_self,
        reason = "a session is where a command gets its clock from"
    )]
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(&self.home)?)
    }

    pub(super) fn endpoints(&self) -> Result<Endpoints, Failure> {
        Ok(Endpoints::load(&self.home, &self.settings()?)?)
    }

    /// The keystore, or exit 4 with the command that creates one.
    pub(super) fn keystore(&self) -> Result<Keystore, Failure> {
        Ok(Keystore::open(&self.home)?)
    }

    /// The keystore; where there is none yet and a passphrase can be had, it is created.
    pub(super) fn keystore_or_new(&self, output: &mut Output) -> Result<Keystore, Failure> {
        if Keystore::exists(&self.home) || !self.has_passphrase_source() {
            return self.keystore();
        }
        let (keystore, _) = self.create(Protection::Passphrase(self.new_passphrase()?), output)?;
        Ok(keystore)
    }

    /// Creates the keystore and says where.
    pub(super) fn create(
        &self,
        protection: Protection,
        output: &mut Output,
    ) -> Result<(Keystore, Unlocked), Failure> {
        let created = Keystore::create(&self.home, &protection)?;
        let how = match protection {
            Protection::Passphrase(_) => "sealed with your passphrase",
            Protection::None => "without a passphrase: whoever reads the files has the keys",
        };
        output.say(&format!(
            "created a keystore in {}, {how}",
            self.home.data().display()
        ));
        Ok(created)
    }

    /// A passphrase for a new keystore: from the file, else asked twice.
    pub(super) fn new_passphrase(&self) -> Result<Secret<String>, Failure> {
        match &self.passphrase_file {
            Some(file) => passphrase::from_file(file),
            None => passphrase::ask_twice("New passphrase for the keystore: "),
        }
    }

    /// Opens the private halves, asking for the passphrase where one protects them.
    pub(super) fn unlock(&self, keystore: &Keystore) -> Result<Unlocked, Failure> {
        let passphrase = match (keystore.sealed(), &self.passphrase_file) {
            (Sealed::Open, _) => None,
            (Sealed::Passphrase, Some(file)) => Some(passphrase::from_file(file)?),
            (Sealed::Passphrase, None) => Some(passphrase::ask("Passphrase: ")?),
        };
        Ok(keystore.unlock(passphrase.as_ref())?)
    }

    /// The command is itself the confirmation of a key that came from elsewhere: it is told once.
    #[expect(
        clippy::unused_self,
        reason = "a session is where a command gets what all commands do"
    )]
    pub(super) fn confirm(
        &self,
        keystore: &Keystore,
        record: &Record,
        output: &mut Output,
    ) -> Result<(), Failure> {
        if record.origin == Origin::NewHere {
            output.say(&format!(
                "! {} is new here: its file came from elsewhere; used now, it is taken for yours",
                record.kid
            ));
            keystore.confirm(&record.thumbprint())?;
        }
        Ok(())
    }

    /// The passphrase of the file that was named.
    pub(super) fn passphrase_of_file(&self) -> Result<Option<Secret<String>>, Failure> {
        let file = self.passphrase_file.as_deref();
        file.map(passphrase::from_file).transpose()
    }

    fn has_passphrase_source(&self) -> bool {
        self.passphrase_file.is_some() || passphrase::can_ask()
    }
}

/// Fills an array with the system's randomness.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::new(Exit::Disk, format!("the system has no randomness: {error}"))
    })?;
    Ok(bytes)
}
