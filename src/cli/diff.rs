//! `keyfob diff`

use std::path::Path;

use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    files, key_source,
    output::{Format, Output},
    session::Session,
};
use crate::{
    display,
    jose::{
        jwk::Jwk,
        key::Signer,
        pem::{self, Found},
        token::UnverifiedToken,
    },
    keystore::{error::KeystoreError, store::Keystore},
    x509::{
        certificate::Certificate,
        compare::{Kind, Row, Side},
        request::Request,
    },
};

/// From how many characters on a value is cut in the middle where people read it.
const LONG: usize = 100;

pub(super) fn run(
    a: &str,
    b: &str,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (first, second) = (side(a, session)?, side(b, session)?);
    let rows = first.compare(&second).ok_or_else(|| {
        Failure::usage("a token and a key have nothing to compare: keyfob verify judges them")
    })?;
    let equal = rows.iter().all(Row::is_equal);
    match output.format() {
        Format::Json => {
            let members: Vec<Value> = rows
                .iter()
                .map(|row| {
                    json!({
                        "name": row.name,
                        "a": row.a,
                        "b": row.b,
                        "equal": row.is_equal(),
                    })
                })
                .collect();
            output.json(&json!({
                "equal": equal,
                "a": kind(first.kind),
                "b": kind(second.kind),
                "members": members,
            }))?;
        }
        Format::Text => output.result(&text(&rows))?,
    }
    if equal {
        return Ok(Exit::Done);
    }
    let differing = rows.iter().filter(|row| !row.is_equal()).count();
    output.say(&format!("{differing} of {} members differ", rows.len()));
    Ok(Exit::No)
}

/// What an argument names: a file, a kid of the keystore, else a token.
fn side(text: &str, session: &Session) -> Result<Side, Failure> {
    if text == "-" {
        return of_content(Path::new("-"));
    }
    if let Some(path) = key_source::as_file(text, session)? {
        return of_content(&path);
    }
    if Keystore::exists(session.home()) {
        match session.keystore()?.find(text) {
            Ok(record) => return Ok(Side::of_jwk(&record.jwk())),
            Err(KeystoreError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    match UnverifiedToken::decode(text) {
        Ok(token) => Ok(Side::of_token(&token)),
        Err(_) if !text.contains('.') => Err(KeystoreError::NotFound(text.to_owned()).into()),
        Err(error) => Err(Failure::usage(format!("no kid, no file and {error}"))),
    }
}

/// The one key, certificate or token of a file.
fn of_content(path: &Path) -> Result<Side, Failure> {
    let content = files::read(path)?;
    let found = match pem::detect(&content) {
        Ok(found) => found,
        Err(error) => {
            let token = std::str::from_utf8(content.expose())
                .ok()
                .and_then(|text| UnverifiedToken::decode(text).ok());
            return token
                .map(|token| Side::of_token(&token))
                .ok_or_else(|| key_source::in_file(path, &error));
        }
    };
    let (mut keys, mut certificates, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for part in found {
        match part {
            Found::Private(key, _) => keys.push(Side::of_key(key.public())),
            Found::Public(key, _) => keys.push(Side::of_key(&key)),
            Found::Request(der) => keys.push(Side::of_key(Request::from_der(&der)?.public())),
            Found::Certificate(der) => certificates.push(Certificate::from_der(&der)?),
            Found::Jwk(jwk) => match *jwk {
                Jwk::Public(public) | Jwk::Private { public, .. } => {
                    keys.push(Side::of_jwk(&public));
                }
                Jwk::Symmetric { .. } => {
                    return Err(Failure::usage(format!(
                        "{}: a symmetric key is all secret: it is not compared",
                        path.display()
                    )));
                }
            },
            Found::Refused(error) => refused.push(error),
        }
    }
    if let Some(error) = refused
        .first()
        .filter(|_| keys.is_empty() && certificates.is_empty())
    {
        return Err(key_source::in_file(path, error));
    }
    // Of a chain the leaf, which stands first (RFC 8446 section 4.4.2).
    match (keys.as_slice(), certificates.first()) {
        ([], Some(leaf)) => Ok(Side::of_certificate(leaf)),
        ([key], Some(leaf)) => Ok(key.clone().with_certificate(leaf)),
        ([key], None) => Ok(key.clone()),
        (many, _) => Err(Failure::usage(format!(
            "{}: it holds {} keys: one beside one can be compared",
            path.display(),
            many.len()
        ))),
    }
}

fn text(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut lines = Vec::new();
    for row in rows {
        let name = display::line(&row.name);
        if row.is_equal() {
            let value = shown(row.a.as_deref());
            lines.push(format!("  {name:<width$}  {value}"));
        } else {
            lines.push(format!("≠ {name}"));
            lines.push(format!("    a  {}", shown(row.a.as_deref())));
            lines.push(format!("    b  {}", shown(row.b.as_deref())));
        }
    }
    lines.join("\n")
}

fn shown(value: Option<&str>) -> String {
    let Some(value) = value else {
        return "—".to_owned();
    };
    let line = display::line(value);
    let length = line.chars().count();
    if length <= LONG {
        return line.into_owned();
    }
    let start: String = line.chars().take(LONG * 2 / 3).collect();
    let end: String = line.chars().skip(length - LONG / 5).collect();
    format!("{start}…{end} ({length} characters)")
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Certificate => "certificate",
        Kind::Key => "key",
        Kind::Token => "token",
    }
}
