//! `keyfob init`

use serde_json::json;

use super::{
    arguments::InitOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
};
use crate::keystore::{sealing::Protection, store::Keystore};

pub(super) fn run(
    options: &InitOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let created = !Keystore::exists(session.home());
    if created {
        let protection = if options.no_passphrase {
            Protection::None
        } else {
            Protection::Passphrase(session.new_passphrase()?)
        };
        session.create(protection, output)?;
    } else {
        let keystore = session.keystore()?;
        output.say(&format!(
            "already here: {}",
            keystore.home().data().display()
        ));
    }
    if output.format() == Format::Json {
        output.json(&json!({
            "keystore": session.home().data().display().to_string(),
            "created": created,
        }))?;
    }
    Ok(Exit::Done)
}
