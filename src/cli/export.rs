//! `keyfob keys export`

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::{
    arguments::{ExportForm, ExportOptions},
    exit::Exit,
    failure::Failure,
    output::Output,
    session::Session,
};
use crate::{
    jose::jwk::{Jwk, JwkSet},
    keystore::{
        record::{Half, Record},
        store::Keystore,
    },
    secret::Secret,
    x509::certificate::Certificate,
};

/// An exported key.
enum Exported {
    Public(Vec<u8>),
    Private(Secret<String>),
}

pub(super) fn run(
    options: &ExportOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    check(options, &record)?;
    let exported = export(options, &record, &keystore, session)?;
    match &options.out {
        Some(path) if path != Path::new("-") => {
            write_file(path, &exported, options.force)?;
            output.say(&format!("wrote {}", path.display()));
        }
        _ => match &exported {
            Exported::Public(bytes) => output.bytes(bytes)?,
            Exported::Private(text) => output.secret(text)?,
        },
    }
    Ok(Exit::Done)
}

/// Refuses before anything is unlocked.
fn check(options: &ExportOptions, record: &Record) -> Result<(), Failure> {
    let kid = &record.kid;
    let private = options.private;
    match options.form {
        ExportForm::Pkcs8 if !private => {
            return Err(Failure::usage(
                "pkcs8 holds the private key: say --private, or --as spki for the public half",
            ));
        }
        ExportForm::Spki | ExportForm::Cert | ExportForm::Chain | ExportForm::Der if private => {
            return Err(Failure::usage(
                "this form holds no private half: say --as pkcs8 or --as jwk with --private",
            ));
        }
        _ => {}
    }
    if private && record.half == Half::PublicOnly {
        return Err(Failure::new(
            Exit::NotFound,
            format!("{kid} has no private half here"),
        ));
    }
    if private && options.out.is_none() {
        return Err(Failure::usage(
            "a private key goes to a file: say --out FILE, or --out - for stdout",
        ));
    }
    Ok(())
}

fn export(
    options: &ExportOptions,
    record: &Record,
    keystore: &Keystore,
    session: &Session,
) -> Result<Exported, Failure> {
    let private = || -> Result<_, Failure> {
        let unlocked = session.unlock(keystore)?;
        Ok(keystore.private(record, &unlocked)?)
    };
    let text = match (options.form, options.private) {
        (ExportForm::Jwk, false) => format!("{}\n", record.jwk().to_json_pretty()),
        (ExportForm::Jwk, true) => {
            return Ok(Exported::Private(Jwk::private_json(
                &record.jwk(),
                &private()?,
            )?));
        }
        (ExportForm::Jwks, false) => format!("{}\n", JwkSet::public_json(&[record.jwk()])),
        (ExportForm::Jwks, true) => {
            let jwk = Jwk::private_json(&record.jwk(), &private()?)?;
            let set = format!("{{\"keys\":[{}]}}\n", jwk.expose().trim_end());
            return Ok(Exported::Private(Secret::new(set)));
        }
        (ExportForm::Spki, _) => record.public.spki_pem(),
        (ExportForm::Pkcs8, _) => return Ok(Exported::Private(private()?.pkcs8_pem())),
        (ExportForm::Cert, _) => leaf(record)?.pem(),
        (ExportForm::Chain, _) => {
            leaf(record)?;
            record.chain.iter().map(Certificate::pem).collect()
        }
        (ExportForm::Der, _) => return Ok(Exported::Public(leaf(record)?.der().to_vec())),
    };
    Ok(Exported::Public(text.into_bytes()))
}

fn leaf(record: &Record) -> Result<&Certificate, Failure> {
    record
        .leaf()
        .ok_or_else(|| Failure::new(Exit::NotFound, format!("{} has no certificate", record.kid)))
}

/// Writes 0600; an existing file is replaced whole, and only with `--force`.
fn write_file(path: &Path, exported: &Exported, force: bool) -> Result<(), Failure> {
    let bytes = match exported {
        Exported::Public(bytes) => bytes.as_slice(),
        Exported::Private(text) => text.expose().as_bytes(),
    };
    let result = if force {
        replace(path, bytes)
    } else {
        create(path, bytes)
    };
    result.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format!(
            "{} exists: say --force to replace it",
            path.display()
        )),
        _ => Failure::new(
            Exit::Disk,
            format!("cannot write {}: {error}", path.display()),
        ),
    })
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // A named temporary file is 0600 from the start.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
