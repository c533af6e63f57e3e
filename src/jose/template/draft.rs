//! From what a person writes to the claims that are signed.

use aws_lc_rs::digest;
use base64ct::{Base64, Encoding};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

use super::{FieldKind, Template, TemplateError};
use crate::jose::{
    claims::{JsonError, JsonObject},
    key::PublicKey,
    time::{self, DATES, TimeError},
};

/// What the placeholders of a draft are resolved with.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The clock.
    pub now: Timestamp,
    /// The zone that times without one are meant in.
    pub zone: &'a TimeZone,
    /// Randomness: `uuid` becomes a version 4 UUID of it (RFC 9562 section 5.4).
    pub random: [u8; 16],
}

/// A draft that cannot be resolved, or a `k=v` that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ClaimError {
    /// No JSON object.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// No `=` or no name before it.
    #[error("{0:?}: write NAME=VALUE, or NAME:=JSON")]
    Pair(String),
    /// A date claim that is no time.
    #[error("{name}: {error}")]
    Time {
        /// The claim.
        name: String,
        /// What stood there, and what to write.
        error: TimeError,
    },
    /// A forced value that is no JSON.
    #[error("{name}: {reason}")]
    Value {
        /// The claim.
        name: String,
        /// What the parser said.
        reason: String,
    },
}

/// Claims whose value stays text with `k=v`, whatever it looks like.
const TEXTS: [&str; 5] = ["iss", "sub", "aud", "jti", "name"];
/// Header members that are always text (RFC 7515 section 4.1).
const HEADER_TEXTS: [&str; 5] = ["typ", "cty", "kid", "x5t", "x5t#S256"];

/// What stands in the claims of a template for the SHA-256 of the key's SPKI in base64.
pub(super) const SPKI_SHA256: &str = "key.spki_sha256";

/// Resolves a draft: date claims written as `now`, `+5m`, `tomorrow 9:00` or RFC 3339 become
/// `NumericDate`s, `jti` as `uuid` a version 4 UUID. Every other byte stays as it is.
pub fn resolve(draft: &JsonObject, moment: &Moment<'_>) -> Result<JsonObject, ClaimError> {
    let mut values = Vec::new();
    for (place, (name, value)) in draft.members().iter().enumerate() {
        if let Some(resolved) = resolve_claim(name, value, moment)? {
            values.push((place, resolved));
        }
    }
    Ok(draft.with_values(values))
}

/// What one claim is resolved to; `None` where it stands as it is.
pub fn resolve_claim(
    name: &str,
    value: &Value,
    moment: &Moment<'_>,
) -> Result<Option<Value>, ClaimError> {
    let Value::String(text) = value else {
        return Ok(None);
    };
    if DATES.contains(&name) {
        let at = time::parse_written(text, moment.now, moment.zone);
        let at = at.map_err(|error| ClaimError::Time {
            name: name.to_owned(),
            error,
        })?;
        return Ok(Some(at.as_second().into()));
    }
    Ok((name == "jti" && text == "uuid").then(|| uuid(moment.random).into()))
}

/// The claims of a template with its fields filled.
pub(super) fn filled(
    template: &Template,
    values: &[(String, String)],
    key: Option<&PublicKey>,
) -> Result<JsonObject, TemplateError> {
    let fields = &template.fields;
    for (name, _) in values {
        if !fields.iter().any(|field| &field.name == name) {
            let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            return Err(TemplateError::NoField {
                template: template.name.clone(),
                field: name.clone(),
                known: if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                },
            });
        }
    }
    let fingerprint = key.map(|key| {
        let hash = digest::digest(&digest::SHA256, key.spki_der());
        Base64::encode_string(hash.as_ref())
    });
    let value_of = |name: &str| {
        if name == SPKI_SHA256 {
            return fingerprint.clone();
        }
        let given = values.iter().rfind(|(each, _)| each == name);
        let field = fields.iter().find(|field| field.name == name)?;
        Some(given.map_or_else(|| field.start().to_owned(), |(_, value)| value.clone()))
    };
    let json = |hole: &str| {
        let field = fields.iter().find(|field| field.name == hole);
        field.is_some_and(|field| field.kind == FieldKind::Json)
    };
    let mut claims = Map::new();
    for (name, value) in &template.claims {
        let value = in_texts(value, &|text| match holes(text).as_slice() {
            [(hole, range)] if range.len() == text.len() && json(hole) => {
                let written = value_of(hole).unwrap_or_default();
                unique_json(&written).map_err(|reason| TemplateError::Field {
                    template: template.name.clone(),
                    field: (*hole).to_owned(),
                    reason,
                })
            }
            found
                if fingerprint.is_none() && found.iter().any(|(hole, _)| *hole == SPKI_SHA256) =>
            {
                Err(TemplateError::NoPublicKey(template.name.clone()))
            }
            found => {
                let mut out = String::new();
                let mut end = 0;
                for (hole, range) in found {
                    out.push_str(&text[end..range.start]);
                    out.push_str(&value_of(hole).unwrap_or_default());
                    end = range.end;
                }
                out.push_str(&text[end..]);
                Ok(Value::String(out))
            }
        })?;
        claims.insert(name.clone(), value);
    }
    Ok(JsonObject::from_members(claims))
}

/// A value with every text in it replaced.
fn in_texts(
    value: &Value,
    replace: &impl Fn(&str) -> Result<Value, TemplateError>,
) -> Result<Value, TemplateError> {
    Ok(match value {
        Value::String(text) => replace(text)?,
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| in_texts(item, replace))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, item)| Ok((name.clone(), in_texts(item, replace)?)))
                .collect::<Result<_, TemplateError>>()?,
        ),
        other => other.clone(),
    })
}

/// What stands in braces in a text: lower-case names, each with its place. Other braces are text.
pub(super) fn holes(text: &str) -> Vec<(&str, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|open| from + open) {
        let inner = &text[open + 1..];
        let length = inner
            .bytes()
            .take_while(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'))
            .count();
        from = open + 1;
        if length > 0 && inner[length..].starts_with('}') {
            from = open + length + 2;
            found.push((&inner[..length], open..from));
        }
    }
    found
}

/// Reads `k=v` (JSON when it parses, except that `iss sub aud jti name` stay text) or `k:=v`
/// (JSON).
pub fn parse_claim(pair: &str) -> Result<(String, Value), ClaimError> {
    parse_pair(pair, &TEXTS)
}

/// Reads a member of a header by the same rules; `typ cty kid x5t x5t#S256` stay text.
pub fn parse_header(pair: &str) -> Result<(String, Value), ClaimError> {
    parse_pair(pair, &HEADER_TEXTS)
}

fn parse_pair(pair: &str, texts: &[&str]) -> Result<(String, Value), ClaimError> {
    let (name, value) = pair
        .split_once('=')
        .filter(|(name, _)| !name.trim_end_matches(':').is_empty())
        .ok_or_else(|| ClaimError::Pair(pair.to_owned()))?;
    if let Some(name) = name.strip_suffix(':') {
        let value = unique_json(value).map_err(|reason| ClaimError::Value {
            name: name.to_owned(),
            reason,
        })?;
        return Ok((name.to_owned(), value));
    }
    let text = || Value::String(value.to_owned());
    let value = if texts.contains(&name) {
        text()
    } else {
        unique_json(value).unwrap_or_else(|_| text())
    };
    Ok((name.to_owned(), value))
}

/// JSON whose objects have no member twice.
pub(super) fn unique_json(text: &str) -> Result<Value, String> {
    let wrapped = JsonObject::parse(&format!("{{\"v\":{text}}}")).map_err(|error| error.reason)?;
    match wrapped.members() {
        members if members.len() == 1 => Ok(members["v"].clone()),
        _ => Err("it is more than one value".to_owned()),
    }
}

/// A version 4 UUID of random bytes (RFC 9562 section 5.4).
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0x0f));
    }
    text
}
