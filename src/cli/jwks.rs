//! `keyfob jwks`

use super::{
    arguments::JwksOptions, exit::Exit, failure::Failure, output::Output, published_set,
    session::Session,
};
use crate::keystore::record::Entry;

pub(super) fn run(
    options: &JwksOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if let Some(url) = &options.from {
        return published_set::run(url, options, session, output);
    }
    let keystore = session.keystore()?;
    let mut keys = Vec::new();
    if options.kids.is_empty() {
        for entry in keystore.list()? {
            match entry {
                Entry::Key(record) => keys.push(record.jwk().to_value()),
                Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
            }
        }
    } else {
        for kid in &options.kids {
            keys.push(keystore.find(kid)?.jwk().to_value());
        }
    }
    output.json(&serde_json::json!({ "keys": keys }))?;
    Ok(Exit::Done)
}
