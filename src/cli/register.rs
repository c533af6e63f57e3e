//! `keyfob register`

use serde_json::json;

use super::{
    arguments::RegisterOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    remote,
    session::Session,
};
use crate::registry::{answer::Done, registration};

pub(super) fn run(
    options: &RegisterOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    let endpoint = remote::endpoint(&options.at, session)?;
    if options.dry_run {
        let request = endpoint.create_request(&record.jwk())?;
        output.say("dry run: this would be sent, and nothing was");
        match output.format() {
            Format::Text => output.result(&request.shown().join("\n"))?,
            Format::Json => output.json(&remote::request_json(&request))?,
        }
        return Ok(Exit::Done);
    }
    session.confirm(&keystore, &record, output)?;
    let receipt = registration::register(&keystore, &record, &endpoint, session.now())
        .map_err(|error| remote::refused(error, output))?;
    let (word, done) = match receipt.done {
        Done::Created => ("registered", "created"),
        Done::Replaced => (
            "registered: what was there differed and was replaced",
            "replaced",
        ),
        _ => ("already registered", "already_registered"),
    };
    let (kid, name, id) = (&record.kid, &endpoint.name, &receipt.id);
    output.say(&format!("{kid} at {name}: {word}, read back as {id}"));
    if output.format() == Format::Json {
        output.json(&json!({"kid": kid, "endpoint": name, "id": id, "done": done}))?;
    }
    Ok(Exit::Done)
}
