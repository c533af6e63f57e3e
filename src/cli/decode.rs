//! `keyfob decode`

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    token_source,
};
use crate::jose::{
    claims::JsonObject,
    reading::{Content, Form, Part, Reading},
    registered::{self, CLAIMS, HEADER, Kind, Registered},
    search::{Cleaned, Found, Place, Search},
    time,
    token::DecodeError,
};

pub(super) fn run(token: Option<&str>, output: &mut Output) -> Result<Exit, Failure> {
    let text = token_source::read(token)?;
    let search = Search::of(text.expose());
    let readings: Vec<(&Found, Reading)> = search
        .tokens
        .iter()
        .map(|found| (found, Reading::from(found)))
        .collect();
    if readings.is_empty() {
        return Err(DecodeError::nothing_in(text.expose()).into());
    }
    match output.format() {
        Format::Json => output.json(&search_json(&search, &readings))?,
        Format::Text => print(&search, &readings, output)?,
    }
    if readings.iter().any(|(_, reading)| reading.is_whole()) {
        return Ok(Exit::Done);
    }
    let faults = readings
        .iter()
        .flat_map(|(_, reading)| reading.all_faults());
    Err(Failure::usage(faults.collect::<Vec<_>>().join("\n")))
}

fn print(
    search: &Search,
    readings: &[(&Found, Reading)],
    output: &mut Output,
) -> Result<(), Failure> {
    let count = readings.len();
    let is_any_whole = readings.iter().any(|(_, reading)| reading.is_whole());
    for (number, (found, reading)) in (1..).zip(readings) {
        if count > 1 || search.skipped > 0 {
            let which = if count > 1 {
                format!("token {number} of {count}")
            } else {
                "found".to_owned()
            };
            output.say(&format!("{which}: {}", found.place));
        }
        for cleaned in &found.cleaned {
            output.say(&format!("note: {}", cleaned.remark()));
        }
        if found.times > 1 {
            output.say(&format!("note: it stands there {} times", found.times));
        }
        print_reading(reading, output)?;
        if is_any_whole {
            for fault in reading.all_faults() {
                output.say(&format!("✗ {fault}"));
            }
        }
    }
    for passed in &search.passed {
        output.say(&format!(
            "skipped: {}: it begins like a token and {}",
            passed.place,
            match passed.parts {
                1 => "has no second part",
                _ => "has no payload that is JSON, nor a third part",
            }
        ));
    }
    match search.skipped {
        0 => {}
        1 => output.say("skipped: 1 byte that belongs to no token"),
        bytes => output.say(&format!("skipped: {bytes} bytes that belong to no token")),
    }
    output.say("not verified: keyfob verify judges it");
    Ok(())
}

/// Header and claims as results, everything else as words.
fn print_reading(reading: &Reading, output: &mut Output) -> Result<(), Failure> {
    match &reading.content {
        Content::Signed {
            signatures,
            payload,
            ..
        } => {
            for each in signatures {
                print_header(&each.header, output)?;
                if let Some(unprotected) = &each.unprotected {
                    output.say("header that is not protected:");
                    output.result(&unprotected.pretty())?;
                }
            }
            print_payload(payload, output)?;
            for each in signatures {
                output.say(&format!("signature: {}", bytes(&each.signature)));
            }
        }
        Content::Encrypted {
            header,
            unprotected,
            recipients,
            parts,
        } => {
            print_header(header, output)?;
            if let Some(unprotected) = unprotected {
                output.say("header that is not protected:");
                output.result(&unprotected.pretty())?;
            }
            output.say("encrypted: the content cannot be read without its key");
            for recipient in recipients {
                if let Some(header) = &recipient.header {
                    output.say("header of a recipient:");
                    output.result(&header.pretty())?;
                }
                let key = &recipient.encrypted_key;
                output.say(&format!("{}: {}", key.name.label(), bytes(key)));
            }
            for part in parts {
                output.say(&format!("{}: {}", part.name.label(), bytes(part)));
            }
        }
        Content::Unreadable => {}
    }
    output.say(&format!("{}, {} bytes", reading.kind(), reading.text.len()));
    for finding in reading.findings() {
        output.say(&format!("! {finding}"));
    }
    if let Some(nested) = reading.nested() {
        output.say("the token in it:");
        print_reading(nested, output)?;
    }
    Ok(())
}

fn print_header(header: &Part, output: &mut Output) -> Result<(), Failure> {
    match (&header.object, header.text()) {
        (Some(object), _) => output.result(&object.pretty()),
        (None, Some("")) => Ok(()),
        (None, Some(text)) => output.result(text),
        (None, None) => {
            output.say(&format!("header: {}", bytes(header)));
            Ok(())
        }
    }
}

fn print_payload(payload: &Part, output: &mut Output) -> Result<(), Failure> {
    let Some(claims) = &payload.object else {
        match payload.text() {
            Some("") => {}
            Some(text) => output.result(text)?,
            None => output.say(&format!("payload: {}, no text", bytes(payload))),
        }
        return Ok(());
    };
    output.result(&claims.pretty())?;
    let now = Timestamp::now();
    for (row, value) in registered_in(CLAIMS, claims) {
        if row.kind == Kind::Date
            && let Some(at) = time::numeric_date(value)
        {
            let told = told(row.name, at, now);
            output.say(&format!("{}: {}, {at}, {told}", row.name, row.title));
        }
    }
    let names: Vec<String> = registered_in(CLAIMS, claims)
        .filter(|(row, _)| row.kind == Kind::Other)
        .map(|(row, _)| format!("{} {}", row.name, row.title))
        .collect();
    if !names.is_empty() {
        output.say(&format!("registered: {}", names.join("; ")));
    }
    Ok(())
}

/// `in 5 min`; for `exp` in the past `expired 5 min ago`.
fn told(name: &str, at: Timestamp, now: Timestamp) -> String {
    let relative = time::relative(at, now);
    if name == "exp" && at <= now {
        format!("expired {relative}")
    } else {
        relative
    }
}

fn bytes(part: &Part) -> String {
    match part.octets.len() {
        0 => "none".to_owned(),
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

/// The registered members of an object in its order.
fn registered_in<'a>(
    table: &'static [Registered],
    object: &'a JsonObject,
) -> impl Iterator<Item = (&'static Registered, &'a Value)> {
    let members = object.members().iter();
    members.filter_map(move |(name, value)| Some((registered::of(table, name)?, value)))
}

/// The first token with what was skipped; further ones stand in `others`.
fn search_json(search: &Search, readings: &[(&Found, Reading)]) -> Value {
    let mut each = readings.iter().map(|(found, reading)| {
        let mut object = reading_json(reading);
        let remarks: Vec<String> = found.cleaned.iter().map(Cleaned::remark).collect();
        object.insert("remarks".to_owned(), json!(remarks));
        object.insert("place".to_owned(), place_json(&found.place));
        object.insert("times".to_owned(), json!(found.times));
        object
    });
    let mut object = each.next().unwrap_or_default();
    object.insert("others".to_owned(), each.collect::<Vec<_>>().into());
    let passed = search.passed.iter().map(|passed| {
        let mut object = place_json(&passed.place);
        object["parts"] = json!(passed.parts);
        object
    });
    object.insert("passed".to_owned(), passed.collect::<Vec<_>>().into());
    object.insert("skipped_bytes".to_owned(), json!(search.skipped));
    Value::Object(object)
}

fn reading_json(reading: &Reading) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    if let Some(header) = reading.header() {
        put("header", content_json(header));
    }
    match &reading.content {
        Content::Signed {
            signatures,
            payload,
            nested,
        } => {
            match &payload.object {
                Some(claims) => put("claims", json!(claims.members())),
                None => {
                    put("payload", content_json(payload));
                    put("payload_bytes", json!(payload.octets.len()));
                }
            }
            if let Some(first) = signatures.first() {
                put("signature_bytes", json!(first.signature.octets.len()));
            }
            if reading.form != Form::Compact {
                let rows = signatures.iter().map(|each| {
                    json!({
                        "header": content_json(&each.header),
                        "unprotected": members(each.unprotected.as_ref()),
                        "signature_bytes": each.signature.octets.len(),
                    })
                });
                put("signatures", rows.collect::<Vec<_>>().into());
            }
            if let Some(nested) = nested {
                put("nested", Value::Object(reading_json(nested)));
            }
        }
        Content::Encrypted {
            unprotected,
            recipients,
            parts,
            ..
        } => {
            put("encrypted", json!(true));
            put("unprotected", members(unprotected.as_ref()));
            let rows = recipients.iter().map(|each| {
                json!({
                    "header": members(each.header.as_ref()),
                    "encrypted_key_bytes": each.encrypted_key.octets.len(),
                })
            });
            put("recipients", rows.collect::<Vec<_>>().into());
            for part in parts {
                let name = format!("{}_bytes", part.name.label().replace(' ', "_"));
                put(&name, json!(part.octets.len()));
            }
        }
        Content::Unreadable => {}
    }
    put("kind", json!(reading.kind()));
    put("bytes", json!(reading.text.len()));
    put("dates", dates_json(reading));
    put("registered", names_json(reading));
    put("faults", json!(reading.all_faults()));
    put("findings", json!(reading.findings()));
    put("verified", json!(false));
    object
}

/// An object, text, or nothing where the octets are neither.
fn content_json(part: &Part) -> Value {
    match (&part.object, part.text()) {
        (Some(object), _) => json!(object.members()),
        (None, Some(text)) => json!(text),
        (None, None) => json!(String::from_utf8_lossy(&part.octets)),
    }
}

fn members(object: Option<&JsonObject>) -> Value {
    object.map_or(Value::Null, |object| json!(object.members()))
}

/// The dates among the claims in RFC 3339.
fn dates_json(reading: &Reading) -> Value {
    let mut dates = Map::new();
    for (row, value) in reading
        .claims()
        .into_iter()
        .flat_map(|claims| registered_in(CLAIMS, claims))
    {
        if row.kind == Kind::Date
            && let Some(at) = time::numeric_date(value)
        {
            dates.insert(row.name.to_owned(), json!(at.to_string()));
        }
    }
    Value::Object(dates)
}

/// The registered members with their names and sources.
fn names_json(reading: &Reading) -> Value {
    let rows = |table, object: Option<&JsonObject>| -> Vec<Value> {
        let named = object
            .into_iter()
            .flat_map(|object| registered_in(table, object));
        named
            .map(|(row, _)| json!({"name": row.name, "title": row.title, "source": row.source}))
            .collect()
    };
    let header = reading.header().and_then(|header| header.object.as_ref());
    json!({"header": rows(HEADER, header), "claims": rows(CLAIMS, reading.claims())})
}

fn place_json(place: &Place) -> Value {
    json!({"line": place.line, "column": place.column, "name": place.name})
}
