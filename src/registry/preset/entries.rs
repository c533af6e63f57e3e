//! A service that keeps each key as an entry of its own.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    super::{
        key_place::KeyPlace,
        pointer::{Pointer, Pointers},
    },
    request::{RequestTemplate, Step},
};

/// What is asked of a service that keeps each key as an entry of its own.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Entries {
    /// How it is learnt whether a key is there already.
    #[serde(default)]
    pub find: Find,
    /// How a key is created.
    pub create: Create,
    /// What is done after that, and again where it was left undone: each can be repeated.
    #[serde(default)]
    pub then: Vec<Step>,
    /// What is done instead where a key is there and is not in use; else the steps of `then`.
    #[serde(default)]
    pub repair: Vec<Step>,
    /// How a key is read; without it, it is looked for in the list.
    #[serde(default)]
    pub read: Option<Read>,
    /// How all keys are listed; without it they cannot be.
    #[serde(default)]
    pub list: Option<List>,
    /// How a key is replaced; without it it is deleted and created anew.
    #[serde(default)]
    pub replace: Option<Change>,
    /// How a key is deleted, in this order; empty where it cannot be.
    #[serde(default)]
    pub delete: Vec<Step>,
    /// How a key that is not there is answered.
    #[serde(default)]
    pub absent: Absent,
}

/// How it is learnt whether a key is there already.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Find {
    /// It is created under an id of ours; the service says where that is taken.
    #[default]
    Id,
    /// The list is read first: the service gives the id.
    List,
    /// It is read first, where it can be: creating twice could make two.
    Read,
}

/// How a key is created.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// What is sent.
    pub request: RequestTemplate,
    /// Statuses that say it was done.
    pub success: Vec<u16>,
    /// Statuses that may say that the id is taken.
    #[serde(default)]
    pub taken: Vec<u16>,
    /// Where the answer names the key's id; without it, it is ours.
    #[serde(default)]
    pub id: Option<IdPlace>,
}

/// Where an answer names the key's id.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged, expecting = "a JSON pointer, or {last_segment_of: POINTER}")]
pub enum IdPlace {
    At(Pointer),
    /// What follows the last `/` of the text there.
    Last {
        last_segment_of: Pointer,
    },
}

/// How a key is read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// What is sent.
    pub request: RequestTemplate,
    /// Statuses that say it was done.
    pub success: Vec<u16>,
    /// Where the answer holds the key.
    pub key: KeyPlace,
    /// What else has to be so for the key to be in use.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// A further request that says whether the key is in use.
    #[serde(default)]
    pub confirm: Option<Confirm>,
}

/// What has to be so for a key to be in use.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Where an answer says it.
    pub at: Pointer,
    /// The text or truth value that it has to be; where nothing stands there it counts as so.
    pub is: Value,
    /// What to call it where it is not so.
    pub name: String,
}

/// A request whose answer lists the keys in use.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// What is sent.
    pub request: RequestTemplate,
    /// Statuses that say it was answered.
    pub success: Vec<u16>,
    /// Where the answer holds the array; one that is not there is empty.
    pub items: Pointer,
    /// Where an item holds a key's id.
    pub id: Pointer,
    /// What to call it where the key is not among them.
    pub name: String,
}

/// How all keys are listed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// What is sent for a page.
    pub request: RequestTemplate,
    /// Statuses that say it was done.
    pub success: Vec<u16>,
    /// Where the answer holds the entries; one that is not there is empty.
    pub items: Pointers,
    /// Where an entry holds its id.
    pub id: IdPlace,
    /// Where an entry holds its key; without it, each key is read.
    #[serde(default)]
    pub key: Option<KeyPlace>,
    /// What has to be so for the key of an entry to be in use.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// How pages follow each other; without it there is one.
    #[serde(default)]
    pub pages: Option<Pages>,
}

/// How pages follow each other. Whatever it says, a list ends with a page that adds nothing new.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// The number of the first page, for `{page}`.
    #[serde(default)]
    pub first: u32,
    /// What ends the list.
    pub until: Until,
    /// Where an answer holds what the next page is asked for with, as `{cursor}`.
    #[serde(default)]
    pub cursor: Option<Pointer>,
}

/// What ends a list.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// A page without entries.
    Empty,
    /// A page whose `Link` header names no next one (RFC 8288) on the same origin.
    NoLink,
    /// A page without a cursor.
    NoCursor,
}

/// A request whose answer needs no reading.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What is sent.
    pub request: RequestTemplate,
    /// Statuses that say it was done.
    pub success: Vec<u16>,
}

/// How a key that is not there is answered.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Absent {
    /// The statuses.
    pub statuses: Vec<u16>,
    /// What they mean.
    pub means: Absence,
}

/// What "not there" means.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// It is not there.
    #[default]
    Absent,
    /// It is not there, or the token may not see it: both are answered alike.
    AbsentOrHidden,
}

impl IdPlace {
    /// The id that `answer` names.
    pub fn text(&self, answer: &RawValue) -> Option<String> {
        match self {
            Self::At(at) => at.text(answer),
            Self::Last { last_segment_of } => {
                let text = last_segment_of.text(answer)?;
                text.rsplit('/').next().map(str::to_owned)
            }
        }
    }
}

impl Entries {
    /// The steps that bring a key that is there into use.
    pub fn repair(&self) -> &[Step] {
        if self.repair.is_empty() {
            &self.then
        } else {
            &self.repair
        }
    }

    /// Every request with its place in the preset.
    pub fn requests(&self) -> Vec<(String, &RequestTemplate)> {
        let mut all = vec![("create".to_owned(), &self.create.request)];
        for (name, steps) in [
            ("then", &self.then),
            ("repair", &self.repair),
            ("delete", &self.delete),
        ] {
            let of_steps = steps.iter().enumerate();
            all.extend(of_steps.map(|(place, step)| (format!("{name}[{place}]"), &step.request)));
        }
        if let Some(read) = &self.read {
            all.push(("read".to_owned(), &read.request));
            let confirm = read.confirm.iter();
            all.extend(confirm.map(|confirm| ("read.confirm".to_owned(), &confirm.request)));
        }
        let list = self.list.iter();
        all.extend(list.map(|list| ("list".to_owned(), &list.request)));
        let replace = self.replace.iter();
        all.extend(replace.map(|change| ("replace".to_owned(), &change.request)));
        all
    }

    /// The names that its steps keep.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        let steps = self.then.iter().chain(&self.repair).chain(&self.delete);
        steps.flat_map(|step| step.keep.keys().map(String::as_str))
    }
}
