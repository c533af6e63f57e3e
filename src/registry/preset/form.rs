//! A web page on which a person registers a key.

use serde::Deserialize;

use super::{super::template::Template, request::Condition};

/// What a person does on a web page, which lies at the endpoint's address, and what keyfob can see of
/// it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PageForm {
    /// What is pasted: the first whose condition holds.
    pub paste: Vec<Paste>,
    /// What is done there to remove the key.
    pub remove: Template,
    /// The address of a JWK Set (RFC 7517 section 5) that shows the keys that are registered; empty
    /// where nobody can look, and a person says so.
    #[serde(default)]
    pub seen_at: Option<Template>,
    /// When the page takes a key beside the one before; without it, never.
    #[serde(default)]
    pub overlap_if: Option<Condition>,
}

/// Something that is pasted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Paste {
    /// What it is, in a few words.
    pub what: String,
    /// What is done with it: a sentence without a full stop.
    pub act: Template,
    /// The text.
    pub text: Template,
    /// When it is pasted; without it, always.
    #[serde(default)]
    pub only_if: Option<Condition>,
}

impl PageForm {
    /// The names that its texts need.
    pub fn holes(&self) -> Vec<&str> {
        let pastes = self.paste.iter();
        let texts = pastes.flat_map(|paste| [&paste.act, &paste.text]);
        let texts = texts.chain([&self.remove]).chain(&self.seen_at);
        let pastes = self.paste.iter();
        let conditions = pastes.filter_map(|paste| paste.only_if.as_ref());
        let conditions = conditions.chain(&self.overlap_if).map(Condition::name);
        texts.flat_map(Template::holes).chain(conditions).collect()
    }

    /// What is pasted, where `is_filled` tells which values are given.
    pub fn chosen(&self, is_filled: impl Fn(&str) -> bool) -> Option<&Paste> {
        let mut all = self.paste.iter();
        all.find(|paste| {
            let condition = paste.only_if.as_ref();
            condition.is_none_or(|condition| condition.holds(&is_filled))
        })
    }

    /// What the types cannot say.
    pub fn check(&self) -> Result<(), String> {
        match self.paste.last() {
            Some(Paste { only_if: None, .. }) => Ok(()),
            _ => Err("form.paste: write a last one without only_if".to_owned()),
        }
    }
}
