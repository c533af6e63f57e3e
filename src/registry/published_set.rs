//! A JWK Set as somebody publishes it, kept as text: what is not ours is written back unchanged.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{answer::RemoteKey, members::Members, talk::parse};
use crate::jose::jwk::PublicJwk;

/// Members that only private and shared keys have (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// `{"keys":[…]}` (RFC 7517 section 5) with whatever stands beside `keys`.
#[derive(Debug, Default)]
pub(super) struct PublishedSet {
    keys: Vec<Box<RawValue>>,
    others: Vec<(String, Box<RawValue>)>,
}

impl PublishedSet {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Members(members) = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let (keys, others): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|(name, _)| name == "keys");
        let [(_, keys)] = keys.as_slice() else {
            return Err("it has no keys".to_owned());
        };
        let keys = serde_json::from_str(keys.get()).map_err(|_| "its keys are no array")?;
        Ok(Self { keys, others })
    }

    /// The keys whose kid is `kid`; more than one where the set is wrong.
    pub(super) fn under(&self, kid: &str) -> Vec<Result<PublicJwk, String>> {
        let of_kid = self.keys.iter().filter(|key| has_kid(key, kid));
        of_kid.map(|key| parse(key.get())).collect()
    }

    /// Every key; of several of one kid, all but the first are told to be so many.
    pub(super) fn keys(&self) -> Vec<RemoteKey> {
        let mut seen: Vec<String> = Vec::new();
        let of = |key: &RawValue| {
            let id = kid(key).unwrap_or_default();
            let jwk = if !id.is_empty() && seen.contains(&id) {
                Err("its kid is there twice".to_owned())
            } else {
                parse(key.get())
            };
            seen.push(id.clone());
            RemoteKey {
                id,
                jwk,
                claimed: None,
                unmet: Vec::new(),
            }
        };
        self.keys.iter().map(Box::as_ref).map(of).collect()
    }

    /// The kid of the first key that is not public.
    pub(super) fn private_kid(&self) -> Option<String> {
        let mut keys = self.keys.iter().map(Box::as_ref);
        let found = keys.find(|key| is_private(key))?;
        Some(kid(found).unwrap_or_else(|| "without kid".to_owned()))
    }

    /// The set with `key` (JSON) as the only one of its kid, in the place of the first of it.
    pub(super) fn with(&self, kid: &str, key: &str) -> String {
        let place = self.keys.iter().position(|each| has_kid(each, kid));
        let mut keys = Vec::new();
        for (index, each) in self.keys.iter().enumerate() {
            if place == Some(index) {
                keys.push(key);
            } else if !has_kid(each, kid) {
                keys.push(each.get());
            }
        }
        if place.is_none() {
            keys.push(key);
        }
        self.written(&keys)
    }

    /// The set without the keys of `kid`.
    pub(super) fn without(&self, kid: &str) -> String {
        let left = self.keys.iter().filter(|key| !has_kid(key, kid));
        let left: Vec<&str> = left.map(|key| key.get()).collect();
        self.written(&left)
    }

    fn written(&self, keys: &[&str]) -> String {
        let mut members = vec![format!("\"keys\":[{}]", keys.join(","))];
        members.extend(self.others.iter().map(|(name, value)| {
            format!("{}:{}", serde_json::Value::from(name.as_str()), value.get())
        }));
        format!("{{{}}}\n", members.join(","))
    }
}

/// Whether a key has members that only private and shared keys have.
pub(super) fn is_private(key: &RawValue) -> bool {
    let members: Option<Members> = serde_json::from_str(key.get()).ok();
    members.is_some_and(|Members(members)| {
        let mut names = members.iter().map(|(name, _)| name.as_str());
        names.any(|name| PRIVATE.contains(&name))
    })
}

fn has_kid(key: &RawValue, kid_of: &str) -> bool {
    kid(key).as_deref() == Some(kid_of)
}

fn kid(key: &RawValue) -> Option<String> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(key.get()).ok()?;
    serde_json::from_str(members.get("kid")?.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ours_is_written_back_as_it_stood() {
        let text =
            r#"{"a":1.50,"keys":[{"kid":"x","n" : "\u0041"},{"kid":"k"},{"kid":"k"},7],"z":[ ]}"#;
        let set = PublishedSet::parse(text).unwrap();
        assert_eq!(
            set.with("k", r#"{"kid":"k","e":1}"#),
            "{\"keys\":[{\"kid\":\"x\",\"n\" : \"\\u0041\"},{\"kid\":\"k\",\"e\":1},7],\
             \"a\":1.50,\"z\":[ ]}\n"
        );
        assert_eq!(
            set.without("k"),
            "{\"keys\":[{\"kid\":\"x\",\"n\" : \"\\u0041\"},7],\"a\":1.50,\"z\":[ ]}\n"
        );
        assert_eq!(PublishedSet::default().with("k", "{}"), "{\"keys\":[{}]}\n");
    }

    #[test]
    fn what_is_no_set_is_told_and_a_private_key_is_found() {
        for (text, expected) in [
            ("[]", "invalid type"),
            ("{}", "it has no keys"),
            (r#"{"keys":1}"#, "its keys are no array"),
            (r#"{"keys":[],"keys":[]}"#, "keys stands twice"),
        ] {
            let why = PublishedSet::parse(text).unwrap_err();
            assert!(why.contains(expected), "{why}");
        }
        for name in PRIVATE {
            let text = format!(r#"{{"keys":[{{"kid":"a"}},{{"kid":"b","{name}":"x"}}]}}"#);
            let set = PublishedSet::parse(&text).unwrap();
            assert_eq!(set.private_kid().as_deref(), Some("b"));
        }
    }
}
