//! `keyfob unregister`

use serde_json::json;

use super::{
    arguments::UnregisterOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    remote,
    session::Session,
};
use crate::registry::{answer::Done, registration};

pub(super) fn run(
    options: &UnregisterOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    let endpoint = remote::endpoint(&options.at, session)?;
    let receipt = registration::unregister(&keystore, &record, &endpoint, session.now())
        .map_err(|error| remote::refused(error, output))?;
    let (kid, name, id) = (&record.kid, &endpoint.name, &receipt.id);
    let (word, done) = match receipt.done {
        Done::Removed => ("is not there any more", "removed"),
        _ => ("was not there", "not_there"),
    };
    output.say(&format!("{kid} at {name}: {word}"));
    if output.format() == Format::Json {
        output.json(&json!({"kid": kid, "endpoint": name, "id": id, "done": done}))?;
    }
    Ok(Exit::Done)
}
