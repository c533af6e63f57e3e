//! What is worth a word about a token before it is signed: one table.

use serde_json::{Map, Value};

use super::{Field, Given, Source, Template};
use crate::jose::{
    algorithm::SignatureAlgorithm,
    claims::JsonObject,
    time::{self, DATES},
};

/// A header, or a whole token, longer than this is refused by many a server.
const SIZE_LIMIT: usize = 8 << 10;
/// Seconds of the year 5138: a date beyond it was meant in milliseconds.
const MILLISECONDS_FROM: f64 = 100_000_000_000.0;
/// The same in microseconds: what lies beyond that was meant in nothing.
const BEYOND: f64 = 100_000_000_000_000_000.0;

/// A token as it would be signed.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    /// What its claims began from.
    pub template: Option<&'a Template>,
    /// The template's fields that somebody filled, with what.
    pub filled: &'a [(String, String)],
    /// The header.
    pub header: &'a JsonObject,
    /// The claims, resolved.
    pub claims: &'a JsonObject,
    /// What it is signed with.
    pub algorithm: SignatureAlgorithm,
    /// The clock.
    pub now: jiff::Timestamp,
    /// The length of the whole token in characters.
    pub length: usize,
}

/// Something worth a word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The row of the table that it comes from.
    pub code: &'static str,
    /// What follows from it.
    pub weight: Weight,
    /// What it is, and what to do.
    pub text: String,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weight {
    /// A word.
    Care,
    /// The service is known to refuse the token: it is signed only on one more word.
    Refused,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name in `--json`.
    pub code: &'static str,
    /// What it looks for.
    pub description: &'static str,
    find: fn(&Token<'_>, &mut Found),
}

/// What a row found.
type Found = Vec<(Weight, String)>;

macro_rules! table {
    ($($code:ident: $description:literal;)*) => {
        /// Everything that is looked for, in the order in which it is told.
        pub const TABLE: &[Row] = &[$(Row {
            code: stringify!($code),
            description: $description,
            find: $code,
        }),*];
    };
}

table! {
    algorithm: "the template's service does not take the algorithm";
    lifetime: "it lives longer, or shorter, than the template's service allows";
    typ: "typ is not the template's";
    claim_missing: "a claim that the template's service wants is not there";
    example_left: "a claim still holds the template's example";
    exp_missing: "there is no exp: the token never expires";
    jti_missing: "there is no jti: a replay cannot be told";
    aud_missing: "there is no aud: every service may take the token for its own";
    date_form: "a date is no number of seconds";
    expired: "exp has passed, or comes before the token begins";
    future: "iat is still to come";
    secret_name: "the name of a claim looks like a secret: claims can be read by everyone";
    key_in_header: "the header names or carries a key: no verifier may trust it (RFC 8725 section 3.10)";
    type_wrong: "a registered member of header or claims has a type that it may not have";
    crit: "crit or b64: a verifier that does not know it must refuse the token";
    header_size: "the header is longer than 8 KiB";
    token_size: "the token is longer than 8 KiB";
}

/// Looks a token over.
pub fn findings(token: &Token<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in TABLE {
        let mut found = Vec::new();
        (row.find)(token, &mut found);
        findings.extend(found.into_iter().map(|(weight, text)| Finding {
            code: row.code,
            weight,
            text,
        }));
    }
    findings
}

impl Token<'_> {
    fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.members().get(name)
    }

    fn date(&self, name: &str) -> Option<jiff::Timestamp> {
        self.claim(name).and_then(time::numeric_date)
    }

    /// Whether the template tells which claims its service wants: others are not missed then.
    fn is_told(&self) -> bool {
        self.template
            .is_some_and(|template| !template.needs.is_empty())
    }

    fn missing(&self, name: &str) -> bool {
        self.claim(name).is_none() && !self.is_told()
    }
}

impl Source {
    fn weight(&self) -> Weight {
        match self {
            Self::Confirmed(_) => Weight::Refused,
            Self::NotConfirmed => Weight::Care,
        }
    }
}

fn algorithm(token: &Token<'_>, found: &mut Found) {
    let Some(template) = token.template else {
        return;
    };
    if !template.takes(token.algorithm) {
        let source = &template.algorithms.source;
        let text = format!(
            "{} takes {}, not {} ({})",
            template.name,
            template.algorithm_names(),
            token.algorithm.name(),
            source.text()
        );
        found.push((source.weight(), text));
    }
}

fn lifetime(token: &Token<'_>, found: &mut Found) {
    let (Some(template), Some(until)) = (token.template, token.date("exp")) else {
        return;
    };
    let from = token.date("iat").or_else(|| token.date("nbf"));
    let lived = until.duration_since(from.unwrap_or(token.now)).as_secs();
    let Ok(lived) = u64::try_from(lived) else {
        return;
    };
    let rule = &template.lifetime;
    let bounds = [
        (rule.value.longest, "at most"),
        (rule.value.shortest, "at least"),
    ];
    for (bound, words) in bounds {
        let Some(bound) = bound.map(|bound| bound.as_secs()) else {
            continue;
        };
        let breaks = if words == "at most" {
            lived > bound
        } else {
            lived < bound
        };
        if breaks {
            let (mut told, mut allowed) = (time::span(lived), time::span(bound));
            if told == allowed {
                (told, allowed) = (format!("{lived} s"), format!("{bound} s"));
            }
            let text = format!(
                "it lives {told}: {} takes {words} {allowed} ({})",
                template.name,
                rule.source.text()
            );
            found.push((rule.source.weight(), text));
        }
    }
}

fn typ(token: &Token<'_>, found: &mut Found) {
    let Some(template) = token.template.filter(|_| token.is_told()) else {
        return;
    };
    let typ = token.header.members().get("typ").and_then(Value::as_str);
    if let Some(typ) = typ
        && typ != template.typ
    {
        let text = format!("typ is {typ}: {} has {}", template.name, template.typ);
        found.push((Weight::Care, text));
    }
}

fn claim_missing(token: &Token<'_>, found: &mut Found) {
    let Some(template) = token.template else {
        return;
    };
    for name in &template.needs {
        if token.claim(name).is_none() {
            let text = format!("{name} is missing: {} needs it", template.name);
            found.push((Weight::Care, text));
        }
    }
}

fn example_left(token: &Token<'_>, found: &mut Found) {
    let Some(template) = token.template else {
        return;
    };
    let mut left = Vec::new();
    for field in &template.fields {
        let Given::Example(example) = &field.given else {
            continue;
        };
        // Somebody may be called as the example is.
        if token.filled.iter().any(|(name, _)| *name == field.name) {
            continue;
        }
        let hole = format!("{{{}}}", field.name);
        let mut claims = template.claims().iter();
        let is_left = |(name, written): &(&String, &Value)| {
            let value = token.claim(name);
            value.is_some_and(|value| holds(value, written, &hole, example))
        };
        if let Some((name, _)) = claims.find(is_left) {
            left.push((name, example, field));
        }
    }
    let text = match left.as_slice() {
        [] => return,
        [
            (
                name,
                example,
                Field {
                    name: field, help, ..
                },
            ),
        ] => {
            format!("{name} still holds the example {example}: set {field} ({help})")
        }
        several => {
            let claims: Vec<String> = several
                .iter()
                .map(|(name, example, _)| format!("{name} {example}"))
                .collect();
            let fields: Vec<&str> = several
                .iter()
                .map(|(.., field)| field.name.as_str())
                .collect();
            let (claims, fields) = (claims.join(", "), fields.join(", "));
            format!("examples of the template are left: {claims}; set {fields}")
        }
    };
    found.push((Weight::Care, text));
}

/// Whether `value` is still the example, where the template has `hole` in what is `written`.
fn holds(value: &Value, written: &Value, hole: &str, example: &str) -> bool {
    match (written, value) {
        (Value::String(written), Value::String(text)) if written == hole => text == example,
        (Value::String(written), Value::String(text)) => {
            written.contains(hole) && text.contains(example)
        }
        (Value::String(written), json) => {
            let example = serde_json::from_str::<Value>(example);
            written == hole && example.is_ok_and(|example| example == *json)
        }
        (Value::Array(written), Value::Array(items)) => {
            let mut pairs = written.iter().zip(items);
            pairs.any(|(written, item)| holds(item, written, hole, example))
        }
        (Value::Object(written), Value::Object(members)) => {
            let mut written = written.iter();
            written.any(|(name, written)| {
                let item = members.get(name);
                item.is_some_and(|item| holds(item, written, hole, example))
            })
        }
        _ => false,
    }
}

fn exp_missing(token: &Token<'_>, found: &mut Found) {
    let wanted = |template: &Template| template.needs.iter().any(|name| name == "exp");
    // A proof is for one request: iat alone says when (RFC 9449 section 4.3).
    if is_proof(token) {
        return;
    }
    if token.claim("exp").is_none() && !token.template.is_some_and(wanted) {
        let text = "exp is missing: the token never expires".to_owned();
        found.push((Weight::Care, text));
    }
}

fn is_proof(token: &Token<'_>) -> bool {
    let typ = token.header.members().get("typ");
    typ.and_then(Value::as_str) == Some("dpop+jwt")
}

fn jti_missing(token: &Token<'_>, found: &mut Found) {
    if token.missing("jti") {
        let text = "jti is missing: a replay cannot be told (uuid makes one)".to_owned();
        found.push((Weight::Care, text));
    }
}

fn aud_missing(token: &Token<'_>, found: &mut Found) {
    if token.missing("aud") {
        let text = "aud is missing: every service may take the token for its own".to_owned();
        found.push((Weight::Care, text));
    }
}

fn date_form(token: &Token<'_>, found: &mut Found) {
    for name in DATES {
        let Some(value) = token.claim(name) else {
            continue;
        };
        // As a float: most dates in milliseconds lie beyond the years that a time can have.
        let seconds = value.as_f64().unwrap_or_default();
        let what = if seconds >= BEYOND {
            "is beyond every calendar"
        } else if seconds >= MILLISECONDS_FROM {
            "looks like milliseconds: NumericDate counts seconds"
        } else if time::numeric_date(value).is_none() {
            "is no number of seconds (RFC 7519 section 2)"
        } else {
            continue;
        };
        found.push((Weight::Care, format!("{name} {what}")));
    }
}

fn expired(token: &Token<'_>, found: &mut Found) {
    let Some(until) = token.date("exp") else {
        return;
    };
    if until <= token.now {
        let past = time::relative(until, token.now);
        found.push((Weight::Care, format!("it has expired already, {past}")));
        return;
    }
    for name in ["nbf", "iat"] {
        if token.date(name).is_some_and(|from| until <= from) {
            let text = format!("exp comes before {name}: the token is never valid");
            found.push((Weight::Care, text));
        }
    }
}

fn future(token: &Token<'_>, found: &mut Found) {
    if let Some(at) = token.date("iat")
        && at > token.now
    {
        let text = format!(
            "iat is still to come, {}: many verifiers refuse it",
            time::relative(at, token.now)
        );
        found.push((Weight::Care, text));
    }
}

fn secret_name(token: &Token<'_>, found: &mut Found) {
    let mut names = Vec::new();
    secret_names(token.claims.members(), &mut names);
    for name in names {
        let text = format!("{name} looks like a secret: everyone who has the token can read it");
        found.push((Weight::Care, text));
    }
}

fn secret_names(members: &Map<String, Value>, names: &mut Vec<String>) {
    const PARTS: [&str; 9] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "apikey",
        "privatekey",
        "accesstoken",
        "refreshtoken",
        "creditcard",
    ];
    const WHOLE: [&str; 5] = ["cvv", "iban", "pin", "pwd", "ssn"];
    for (name, value) in members {
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|character| character.to_ascii_lowercase())
            .collect();
        let is_secret = PARTS.iter().any(|part| plain.contains(part)) || WHOLE.contains(&&*plain);
        if is_secret {
            names.push(name.clone());
        }
        match value {
            Value::Object(inner) => secret_names(inner, names),
            Value::Array(items) => items
                .iter()
                .filter_map(Value::as_object)
                .for_each(|inner| secret_names(inner, names)),
            _ => {}
        }
    }
}

fn key_in_header(token: &Token<'_>, found: &mut Found) {
    for name in ["jwk", "jku", "x5u"] {
        // That of a proof is held against what it is bound to (RFC 9449 section 4.3).
        if name == "jwk" && is_proof(token) {
            continue;
        }
        if token.header.members().contains_key(name) {
            let text = format!(
                "{name} in the header: no verifier may trust it by itself (RFC 8725 section 3.10)"
            );
            found.push((Weight::Care, text));
        }
    }
}

fn type_wrong(token: &Token<'_>, found: &mut Found) {
    const TEXTS: [&str; 5] = ["typ", "cty", "kid", "x5t", "x5t#S256"];
    let is_texts = |value: &Value| match value {
        Value::Array(items) => items.iter().all(Value::is_string),
        other => other.is_string(),
    };
    let header = TEXTS.into_iter().filter(|name| {
        let value = token.header.members().get(*name);
        value.is_some_and(|value| !value.is_string())
    });
    let claims = ["iss", "sub", "jti"].into_iter().filter(|name| {
        let value = token.claim(name);
        value.is_some_and(|value| !value.is_string())
    });
    for name in header.chain(claims) {
        let text = format!("{name} is no text: keyfob and others refuse the token");
        found.push((Weight::Care, text));
    }
    if token.claim("aud").is_some_and(|aud| !is_texts(aud)) {
        let text = "aud is neither text nor an array of texts: keyfob and others refuse the token";
        found.push((Weight::Care, text.to_owned()));
    }
}

fn crit(token: &Token<'_>, found: &mut Found) {
    for name in ["crit", "b64"] {
        if token.header.members().contains_key(name) {
            let text = format!("{name} in the header: keyfob and many others refuse such a token");
            found.push((Weight::Care, text));
        }
    }
}

fn header_size(token: &Token<'_>, found: &mut Found) {
    let length = token.header.text().len();
    if length > SIZE_LIMIT {
        let text = format!("the header has {length} bytes: many servers take 8 KiB at most");
        found.push((Weight::Care, text));
    }
}

fn token_size(token: &Token<'_>, found: &mut Found) {
    let length = token.length;
    if length > SIZE_LIMIT {
        let text = format!(
            "the token has {length} characters: many servers take 8 KiB of HTTP header at most"
        );
        found.push((Weight::Care, text));
    }
}

#[cfg(test)]
mod tests;
