//! `keyfob backup`

use std::path::Path;

use serde_json::{Value, json};

use super::{
    arguments::BackupOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    passphrase,
    session::Session,
};
use crate::keystore::backup::{self, Overwrite};

pub(super) fn run(
    options: &BackupOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let overwrite = if options.force {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    };
    let file = &options.file;
    if file == Path::new("-") {
        return Err(Failure::usage(
            "a backup is read back before it is done, and what went to stdout cannot be: name a file",
        ));
    }
    backup::check_target(file, overwrite)?;
    let unlocked = session.unlock(&keystore)?;
    let passphrase = match &options.file_passphrase_file {
        Some(file) => passphrase::from_file(file)?,
        None => passphrase::ask_for_new_backup()?,
    };
    let now = session.now();
    let written = backup::write(&keystore, &unlocked, &passphrase, file, overwrite, now)?;
    for (place, reason) in &written.left_out {
        output.say(&format!("! left out {place}: {reason}"));
    }
    output.say(&format!(
        "wrote and read back {}: {}, {} in the trash, {}, {}",
        file.display(),
        count(written.keys, "key"),
        written.trashed,
        count(written.secrets, "secret"),
        count(written.configuration, "file of the configuration"),
    ));
    if output.format() == Format::Json {
        let left_out: Vec<Value> = written
            .left_out
            .iter()
            .map(|(place, reason)| json!({"file": place, "reason": reason}))
            .collect();
        output.json(&json!({
            "file": file.to_string_lossy(),
            "keys": written.keys,
            "trashed": written.trashed,
            "secrets": written.secrets,
            "configuration": written.configuration,
            "left_out": left_out,
        }))?;
    }
    Ok(if written.left_out.is_empty() {
        Exit::Done
    } else {
        Exit::No
    })
}

/// `1 key`, `2 keys`, `2 files of …`.
fn count(number: usize, what: &str) -> String {
    match (number, what.split_once(' ')) {
        (1, _) => format!("1 {what}"),
        (_, Some((noun, rest))) => format!("{number} {noun}s {rest}"),
        (_, None) => format!("{number} {what}s"),
    }
}
