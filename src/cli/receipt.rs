//! What an endpoint's answer to an act is told as.

use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
};
use crate::{keystore::record::Record, registry::answer::Receipt};

/// Says `sentence` and the remarks of `receipt`; as JSON, `done` names what was done.
pub(super) fn tell(
    receipt: &Receipt,
    record: &Record,
    endpoint: &str,
    (sentence, done): (&str, &str),
    output: &mut Output,
) -> Result<Exit, Failure> {
    let kid = &record.kid;
    output.say(&format!("{kid} at {endpoint}: {sentence}"));
    for remark in &receipt.remarks {
        output.say(remark);
    }
    if output.format() == Format::Json {
        output.json(&json!({
            "kid": kid,
            "endpoint": endpoint,
            "id": receipt.id,
            "done": done,
            "evidence": receipt.evidence.name(),
            "remarks": receipt.remarks,
        }))?;
    }
    Ok(Exit::Done)
}
