//! The keys of a JWK Set that somebody publishes, and what speaks against each.

use std::{collections::HashMap, fmt};

use super::{Jwk, PRIVATE, PublicJwk, members::Members, set};
use crate::jose::key::{KeyError, RSA_LEAST_BITS};

/// A key of a published set.
#[derive(Debug)]
pub struct PublishedKey {
    /// Where it stands in the set, counted from 1.
    pub place: usize,
    /// `kid`, where it is a text.
    pub kid: Option<String>,
    /// What was read, or why it cannot be.
    pub found: Result<Jwk, KeyError>,
    /// What speaks against it, the worst first.
    pub faults: Vec<Fault>,
}

/// What speaks against a published key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Members that only private and shared keys have (RFC 7518 section 6).
    Private(Vec<&'static str>),
    /// It is easily forged, and how.
    Weak(String),
    /// It cannot be read, and why.
    Unreadable(String),
    /// Another key of the set has its kid (RFC 7517 section 4.5).
    KidTwice,
}

impl PublishedKey {
    /// Every key of `{"keys":[…]}`, in its order.
    pub fn all_of(text: &str) -> Result<Vec<Self>, KeyError> {
        let keys = set::with_texts(text)?;
        let kid = |text: &str| {
            let kid = Members::parse(text).and_then(|members| members.text("kid"));
            kid.ok().flatten()
        };
        let kids: Vec<Option<String>> = keys.iter().map(|(text, _)| kid(text)).collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for kid in kids.iter().flatten() {
            *counts.entry(kid).or_default() += 1;
        }
        let is_twice: Vec<bool> = kids
            .iter()
            .map(|kid| kid.as_deref().is_some_and(|kid| counts[kid] > 1))
            .collect();
        let all = keys.into_iter().zip(kids).zip(is_twice).zip(1..);
        let key = |((((text, found), kid), is_twice), place)| Self {
            place,
            kid,
            faults: faults(text, &found, is_twice),
            found,
        };
        Ok(all.map(key).collect())
    }

    /// What to call it by: its kid, else where it stands.
    pub fn name(&self) -> String {
        match &self.kid {
            Some(kid) if !kid.is_empty() => kid.clone(),
            _ => format!("key {}", self.place),
        }
    }

    /// The public half, where there is one.
    pub fn public(&self) -> Option<&PublicJwk> {
        self.found.as_ref().ok()?.public()
    }

    /// Whether it stands there with what only its owner may know.
    pub fn is_leaked(&self) -> bool {
        let mut faults = self.faults.iter();
        faults.any(|fault| matches!(fault, Fault::Private(_)))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Private(members) => write!(
                f,
                "its secret stands there ({}): anybody can sign with it, and its owner must replace \
                 it",
                members.join(", ")
            ),
            Self::Weak(why) => write!(f, "weak: {why}"),
            Self::Unreadable(why) => write!(f, "cannot be read: {why}"),
            Self::KidTwice => f.write_str("another key there has its kid"),
        }
    }
}

impl Fault {
    /// Its name in `--json`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Private(_) => "private",
            Self::Weak(_) => "weak",
            Self::Unreadable(_) => "unreadable",
            Self::KidTwice => "kid_twice",
        }
    }
}

fn faults(text: &str, found: &Result<Jwk, KeyError>, is_twice: bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    let members = Members::parse(text);
    let is_there = |name: &&str| members.as_ref().is_ok_and(|members| members.has(name));
    let private: Vec<&'static str> = PRIVATE.into_iter().filter(is_there).collect();
    let is_private = !private.is_empty();
    if is_private {
        faults.push(Fault::Private(private));
    }
    match found {
        Err(error) if is_weak(error) => faults.push(Fault::Weak(error.fault())),
        Err(error) if !is_private => faults.push(Fault::Unreadable(error.fault())),
        Ok(_) | Err(_) => {}
    }
    if is_twice {
        faults.push(Fault::KidTwice);
    }
    faults
}

/// Whether a key is refused because signatures of it can be forged.
fn is_weak(error: &KeyError) -> bool {
    match error {
        KeyError::RsaSize { bits } => *bits < RSA_LEAST_BITS,
        KeyError::RsaExponent | KeyError::SmallOrder => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P-256's generator, which is as good a public key as any.
    const POINT: &str = r#""kty":"EC","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU""#;

    #[test]
    fn what_speaks_against_each_key_of_a_set_is_told() {
        let short = "4".repeat(171);
        let text = format!(
            r#"{{"keys":[{{{POINT},"kid":"good"}},{{{POINT},"kid":"leaked","d":"AQ"}},
            {{"kty":"oct","k":"c2VjcmV0","kid":"shared"}},
            {{"kty":"RSA","n":"{short}","e":"AQAB","kid":"short"}},
            {{{POINT},"kid":"x"}},{{{POINT},"kid":"x"}},{{"kty":"EC"}},7]}}"#
        );
        let keys = PublishedKey::all_of(&text).unwrap();
        let told: Vec<(String, Vec<&str>)> = keys
            .iter()
            .map(|key| (key.name(), key.faults.iter().map(Fault::name).collect()))
            .collect();
        let expected: [(&str, &[&str]); 8] = [
            ("good", &[]),
            ("leaked", &["private"]),
            ("shared", &["private"]),
            ("short", &["weak"]),
            ("x", &["kid_twice"]),
            ("x", &["kid_twice"]),
            ("key 7", &["unreadable"]),
            ("key 8", &["unreadable"]),
        ];
        for ((name, faults), (expected_name, expected)) in told.iter().zip(expected) {
            assert_eq!(
                (name.as_str(), faults.as_slice()),
                (expected_name, expected)
            );
        }
        assert_eq!(told.len(), expected.len());
        assert_eq!(
            keys[1].faults[0].to_string(),
            "its secret stands there (d): anybody can sign with it, and its owner must replace it"
        );
    }
}
