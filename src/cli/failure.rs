//! Why a command did not do what it was asked: one line and an exit code.

use super::exit::Exit;
use crate::{
    config::{
        added::AddedError, home::NoHome, own_files::OwnFileError, resolve::ResolveError,
        settings::SettingsError,
    },
    jose::{
        header::HeaderError,
        key::KeyError,
        template::{ClaimError, TemplateError},
        token::DecodeError,
    },
    keystore::error::KeystoreError,
    net::error::NetError,
    oauth::{error::OauthError, saving::SavingError as ClientSavingError},
    registry::{error::RegistryError, saving::SavingError},
    sandbox::{key_folder::KeyFolderError, remote::RemoteError, server::SandboxError},
    tui::TuiError,
    x509::{certificate::CertificateError, profile::ProfileError},
};

/// The end of a command that failed.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    message: Option<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: Some(message.into()),
        }
    }

    /// Ends without a word, for example when the reader of a pipe has gone.
    pub(super) fn silent(exit: Exit) -> Self {
        Self {
            exit,
            message: None,
        }
    }

    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// Raw text: what prints it passes the display gate.
    pub(super) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        Self::new(keystore_exit(&error), error.to_string())
    }
}

fn keystore_exit(error: &KeystoreError) -> Exit {
    match error {
        KeystoreError::NoCertificate(_)
        | KeystoreError::NoCertificateOfPublic(_)
        | KeystoreError::NoSecret(_)
        | KeystoreError::NotFound(_)
        | KeystoreError::NotInTrash(_)
        | KeystoreError::PublicOnly(_)
        | KeystoreError::Renamed { .. } => Exit::NotFound,
        KeystoreError::Missing
        | KeystoreError::RecipientChanged { .. }
        | KeystoreError::WrongPassphrase => Exit::Locked,
        KeystoreError::Busy(_)
        | KeystoreError::Changed(_)
        | KeystoreError::Disk { .. }
        | KeystoreError::Randomness(_)
        | KeystoreError::Unsafe { .. }
        | KeystoreError::Watch(_) => Exit::Disk,
        KeystoreError::AlreadyHere(_)
        | KeystoreError::Cancelled
        | KeystoreError::Certificate(_)
        | KeystoreError::ChainRefused { .. }
        | KeystoreError::Damaged { .. }
        | KeystoreError::Exists(_)
        | KeystoreError::Key(_)
        | KeystoreError::Name { .. }
        | KeystoreError::NoCertificateFound
        | KeystoreError::NoSuchHalf(_)
        | KeystoreError::Quarantined { .. }
        | KeystoreError::Sealing { .. }
        | KeystoreError::Source(_)
        | KeystoreError::Taken(_) => Exit::Usage,
    }
}

impl From<AddedError> for Failure {
    fn from(error: AddedError) -> Self {
        Self::new(added_exit(&error), error.to_string())
    }
}

impl From<SavingError> for Failure {
    fn from(error: SavingError) -> Self {
        match error {
            SavingError::Added(error) => error.into(),
            SavingError::Keystore(error) => error.into(),
            SavingError::InUse { .. } => Self::usage(error.to_string()),
        }
    }
}

fn added_exit(error: &AddedError) -> Exit {
    match error {
        AddedError::Disk { .. } => Exit::Disk,
        AddedError::NotAdded { .. } => Exit::NotFound,
        AddedError::Name { .. }
        | AddedError::NotOurs(_)
        | AddedError::Settings(_)
        | AddedError::Taken(_) => Exit::Usage,
    }
}

impl From<ClientSavingError> for Failure {
    fn from(error: ClientSavingError) -> Self {
        match error {
            ClientSavingError::Added(error) => error.into(),
            ClientSavingError::Keystore(error) => error.into(),
            ClientSavingError::InUse(_) => Self::usage(error.to_string()),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let exit = match &error {
            KeyError::PassphraseNeeded(_) | KeyError::WrongPassphrase(_) => Exit::Locked,
            _ => Exit::Usage,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let exit = match &error {
            RegistryError::Client(source) => added_exit(source),
            RegistryError::Keystore { source, .. } | RegistryError::Store(source) => {
                keystore_exit(source)
            }
            RegistryError::Locked(_) => Exit::Locked,
            RegistryError::Configuration(_)
            | RegistryError::LastKey { .. }
            | RegistryError::OwnFile(_)
            | RegistryError::Settings(_)
            | RegistryError::Token(_) => Exit::Usage,
            RegistryError::ByHand { .. } | RegistryError::DoesNotFit(_) => Exit::No,
            RegistryError::NoClient | RegistryError::NoEndpoint { .. } => Exit::NotFound,
            RegistryError::File { .. } | RegistryError::NotRecorded { .. } => Exit::Disk,
            RegistryError::Net { source, .. } => net_exit(source),
            RegistryError::Refused { .. }
            | RegistryError::SandboxStopped
            | RegistryError::Unconfirmed { .. } => Exit::Remote,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<OauthError> for Failure {
    fn from(error: OauthError) -> Self {
        let exit = match &error {
            OauthError::DoesNotFit(_) | OauthError::IssuerText { .. } | OauthError::Sign(_) => {
                Exit::Usage
            }
            OauthError::Net(error) => net_exit(error),
            OauthError::Randomness(_) => Exit::Disk,
            _ => Exit::Remote,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        Self::new(net_exit(&error), error.to_string())
    }
}

/// What was given wrong is told apart from what happened on the way.
fn net_exit(error: &NetError) -> Exit {
    match error {
        NetError::CaFile { .. } | NetError::Header { .. } | NetError::Url { .. } => Exit::Usage,
        _ => Exit::Remote,
    }
}

impl From<KeyFolderError> for Failure {
    fn from(error: KeyFolderError) -> Self {
        let exit = match &error {
            KeyFolderError::Disk { .. } => Exit::Disk,
            KeyFolderError::Missing { .. } => Exit::NotFound,
            KeyFolderError::Exists { .. } | KeyFolderError::Unusable { .. } => Exit::Usage,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<TuiError> for Failure {
    fn from(error: TuiError) -> Self {
        match error {
            TuiError::Keystore(error) => error.into(),
            TuiError::Registry(error) => error.into(),
            TuiError::Terminal(_) => Self::new(Exit::Disk, error.to_string()),
            TuiError::Keymap { .. }
            | TuiError::NoTerminal
            | TuiError::OwnFile(_)
            | TuiError::Settings(_) => Self::usage(error.to_string()),
        }
    }
}

macro_rules! failures {
    ($($error:ty => $exit:expr),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new($exit, error.to_string())
            }
        }
    )*};
}

failures! {
    CertificateError => Exit::Usage,
    ClaimError => Exit::Usage,
    DecodeError => Exit::Usage,
    HeaderError => Exit::Usage,
    NoHome => Exit::Usage,
    OwnFileError => Exit::Usage,
    ProfileError => Exit::Usage,
    RemoteError => Exit::Remote,
    ResolveError => Exit::Usage,
    SandboxError => Exit::Remote,
    SettingsError => Exit::Usage,
    TemplateError => Exit::Usage,
}
