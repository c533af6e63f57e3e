//! The YAML of a template, checked: what is wrong is told with its line and what to write instead.

use std::{fmt, marker::PhantomData, str::FromStr, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use serde_json::{Map, Value};

use super::{Field, FieldKind, Given, Lifetime, Origin, Rule, Source, Template, draft};
use crate::jose::{algorithm::SignatureAlgorithm, header::HeaderMember, json_text, time};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Text<Name>,
    description: String,
    #[serde(default)]
    algorithms: Vec<Text<SignatureAlgorithm>>,
    algorithms_source: Option<String>,
    #[serde(default = "jwt")]
    typ: String,
    #[serde(default)]
    header: Vec<Text<HeaderMember>>,
    longest: Option<Text<Span>>,
    shortest: Option<Text<Span>>,
    lifetime_source: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    fields: Vec<FieldFile>,
    claims: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldFile {
    name: Text<FieldName>,
    help: String,
    default: Option<String>,
    example: Option<String>,
    #[serde(default)]
    kind: Kind,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Json,
    #[default]
    Text,
}

/// A value that is read from a text, so that an error has the text's place.
struct Text<T>(T);

struct Name(String);

struct FieldName(String);

struct Span(Duration);

fn jwt() -> String {
    "JWT".to_owned()
}

pub(super) fn parse(file: &str, yaml: &str) -> Result<Template, String> {
    let read: File = serde_yaml::from_str(yaml).map_err(|error| error.to_string())?;
    let mut fields: Vec<Field> = Vec::new();
    for field in read.fields {
        let name = field.name.0.0;
        let given = match (field.default, field.example) {
            (Some(default), None) => Given::Default(default),
            (None, Some(example)) => Given::Example(example),
            _ => {
                let what = format!("{name}: give it a default that will do, or an example");
                return Err(placed(yaml, &format!("name: {name}"), &what));
            }
        };
        if fields.iter().any(|each| each.name == name) {
            return Err(placed(
                yaml,
                &format!("name: {name}"),
                &format!("the field {name} stands twice: rename one"),
            ));
        }
        if let (Kind::Json, Given::Default(text) | Given::Example(text)) = (&field.kind, &given)
            && let Err(reason) = draft::unique_json(text)
        {
            let what = format!("{name}: {text:?} is no JSON, a number for example: {reason}");
            return Err(placed(yaml, &format!("name: {name}"), &what));
        }
        fields.push(Field {
            name,
            help: field.help,
            given,
            kind: match field.kind {
                Kind::Json => FieldKind::Json,
                Kind::Text => FieldKind::Text,
            },
        });
    }
    check_holes(yaml, &read.claims, &fields)?;
    let lifetime = Lifetime {
        shortest: read.shortest.map(|span| span.0.0),
        longest: read.longest.map(|span| span.0.0),
    };
    if let (Some(shortest), Some(longest)) = (lifetime.shortest, lifetime.longest)
        && shortest > longest
    {
        let what = "shortest is longer than longest: write the smaller first";
        return Err(placed(yaml, "shortest:", what));
    }
    Ok(Template {
        name: read.name.0.0,
        description: read.description,
        origin: Origin::File(file.to_owned()),
        typ: read.typ,
        header: read.header.into_iter().map(|member| member.0).collect(),
        algorithms: Rule {
            value: read.algorithms.into_iter().map(|name| name.0).collect(),
            source: source(read.algorithms_source),
        },
        lifetime: Rule {
            value: lifetime,
            source: source(read.lifetime_source),
        },
        needs: read.needs,
        fields,
        claims: read.claims,
    })
}

fn source(text: Option<String>) -> Source {
    match text {
        Some(text) if text != Source::NotConfirmed.text() => Source::Confirmed(text),
        _ => Source::NotConfirmed,
    }
}

/// Every `{name}` in the claims is a field, and every field stands in the claims.
fn check_holes(yaml: &str, claims: &Map<String, Value>, fields: &[Field]) -> Result<(), String> {
    let mut found = Vec::new();
    for value in claims.values() {
        collect(value, &mut found);
    }
    for hole in &found {
        if *hole != draft::SPKI_SHA256 && !fields.iter().any(|field| field.name == *hole) {
            let what = format!("{{{hole}}} is no field: describe it in fields:");
            return Err(placed(yaml, &format!("{{{hole}}}"), &what));
        }
    }
    for field in fields {
        if !found.contains(&field.name.as_str()) {
            let name = &field.name;
            let what =
                format!("no claim holds {{{name}}}: write it there, or leave the field away");
            return Err(placed(yaml, &format!("name: {name}"), &what));
        }
    }
    Ok(())
}

fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.extend(draft::holes(text).into_iter().map(|(hole, _)| hole)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|item| collect(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `what`, with the place at which `mark` stands in the YAML.
fn placed(yaml: &str, mark: &str, what: &str) -> String {
    let (line, column) = json_text::place(yaml, yaml.find(mark).unwrap_or(0));
    format!("{what} at line {line} column {column}")
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !text.is_empty() && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "{text:?} is no name: write letters, digits, -, _ and ."
            ))
        }
    }
}

impl FromStr for FieldName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !text.is_empty() && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "{text:?} is no field's name: write a-z, digits and _"
            ))
        }
    }
}

impl FromStr for Span {
    type Err = time::TimeError;

    fn from_str(text: &str) -> Result<Self, time::TimeError> {
        time::parse_duration(text).map(Self)
    }
}

impl FromStr for HeaderMember {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::named(text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("{text:?} is not filled from a key: write some of {names}")
        })
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for TextVisitor<T> {
    type Value = Text<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<T>, E> {
        text.parse().map(Text).map_err(E::custom)
    }
}
