//! From what a person writes to the claims that are signed.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::Moment;
use crate::jose::{
    claims::{JsonError, JsonObject},
    time::{self, DATES},
};

/// Something worth a word about claims; nothing is refused for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding(pub String);

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
    #[error("{name}: {text:?} is no time: write now, +5m, RFC 3339 or epoch seconds")]
    Time {
        /// The claim.
        name: String,
        /// What stood there.
        text: String,
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

/// Resolves a draft: date claims written as `now`, `+5m`, `-10s` or RFC 3339 become `NumericDate`s,
/// `jti` as `uuid` a version 4 UUID. Everything else stays as it is, the order of members too.
pub fn resolve(draft: &JsonObject, moment: &Moment) -> Result<JsonObject, ClaimError> {
    let mut changed = false;
    let mut claims = Map::new();
    for (name, value) in draft.members() {
        let resolved = match value {
            Value::String(text) if DATES.contains(&name.as_str()) => {
                Some(seconds(name, text, moment.now)?.into())
            }
            Value::String(text) if name == "jti" && text == "uuid" => {
                Some(uuid(moment.random).into())
            }
            _ => None,
        };
        changed |= resolved.is_some();
        claims.insert(name.clone(), resolved.unwrap_or_else(|| value.clone()));
    }
    // Untouched text is signed byte for byte.
    Ok(if changed {
        JsonObject::from_members(claims)
    } else {
        draft.clone()
    })
}

/// Reads `k=v` (JSON when it parses, except that `iss sub aud jti name` stay text) or `k:=v`
/// (JSON).
pub fn parse_claim(pair: &str) -> Result<(String, Value), ClaimError> {
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
    let value = if TEXTS.contains(&name) {
        text()
    } else {
        unique_json(value).unwrap_or_else(|_| text())
    };
    Ok((name.to_owned(), value))
}

/// JSON whose objects have no member twice.
fn unique_json(text: &str) -> Result<Value, String> {
    let wrapped = JsonObject::parse(&format!("{{\"v\":{text}}}")).map_err(|error| error.reason)?;
    match wrapped.members() {
        members if members.len() == 1 => Ok(members["v"].clone()),
        _ => Err("it is more than one value".to_owned()),
    }
}

fn seconds(name: &str, text: &str, now: Timestamp) -> Result<i64, ClaimError> {
    let wrong = || ClaimError::Time {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let shifted = |text: &str, sign: i32| {
        let span = time::parse_duration(text).map_err(|_| wrong())?;
        let span = SignedDuration::try_from(span).map_err(|_| wrong())? * sign;
        now.checked_add(span).map_err(|_| wrong())
    };
    let at = match text.split_at_checked(1) {
        _ if text == "now" => now,
        Some(("+", span)) => shifted(span, 1)?,
        Some(("-", span)) => shifted(span, -1)?,
        _ => time::parse_instant(text).map_err(|_| wrong())?,
    };
    Ok(at.as_second())
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
