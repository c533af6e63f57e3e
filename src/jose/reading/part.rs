//! One part of a token: base64url read as far as it goes.

use base64ct::{Base64UrlUnpadded, Encoding};

use super::HEADER_LIMIT;
use crate::jose::{base64url, claims::JsonObject};

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
        let (octets, fault) = match base64url::read(encoded) {
            Ok(octets) => (octets, None),
            Err(misread) => (misread.octets, Some(misread.fault)),
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
                Err(error) => part.also(format!("no JSON object: {error}")),
            },
            Err(error) => part.also(format!(
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
                    part.also(format!("no JSON object: {error}"));
                }
                Err(_) => {}
            }
        }
        part
    }

    /// A part that is not there, which is a fault of the whole.
    pub(super) fn missing(name: PartName) -> Self {
        Self {
            name,
            octets: Vec::new(),
            object: None,
            faults: Vec::new(),
        }
    }

    /// Another fault, where it does not follow from one that is told.
    fn also(&mut self, fault: String) {
        if self.faults.is_empty() {
            self.faults.push(fault);
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
