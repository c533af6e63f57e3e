//! Fetching the secrets that the configuration names.

use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{command, exposure::Exposure, settings::SecretSource};
use crate::secret::Secret;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a secret could not be had.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ResolveError {
    /// It is granted by a server to a client that signs with a key of the keystore.
    #[error("the token of the client {0} is asked for with a key of the keystore: unlock it first")]
    Client(String),
    /// The command failed, or printed nothing.
    #[error("the command {program} gave no secret: {reason}")]
    Command {
        /// Its first word.
        program: String,
        /// What went wrong.
        reason: String,
    },
    /// Others could put their own program there.
    #[error("{path} {exposure}")]
    Exposed {
        /// The program.
        path: String,
        /// How.
        exposure: Exposure,
    },
    /// It lies in the keystore, which alone can open it.
    #[error("the secret {0} is sealed in the keystore: unlock it first")]
    Sealed(String),
    /// The variable is not set.
    #[error("the environment variable {0} is not set, or is empty: set it to the API token")]
    Variable(String),
}

/// The secret of `source`.
pub fn secret(source: &SecretSource) -> Result<Secret<String>, ResolveError> {
    match source {
        SecretSource::Env(name) => match env::var(name).map(Secret::new) {
            Ok(value) if !value.expose().is_empty() => Ok(value),
            _ => Err(ResolveError::Variable(name.clone())),
        },
        SecretSource::Command(words) => from_command(words),
        SecretSource::Client(name) => Err(ResolveError::Client(name.clone())),
        SecretSource::Sealed(name) => Err(ResolveError::Sealed(name.clone())),
    }
}

fn from_command(words: &[String]) -> Result<Secret<String>, ResolveError> {
    let (program, arguments) = words
        .split_first()
        .map_or(("", words), |(first, rest)| (first.as_str(), rest));
    let failed = |reason: String| ResolveError::Command {
        program: program.to_owned(),
        reason,
    };
    let path = found(program).ok_or_else(|| failed("there is no such program".to_owned()))?;
    if let Some(exposure) = Exposure::of_program(&path) {
        return Err(ResolveError::Exposed {
            path: path.display().to_string(),
            exposure,
        });
    }
    command::first_line(&path, arguments, PATIENCE).map_err(failed)
}

/// The program's file: as it is with a `/`, else of the folders of `PATH`.
fn found(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Path::new(program).is_file().then(|| PathBuf::from(program));
    }
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str]) -> Result<String, ResolveError> {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        secret(&SecretSource::Command(words)).map(|secret| secret.expose().clone())
    }

    #[test]
    fn a_command_gives_its_first_line() {
        assert_eq!(
            command(&["printf", "a b\\nsecond\\n"]),
            Ok("a b".to_owned())
        );
    }

    #[test]
    fn a_command_that_fails_or_says_nothing_is_told() {
        let failed = |words: &[&str]| command(words).unwrap_err().to_string();
        assert_eq!(
            failed(&["true"]),
            "the command true gave no secret: its first line is empty"
        );
        assert_eq!(
            failed(&["no-such-program"]),
            "the command no-such-program gave no secret: there is no such program"
        );
        assert!(failed(&["false"]).starts_with("the command false gave no secret: it ended with"));
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let source = SecretSource::Env("KEYFOB_TEST_IS_NOT_SET".to_owned());
        assert_eq!(
            secret(&source).unwrap_err().to_string(),
            "the environment variable KEYFOB_TEST_IS_NOT_SET is not set, or is empty: \
             set it to the API token"
        );
    }
}
