//! A JWK Set (RFC 7517 section 5).

use std::{collections::HashSet, fmt, num::NonZero, panic, thread};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Jwk, PublicJwk};
use crate::jose::{effort::Effort, key::KeyError};

/// A JWK Set parsed key by key: one that cannot be read does not spoil the set.
#[derive(Debug)]
pub struct JwkSet {
    /// The keys in their order, each read or refused.
    pub keys: Vec<Result<Jwk, KeyError>>,
}

/// From so many keys on, another thread is worth its start.
const WORTH_A_THREAD: usize = 512;

impl JwkSet {
    /// Reads `{"keys":[…]}`; each key stands or falls alone. Large sets are read on all cores.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::parse_within(text, &mut Effort::of_one_file())
    }

    /// As [`Self::parse`], as a part of a file.
    pub(in crate::jose) fn parse_within(text: &str, effort: &mut Effort) -> Result<Self, KeyError> {
        let Keys(texts) = texts(text)?;
        Ok(Self {
            keys: read(&texts, effort),
        })
    }

    /// What to call each key of a set by: its kid, else where it stands, `key 2`.
    pub(in crate::jose) fn names(text: &str) -> Vec<String> {
        #[derive(Deserialize)]
        struct Set<'a> {
            #[serde(borrow)]
            keys: Vec<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct Named {
            kid: String,
        }
        let keys = serde_json::from_str(text).map_or_else(|_| Vec::new(), |set: Set<'_>| set.keys);
        let name = |(key, place): (&RawValue, usize)| match serde_json::from_str(key.get()) {
            Ok(Named { kid }) if !kid.is_empty() => kid,
            _ => format!("key {place}"),
        };
        keys.into_iter().zip(1..).map(name).collect()
    }

    /// `{"keys":[…]}` of public keys, as one line of JSON.
    pub fn public_json(keys: &[PublicJwk]) -> String {
        let keys: Vec<String> = keys.iter().map(PublicJwk::to_json).collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }
}

/// A key of a set: its text, and what it holds.
pub(super) type Part<'a> = (&'a str, Result<Jwk, KeyError>);

/// Each key of a set with its text.
pub(super) fn with_texts(text: &str) -> Result<Vec<Part<'_>>, KeyError> {
    let Keys(texts) = texts(text)?;
    let keys = read(&texts, &mut Effort::of_one_file());
    Ok(texts.into_iter().map(RawValue::get).zip(keys).collect())
}

fn texts(text: &str) -> Result<Keys<'_>, KeyError> {
    serde_json::from_str(text).map_err(|error| KeyError::Malformed {
        form: "JWK Set",
        reason: error.to_string(),
    })
}

/// The texts of a set's keys; its members are unique (RFC 7517 section 5).
struct Keys<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Keys<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Keys<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys<'de>, A::Error> {
                let mut keys = None;
                let mut seen = HashSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "keys" && keys.is_none() {
                        keys = Some(map.next_value()?);
                    } else if seen.contains(&name) || name == "keys" {
                        let twice = format!("the member {name:?} stands twice");
                        return Err(A::Error::custom(twice));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        seen.insert(name);
                    }
                }
                keys.map(Keys)
                    .ok_or_else(|| A::Error::missing_field("keys"))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// Public keys are read side by side. What makes work beyond its length is refused there, and read
/// afterwards in its order, so that the same keys are refused each time.
fn read(texts: &[&RawValue], effort: &mut Effort) -> Vec<Result<Jwk, KeyError>> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = texts.len().div_ceil(threads).max(WORTH_A_THREAD);
    if texts.len() <= share {
        let one = |text: &&RawValue| Jwk::parse_within(text.get(), effort);
        return texts.iter().map(one).collect();
    }
    let mut keys = Vec::with_capacity(texts.len());
    thread::scope(|scope| {
        let read = |texts: &[&RawValue]| {
            let one = |text: &&RawValue| Jwk::parse_within(text.get(), &mut Effort::none());
            texts.iter().map(one).collect::<Vec<_>>()
        };
        let shares = texts.chunks(share);
        let workers: Vec<_> = shares
            .map(|texts| scope.spawn(move || read(texts)))
            .collect();
        for worker in workers {
            keys.extend(
                worker
                    .join()
                    .unwrap_or_else(|cause| panic::resume_unwind(cause)),
            );
        }
    });
    for (key, text) in keys.iter_mut().zip(texts) {
        if matches!(key, Err(KeyError::TooMany)) {
            *key = Jwk::parse_within(text.get(), effort);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jose::{
            algorithm::Algorithm,
            key::Signer,
            pem::fixture::{P256, RSA2048, private},
        },
        secret::Secret,
    };

    #[test]
    fn a_large_set_is_read_as_key_by_key_and_in_its_order() {
        let (edge, prod) = (private(P256), private(RSA2048));
        let public = |kid: &str| PublicJwk::new(edge.public().clone(), kid, Algorithm::Es256, &[]);
        let rsa = PublicJwk::new(prod.public().clone(), "d", Algorithm::Rs256, &[]);
        let both: Secret<String> = Jwk::private_json(&rsa, &prod).unwrap();
        let texts: Vec<String> = (0..2000)
            .map(|place| match place % 400 {
                7 => both.expose().clone(),
                9 => r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#.to_owned(),
                _ => public(&format!("k{place}")).to_json(),
            })
            .collect();
        let told = |key: &Result<Jwk, KeyError>| match key {
            Ok(Jwk::Public(public)) => format!("public {:?}", public.kid),
            Ok(Jwk::Private { public, .. }) => format!("private {:?}", public.kid),
            Ok(Jwk::Symmetric { .. }) => "symmetric".to_owned(),
            Err(error) => error.to_string(),
        };
        let whole = JwkSet::parse(&format!("{{\"keys\":[{}]}}", texts.join(","))).unwrap();
        let whole: Vec<String> = whole.keys.iter().map(told).collect();
        let mut effort = Effort::of_one_file();
        let one_by_one: Vec<String> = texts
            .iter()
            .map(|text| told(&Jwk::parse_within(text, &mut effort)))
            .collect();
        assert_eq!(whole, one_by_one);
        assert_eq!(whole[1], "public Some(\"k1\")");
        assert_eq!(whole[407], "private Some(\"d\")");
    }
}
