//! Why a command did not do what it was asked: one line and an exit code.

use super::exit::Exit;
use crate::jose::token::DecodeError;

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
    DecodeError => Exit::Usage,
}
