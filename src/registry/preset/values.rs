//! The values that a preset needs of an endpoint.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::{capabilities::Characters, projection::Projection, template::UserText};

/// What a person is told when asked for something.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Help {
    /// What it is.
    pub help: String,
    /// How it looks.
    #[serde(default)]
    pub example: String,
    /// What it is where nothing is said.
    #[serde(default)]
    pub default: Option<String>,
}

/// A value that a preset needs; `{NAME}` in its templates.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ValueSpec {
    /// Its name.
    pub name: String,
    /// What it is.
    pub help: String,
    /// How it looks.
    #[serde(default)]
    pub example: String,
    /// What it is where nothing is said; an empty text where it can be left out.
    #[serde(default)]
    pub default: Option<String>,
    /// The only texts it can be.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// The characters it is made of; empty: all but control characters.
    #[serde(default)]
    pub characters: Vec<Characters>,
    /// What it begins with.
    #[serde(default)]
    pub begins_with: String,
    /// Whether it has holes of its own.
    #[serde(default)]
    pub kind: ValueKind,
}

/// What a value is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// The path of a file.
    Path,
    /// A template: its holes are filled like those of the preset.
    Template,
    #[default]
    Text,
}

impl Help {
    /// `given`, else the default; the error says what is missing.
    pub fn completed(&self, given: &str) -> Result<String, String> {
        match (given, &self.default) {
            ("", Some(default)) => Ok(default.clone()),
            ("", None) => Err(format!(
                "its url is missing: {}, like {}",
                self.help, self.example
            )),
            (given, _) => Ok(given.to_owned()),
        }
    }
}

impl ValueSpec {
    /// What is wrong with `text` as this value, and what to write instead.
    pub fn check(&self, text: &str) -> Result<(), String> {
        let name = &self.name;
        let asked = || format!("{name} ({})", self.help);
        if text.is_empty() {
            let may = self.default.as_deref() == Some("");
            return if may {
                Ok(())
            } else {
                Err(format!("{} is empty: say what it is", asked()))
            };
        }
        if !self.one_of.is_empty() && !self.one_of.iter().any(|each| each == text) {
            return Err(format!(
                "{name} is {text:?}: write {}",
                self.one_of.join(" or ")
            ));
        }
        if !text.starts_with(&self.begins_with) {
            return Err(format!("{name} must begin with {}", self.begins_with));
        }
        let allowed = |c: char| self.characters.is_empty() || self.has(c);
        if let Some(wrong) = text
            .chars()
            .find(|c| !allowed(*c) || is_control(*c, self.kind))
        {
            let of: Vec<String> = self.characters.iter().map(ToString::to_string).collect();
            let of = if of.is_empty() {
                "text on one line".to_owned()
            } else {
                of.join(" ")
            };
            return Err(format!("{name} holds {wrong:?}: write {of}"));
        }
        if self.kind == ValueKind::Template {
            let holes = UserText::parse(text)
                .map_err(|why| format!("{name}: {why}"))?
                .holes();
            let known = known();
            if let Some(hole) = holes.iter().find(|hole| !known.contains(&hole.as_str())) {
                let known: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
                return Err(format!(
                    "{name}: {{{hole}}} is none of {}",
                    known.join(", ")
                ));
            }
        }
        Ok(())
    }

    fn has(&self, c: char) -> bool {
        self.characters.iter().any(|each| each.contains(c))
    }
}

/// What can stand in the braces of a template of the user's, sorted.
fn known() -> Vec<&'static str> {
    let own = ["alg", "id", "key", "kid", "scope", "thumbprint", "url"];
    let mut known: Vec<&str> = own.into_iter().chain(Projection::names()).collect();
    known.sort_unstable();
    known
}

/// `given` with the defaults of `specs`; the error says which value is missing, unknown or wrong.
pub fn complete(
    specs: &[ValueSpec],
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    for name in given.keys() {
        if name != super::CHOICE && !specs.iter().any(|spec| spec.name == *name) {
            let known: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
            let known = if known.is_empty() {
                "it has none".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            };
            return Err(format!("no value {name}: {known}"));
        }
    }
    let mut values = BTreeMap::new();
    for spec in specs {
        let text = given.get(&spec.name).or(spec.default.as_ref());
        let Some(text) = text else {
            let example = if spec.example.is_empty() {
                String::new()
            } else {
                format!(", like {}", spec.example)
            };
            return Err(format!(
                "the value {} is missing: {}{example}",
                spec.name, spec.help
            ));
        };
        spec.check(text)?;
        values.insert(spec.name.clone(), text.clone());
    }
    if let Some(choice) = given.get(super::CHOICE) {
        values.insert(super::CHOICE.to_owned(), choice.clone());
    }
    Ok(values)
}

/// A template may have several lines.
fn is_control(c: char, kind: ValueKind) -> bool {
    c.is_control() && !(kind == ValueKind::Template && matches!(c, '\n' | '\t'))
}
