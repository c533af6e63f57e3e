//! `keyfob keys import`

use super::{
    arguments::ImportOptions,
    exit::Exit,
    failure::Failure,
    files, key_source, keys,
    output::{Format, Output},
    passphrase, published_set,
    session::Session,
};
use crate::{
    jose::{
        key::KeyError,
        pem::{self, Found, Passphrases},
    },
    keystore::{
        import::{self, Imported, Offer},
        record::{Half, Record},
    },
    secret::Secret,
    x509::details::Details,
};

/// So many reasons or names are said.
const MOST: usize = 20;

pub(super) fn run(
    options: &ImportOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut offer = offer(options)?;
    if offer.keys.is_empty() {
        return Err(nothing(offer, options, output));
    }
    let keystore = session.keystore_or_new(output)?;
    if options.kid.is_none() {
        offer.leave_out(&keystore)?;
        if offer.keys.is_empty() {
            return Err(nothing(offer, options, output));
        }
    }
    say_refused(&offer.refused, output);
    if !offer.unkept.is_empty() {
        let names: Vec<&str> = offer.unkept.iter().take(MOST).map(String::as_str).collect();
        output.say(&format!(
            "left out: members that keyfob does not keep: {}",
            names.join(", ")
        ));
    }
    let mut records = Vec::new();
    for imported in import::add_all(&keystore, offer, options.kid.as_deref(), session.now())? {
        match imported {
            Imported::Added(record) => {
                let half = match record.half {
                    Half::Private => "",
                    Half::PublicOnly => ", public half only",
                };
                output.say(&format!(
                    "imported {}: {}, {}{half}",
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
            Imported::Certified(record) => {
                output.say(&certified(&record));
                records.push(record);
            }
            Imported::Completed(record) => {
                output.say(&format!(
                    "completed {}: its private half is here now",
                    record.kid
                ));
                records.push(record);
            }
        }
    }
    say_kept_names(options.kid.as_deref(), &records, output);
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

/// What the file or the set offers, as far as it is wanted.
fn offer(options: &ImportOptions) -> Result<Offer, Failure> {
    let url = options.file.to_str().filter(|text| text.contains("://"));
    let offer = match url {
        Some(url) => Offer::published(published_set::fetch(url)?.keys()),
        None => Offer::of(read(options)?),
    };
    if options.only.is_empty() {
        return Ok(offer);
    }
    let offer = offer.called(&options.only);
    let is_missing = |name: &&String| {
        let mut keys = offer.keys.iter();
        !keys.any(|key| key.name() == **name)
    };
    if let Some(missing) = options.only.iter().find(is_missing) {
        let own = format!("{missing}: ");
        let refused = offer.refused.iter().find(|each| each.starts_with(&own));
        let file = options.file.display();
        return Err(match refused {
            Some(reason) => Failure::usage(format!("{file}: {reason}")),
            None => Failure::new(Exit::NotFound, format!("{file} has no key {missing}")),
        });
    }
    Ok(offer)
}

/// No key can be imported; the first reason is why.
fn nothing(offer: Offer, options: &ImportOptions, output: &mut Output) -> Failure {
    let mut reasons = offer.refused;
    let why = if reasons.is_empty() {
        "no key to import".to_owned()
    } else {
        reasons.remove(0)
    };
    say_refused(&reasons, output);
    Failure::usage(format!("{}: {why}", options.file.display()))
}

/// What is said of a key that has other certificates now.
fn certified(record: &Record) -> String {
    let subject = record
        .leaf()
        .map(|leaf| Details::of(leaf).subject.text)
        .filter(|subject| !subject.is_empty())
        .unwrap_or_else(|| "an empty name".to_owned());
    let above = match record.chain.len() {
        0 | 1 => String::new(),
        more => format!(" and {} above it", more - 1),
    };
    format!("certified {}: {subject}{above}", record.kid)
}

/// A key that was here before keeps the kid it has.
fn say_kept_names(given: Option<&str>, records: &[Record], output: &mut Output) {
    for Record { kid, .. } in records {
        if let Some(given) = given.filter(|given| given != kid) {
            output.say(&format!(
                "! --kid {given} was not used: the key is here as {kid}: keyfob keys rename {kid} \
                 {given} changes it"
            ));
        }
    }
}

fn say_refused(reasons: &[String], output: &mut Output) {
    for reason in reasons.iter().take(MOST) {
        output.say(&format!("! refused: {reason}"));
    }
    if let Some(more @ 1..) = reasons.len().checked_sub(MOST) {
        output.say(&format!("! refused: {more} more"));
    }
}

/// What the file holds. A passphrase that is missing or wrong ends it before anything is stored.
fn read(options: &ImportOptions) -> Result<Vec<Found>, Failure> {
    let path = &options.file;
    let content = files::read(path)?;
    let mut known: Option<Secret<String>> = None;
    let mut nobody = None;
    let mut lookup = |form: &str| {
        if known.is_none() {
            let passphrase = match &options.file_passphrase_file {
                Some(file) => passphrase::from_file(file),
                None => passphrase::ask_for_file(form),
            };
            match passphrase {
                Ok(passphrase) => known = Some(passphrase),
                Err(failure) => nobody = Some(failure),
            }
        }
        known.clone()
    };
    let found = pem::detect_sealed(&content, &mut Passphrases::new(&mut lookup));
    if let Some(failure) = nobody {
        return Err(failure);
    }
    let found = found.map_err(|error| key_source::in_file(path, &error))?;
    for part in &found {
        if let Found::Refused(error @ KeyError::WrongPassphrase(_)) = part {
            return Err(Failure::new(
                Exit::Locked,
                format!("{}: {error}", path.display()),
            ));
        }
    }
    Ok(found)
}
