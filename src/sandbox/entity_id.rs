//! Ids of registry entities.

use std::fmt;

/// An id that GoodData takes: `^(?!\.)[.A-Za-z0-9_-]{1,255}$`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct EntityId(String);

impl EntityId {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=255).contains(&text.len())
            && !text.starts_with('.')
            && text.bytes().all(is_allowed);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err("id must be 1 to 255 of A-Z a-z 0-9 . _ - and must not begin with a dot".to_owned())
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_schema() {
        let longest = "x".repeat(255);
        for id in ["a", "a.b_c-D9", "-a", "_", &longest] {
            assert_eq!(EntityId::parse(id).unwrap().as_str(), id);
        }
        let too_long = "x".repeat(256);
        for id in ["", ".a", "a b", "a/b", "ä", "a~b", &too_long] {
            assert!(EntityId::parse(id).is_err(), "{id}");
        }
    }
}
