//! Tokens read as far as they go, broken ones too: JWS and JWE in their compact and JSON forms
//! (RFC 7515 section 7, RFC 7516 section 7), whatever their `alg`, and tokens in tokens.

mod json_form;
mod part;

pub use self::part::{Part, PartName};
use super::{
    claims::JsonObject,
    registered,
    search::Found,
    token::{DecodeError, HEADER_LIMIT, TOKEN_LIMIT, UnverifiedToken, between_dots},
};

/// A token as far as it could be read. Nothing in it was verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reading {
    /// The token itself.
    pub text: String,
    /// How it is written.
    pub form: Form,
    /// What it holds.
    pub content: Content,
    /// What is wrong with the token as a whole, a line each; what is wrong with a part stands there.
    pub faults: Vec<String>,
}

/// The serializations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// Parts between dots.
    Compact,
    /// JSON with one signature or recipient.
    Flattened,
    /// JSON with any number of them.
    General,
}

/// What a token holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Content {
    /// A JWS.
    Signed {
        /// Its signatures; one in the compact form.
        signatures: Vec<Signature>,
        /// What they sign.
        payload: Part,
        /// The token that the payload is.
        nested: Option<Box<Reading>>,
    },
    /// A JWE.
    Encrypted {
        /// The protected header.
        header: Part,
        /// The header that is shared and not protected.
        unprotected: Option<JsonObject>,
        /// For whom it is; one in the compact form.
        recipients: Vec<Recipient>,
        /// Initialization vector, ciphertext, authentication tag and, where there are any,
        /// additional data: only their sizes tell something.
        parts: Vec<Part>,
    },
    /// JSON that is no token.
    Unreadable,
}

/// One signature of a JWS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signature {
    /// The protected header.
    pub header: Part,
    /// The header that is not protected.
    pub unprotected: Option<JsonObject>,
    /// The signature's octets.
    pub signature: Part,
    /// The same token in compact form, where there is one: without unprotected members.
    pub compact: Option<String>,
}

/// One recipient of a JWE.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recipient {
    /// Its header.
    pub header: Option<JsonObject>,
    /// The content's key, encrypted.
    pub encrypted_key: Part,
}

/// Tokens in tokens are read so deep.
const DEPTH: usize = 8;
/// Servers often refuse headers of HTTP from here on, in octets.
const HTTP_HEADER: usize = 8 << 10;

impl Reading {
    /// Reads a token as a [`super::search::Search`] finds it.
    pub fn of(text: &str) -> Self {
        Self::at_depth(text, 0)
    }

    /// The first header: that of the signature, or the protected one.
    pub fn header(&self) -> Option<&Part> {
        match &self.content {
            Content::Signed { signatures, .. } => signatures.first().map(|each| &each.header),
            Content::Encrypted { header, .. } => Some(header),
            Content::Unreadable => None,
        }
    }

    /// A member of the first header that is text.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        self.header()?
            .object
            .as_ref()?
            .members()
            .get(name)?
            .as_str()
    }

    /// The claims, where the payload is a claims set.
    pub fn claims(&self) -> Option<&JsonObject> {
        match &self.content {
            Content::Signed { payload, .. } => payload.object.as_ref(),
            Content::Encrypted { .. } | Content::Unreadable => None,
        }
    }

    /// The token that the payload is.
    pub fn nested(&self) -> Option<&Self> {
        match &self.content {
            Content::Signed { nested, .. } => nested.as_deref(),
            Content::Encrypted { .. } | Content::Unreadable => None,
        }
    }

    /// The token to judge, in compact form; the reasons why there is none, a line each. A JSON form
    /// has one where it has one signature and no unprotected header.
    pub fn unverified(&self) -> Result<UnverifiedToken, String> {
        let decoded = |text| UnverifiedToken::decode(text).map_err(|error| self.told(&error));
        if self.form == Form::Compact {
            return decoded(&self.text);
        }
        let signatures = match &self.content {
            Content::Signed { signatures, .. } => signatures,
            Content::Encrypted { .. } => {
                return Err("a JWE in a JSON form is shown, not judged".to_owned());
            }
            Content::Unreadable => return Err(self.faults.join("\n")),
        };
        match signatures.as_slice() {
            [only] => match &only.compact {
                Some(compact) if compact.matches('.').count() != 2 => {
                    Err("not judged: a dot stands in one of its parts".to_owned())
                }
                Some(compact) => decoded(compact),
                None => Err("not judged: it has a header that is not protected".to_owned()),
            },
            several => Err(format!("not judged: it has {} signatures", several.len())),
        }
    }

    /// Whether every part could be read as its standard has it.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.parts().all(|part| part.faults.is_empty())
    }

    /// Every part in order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        let parts: Vec<&Part> = match &self.content {
            Content::Signed {
                signatures,
                payload,
                ..
            } => {
                let headers = signatures.iter().map(|each| &each.header);
                let ends = signatures.iter().map(|each| &each.signature);
                headers.chain([payload]).chain(ends).collect()
            }
            Content::Encrypted {
                header,
                recipients,
                parts,
                ..
            } => {
                let keys = recipients.iter().map(|each| &each.encrypted_key);
                [header].into_iter().chain(keys).chain(parts).collect()
            }
            Content::Unreadable => Vec::new(),
        };
        parts.into_iter()
    }

    /// What is wrong, with its place, a line each.
    pub fn all_faults(&self) -> Vec<String> {
        let of_parts = self.parts().flat_map(|part| {
            let name = part.name.label();
            part.faults
                .iter()
                .map(move |fault| format!("{name}: {fault}"))
        });
        self.faults.iter().cloned().chain(of_parts).collect()
    }

    /// What is worth knowing though nothing is wrong with the form, a line each.
    pub fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        if self.text.len() > HTTP_HEADER {
            let size = self.text.len();
            findings.push(format!(
                "{size} bytes: many servers refuse an HTTP header over 8 KiB"
            ));
        }
        if let Some(claims) = self.claims() {
            findings.extend(registered::oddities(claims));
        }
        findings
    }

    /// `JWS`, `JWE, general JSON`.
    pub fn kind(&self) -> String {
        let kind = match self.content {
            Content::Signed { .. } => "JWS",
            Content::Encrypted { .. } => "JWE",
            Content::Unreadable => return "no token".to_owned(),
        };
        match self.form {
            Form::Compact => kind.to_owned(),
            Form::Flattened => format!("{kind}, flattened JSON"),
            Form::General => format!("{kind}, general JSON"),
        }
    }

    /// Why there is nothing to judge, as the faults have it where there are any.
    fn told(&self, error: &DecodeError) -> String {
        match self.all_faults() {
            faults if faults.is_empty() => error.to_string(),
            faults => faults.join("\n"),
        }
    }

    fn at_depth(text: &str, depth: usize) -> Self {
        if text.len() > TOKEN_LIMIT {
            return Self {
                text: text.to_owned(),
                form: Form::Compact,
                content: Content::Unreadable,
                faults: vec![format!(
                    "the token has {} bytes: at most 1 MiB are read",
                    text.len()
                )],
            };
        }
        let mut reading = if text.trim_start().starts_with('{') {
            json_form::read(text)
        } else {
            compact(text)
        };
        if let Content::Signed {
            payload,
            nested,
            signatures,
        } = &mut reading.content
            && depth < DEPTH
        {
            let header = signatures.first().map(|each| &each.header);
            *nested = inner(header, payload).map(|text| Box::new(Self::at_depth(&text, depth + 1)));
        }
        reading
    }
}

impl From<&Found> for Reading {
    fn from(found: &Found) -> Self {
        Self::of(&found.text)
    }
}

/// The compact forms, with any number of parts.
fn compact(text: &str) -> Reading {
    let count = text.bytes().filter(|byte| *byte == b'.').count() + 1;
    let mut parts = text.split('.');
    let header = Part::object(PartName::Header, parts.next().unwrap_or_default());
    let is_encrypted = count == 5
        || header
            .object
            .as_ref()
            .is_some_and(|header| header.members().contains_key("enc"));
    let wanted = if is_encrypted { 5 } else { 3 };
    let mut faults = Vec::new();
    if count != wanted {
        let is_begun = header.octets.starts_with(b"{");
        let cut = if count < wanted && is_begun {
            "cut off: "
        } else {
            ""
        };
        faults.push(format!(
            "{cut}{}; a JWS has three, a JWE five",
            between_dots(count)
        ));
    }
    let mut next = |name: PartName| match parts.next() {
        Some(encoded) => Part::octets(name, encoded),
        None => Part::missing(name),
    };
    let content = if is_encrypted {
        let recipients = vec![Recipient {
            header: None,
            encrypted_key: next(PartName::EncryptedKey),
        }];
        let rest = [PartName::Iv, PartName::Ciphertext, PartName::Tag];
        Content::Encrypted {
            header,
            unprotected: None,
            recipients,
            parts: rest.into_iter().map(next).collect(),
        }
    } else {
        let payload = match text.split('.').nth(1) {
            Some(encoded) => Part::payload(encoded, &header),
            None => Part::missing(PartName::Payload),
        };
        next(PartName::Payload);
        let signature = next(PartName::Signature);
        Content::Signed {
            signatures: vec![Signature {
                header,
                unprotected: None,
                signature,
                compact: Some(text.to_owned()),
            }],
            payload,
            nested: None,
        }
    };
    Reading {
        text: text.to_owned(),
        form: Form::Compact,
        content,
        faults,
    }
}

/// The token that a payload is: said by `cty` (RFC 7519 section 5.2), or plain to see.
fn inner(header: Option<&Part>, payload: &Part) -> Option<String> {
    let text = payload.text()?.trim();
    let cty = header?.object.as_ref()?.members().get("cty");
    let is_said = cty.and_then(|cty| cty.as_str()).is_some_and(|cty| {
        let cty = cty.rsplit('/').next().unwrap_or(cty);
        cty.eq_ignore_ascii_case("JWT")
    });
    let dots = text.bytes().filter(|byte| *byte == b'.').count();
    let is_plain = (dots == 2 || dots == 4)
        && text.starts_with("ey")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    (payload.object.is_none() && !text.is_empty() && (is_said || is_plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
