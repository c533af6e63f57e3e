//! A service that keeps its keys in one document: read, changed, and written back.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    super::{key_place::KeyPlace, pointer::Pointer},
    request::{Keep, RequestTemplate, Step},
};

/// What is asked of a service that keeps its keys in one document, an OAuth client for example.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct KeyDocument {
    /// What is asked before anything else.
    #[serde(default)]
    pub find: Vec<Step>,
    /// How the document is created with its first key; without it, it has to be there.
    #[serde(default)]
    pub create: Option<Step>,
    /// How it is read.
    pub read: Step,
    /// Statuses of reading that say that it is not there.
    #[serde(default)]
    pub absent: Vec<u16>,
    /// Where it holds the keys.
    pub keys: KeysPlace,
    /// How it is written with our key, in this order: `{...others}` are the keys that stay, `{key}`
    /// is ours.
    pub write: Vec<Step>,
    /// How it is written without our key.
    pub remove: Vec<Step>,
    /// How it is deleted with its last key; without it, it stays there without keys.
    #[serde(default)]
    pub delete: Option<Step>,
    /// What is remembered of each answer, sealed in the keystore before anything else happens.
    #[serde(default)]
    pub remember: BTreeMap<String, Pointer>,
    /// Members of answers that are never shown.
    #[serde(default)]
    pub secret: Vec<Pointer>,
    /// The client of keyfob's configuration that it makes.
    #[serde(default)]
    pub client: Option<ClientPlace>,
}

/// Where a document holds its keys.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct KeysPlace {
    /// Where a text of JSON stands that is looked into.
    #[serde(default)]
    pub within: Option<Pointer>,
    /// Where the array stands; one that is not there is empty.
    pub at: Pointer,
    /// Where an item holds its id.
    pub id: Pointer,
    /// Where an item holds its key.
    pub key: KeyPlace,
}

/// The client of keyfob's configuration that a document makes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ClientPlace {
    /// The name under which its `client_id` was remembered.
    pub client_id: String,
}

impl KeyDocument {
    /// Every request with its place in the preset.
    pub fn requests(&self) -> Vec<(String, &RequestTemplate)> {
        let numbered = |name: &'static str, steps: &'_ [Step]| -> Vec<String> {
            (0..steps.len())
                .map(|place| format!("{name}[{place}]"))
                .collect()
        };
        let mut all = Vec::new();
        for (name, steps) in [
            ("find", &self.find),
            ("write", &self.write),
            ("remove", &self.remove),
        ] {
            let names = numbered(name, steps).into_iter();
            all.extend(names.zip(steps.iter().map(|step| &step.request)));
        }
        for (name, step) in [
            ("create", self.create.as_ref()),
            ("read", Some(&self.read)),
            ("delete", self.delete.as_ref()),
        ] {
            all.extend(step.map(|step| (name.to_owned(), &step.request)));
        }
        all
    }

    /// The names that its steps keep or remember.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        let steps = [&self.find, &self.write, &self.remove]
            .into_iter()
            .flatten();
        let one = [self.create.as_ref(), Some(&self.read), self.delete.as_ref()];
        let keeps: Vec<&BTreeMap<String, Keep>> = steps
            .chain(one.into_iter().flatten())
            .map(|step| &step.keep)
            .collect();
        let kept = keeps.into_iter().flat_map(|keep| keep.keys());
        kept.chain(self.remember.keys()).map(String::as_str)
    }
}
