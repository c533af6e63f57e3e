//! The members of a JSON object as borrowed text: unique, in their order, never copied.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::jose::key::KeyError;

/// The members of one JWK.
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, KeyError> {
        let members: Self = serde_json::from_str(text).map_err(|error| KeyError::Malformed {
            form: "JWK",
            reason: error.to_string(),
        })?;
        let mut seen = HashSet::new();
        for (name, _) in &members.0 {
            if !seen.insert(name) {
                return Err(KeyError::DuplicateMember(name.clone()));
            }
        }
        Ok(members)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(member, _)| member == name)
    }

    /// A member that is text; never asked of a private one.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, KeyError> {
        self.read(name, "it is no text")
    }

    /// A member that is an array of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, KeyError> {
        Ok(self
            .read(name, "it is no array of texts")?
            .unwrap_or_default())
    }

    fn read<T: for<'de> Deserialize<'de>>(
        &self,
        name: &str,
        reason: &str,
    ) -> Result<Option<T>, KeyError> {
        let Some((_, raw)) = self.0.iter().find(|(member, _)| member == name) else {
            return Ok(None);
        };
        serde_json::from_str(raw.get())
            .map(Some)
            .map_err(|_| KeyError::Jwk {
                member: name.to_owned(),
                reason: reason.to_owned(),
            })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    members.push((name, map.next_value().map_err(A::Error::custom)?));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Collect).map(Self)
    }
}
