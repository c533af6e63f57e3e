//! What a person does on a web page: told, opened, and asked about.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal},
};

use super::{
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    passphrase, remote,
};
use crate::{
    browser,
    clipboard::{Clipboard, Copied, Sensitivity},
    registry::{
        error::RegistryError,
        plan::{Handed, Intent},
    },
};

/// Says what is to be done and asks whether it is. An error where it is not, or nobody is here to
/// be asked.
pub(super) fn over(
    error: RegistryError,
    plan: &[Intent],
    output: &mut Output,
) -> Result<(), Failure> {
    let Some(handed) = plan.iter().find_map(Intent::by_hand) else {
        return Err(Failure::from(error));
    };
    let by_person = output.format() == Format::Text && passphrase::can_ask();
    if output.format() == Format::Json {
        output.json(&remote::handed_json(handed))?;
    } else if !handed.text.is_empty() {
        output.result(&handed.text)?;
    }
    if !by_person {
        let what = handed.instruction();
        return Err(Failure::new(
            Exit::No,
            format!("nothing is noted yet: {what}; then say so with --done"),
        ));
    }
    // A display server's clipboard dies with its owner: it lives until the answer.
    let _clipboard = prepared(handed, output);
    output.say(&handed.instruction());
    output.ask("Done? [y/N] ");
    match answer() {
        Some(answer) if matches!(answer.trim(), "y" | "Y" | "yes") => Ok(()),
        _ => Err(Failure::new(
            Exit::No,
            "nothing is noted: do it again, or say --done, when it is done",
        )),
    }
}

/// Copies what is pasted, and opens the page.
fn prepared(handed: &Handed, output: &mut Output) -> Option<Clipboard> {
    let mut clipboard = None;
    if !handed.text.is_empty() && io::stdout().is_terminal() {
        let mut own = Clipboard::from_environment();
        match own.copy(&handed.text, Sensitivity::Public, &mut io::stdout()) {
            Ok(Copied::System) => output.say(&format!("✓ {} copied", handed.what)),
            Ok(Copied::Terminal) => {
                output.say(&format!("{} sent to the terminal's clipboard", handed.what));
            }
            Err(error) => output.say(&format!("{} not copied: {error}", handed.what)),
        }
        clipboard = Some(own);
    }
    if !handed.page.is_empty() {
        match browser::open(&handed.page) {
            Ok(()) => output.say(&format!("opened {}", handed.page)),
            Err(error) => output.say(&format!("the page is not opened: {error}")),
        }
    }
    clipboard
}

/// The line that the person at the terminal writes.
fn answer() -> Option<String> {
    let mut line = String::new();
    let terminal = File::open("/dev/tty").ok()?;
    BufReader::new(terminal).read_line(&mut line).ok()?;
    Some(line)
}
