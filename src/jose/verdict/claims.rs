//! The checks on the claims.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Ask, Check, Expectations, MAX_LEEWAY, Payload};
use crate::jose::{
    claims::JsonObject,
    time,
    token::{Body, UnverifiedToken},
};

pub(super) fn judge(
    token: &UnverifiedToken,
    expectations: &Expectations,
    now: Timestamp,
    checks: &mut Vec<Check>,
) {
    let claims = match (&token.body, expectations.payload) {
        (Body::Claims { claims, .. }, _) => claims,
        (Body::Encrypted, _) | (_, Payload::Raw) => return,
        (Body::Payload { payload, .. }, Payload::Claims) => {
            let detail = format!("it is no claims set: {}", flaw(payload));
            checks.push(Check::failed("payload", detail).asking(Ask::Raw));
            return;
        }
    };
    if expectations.payload == Payload::Raw {
        return;
    }
    let leeway = expectations.leeway.min(MAX_LEEWAY);
    let moment = Moment {
        now,
        leeway: SignedDuration::try_from(leeway).unwrap_or_default(),
    };
    checks.push(moment.exp(claims));
    checks.extend(moment.nbf(claims));
    checks.extend(moment.iat(claims, expectations));
    checks.push(iss(claims, expectations.iss.as_deref()));
    checks.push(aud(claims, expectations.aud.as_deref()));
    for name in ["sub", "jti"] {
        if claims
            .members()
            .get(name)
            .is_some_and(|value| !value.is_string())
        {
            checks.push(Check::failed(name, "it is no text (RFC 7519 section 4.1)"));
        }
    }
    for name in &expectations.required {
        checks.push(if claims.members().contains_key(name) {
            Check::passed(name, "is there")
        } else {
            Check::failed(name, "it is required and missing")
        });
    }
}

struct Moment {
    now: Timestamp,
    leeway: SignedDuration,
}

impl Moment {
    fn exp(&self, claims: &JsonObject) -> Check {
        match date("exp", claims) {
            Date::Missing => Check::finding("exp", "none: the token never expires"),
            Date::Wrong(check) => check,
            // RFC 7519 section 4.1.4: on or after it, the token is not accepted.
            Date::At(exp) if self.age(exp) >= self.leeway => {
                Check::failed("exp", self.told("expired", exp))
            }
            Date::At(exp) => Check::passed("exp", self.told("expires", exp)),
        }
    }

    fn nbf(&self, claims: &JsonObject) -> Option<Check> {
        Some(match date("nbf", claims) {
            Date::Missing => return None,
            Date::Wrong(check) => check,
            Date::At(nbf) if -self.age(nbf) > self.leeway => {
                Check::failed("nbf", self.told("not valid before", nbf))
            }
            Date::At(nbf) => Check::passed("nbf", self.told("valid since", nbf)),
        })
    }

    fn iat(&self, claims: &JsonObject, expectations: &Expectations) -> Option<Check> {
        let max_age = expectations
            .max_age
            .map(|age| SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX));
        Some(match (date("iat", claims), max_age) {
            (Date::Missing, None) => return None,
            (Date::Missing, Some(_)) => Check::failed("iat", "none, and its age was to be checked"),
            (Date::Wrong(check), _) => check,
            (Date::At(iat), _) if -self.age(iat) > self.leeway => {
                Check::failed("iat", self.told("issued in the future,", iat))
            }
            (Date::At(iat), Some(max_age))
                if self.age(iat) > max_age.saturating_add(self.leeway) =>
            {
                let oldest = time::span(max_age.unsigned_abs().as_secs());
                Check::failed(
                    "iat",
                    format!("{}: older than {oldest}", self.told("issued", iat)),
                )
            }
            (Date::At(iat), _) => Check::passed("iat", self.told("issued", iat)),
        })
    }

    /// The time that has gone since `at`; negative for what is to come.
    fn age(&self, at: Timestamp) -> SignedDuration {
        self.now.duration_since(at)
    }

    fn told(&self, word: &str, at: Timestamp) -> String {
        format!("{word} {at}, {}", time::countdown(at, self.now))
    }
}

/// A date claim.
enum Date {
    Missing,
    At(Timestamp),
    Wrong(Check),
}

fn date(name: &str, claims: &JsonObject) -> Date {
    match claims.members().get(name) {
        None => Date::Missing,
        Some(value) => match time::numeric_date(value) {
            Some(at) => Date::At(at),
            None => Date::Wrong(Check::failed(
                name,
                format!("{value} is no NumericDate (RFC 7519 section 2)"),
            )),
        },
    }
}

/// Why a payload is no claims set.
fn flaw(payload: &[u8]) -> String {
    match std::str::from_utf8(payload).map(JsonObject::parse) {
        Ok(Err(error)) => error.to_string(),
        Ok(Ok(_)) => "no JSON object".to_owned(),
        Err(_) => "no UTF-8 text".to_owned(),
    }
}

fn iss(claims: &JsonObject, expected: Option<&str>) -> Check {
    let name = "iss";
    match (claims.members().get(name), expected) {
        (Some(value), _) if !value.is_string() => Check::failed(name, "it is no text"),
        (_, None) => Check::not_checked(name, "iss not checked").asking(Ask::Iss),
        (Some(Value::String(said)), Some(expected)) if said == expected => {
            Check::passed(name, said)
        }
        (Some(said), Some(expected)) => {
            Check::failed(name, format!("{said}, and {expected:?} was expected"))
        }
        (None, Some(expected)) => {
            Check::failed(name, format!("none, and {expected:?} was expected"))
        }
    }
}

fn aud(claims: &JsonObject, expected: Option<&str>) -> Check {
    let name = "aud";
    let said: Vec<&str> = match claims.members().get(name) {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => {
            let texts: Option<Vec<&str>> = many.iter().map(Value::as_str).collect();
            match texts {
                Some(texts) => texts,
                None => return Check::failed(name, "an entry is no text"),
            }
        }
        Some(_) => return Check::failed(name, "it is neither text nor an array of texts"),
    };
    match expected {
        None => Check::not_checked(name, "aud not checked").asking(Ask::Aud),
        Some(expected) if said.contains(&expected) => Check::passed(name, expected),
        Some(expected) if said.is_empty() => {
            Check::failed(name, format!("none, and {expected:?} was expected"))
        }
        Some(expected) => Check::failed(
            name,
            format!("{}, and {expected:?} was expected", said.join(", ")),
        ),
    }
}
