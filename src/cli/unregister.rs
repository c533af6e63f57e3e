//! `keyfob unregister`

use serde_json::json;

use super::{
    arguments::UnregisterOptions,
    exit::Exit,
    failure::Failure,
    handing,
    output::{Format, Output},
    remote,
    session::Session,
};
use crate::{
    keystore::record::Evidence,
    registry::{answer::Done, endpoint::Word, error::RegistryError, registration},
};

pub(super) fn run(
    options: &UnregisterOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    let endpoint = remote::endpoint(&options.at, session)?;
    if options.dry_run {
        let id = registration::remote_id(&record, &endpoint.name);
        remote::show_plan(&endpoint.unregister_plan(&id)?, output)?;
        return Ok(Exit::Done);
    }
    let remove = |word| {
        let endpoint = endpoint.clone().with_word(word);
        if options.last {
            registration::unregister_last(&keystore, &record, &endpoint, session.now())
        } else {
            registration::unregister(&keystore, &record, &endpoint, session.now())
        }
    };
    let removed = match remove(Word::of(options.by_hand.done)) {
        Err(error @ RegistryError::ByHand { .. }) => {
            let id = registration::remote_id(&record, &endpoint.name);
            handing::over(error, &endpoint.unregister_plan(&id)?, output)?;
            remove(Word::Given)
        }
        removed => removed,
    };
    let receipt = removed.map_err(|error| remote::refused(error, output))?;
    let (kid, name, id) = (&record.kid, &endpoint.name, &receipt.id);
    let (word, done) = match receipt.done {
        Done::Removed => ("is not there any more", "removed"),
        _ => ("was not there", "not_there"),
    };
    output.say(&match receipt.evidence {
        Evidence::Said => format!("{kid} at {name}: {word}, as you said"),
        Evidence::Seen => format!("{kid} at {name}: {word}"),
    });
    for remark in &receipt.remarks {
        output.say(remark);
    }
    if output.format() == Format::Json {
        let remarks = &receipt.remarks;
        output.json(&json!({
            "kid": kid,
            "endpoint": name,
            "id": id,
            "done": done,
            "evidence": receipt.evidence.name(),
            "remarks": remarks,
        }))?;
    }
    Ok(Exit::Done)
}
