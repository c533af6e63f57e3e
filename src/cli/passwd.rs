//! `keyfob passwd`

use super::{
    arguments::PasswdOptions, exit::Exit, failure::Failure, output::Output, passphrase,
    session::Session,
};
use crate::keystore::sealing::Protection;

pub(super) fn run(
    options: &PasswdOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let unlocked = session.unlock(&keystore)?;
    let protection = if options.no_passphrase {
        Protection::None
    } else {
        Protection::Passphrase(match &options.new_passphrase_file {
            Some(file) => passphrase::from_file(file)?,
            None => passphrase::ask_twice("New passphrase: ")?,
        })
    };
    keystore.change_protection(&unlocked, &protection)?;
    output.say(match protection {
        Protection::Passphrase(_) => "the passphrase is changed; every key stays as it is",
        Protection::None => "no passphrase protects the keys now: whoever reads the files has them",
    });
    Ok(Exit::Done)
}
