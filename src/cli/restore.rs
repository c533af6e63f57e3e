//! `keyfob restore`

use std::path::Path;

use serde_json::{Value, json};

use super::{
    arguments::RestoreOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    passphrase,
    session::Session,
};
use crate::keystore::{
    backup::{self, Fate, Item, Kind},
    error::KeystoreError,
    import::can_be_read,
    sealing::Protection,
    store::Keystore,
};

pub(super) fn run(
    options: &RestoreOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let file = &options.file;
    if file.is_dir() {
        return Err(Failure::usage(format!(
            "{} is a folder: a backup is one file",
            file.display()
        )));
    }
    if file != Path::new("-") && !can_be_read(file) {
        return Err(Failure::new(
            Exit::NotFound,
            format!("there is no file {}", file.display()),
        ));
    }
    let is_new = !Keystore::exists(session.home());
    if options.no_passphrase && !is_new {
        return Err(Failure::usage(
            "--no-passphrase is for a new keystore, and there is one already",
        ));
    }
    let of_file = match &options.file_passphrase_file {
        Some(file) => passphrase::from_file(file)?,
        None => passphrase::ask_for_file("backup")?,
    };
    let contents = backup::open(file, &of_file).map_err(|error| match error {
        KeystoreError::WrongPassphrase => Failure::new(
            Exit::Locked,
            format!("wrong passphrase for {}", file.display()),
        ),
        error => error.into(),
    })?;
    let (keystore, unlocked) = if is_new {
        let protection = if options.no_passphrase {
            Protection::None
        } else {
            Protection::Passphrase(session.new_passphrase()?)
        };
        session.create(protection, output)?
    } else {
        let keystore = session.keystore()?;
        let unlocked = session.unlock(&keystore)?;
        (keystore, unlocked)
    };
    let items = backup::restore(&keystore, &unlocked, &contents).map_err(|error| match error {
        KeystoreError::Taken(kid) => Failure::usage(format!(
            "nothing was restored: the key {kid} here is another than the backup's: \
                 keyfob keys rename {kid} NEW, then restore again"
        )),
        error => error.into(),
    })?;
    tell(&items, output)?;
    let kept = items.iter().any(|item| matches!(item.fate, Fate::Kept(_)));
    Ok(if kept { Exit::No } else { Exit::Done })
}

fn tell(items: &[Item], output: &mut Output) -> Result<(), Failure> {
    for item in items {
        let name = format!("{} {}", kind(item.kind), item.name);
        match &item.fate {
            Fate::Added => output.say(&format!("restored {name}")),
            Fate::Kept(why) => output.say(&format!("! left {name} as it is: {why}")),
            Fate::Same => {}
        }
    }
    let same = items.iter().filter(|item| item.fate == Fate::Same).count();
    if same > 0 || items.is_empty() {
        output.say(&format!("{same} of {} were here already", items.len()));
    }
    if output.format() == Format::Json {
        let all: Vec<Value> = items
            .iter()
            .map(|item| {
                let (fate, why) = match &item.fate {
                    Fate::Added => ("added", None),
                    Fate::Kept(why) => ("kept", Some(why)),
                    Fate::Same => ("same", None),
                };
                json!({"kind": kind(item.kind), "name": item.name, "fate": fate, "why": why})
            })
            .collect();
        output.json(&Value::Array(all))?;
    }
    Ok(())
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Configuration => "configuration",
        Kind::Key => "key",
        Kind::Secret => "secret",
        Kind::Trashed => "trashed key",
    }
}
