//! `keyfob jwks`

use super::{exit::Exit, failure::Failure, output::Output, session::Session};
use crate::keystore::record::Entry;

pub(super) fn run(
    kids: &[String],
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let mut keys = Vec::new();
    if kids.is_empty() {
        for entry in keystore.list()? {
            match entry {
                Entry::Key(record) => keys.push(record.jwk().to_value()),
                Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
            }
        }
    } else {
        for kid in kids {
            keys.push(keystore.find(kid)?.jwk().to_value());
        }
    }
    output.json(&serde_json::json!({ "keys": keys }))?;
    Ok(Exit::Done)
}
