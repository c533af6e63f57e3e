//! `keyfob cert new|renew|csr|import`

use std::path::Path;

use serde_json::{Value, json};

use super::{
    arguments::{CertNewOptions, CsrOptions},
    exit::Exit,
    failure::Failure,
    key_source, keys,
    output::{Format, Output},
    session::Session,
};
use crate::{
    config::own_files,
    keystore::{
        certify::{self, Basis, Wanted},
        error::KeystoreError,
        record::Record,
    },
    x509::{
        certificate::Certificate,
        profile::{Profile, Subject},
        validity::Validity,
    },
};

pub(super) fn new(
    options: &CertNewOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    let mut profile = match &options.profile {
        Some(name) => named(name, session)?,
        None => usual(&record, session)?,
    };
    if let Some(days) = options.days {
        profile.days = days;
    }
    if let Some(names) = options.names.names() {
        profile.subject_alt_name = names;
    }
    options.uses.override_in(&mut profile);
    certify::check_private(&record)?;
    if !options.force {
        certify::check_made_here(&record, "say --force to give that one up")?;
    }
    let wanted = Wanted {
        profile,
        subject: options.subject.subject(),
        serial: options.serial.clone(),
    };
    let unlocked = session.unlock(&keystore)?;
    session.confirm(&keystore, &record, output)?;
    let new = certify::issue(&keystore, &record, &unlocked, &wanted, session.now())?;
    finish(&record, &new, &[], session, output)
}

pub(super) fn renew(kid: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(kid)?;
    let own = own_files::profiles(session.home())?;
    certify::check_private(&record)?;
    let basis =
        Basis::of(&record, &own).ok_or_else(|| KeystoreError::NoCertificate(record.kid.clone()))?;
    certify::check_self_signed(
        &record,
        &format!(
            "ask there with keyfob cert csr {kid}, and take the answer with keyfob cert import \
             {kid} FILE"
        ),
    )?;
    let unlocked = session.unlock(&keystore)?;
    session.confirm(&keystore, &record, output)?;
    if let Some(name) = record
        .profile
        .as_ref()
        .filter(|_| basis.remembered.is_none())
    {
        output.say(&format!(
            "! there is no profile {name} any more: the fields are those of the old certificate"
        ));
    }
    let wanted = Wanted {
        profile: basis.profile,
        subject: Subject::default(),
        serial: None,
    };
    let new = certify::issue(&keystore, &record, &unlocked, &wanted, session.now())?;
    finish(&record, &new, &basis.left_out, session, output)
}

pub(super) fn csr(
    options: &CsrOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    let own = own_files::profiles(session.home())?;
    let (mut profile, left_out) = match &options.profile {
        Some(name) => (named(name, session)?, Vec::new()),
        None => match Basis::of(&record, &own) {
            Some(basis) => (basis.profile, basis.left_out),
            None => (usual(&record, session)?, Vec::new()),
        },
    };
    if let Some(names) = options.names.names() {
        profile.subject_alt_name = names;
    }
    options.uses.override_in(&mut profile);
    certify::check_private(&record)?;
    let wanted = Wanted {
        profile,
        subject: options.subject.subject(),
        serial: None,
    };
    let unlocked = session.unlock(&keystore)?;
    session.confirm(&keystore, &record, output)?;
    let pem = certify::request(&keystore, &record, &unlocked, &wanted)?;
    say_left_out(&left_out, output);
    match output.format() {
        Format::Json => output.json(&json!({
            "kid": record.kid,
            "csr": pem,
            "left_out": left_out,
        }))?,
        Format::Text => output.result(&pem)?,
    }
    Ok(Exit::Done)
}

pub(super) fn import(
    kid: &str,
    file: &Path,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(kid)?;
    let answer = certify::answer(&record, &certificates(file)?)?;
    let notes = answer.notes();
    let new = keystore.set_chain(&record, answer.chain, None)?;
    for note in &notes {
        output.say(note);
    }
    finish(&record, &new, &[], session, output)
}

/// The profile where none was named.
fn usual(record: &Record, session: &Session) -> Result<Profile, Failure> {
    let own = own_files::profiles(session.home())?;
    if let Some(profile) = certify::remembered(record, &own) {
        return Ok(profile);
    }
    let configured = session.settings()?.defaults.certificate;
    Ok(certify::configured(&configured, &own)?)
}

fn named(name: &str, session: &Session) -> Result<Profile, Failure> {
    Ok(Profile::named(name, &own_files::profiles(session.home())?)?)
}

/// Every certificate of a file; what else it holds is passed over.
fn certificates(file: &Path) -> Result<Vec<Certificate>, Failure> {
    certify::certificates(key_source::read(file)?)
        .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}

/// Tells what the new certificate is and where it differs from what is registered.
fn finish(
    old: &Record,
    new: &Record,
    left_out: &[String],
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let kid = &new.kid;
    if let Some(leaf) = new.leaf() {
        let (begins, ends) = (leaf.not_before(), leaf.not_after());
        let above = match new.chain.len() - 1 {
            0 => String::new(),
            1 => ", one certificate above it".to_owned(),
            more => format!(", {more} certificates above it"),
        };
        let by = match &new.profile {
            Some(name) => format!(" {name}"),
            None => String::new(),
        };
        output.say(&format!(
            "{kid} has the certificate{by} until {ends}{above}"
        ));
        match Validity::of(leaf, session.now()) {
            Validity::Expired => output.say("! it has expired already"),
            Validity::Never => output.say("! it ends before it begins: it is never valid"),
            Validity::NotYet => output.say(&format!("! it is not valid before {begins}")),
            Validity::EndsSoon { days } => output.say(&format!("! it ends in {days} d")),
            Validity::Good { .. } => {}
        }
    }
    say_left_out(left_out, output);
    let drifted = drift(old, new, session);
    for (endpoint, _, what) in &drifted {
        output.say(&match what {
            Some(what) if what.is_empty() => certify::unchanged(old, new, endpoint),
            Some(what) => format!(
                "! {endpoint} differs now ({}): keyfob register {kid} --at {endpoint}",
                what.join(", ")
            ),
            None => format!(
                "! {endpoint} is not configured any more: whether it differs now is not known"
            ),
        });
    }
    if output.format() == Format::Json {
        let registrations: Vec<Value> = drifted
            .into_iter()
            .map(|(endpoint, id, what)| json!({"endpoint": endpoint, "id": id, "differs": what}))
            .collect();
        let mut value = keys::record_json(new);
        value["drift"] = Value::Array(registrations);
        value["left_out"] = json!(left_out);
        output.json(&value)?;
        return Ok(Exit::Done);
    }
    output.result(kid)?;
    Ok(Exit::Done)
}

/// Endpoint, id, and what of the key differs there now; none where the endpoint is not known.
fn drift(
    old: &Record,
    new: &Record,
    session: &Session,
) -> Vec<(String, String, Option<Vec<String>>)> {
    // A certificate is stored also where the configuration cannot be read.
    let endpoints = session.endpoints().ok();
    new.registrations
        .iter()
        .map(|place| {
            let name = &place.endpoint;
            let what = endpoints
                .as_ref()
                .and_then(|endpoints| endpoints.differences(name, &new.jwk(), &old.jwk()).ok());
            (name.clone(), place.id.clone(), what)
        })
        .collect()
}

fn say_left_out(left_out: &[String], output: &mut Output) {
    if !left_out.is_empty() {
        output.say(&format!(
            "! no profile can say these of the old certificate, and they were left out: {}",
            left_out.join(", ")
        ));
    }
}
