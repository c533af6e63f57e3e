//! `keyfob keys export`

use std::{
    io::{self, IsTerminal},
    path::Path,
};

use super::{
    arguments::ExportOptions, exit::Exit, failure::Failure, output::Output, passphrase,
    session::Session,
};
use crate::{
    display,
    keystore::{
        export::{self, Existing, Form, Halves, Sealing},
        record::{Half, Record},
    },
    secret::Secret,
};

pub(super) fn run(
    options: &ExportOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    check(options, &record)?;
    let exported = if options.private {
        let passphrase = file_passphrase(options)?;
        let unlocked = session.unlock(&keystore)?;
        let key = keystore.private(&record, &unlocked)?;
        export::private(&record, options.form, &key, passphrase.as_ref())?
    } else {
        Secret::new(export::public(&record, options.form)?)
    };
    match &options.out {
        Some(path) if path != Path::new("-") => {
            write_file(path, &exported, options.force)?;
            output.say(&format!("wrote {}", path.display()));
        }
        _ => {
            check_terminal(options.form, &exported)?;
            output.bytes(exported.expose())?;
        }
    }
    if options.form == Form::P12 && record.chain.is_empty() {
        output.say("it holds no certificate: OpenSSL reads the key, Java asks for a certificate");
    }
    Ok(Exit::Done)
}

/// Refuses before anything is asked or unlocked.
fn check(options: &ExportOptions, record: &Record) -> Result<(), Failure> {
    let kid = &record.kid;
    let name = options.form.name();
    match (options.form.halves(), options.private) {
        (Halves::Private, false) => {
            return Err(Failure::usage(format!(
                "{name} holds the private key: say --private, or --as spki for the public half"
            )));
        }
        (Halves::Public, true) => {
            return Err(Failure::usage(
                "this form holds no private half: say --as pkcs8 or --as jwk with --private",
            ));
        }
        _ => {}
    }
    if options.file_passphrase_file.is_some() && options.form.sealing() == Sealing::Never {
        return Err(Failure::usage(format!(
            "{name} is not sealed with a passphrase: say --as pkcs8-enc, p12, jwe or ssh-private"
        )));
    }
    if options.private && record.half == Half::PublicOnly {
        return Err(Failure::new(
            Exit::NotFound,
            format!("{kid} has no private half here"),
        ));
    }
    if options.private && options.out.is_none() {
        return Err(Failure::usage(
            "a private key goes to a file: say --out FILE, or --out - for stdout",
        ));
    }
    match &options.out {
        Some(path) if path != Path::new("-") && !options.force && path.exists() => {
            Err(exists(path))
        }
        _ => Ok(()),
    }
}

/// Refuses to send a terminal what it would not show as it is.
fn check_terminal(form: Form, exported: &Secret<Vec<u8>>) -> Result<(), Failure> {
    let shown =
        std::str::from_utf8(exported.expose()).is_ok_and(|text| display::block(text) == text);
    if shown || !io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{} is not text that a terminal shows as it is: say --out FILE",
        form.name()
    )))
}

/// What seals the file, where its form is sealed.
fn file_passphrase(options: &ExportOptions) -> Result<Option<Secret<String>>, Failure> {
    match (options.form.sealing(), &options.file_passphrase_file) {
        (Sealing::Never, _) | (Sealing::WhereGiven, None) => Ok(None),
        (Sealing::Always | Sealing::WhereGiven, Some(file)) => {
            passphrase::from_file(file).map(Some)
        }
        (Sealing::Always, None) => passphrase::ask_for_new_file().map(Some),
    }
}

/// Writes 0600; an existing file is replaced whole, and only with `--force`.
fn write_file(path: &Path, exported: &Secret<Vec<u8>>, force: bool) -> Result<(), Failure> {
    let existing = if force {
        Existing::Replace
    } else {
        Existing::Refuse
    };
    export::write(path, exported.expose(), existing).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        _ => Failure::new(
            Exit::Disk,
            format!("cannot write {}: {error}", path.display()),
        ),
    })
}

fn exists(path: &Path) -> Failure {
    Failure::usage(format!(
        "{} exists: say --force to replace it",
        path.display()
    ))
}
