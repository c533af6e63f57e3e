//! Where a passphrase comes from: a file, a pipe, or a person at the terminal; never an argument.

use std::{
    fs::File,
    io::{self, BufRead, IsTerminal, Read},
    path::Path,
};

use super::{exit::Exit, failure::Failure};
use crate::{keystore::passphrase, secret::Secret};

/// The longest secret that is read to be sealed, in octets.
const LONGEST: u64 = 64 << 10;

/// Reads a passphrase file (0600 and ours, or a pipe).
pub(super) fn from_file(file: &Path) -> Result<Secret<String>, Failure> {
    Ok(passphrase::from_file(file)?)
}

/// Whether a person is there to be asked.
pub(super) fn can_ask() -> bool {
    io::stderr().is_terminal() && File::open("/dev/tty").is_ok()
}

/// Asks once, without echo.
pub(super) fn ask(prompt: &str) -> Result<Secret<String>, Failure> {
    ask_else(
        prompt,
        "a passphrase is needed and nobody is here to be asked: \
         say --passphrase-file FILE or set KEYFOB_PASSPHRASE_FILE",
    )
}

/// Asks for a new passphrase until two answers agree; an empty one is refused here.
pub(super) fn ask_twice(prompt: &str) -> Result<Secret<String>, Failure> {
    let first = ask(prompt)?;
    if first.expose().is_empty() {
        return Err(Failure::new(
            Exit::Locked,
            "an empty passphrase protects nothing: init and passwd do without one with --no-passphrase",
        ));
    }
    agreed(first)
}

/// Asks for what opens a part of a file, `encrypted JWK` for example.
pub(super) fn ask_for_file(form: &str) -> Result<Secret<String>, Failure> {
    ask_else(&format!("Passphrase of the {form}: "), NO_FILE_PASSPHRASE)
}

/// Asks for what seals a file, until two answers agree.
pub(super) fn ask_for_new_file() -> Result<Secret<String>, Failure> {
    let first = ask_else("New passphrase for the file: ", NO_FILE_PASSPHRASE)?;
    if first.expose().is_empty() {
        return Err(Failure::new(
            Exit::Locked,
            "an empty passphrase protects nothing: say --as pkcs8 or --as jwk to do without one",
        ));
    }
    agreed(first)
}

/// Asks for what opens a backup, until two answers agree.
pub(super) fn ask_for_new_backup() -> Result<Secret<String>, Failure> {
    let first = ask_else("New passphrase for the backup: ", NO_FILE_PASSPHRASE)?;
    if first.expose().is_empty() {
        return Err(Failure::new(
            Exit::Locked,
            "an empty passphrase protects nothing: a backup has one of its own",
        ));
    }
    agreed(first)
}

/// What is to be sealed, the `API token` of an endpoint for example: masked at a terminal, else the
/// first line of stdin.
pub(super) fn sealed(what: &str, name: &str) -> Result<Secret<String>, Failure> {
    let given = if io::stdin().is_terminal() {
        ask_else(
            &format!("{what} of {name}: "),
            "a secret is needed and nobody is here to be asked: give it on stdin",
        )?
    } else {
        let mut line = Secret::new(String::with_capacity(4096));
        let read = io::stdin()
            .lock()
            .take(LONGEST)
            .read_line(line.expose_mut());
        read.map_err(|error| {
            Failure::usage(format!("cannot read the {what} from stdin: {error}"))
        })?;
        line
    };
    match given.expose().trim() {
        "" => Err(Failure::usage(format!(
            "the {what} is empty: nothing was saved"
        ))),
        text => Ok(Secret::new(text.to_owned())),
    }
}

const NO_FILE_PASSPHRASE: &str = "the file's passphrase is needed and nobody is here to be asked: \
                                  say --file-passphrase-file FILE";

fn agreed(first: Secret<String>) -> Result<Secret<String>, Failure> {
    let second = ask("Once more: ")?;
    if first.expose() == second.expose() {
        Ok(first)
    } else {
        Err(Failure::new(
            Exit::Locked,
            "the two passphrases differ: nothing was changed",
        ))
    }
}

fn ask_else(prompt: &str, nobody: &str) -> Result<Secret<String>, Failure> {
    if !can_ask() {
        return Err(Failure::new(Exit::Locked, nobody));
    }
    rpassword::prompt_password(prompt)
        .map(Secret::new)
        .map_err(|error| Failure::new(Exit::Locked, format!("no passphrase was read: {error}")))
}
