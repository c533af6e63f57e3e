//! `keyfob register`

use super::{
    arguments::RegisterOptions, exit::Exit, failure::Failure, handing, output::Output, receipt,
    remote, session::Session,
};
use crate::{
    keystore::record::Evidence,
    registry::{answer::Done, endpoint::Word, error::RegistryError, registration},
};

pub(super) fn run(
    options: &RegisterOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    let endpoint = remote::endpoint(&options.at, session)?;
    if options.dry_run {
        remote::show_plan(&endpoint.register_plan(&record.jwk())?, output)?;
        return Ok(Exit::Done);
    }
    session.confirm(&keystore, &record, output)?;
    let register = |word| {
        let endpoint = endpoint.clone().with_word(word);
        registration::register(&keystore, &record, &endpoint, session.now())
    };
    let registered = match register(Word::of(options.by_hand.done)) {
        Err(error @ RegistryError::ByHand { .. }) => {
            handing::over(error, &endpoint.register_plan(&record.jwk())?, output)?;
            register(Word::Given)
        }
        registered => registered,
    };
    let receipt = registered.map_err(|error| remote::refused(error, output))?;
    let (word, done) = match receipt.done {
        Done::Created => ("registered", "created"),
        Done::Replaced => (
            "registered: what was there differed and was replaced",
            "replaced",
        ),
        _ => ("already registered", "already_registered"),
    };
    let sentence = match receipt.evidence {
        Evidence::Said => "registered, as you said; nobody can look there".to_owned(),
        Evidence::Seen => format!("{word}, read back as {}", receipt.id),
    };
    receipt::tell(&receipt, &record, &endpoint.name, (&sentence, done), output)
}
