//! One part of a token: base64url read as far as it goes.

use base64ct::{Base64UrlUnpadded, Encoding};

use super::HEADER_LIMIT;
use crate::jose::claims::JsonObject;

/// A part of a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// Which part.
    pub name: PartName,
    /// Its octets, as far as they could be read.
    pub octets: Vec<u8>,
    /// The JSON object that they are, where they are one.
    pub object: Option<JsonObject>,
    /// What is wrong with it, a line each.
    pub faults: Vec<String>,
}

/// The parts of tokens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PartName {
    /// The additional authenticated data of a JWE.
    Aad,
    /// What a JWE hides.
    Ciphertext,
    /// The content's key of a JWE.
    EncryptedKey,
    /// The protected header.
    Header,
    /// The initialization vector of a JWE.
    Iv,
    /// What a JWS signs.
    Payload,
    /// The signature of a JWS.
    Signature,
    /// The authentication tag of a JWE.
    Tag,
}

impl Part {
    /// A part that is any octets.
    pub(super) fn octets(name: PartName, encoded: &str) -> Self {
        let (octets, fault) = match Base64UrlUnpadded::decode_vec(encoded) {
            Ok(octets) => (octets, None),
            Err(_) => lenient(encoded),
        };
        Self {
            name,
            octets,
            object: None,
            faults: fault.into_iter().collect(),
        }
    }

    /// A part that must be a JSON object of at most 16 KiB.
    pub(super) fn object(name: PartName, encoded: &str) -> Self {
        let mut part = Self::octets(name, encoded);
        if part.octets.len() > HEADER_LIMIT {
            part.faults.push(format!(
                "{} bytes: at most 16 KiB are read",
                part.octets.len()
            ));
            part.octets.truncate(HEADER_LIMIT);
            return part;
        }
        match std::str::from_utf8(&part.octets) {
            Ok(text) => match JsonObject::parse(text) {
                Ok(object) => part.object = Some(object),
                Err(error) => part.faults.push(format!("no JSON object: {error}")),
            },
            Err(error) => part.faults.push(format!(
                "no UTF-8 text from byte {} on",
                error.valid_up_to() + 1
            )),
        }
        part
    }

    /// A payload: a claims set, or anything else. It stands unencoded where the header says so
    /// (RFC 7797 section 3).
    pub(super) fn payload(encoded: &str, header: &Self) -> Self {
        let b64 = header
            .object
            .as_ref()
            .and_then(|header| header.members().get("b64"));
        let mut part = if b64 == Some(&serde_json::Value::Bool(false)) {
            Self {
                name: PartName::Payload,
                octets: encoded.as_bytes().to_vec(),
                object: None,
                faults: Vec::new(),
            }
        } else {
            Self::octets(PartName::Payload, encoded)
        };
        if let Some(text) = part.text() {
            match JsonObject::parse(text) {
                Ok(object) => part.object = Some(object),
                // What begins like a claims set was meant to be one.
                Err(error) if text.trim_start().starts_with('{') => {
                    part.faults.push(format!("no JSON object: {error}"));
                }
                Err(_) => {}
            }
        }
        part
    }

    /// A part that is not there.
    pub(super) fn missing(name: PartName) -> Self {
        Self {
            name,
            octets: Vec::new(),
            object: None,
            faults: vec!["missing".to_owned()],
        }
    }

    /// Its text, where it is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.octets).ok()
    }

    /// Its octets in base64url.
    pub fn base64url(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.octets)
    }
}

impl PartName {
    /// `header`, `authentication tag`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Aad => "additional data",
            Self::Ciphertext => "ciphertext",
            Self::EncryptedKey => "encrypted key",
            Self::Header => "header",
            Self::Iv => "initialization vector",
            Self::Payload => "payload",
            Self::Signature => "signature",
            Self::Tag => "authentication tag",
        }
    }
}

/// Reads base64 of any kind up to the first character that is none, and says what is wrong.
fn lenient(encoded: &str) -> (Vec<u8>, Option<String>) {
    let mut octets = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut bits, mut held): (u32, u32) = (0, 0);
    let mut fault = None;
    let body = encoded.trim_end_matches('=');
    for (place, character) in body.chars().enumerate() {
        let sextet = match character {
            'A'..='Z' => u32::from(character) - u32::from('A'),
            'a'..='z' => u32::from(character) - u32::from('a') + 26,
            '0'..='9' => u32::from(character) - u32::from('0') + 52,
            '-' | '+' => 62,
            '_' | '/' => 63,
            _ => {
                fault = Some(format!(
                    "character {} is {character:?}, no base64url; read up to there",
                    place + 1
                ));
                break;
            }
        };
        if matches!(character, '+' | '/') {
            fault.get_or_insert_with(|| {
                format!("{character} of base64 where base64url has - and _ (RFC 7515 section 2)")
            });
        }
        bits = bits << 6 | sextet;
        held += 6;
        if held >= 8 {
            held -= 8;
            octets.extend(u8::try_from(bits >> held & 0xff));
            bits &= (1 << held) - 1;
        }
    }
    let fault = fault.unwrap_or_else(|| {
        if body.len() != encoded.len() {
            "padded with =, which base64url in tokens leaves out (RFC 7515 section 2)".to_owned()
        } else if held == 6 {
            "cut off: its last letter stands alone".to_owned()
        } else {
            "its last letter has bits to spare that are not zero (RFC 4648 section 3.5)".to_owned()
        }
    });
    (octets, Some(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_base64url_is_read_as_far_as_it_goes() {
        for (encoded, octets, fault) in [
            ("aGk", "hi", None),
            (
                "aGk=",
                "hi",
                Some("padded with =, which base64url in tokens leaves out (RFC 7515 section 2)"),
            ),
            (
                "aGl",
                "hi",
                Some("its last letter has bits to spare that are not zero (RFC 4648 section 3.5)"),
            ),
            (
                "aGlhA",
                "hia",
                Some("cut off: its last letter stands alone"),
            ),
            (
                "aGlh!aGlh",
                "hia",
                Some("character 5 is '!', no base64url; read up to there"),
            ),
            (
                "Pz8/",
                "???",
                Some("/ of base64 where base64url has - and _ (RFC 7515 section 2)"),
            ),
        ] {
            let part = Part::octets(PartName::Payload, encoded);
            assert_eq!(part.text(), Some(octets), "{encoded}");
            assert_eq!(part.faults.first().map(String::as_str), fault, "{encoded}");
        }
    }
}
