//! The JSON forms of JWS and JWE (RFC 7515 section 7.2, RFC 7516 section 7.2).

use serde_json::{Map, Value};

use super::{Content, Form, Part, PartName, Reading, Recipient, Signature};
use crate::jose::claims::JsonObject;

/// Reads a JSON form.
pub(super) fn read(text: &str) -> Reading {
    let mut faults = Vec::new();
    let (form, content) = match JsonObject::parse(text) {
        Ok(object) => token(object.members(), &mut faults),
        Err(error) => {
            faults.push(format!("no JSON object: {error}"));
            (Form::General, Content::Unreadable)
        }
    };
    Reading {
        text: text.to_owned(),
        form,
        content,
        faults,
    }
}

fn token(members: &Map<String, Value>, faults: &mut Vec<String>) -> (Form, Content) {
    if members.contains_key("ciphertext") {
        return encrypted(members, faults);
    }
    if !members.contains_key("payload") {
        faults.push("JSON without payload or ciphertext is no token".to_owned());
        return (Form::General, Content::Unreadable);
    }
    let (form, each) = rows(members, "signatures", faults);
    let encoded = text(members, "payload", faults);
    let signatures: Vec<Signature> = each
        .into_iter()
        .map(|row| signature(row, encoded, faults))
        .collect();
    let payload = match signatures.first() {
        Some(first) => Part::payload(encoded, &first.header),
        None => Part::octets(PartName::Payload, encoded),
    };
    let content = Content::Signed {
        signatures,
        payload,
        nested: None,
    };
    (form, content)
}

fn signature(row: &Map<String, Value>, payload: &str, faults: &mut Vec<String>) -> Signature {
    let protected = text(row, "protected", faults);
    let encoded = text(row, "signature", faults);
    let unprotected = object(row, "header", faults);
    Signature {
        header: header(protected, unprotected.is_some()),
        signature: Part::octets(PartName::Signature, encoded),
        compact: unprotected
            .is_none()
            .then(|| format!("{protected}.{payload}.{encoded}")),
        unprotected,
    }
}

fn encrypted(members: &Map<String, Value>, faults: &mut Vec<String>) -> (Form, Content) {
    let (form, each) = rows(members, "recipients", faults);
    let recipients: Vec<Recipient> = each
        .into_iter()
        .map(|row| Recipient {
            header: object(row, "header", faults),
            encrypted_key: Part::octets(PartName::EncryptedKey, text(row, "encrypted_key", faults)),
        })
        .collect();
    let unprotected = object(members, "unprotected", faults);
    let has_other = unprotected.is_some() || recipients.iter().any(|each| each.header.is_some());
    let names = [
        ("iv", PartName::Iv),
        ("ciphertext", PartName::Ciphertext),
        ("tag", PartName::Tag),
        ("aad", PartName::Aad),
    ];
    let parts = names
        .into_iter()
        .filter(|(member, name)| *name != PartName::Aad || members.contains_key(*member))
        .map(|(member, name)| Part::octets(name, text(members, member, faults)))
        .collect();
    let content = Content::Encrypted {
        header: header(text(members, "protected", faults), has_other),
        unprotected,
        recipients,
        parts,
    };
    (form, content)
}

/// The signatures or recipients: those of the list, or the object itself.
fn rows<'a>(
    members: &'a Map<String, Value>,
    list: &str,
    faults: &mut Vec<String>,
) -> (Form, Vec<&'a Map<String, Value>>) {
    let Some(value) = members.get(list) else {
        return (Form::Flattened, vec![members]);
    };
    let rows = value.as_array().map_or(&[][..], Vec::as_slice);
    let objects: Vec<_> = rows.iter().filter_map(Value::as_object).collect();
    if objects.is_empty() || objects.len() != rows.len() {
        faults.push(format!("{list} is no list of objects"));
    }
    (Form::General, objects)
}

/// A protected header, which may be missing where there is another one.
fn header(encoded: &str, has_other: bool) -> Part {
    if encoded.is_empty() && has_other {
        Part::octets(PartName::Header, encoded)
    } else {
        Part::object(PartName::Header, encoded)
    }
}

/// A member that is text; empty where it is missing.
fn text<'a>(members: &'a Map<String, Value>, name: &str, faults: &mut Vec<String>) -> &'a str {
    match members.get(name) {
        Some(Value::String(text)) => text,
        Some(_) => {
            faults.push(format!("{name} is no text"));
            ""
        }
        None => "",
    }
}

/// A member that is an object.
fn object(
    members: &Map<String, Value>,
    name: &str,
    faults: &mut Vec<String>,
) -> Option<JsonObject> {
    match members.get(name)? {
        Value::Object(object) => Some(JsonObject::from_members(object.clone())),
        _ => {
            faults.push(format!("{name} is no object"));
            None
        }
    }
}
