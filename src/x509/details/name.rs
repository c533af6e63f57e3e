//! Distinguished names for people (RFC 4514).

use std::fmt::Write;

use der::{Encode, Tag, Tagged};
use x509_cert::{attr::AttributeTypeAndValue, name::Name};

/// A name: its text and its attributes one by one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DistinguishedName {
    /// As RFC 4514 writes it, the most special part first: `CN=k,O=Acme`. Empty for an empty name.
    pub text: String,
    /// In the order of [`Self::text`].
    pub attributes: Vec<NameAttribute>,
}

/// One attribute of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameAttribute {
    /// `CN`, `O`, …, or its OID.
    pub name: String,
    /// Its OID.
    pub oid: String,
    /// Its text, or `#` and the DER in hexadecimal where it is no text.
    pub value: String,
}

/// Short names of RFC 4514 section 3, then of RFC 4519 and what is common beside them.
const SHORT: [(&str, &str); 19] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.12", "title"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.42", "givenName"),
    ("2.5.4.43", "initials"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.97", "organizationIdentifier"),
];

impl DistinguishedName {
    pub(in crate::x509) fn of(name: &Name) -> Self {
        let mut text = String::new();
        let mut attributes = Vec::new();
        let mut parts: Vec<_> = name.iter_rdn().collect();
        parts.reverse();
        for part in parts {
            for (position, attribute) in part.iter().enumerate() {
                if !text.is_empty() {
                    text.push(if position == 0 { ',' } else { '+' });
                }
                let attribute = NameAttribute::of(attribute);
                // Writing to a String cannot fail.
                let _ = write!(text, "{}={}", attribute.name, attribute.escaped());
                attributes.push(attribute);
            }
        }
        Self { text, attributes }
    }
}

impl NameAttribute {
    fn of(attribute: &AttributeTypeAndValue) -> Self {
        let oid = attribute.oid.to_string();
        let short = SHORT.iter().find(|row| row.0 == oid);
        Self {
            name: short.map_or_else(|| oid.clone(), |row| row.1.to_owned()),
            value: value(attribute),
            oid,
        }
    }

    /// RFC 4514 section 2.4.
    fn escaped(&self) -> String {
        let last = self.value.chars().count().saturating_sub(1);
        let mut text = String::new();
        for (position, character) in self.value.chars().enumerate() {
            let edge = character == ' ' && (position == 0 || position == last);
            if edge || matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\') {
                text.push('\\');
            }
            text.push(character);
        }
        text
    }
}

fn value(attribute: &AttributeTypeAndValue) -> String {
    let bytes = attribute.value.value();
    let text = match attribute.value.tag() {
        Tag::BmpString => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect();
            String::from_utf16(&units).ok()
        }
        // T.61 as everybody wrote it: Latin-1.
        Tag::TeletexString => Some(bytes.iter().map(|&byte| char::from(byte)).collect()),
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            String::from_utf8(bytes.to_vec()).ok()
        }
        _ => None,
    };
    text.unwrap_or_else(|| {
        let der = attribute.value.to_der().unwrap_or_default();
        format!("#{}", super::hex(&der))
    })
}
