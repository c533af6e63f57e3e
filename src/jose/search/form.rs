//! Tokens in their JSON forms (RFC 7515 section 7.2, RFC 7516 section 7.2) among other text.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

/// Where in a text JSON forms may stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forms<'a> {
    text: &'a str,
    /// Objects that may still be begun in vain.
    attempts: usize,
    /// Octets that may still be read.
    octets: usize,
}

/// What an object's members make it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Shape {
    payload: bool,
    signed: bool,
    encrypted: bool,
}

/// Text that only looks like JSON is not tried for ever.
const ATTEMPTS: usize = 64;
/// Objects in objects are read again, in sum so many times the text.
const READS: usize = 8;

impl<'a> Forms<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let is_possible = text.contains("\"payload\"") || text.contains("\"ciphertext\"");
        Self {
            text,
            attempts: if is_possible { ATTEMPTS } else { 0 },
            octets: text.len().saturating_mul(READS),
        }
    }

    /// Where the token ends whose JSON begins at `at`; none where there is no token.
    pub(super) fn token_at(&mut self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let is_object = rest[1..].trim_start().starts_with('"');
        if self.attempts == 0 || self.octets == 0 || !is_object {
            return None;
        }
        let mut objects = serde_json::Deserializer::from_str(rest).into_iter::<Shape>();
        let Some(Ok(shape)) = objects.next() else {
            self.attempts -= 1;
            return None;
        };
        let length = objects.byte_offset();
        self.octets = self.octets.saturating_sub(length);
        shape.is_token().then_some(at + length)
    }
}

impl Shape {
    fn is_token(self) -> bool {
        self.encrypted || self.payload && self.signed
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// Reads the names of an object's members.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut shape = Shape::default();
        while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
            match name.as_str() {
                "payload" => shape.payload = true,
                "signature" | "signatures" => shape.signed = true,
                "ciphertext" => shape.encrypted = true,
                _ => {}
            }
        }
        Ok(shape)
    }
}
