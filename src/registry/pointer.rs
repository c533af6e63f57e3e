//! Finding a value in an answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A JSON pointer (RFC 6901) that leaves what it finds as text: a service may publish a private key
/// by mistake, and private members never enter a `serde_json::Value`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// What it points at in `document`; none where something on the way is missing.
    pub fn find<'a>(&self, document: &'a RawValue) -> Option<&'a RawValue> {
        self.0.iter().try_fold(document, |value, step| {
            let text = value.get();
            if text.starts_with('[') {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                items.get(step.parse::<usize>().ok()?).copied()
            } else {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
                members.get(step).copied()
            }
        })
    }

    /// The string it points at.
    pub fn text(&self, document: &RawValue) -> Option<String> {
        serde_json::from_str(self.find(document)?.get()).ok()
    }

    /// The array it points at.
    pub fn items<'a>(&self, document: &'a RawValue) -> Option<Vec<&'a RawValue>> {
        serde_json::from_str(self.find(document)?.get()).ok()
    }
}

/// One pointer or several, for answers that come in more than one shape.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(
    untagged,
    expecting = "a JSON pointer like /data/id, or a list of them"
)]
pub enum Pointers {
    /// This one.
    One(Pointer),
    /// The first that finds something.
    First(Vec<Pointer>),
}

impl Pointers {
    /// What the first that finds anything points at.
    pub fn find<'a>(&self, document: &'a RawValue) -> Option<&'a RawValue> {
        self.all().iter().find_map(|pointer| pointer.find(document))
    }

    /// The first string.
    pub fn text(&self, document: &RawValue) -> Option<String> {
        self.all().iter().find_map(|pointer| pointer.text(document))
    }

    /// The first array.
    pub fn items<'a>(&self, document: &'a RawValue) -> Option<Vec<&'a RawValue>> {
        self.all()
            .iter()
            .find_map(|pointer| pointer.items(document))
    }

    fn all(&self) -> &[Pointer] {
        match self {
            Self::One(pointer) => std::slice::from_ref(pointer),
            Self::First(pointers) => pointers,
        }
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let Some(steps) = text.strip_prefix('/') else {
            return Err(format!(
                "`{text}` is no JSON pointer: write it like /data/id, or leave it empty for the \
                 whole answer"
            ));
        };
        let steps = steps.split('/');
        Ok(Self(
            steps
                .map(|step| step.replace("~1", "/").replace("~0", "~"))
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn every_pointer_of_rfc_6901_finds_its_value() {
        let document = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
        let document: &RawValue = serde_json::from_str(document).unwrap();
        for (text, expected) in [
            ("", document.get()),
            ("/foo", r#"["bar","baz"]"#),
            ("/foo/0", r#""bar""#),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ] {
            assert_eq!(
                pointer(text).find(document).unwrap().get(),
                expected,
                "{text}"
            );
        }
        for text in ["/none", "/foo/2", "/foo/x", "/foo/0/deeper", "/a~1b/c"] {
            assert!(pointer(text).find(document).is_none(), "{text}");
        }
    }
}
