//! `keyfob registrations --at NAME --refresh`: every key at an endpoint that lists its keys.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    arguments::RegistrationsOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    remote,
    session::Session,
    table::Table,
};
use crate::{
    keystore::record::{Entry, Record},
    registry::{
        registration,
        view::{self, Sight, Standing},
    },
};

/// Prints every key there; `None` where the endpoint does not list its keys, which is told.
pub(super) fn run(
    name: &str,
    options: &RegistrationsOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Option<Exit>, Failure> {
    let keystore = session.keystore()?;
    let mut here: Vec<Record> = Vec::new();
    for entry in keystore.list()? {
        match entry {
            Entry::Key(record) => here.push(*record),
            Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
        }
    }
    let endpoint = remote::endpoint(name, session)?;
    if endpoint.is_blind() && !options.adopt {
        output.say(&format!(
            "{name}: nobody can look there; this is what you said of it"
        ));
        return Ok(None);
    }
    let there = match endpoint.list() {
        Ok(there) => there,
        Err(error) if options.adopt || !is_used(name, &here) => {
            return Err(remote::refused(error, output));
        }
        Err(error) => {
            output.say(&format!("{error}; its keys are asked for one by one"));
            return Ok(None);
        }
    };
    let mut sights = view::seen(&endpoint, &here, &there, session.now());
    if options.adopt {
        for kid in adopt(name, &here, &mut sights, session, output)? {
            sights.retain(|sight| sight.kid != kid || sight.standing != Standing::Missing);
        }
    }
    print(name, &sights, session.now(), output)?;
    let drift = sights.iter().any(Sight::is_drift);
    Ok(Some(if drift { Exit::No } else { Exit::Done }))
}

/// Whether a key is noted as registered there.
fn is_used(name: &str, here: &[Record]) -> bool {
    here.iter()
        .flat_map(|record| &record.registrations)
        .any(|place| place.endpoint == name)
}

/// Notes each key of ours that is there, once, and returns the kids.
fn adopt(
    name: &str,
    here: &[Record],
    sights: &mut [Sight],
    session: &Session,
    output: &mut Output,
) -> Result<Vec<String>, Failure> {
    let keystore = session.keystore()?;
    let mut adopted = Vec::new();
    for sight in sights {
        let record = here.iter().find(|record| record.kid == sight.kid);
        if let (Standing::Adoptable, Some(record)) = (&sight.standing, record)
            && !adopted.contains(&sight.kid)
        {
            registration::note(&keystore, record, name, &sight.id, session.now())?;
            sight.standing = Standing::Ours;
            output.say(&format!("{} at {name}: noted as {}", sight.kid, sight.id));
            adopted.push(sight.kid.clone());
        }
    }
    Ok(adopted)
}

fn print(name: &str, sights: &[Sight], at: Timestamp, output: &mut Output) -> Result<(), Failure> {
    if output.format() == Format::Json {
        let all = sights.iter().map(|sight| {
            json!({
                "kid": sight.kid,
                "endpoint": name,
                "id": sight.id,
                "state": sight.standing.state(),
                "detail": detail(&sight.standing),
                "at": at.to_string(),
                "certificate_expired": sight.expired.map(|end| end.to_string()),
            })
        });
        return output.json(&Value::Array(all.collect()));
    }
    if sights.is_empty() {
        output.say(&format!(
            "no key is at {name}: keyfob register KID --at {name}"
        ));
        return Ok(());
    }
    let mut table = Table::new(&["KID", "ID", "STATE"]);
    for sight in sights {
        let mut state = match (&sight.standing, detail(&sight.standing)) {
            (Standing::Adoptable, _) => "ours, not noted: say --adopt".to_owned(),
            (standing, detail) if detail.is_empty() => standing.name().to_owned(),
            (standing, detail) => format!("{}: {detail}", standing.name()),
        };
        if let Some(end) = sight.expired {
            state = format!("{state}; its certificate expired {end}");
        }
        table.row(vec![sight.kid.clone(), sight.id.clone(), state]);
    }
    output.result(&table.to_string())
}

fn detail(standing: &Standing) -> String {
    match standing {
        Standing::Differs(members) => members.join(", "),
        Standing::Unreadable(why) => why.clone(),
        Standing::Adoptable | Standing::Foreign | Standing::Missing | Standing::Ours => {
            String::new()
        }
    }
}
