//! The YAML of a profile, checked: what is wrong is told with its line and what to write instead.

use std::{fmt, marker::PhantomData, net::IpAddr};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::{
    ExtendedKeyUsage, KeyUsage, NetscapeCertType, Profile, Subject, SubjectAltName, rules,
};
use crate::jose::json_text;

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "the fields name, description, days, ca and what else a certificate is to say"
)]
struct File {
    name: Text<Name>,
    description: String,
    days: Days,
    ca: bool,
    #[serde(default)]
    key_usage: Vec<KeyUsage>,
    #[serde(default)]
    extended_key_usage: Vec<ExtendedKeyUsage>,
    #[serde(default)]
    netscape_cert_type: Vec<NetscapeCertType>,
    #[serde(default)]
    subject_alt_name: NamesFile,
    #[serde(default)]
    subject: SubjectFile,
}

#[derive(Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "lists of names under uri, ip, dns and email"
)]
struct NamesFile {
    uri: Vec<Text<Uri>>,
    ip: Vec<Text<Ip>>,
    dns: Vec<Text<Dns>>,
    email: Vec<Text<Email>>,
}

#[derive(Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "the attributes C, ST, L, O, OU and CN"
)]
struct SubjectFile {
    #[serde(rename = "C")]
    country: Option<Text<Country>>,
    #[serde(rename = "ST")]
    state: Option<Text<Long>>,
    #[serde(rename = "L")]
    locality: Option<Text<Long>>,
    #[serde(rename = "O")]
    organization: Option<Text<Short>>,
    #[serde(rename = "OU")]
    unit: Option<Text<Short>>,
    #[serde(rename = "CN")]
    common_name: Option<Text<Short>>,
}

/// How long a certificate is valid.
struct Days(u16);

/// A value that is read from a text by a rule, so that an error has the text's place.
struct Text<R: Rule>(R::Value);

trait Rule {
    type Value;

    fn read(text: &str) -> Result<Self::Value, String>;
}

macro_rules! rules {
    ($($name:ident => $read:expr, $value:ty;)*) => {$(
        struct $name;

        impl Rule for $name {
            type Value = $value;

            fn read(text: &str) -> Result<$value, String> {
                $read(text)
            }
        }
    )*};
}

rules! {
    Country => rules::country, String;
    Dns => rules::dns, String;
    Email => rules::email, String;
    Ip => rules::ip, IpAddr;
    Long => rules::long_attribute, String;
    Name => name, String;
    Short => rules::short_attribute, String;
    Uri => rules::uri, String;
}

pub(super) fn parse(yaml: &str) -> Result<Profile, String> {
    let read: File = serde_yaml::from_str(yaml).map_err(|error| placed(yaml, &error))?;
    let File {
        subject,
        subject_alt_name: names,
        ..
    } = read;
    Ok(Profile {
        name: read.name.0,
        description: read.description,
        days: read.days.0,
        ca: read.ca,
        key_usage: read.key_usage,
        extended_key_usage: read.extended_key_usage,
        netscape_cert_type: read.netscape_cert_type,
        subject_alt_name: SubjectAltName {
            uri: values(names.uri),
            ip: values(names.ip),
            dns: values(names.dns),
            email: values(names.email),
        },
        subject: Subject {
            country: subject.country.map(|text| text.0),
            state: subject.state.map(|text| text.0),
            locality: subject.locality.map(|text| text.0),
            organization: subject.organization.map(|text| text.0),
            unit: subject.unit.map(|text| text.0),
            common_name: subject.common_name.map(|text| text.0),
        },
    })
}

fn values<R: Rule>(texts: Vec<Text<R>>) -> Vec<R::Value> {
    texts.into_iter().map(|text| text.0).collect()
}

/// The parser's words with a place; it leaves it out of fields that are missing or stand twice.
fn placed(yaml: &str, error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    if text.contains(" at line ") {
        return text;
    }
    let field = text.split('`').nth(1).filter(|field| !field.is_empty());
    let again = field.and_then(|field| yaml.rfind(&format!("\n{field}:")));
    let (line, column) = match again {
        Some(end) => json_text::place(yaml, end + 1),
        None => (1, 1),
    };
    let remedy = if text.starts_with("missing") {
        ": a profile has at least name, description, days and ca"
    } else {
        ""
    };
    format!("{text}{remedy} at line {line} column {column}")
}

fn name(text: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if text == "none" {
        return Err("none is what --cert says for no certificate: choose another name".to_owned());
    }
    if text.is_empty() || !text.bytes().all(fits) {
        return Err(format!(
            "{text:?} is no name: write letters, digits, -, _ and ."
        ));
    }
    Ok(text.to_owned())
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counted;

        impl Visitor<'_> for Counted {
            type Value = Days;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of days, 1 to 65535")
            }

            fn visit_u64<E: Error>(self, days: u64) -> Result<Days, E> {
                match u16::try_from(days) {
                    Ok(days @ 1..) => Ok(Days(days)),
                    _ => Err(E::custom(format!("{days} days: write 1 to 65535"))),
                }
            }
        }

        deserializer.deserialize_u16(Counted)
    }
}

impl<'de, R: Rule> Deserialize<'de> for Text<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<R>(PhantomData<R>);

        impl<R: Rule> Visitor<'_> for Read<R> {
            type Value = Text<R>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<R>, E> {
                R::read(text).map(Text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Read(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "name: mine\ndescription: d\ndays: 30\nca: false\n";

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_to_write() {
        for (more, told) in [
            (
                "subject: {C: Germany}",
                "subject.C: \"Germany\" is no country: write its two letters, DE for example \
                 at line 5 column 14",
            ),
            (
                "subject: {CN: ''}",
                "subject.CN: it is empty: write something, or leave it away at line 5 column 15",
            ),
            (
                "subject_alt_name: {dns: [a.example, 'b c']}",
                "subject_alt_name.dns[1]: \"b c\" is no host's name: write letters, digits, - and \
                 dots, api.example for example at line 5 column 37",
            ),
            (
                "subject_alt_name: {dns: [b\u{fc}cher.example]}",
                "subject_alt_name.dns[0]: \"b\u{fc}cher.example\" is no host's name: write it as \
                 the DNS has it, beginning with xn-- at line 5 column 26",
            ),
            (
                "subject_alt_name: {ip: [999.1.1.1]}",
                "subject_alt_name.ip[0]: \"999.1.1.1\" is no IP address: write 192.0.2.1 or \
                 2001:db8::1 at line 5 column 25",
            ),
            (
                "subject_alt_name: {uri: [here]}",
                "subject_alt_name.uri[0]: \"here\" is no URI: write https://api.example/ for \
                 example, in ASCII at line 5 column 26",
            ),
            (
                "subject_alt_name: {email: [me]}",
                "subject_alt_name.email[0]: \"me\" is no address of mail: write me@api.example for \
                 example, in ASCII at line 5 column 28",
            ),
            ("days: 40", "duplicate field `days` at line 5 column 1"),
        ] {
            let refused = parse(&format!("{LEAST}{more}\n")).unwrap_err();
            assert_eq!(refused, told);
        }
        for (yaml, told) in [
            (
                LEAST.replace("30", "0"),
                "days: 0 days: write 1 to 65535 at line 3 column 7",
            ),
            (
                LEAST.replace("30", "70000"),
                "days: 70000 days: write 1 to 65535 at line 3 column 7",
            ),
            (
                LEAST.replace("30", "long"),
                "days: invalid type: string \"long\", expected a number of days, 1 to 65535 at \
                 line 3 column 7",
            ),
            (
                LEAST.replace("mine", "'a/b'"),
                "name: \"a/b\" is no name: write letters, digits, -, _ and . at line 1 column 7",
            ),
            (
                LEAST.replace("ca: false", ""),
                "missing field `ca`: a profile has at least name, description, days and ca at \
                 line 1 column 1",
            ),
            (
                "- a".to_owned(),
                "invalid type: sequence, expected the fields name, description, days, ca and what \
                 else a certificate is to say at line 1 column 1",
            ),
        ] {
            assert_eq!(parse(&yaml).unwrap_err(), told);
        }
    }
}
