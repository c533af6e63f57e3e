//! `keyfob keys import`

use super::{
    arguments::ImportOptions,
    exit::Exit,
    failure::Failure,
    key_source, keys,
    output::{Format, Output},
    session::Session,
};
use crate::keystore::import::{self, Imported, Offer};

pub(super) fn run(
    options: &ImportOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let found = key_source::read(&options.file)?;
    let offer = Offer::of(found);
    for reason in &offer.refused {
        output.say(&format!("! refused: {reason}"));
    }
    if offer.keys.is_empty() {
        return Err(Failure::usage(format!(
            "{}: no key to import; a certificate alone belongs to no key here",
            options.file.display()
        )));
    }
    let keystore = session.keystore_or_new(output)?;
    let mut records = Vec::new();
    for imported in import::add_all(&keystore, offer, options.kid.as_deref(), session.now())? {
        match imported {
            Imported::Added(record) => {
                output.say(&format!(
                    "imported {}: {}, {}",
                    record.kid,
                    record.alg,
                    record.public.label()
                ));
                records.push(record);
            }
            Imported::AlreadyHere(record) => {
                output.say(&format!("already here: {}", record.kid));
                records.push(record);
            }
        }
    }
    if output.format() == Format::Json {
        let all = records.iter().map(keys::record_json).collect();
        output.json(&serde_json::Value::Array(all))?;
    } else {
        for record in &records {
            output.result(&record.kid)?;
        }
    }
    Ok(Exit::Done)
}
