//! How refusals are told.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::pointer::Pointer;

/// How refusals are told.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Where an answer holds its own reason; the first that is there counts.
    pub detail: Vec<Pointer>,
    /// Where an answer holds its own code; the first that is there counts.
    #[serde(default)]
    pub code: Vec<Pointer>,
    /// What to tell people, by status; `{token}` names where the API token comes from.
    pub say: BTreeMap<u16, String>,
    /// What to tell people, by the service's own code; it goes before the status.
    #[serde(default)]
    pub say_of_code: BTreeMap<String, String>,
}

impl Errors {
    /// The sentence for an answer of `status`.
    pub fn sentence(&self, status: u16, answer: Option<&RawValue>) -> Option<&str> {
        let of_code = answer.and_then(|answer| {
            let mut codes = self.code.iter().filter_map(|at| at.text(answer));
            codes.find_map(|code| self.say_of_code.get(&code))
        });
        of_code
            .or_else(|| self.say.get(&status))
            .map(String::as_str)
    }

    /// The service's own reason.
    pub fn detail(&self, answer: &RawValue) -> Option<String> {
        self.detail.iter().find_map(|pointer| pointer.text(answer))
    }
}
