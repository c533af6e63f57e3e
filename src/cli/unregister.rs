//! `keyfob unregister`

use super::{
    arguments::UnregisterOptions, exit::Exit, failure::Failure, handing, output::Output, receipt,
    remote, session::Session,
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
    let (word, done) = match receipt.done {
        Done::Removed => ("is not there any more", "removed"),
        _ => ("was not there", "not_there"),
    };
    let sentence = match receipt.evidence {
        Evidence::Said => format!("{word}, as you said"),
        Evidence::Seen => word.to_owned(),
    };
    receipt::tell(&receipt, &record, &endpoint.name, (&sentence, done), output)
}
