//! `keyfob keys list|show|rename|tag|status|rm|trash|restore`

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    arguments::{ListOptions, TagOptions},
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
    table::Table,
};
use crate::{
    jose::time,
    keystore::{
        record::{Entry, Half, Record, Status},
        store::TagChange,
        tags,
    },
    x509::validity::Validity,
};

pub(super) fn list(
    options: &ListOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut entries = session.keystore()?.list()?;
    let all = entries.len();
    entries.retain(|entry| is_wanted(entry, options));
    if output.format() == Format::Json {
        let rows = entries.iter().map(entry_json).collect();
        output.json(&Value::Array(rows))?;
        return Ok(Exit::Done);
    }
    let now = session.now();
    let mut table = Table::new(&[
        "KID",
        "ALG",
        "KEY",
        "CERTIFICATE",
        "STATUS",
        "TAGS",
        "REGISTERED AT",
    ]);
    for entry in &entries {
        match entry {
            Entry::Key(record) => table.row(row(record, now)),
            Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
        }
    }
    if table.is_empty() {
        output.say(if all == 0 {
            "no keys yet: keyfob keys new"
        } else {
            "no such key"
        });
        return Ok(Exit::Done);
    }
    output.result(&table.to_string())?;
    Ok(Exit::Done)
}

pub(super) fn show(kid: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(kid)?;
    if output.format() == Format::Json {
        output.json(&record_json(&record))?;
        return Ok(Exit::Done);
    }
    let mut lines = vec![
        ("kid", record.kid.clone()),
        ("alg", record.alg.to_string()),
        ("key", record.public.label()),
        ("use", record.usage.clone()),
        ("thumbprint", record.thumbprint().to_string()),
        ("file", format!("{}.key", record.thumbprint().hex())),
        ("private half", half(record.half).to_owned()),
        ("created", record.created.to_string()),
        ("status", record.status.to_string()),
        ("certificate", certificate(&record, session.now())),
    ];
    if !record.former.is_empty() {
        lines.push(("formerly", record.former.join(", ")));
    }
    if !record.tags.is_empty() {
        lines.push(("tags", record.tags.join(", ")));
    }
    for registration in &record.registrations {
        let at = format!(
            "{} as {}, {}",
            registration.endpoint, registration.id, registration.at
        );
        lines.push(("registered", at));
    }
    for (label, value) in lines {
        output.result(&format!("{label:<13}{value}"))?;
    }
    output.result(&record.jwk().to_json_pretty())?;
    Ok(Exit::Done)
}

pub(super) fn rename(
    kid: &str,
    new: &str,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.rename(kid, new, &session.unlock(&keystore)?)?;
    output.say(&format!("{kid} is now {}", record.kid));
    for registration in &record.registrations {
        output.say(&format!(
            "! {} knows it as {}: register it again there to change that",
            registration.endpoint, registration.id
        ));
    }
    finish(&record, output)
}

/// Gives a key tags, or takes them.
pub(super) fn tag(
    options: &TagOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let tags = tags::parse(&options.tags.join(" "))?;
    let keystore = session.keystore()?;
    let record = keystore.find(&options.kid)?;
    let has = |tag: &String| record.tags.contains(tag);
    let change = if options.remove {
        TagChange {
            remove: tags.into_iter().filter(has).collect(),
            ..TagChange::default()
        }
    } else {
        TagChange {
            add: tags.into_iter().filter(|tag| !has(tag)).collect(),
            ..TagChange::default()
        }
    };
    if change == TagChange::default() {
        output.say(if options.remove {
            "not there already"
        } else {
            "already there"
        });
        return finish(&record, output);
    }
    let record = keystore.change_tags(&record.thumbprint(), &change)?;
    output.say(&match record.tags.as_slice() {
        [] => format!("{} has no tags now", record.kid),
        tags => format!("{} is tagged {}", record.kid, tags.join(", ")),
    });
    finish(&record, output)
}

/// Says where a key stands in its life.
pub(super) fn set_status(
    kid: &str,
    status: Status,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(kid)?;
    if record.status == status {
        output.say(&format!("already {status}"));
        return finish(&record, output);
    }
    let record = keystore.set_status(&record.thumbprint(), status)?;
    output.say(&format!(
        "{} is {status} now: {}",
        record.kid,
        status.meaning()
    ));
    let places = places(&record);
    if status != Status::Active && !places.is_empty() {
        output.say(&format!(
            "! endpoints do not know of it: it is still registered at {}",
            places.join(", ")
        ));
    }
    finish(&record, output)
}

pub(super) fn remove(
    kid: &str,
    force: bool,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.find(kid)?;
    if !record.registrations.is_empty() && !force {
        let places = places(&record);
        return Err(Failure::usage(format!(
            "{kid} is registered at {}: keyfob unregister it there first, or say --force",
            places.join(", ")
        )));
    }
    let record = keystore.trash(kid)?;
    output.say(&format!(
        "{kid} is in the trash: keyfob keys restore {kid} brings it back"
    ));
    finish(&record, output)
}

pub(super) fn trash(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let trashed = session.keystore()?.trashed()?;
    if output.format() == Format::Json {
        let rows = trashed.iter().map(|key| {
            json!({
                "kid": key.kid,
                "thumbprint": key.thumbprint.to_string(),
            })
        });
        output.json(&Value::Array(rows.collect()))?;
        return Ok(Exit::Done);
    }
    if trashed.is_empty() {
        output.say("the trash is empty");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["KID", "THUMBPRINT"]);
    for key in &trashed {
        table.row(vec![key.kid.clone(), key.thumbprint.to_string()]);
    }
    output.result(&table.to_string())?;
    Ok(Exit::Done)
}

pub(super) fn restore(kid: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    let record = keystore.restore(kid)?;
    output.say(&format!("{} is back", record.kid));
    finish(&record, output)
}

/// Prints the kid, or with `--json` the whole record: the end of a command that changed a key.
pub(super) fn finish(record: &Record, output: &mut Output) -> Result<Exit, Failure> {
    match output.format() {
        Format::Json => output.json(&record_json(record))?,
        Format::Text => output.result(&record.kid)?,
    }
    Ok(Exit::Done)
}

/// A key as `--json` prints it.
pub(super) fn record_json(record: &Record) -> Value {
    let registrations: Vec<Value> = record
        .registrations
        .iter()
        .map(|place| {
            json!({
                "endpoint": place.endpoint,
                "id": place.id,
                "at": place.at.to_string(),
                "thumbprint": place.thumbprint,
            })
        })
        .collect();
    let certificate = record.leaf().map(|leaf| {
        json!({
            "not_before": leaf.not_before().to_string(),
            "not_after": leaf.not_after().to_string(),
        })
    });
    json!({
        "kid": record.kid,
        "former_kids": record.former,
        "alg": record.alg.name(),
        "key": record.public.label(),
        "bits": record.public.bits(),
        "use": record.usage,
        "thumbprint": record.thumbprint().to_string(),
        "created": record.created.to_string(),
        "status": record.status.name(),
        "tags": record.tags,
        "private": record.half == Half::Private,
        "certificate": certificate,
        "profile": record.profile,
        "registrations": registrations,
        "jwk": record.jwk().to_value(),
    })
}

fn entry_json(entry: &Entry) -> Value {
    match entry {
        Entry::Key(record) => record_json(record),
        Entry::Unreadable { file, reason } => json!({"file": file, "error": reason}),
    }
}

fn row(record: &Record, now: Timestamp) -> Vec<String> {
    let places = places(record);
    let or_dash = |texts: String| {
        if texts.is_empty() {
            "—".to_owned()
        } else {
            texts
        }
    };
    vec![
        record.kid.clone(),
        record.alg.to_string(),
        record.public.label(),
        certificate(record, now),
        match record.half {
            Half::Private => record.status.to_string(),
            Half::PublicOnly => format!("{}, public only", record.status),
        },
        or_dash(record.tags.join(", ")),
        or_dash(places.join(", ")),
    ]
}

fn certificate(record: &Record, now: Timestamp) -> String {
    let Some(leaf) = record.leaf() else {
        return "—".to_owned();
    };
    match Validity::of(leaf, now) {
        Validity::Expired => format!("! expired {}", time::relative(leaf.not_after(), now)),
        Validity::EndsSoon { .. } => {
            format!("! expires {}", time::relative(leaf.not_after(), now))
        }
        Validity::Never => "! ends before it begins".to_owned(),
        Validity::NotYet => format!("! begins {}", time::relative(leaf.not_before(), now)),
        Validity::Good { .. } => format!("expires {}", time::relative(leaf.not_after(), now)),
    }
}

fn half(half: Half) -> &'static str {
    match half {
        Half::Private => "here",
        Half::PublicOnly => "not here: it can verify, not sign",
    }
}

fn places(record: &Record) -> Vec<&str> {
    let places = record.registrations.iter();
    places.map(|place| place.endpoint.as_str()).collect()
}

/// A file that cannot be read is told of, whatever was asked for.
fn is_wanted(entry: &Entry, options: &ListOptions) -> bool {
    let Entry::Key(record) = entry else {
        return true;
    };
    options.tag.iter().all(|tag| record.tags.contains(tag))
        && options.status.is_none_or(|status| record.status == status)
}
