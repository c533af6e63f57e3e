//! A JWK Set as somebody publishes it, kept as text: what is not ours is written back unchanged.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, value::RawValue};

use super::{answer::RemoteKey, json_tree::Tree, members::Members, talk::parse};
use crate::jose::jwk::PublicJwk;

/// Members that only private and shared keys have (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// `{"keys":[…]}` (RFC 7517 section 5) with whatever stands beside `keys`.
#[derive(Debug)]
pub(super) struct PublishedSet {
    keys: Vec<Box<RawValue>>,
    /// What stands before `keys`, and behind it.
    before: Vec<(String, Box<RawValue>)>,
    behind: Vec<(String, Box<RawValue>)>,
    layout: Layout,
}

/// How a set is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Layout {
    Indented,
    OneLine,
}

impl Default for PublishedSet {
    /// A set without keys.
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            before: Vec::new(),
            behind: Vec::new(),
            layout: Layout::OneLine,
        }
    }
}

impl PublishedSet {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Members(members) = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut set = Self::default();
        if text.trim_end().contains('\n') {
            set.layout = Layout::Indented;
        }
        let mut keys = None;
        for (name, value) in members {
            match keys {
                None if name == "keys" => keys = Some(value),
                None => set.before.push((name, value)),
                Some(_) => set.behind.push((name, value)),
            }
        }
        let keys = keys.ok_or("it has no keys")?;
        set.keys = serde_json::from_str(keys.get()).map_err(|_| "its keys are no array")?;
        Ok(set)
    }

    /// The keys whose kid is `kid`; more than one where the set is wrong.
    pub(super) fn under(&self, kid: &str) -> Vec<Result<PublicJwk, String>> {
        let of_kid = self.keys.iter().filter(|key| has_kid(key, kid));
        of_kid.map(|key| parse(key.get())).collect()
    }

    /// Every key; of several of one kid, all but the first are told to be so many.
    pub(super) fn keys(&self) -> Vec<RemoteKey> {
        let mut seen: HashSet<String> = HashSet::new();
        let of = |key: &RawValue| {
            let id = kid(key).unwrap_or_default();
            let jwk = if !id.is_empty() && seen.contains(&id) {
                Err("its kid is there twice".to_owned())
            } else {
                parse(key.get())
            };
            seen.insert(id.clone());
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

    /// The set with `key` as the only one of its kid, in the place of the first of it.
    pub(super) fn with(&self, kid: &str, key: &Value) -> String {
        let place = self.keys.iter().position(|each| has_kid(each, kid));
        let mut keys = Vec::new();
        for (index, each) in self.keys.iter().enumerate() {
            if place == Some(index) {
                keys.push(Tree::of(key));
            } else if !has_kid(each, kid) {
                keys.push(Tree::Raw(each.get().to_owned()));
            }
        }
        if place.is_none() {
            keys.push(Tree::of(key));
        }
        self.written(keys)
    }

    /// The set without the keys of `kid`.
    pub(super) fn without(&self, kid: &str) -> String {
        let left = self.keys.iter().filter(|key| !has_kid(key, kid));
        self.written(left.map(|key| Tree::Raw(key.get().to_owned())).collect())
    }

    /// As it stood, with these keys: what was on one line stays there.
    fn written(&self, keys: Vec<Tree>) -> String {
        let raw = |(name, value): &(String, Box<RawValue>)| {
            (name.clone(), Tree::Raw(value.get().to_owned()))
        };
        let mut members: Vec<(String, Tree)> = self.before.iter().map(raw).collect();
        members.push(("keys".to_owned(), Tree::Array(keys)));
        members.extend(self.behind.iter().map(raw));
        let tree = Tree::Object(members);
        let text = match self.layout {
            Layout::Indented => tree.pretty(),
            Layout::OneLine => tree.compact(),
        };
        format!("{text}\n")
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
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_ours_is_written_back_as_it_stood() {
        let text =
            r#"{"a":1.50,"keys":[{"kid":"x","n" : "\u0041"},{"kid":"k"},{"kid":"k"},7],"z":[ ]}"#;
        let set = PublishedSet::parse(text).unwrap();
        assert_eq!(
            set.with("k", &json!({"kid": "k", "e": 1})),
            "{\"a\":1.50,\"keys\":[{\"kid\":\"x\",\"n\" : \"\\u0041\"},{\"kid\":\"k\",\"e\":1},7],\
             \"z\":[ ]}\n"
        );
        assert_eq!(
            set.without("k"),
            "{\"a\":1.50,\"keys\":[{\"kid\":\"x\",\"n\" : \"\\u0041\"},7],\"z\":[ ]}\n"
        );
        let empty = PublishedSet::default();
        assert_eq!(empty.with("k", &json!({})), "{\"keys\":[{}]}\n");
    }

    #[test]
    fn what_was_indented_stays_so() {
        let text = "{\n  \"keys\": [\n    {\n      \"kid\": \"x\"\n    }\n  ],\n  \"z\": 1\n}\n";
        let set = PublishedSet::parse(text).unwrap();
        let with = set.with("k", &json!({"kid": "k"}));
        assert_eq!(
            with,
            "{\n  \"keys\": [\n    {\n      \"kid\": \"x\"\n    },\n    {\n      \"kid\": \"k\"\n    \
             }\n  ],\n  \"z\": 1\n}\n"
        );
        assert_eq!(PublishedSet::parse(&with).unwrap().without("k"), text);
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
