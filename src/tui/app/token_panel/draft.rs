//! A token being written.

use std::{fmt, time::Duration};

use jiff::{Timestamp, tz::TimeZone};

use super::Editor;
use crate::{
    display,
    jose::{
        algorithm::SignatureAlgorithm,
        claims::JsonObject,
        header::{HeaderMember, header_for},
        template::{
            ClaimError, Finding, Moment, Overrides, Template, TemplateError, Token, Weight,
            findings, resolve,
        },
        token::signing_input,
    },
    keystore::record::Record,
};

/// A token being written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The template it began from; none where that was a token.
    pub template: Option<String>,
    pub header: Editor,
    pub claims: Editor,
    /// Header and claims that the draft began with: what was only laid out anew is signed as it was.
    began: [JsonObject; 2],
}

/// A draft as it would be signed.
#[derive(Clone, Debug)]
pub struct Preview {
    pub header: JsonObject,
    /// As written, times unresolved.
    pub draft: JsonObject,
    /// As they would be signed now.
    pub claims: JsonObject,
    /// What would be signed.
    pub signing_input: String,
    /// How long the token will be, in characters.
    pub length: usize,
    pub findings: Vec<Finding>,
}

impl Preview {
    /// Why the service of the template is known to refuse the token.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        let is_refused = |finding: &&Finding| finding.weight == Weight::Refused;
        self.findings.iter().filter(is_refused)
    }
}

/// Why a draft cannot be signed: where, and what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    pub part: Part,
    /// Line and column (in characters), counted from 1.
    pub place: Option<(usize, usize)>,
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part.name(), self.reason)
    }
}

/// One of the two editors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    Header,
    Claims,
}

impl Draft {
    /// What `template` gives for a key, its fields filled with `values`.
    pub fn new(
        record: &Record,
        template: &Template,
        values: &[(String, String)],
        ttl: Option<Duration>,
    ) -> Result<Self, TemplateError> {
        let algorithm = SignatureAlgorithm::Asymmetric(record.alg);
        let mut header = header_for(algorithm, &template.typ, Some(&record.kid))
            .members()
            .clone();
        let source = record.header_source();
        for member in &template.header {
            // What cannot be filled is for `h` to say, and for the service.
            if let Ok(value) = member.filled(&source) {
                header.insert(member.name().to_owned(), value);
            }
        }
        let header = JsonObject::from_members(header);
        let overrides = Overrides {
            ttl: ttl.filter(|_| template.has_claim("exp")),
            ..Default::default()
        };
        let claims = overrides.over(&template.draft(values, Some(&record.public))?);
        Ok(Self {
            template: Some(template.name.clone()),
            ..Self::of(&header, &claims)
        })
    }

    /// Header and claims of a token, to edit.
    pub fn of(header: &JsonObject, claims: &JsonObject) -> Self {
        Self {
            template: None,
            header: editor(header),
            claims: editor(claims),
            began: [header.clone(), claims.clone()],
        }
    }

    /// Takes over what `other` holds; in each editor that is one step, which can be undone.
    pub fn become_like(&mut self, other: Self) {
        for (mine, others) in [
            (&mut self.header, other.header),
            (&mut self.claims, other.claims),
        ] {
            if mine.lines() != others.lines() {
                mine.replace(&others.text());
            }
        }
        self.template = other.template;
        self.began = other.began;
    }

    /// Lets another key sign: what its header says of the key becomes that key's, and what cannot
    /// is left out and told. A header that is no JSON stays as it is.
    pub fn sign_with(&mut self, record: &Record) -> Option<String> {
        let header = self.parsed(Part::Header).ok()?;
        let (signed, left_out) = signed_by(&header, record);
        if signed != header {
            self.replace_header(&signed);
        }
        left_out
    }

    /// The draft as it would be signed at `now` by a key of `record`.
    pub fn preview(
        &self,
        record: &Record,
        template: Option<&Template>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Preview, Problem> {
        let header = self.parsed(Part::Header)?;
        let alg = header.members().get("alg").and_then(|alg| alg.as_str());
        if alg != Some(record.alg.name()) {
            return Err(Problem {
                part: Part::Header,
                place: self.place_of(Part::Header, "alg"),
                reason: format!("alg must be {}: this key signs with it", record.alg),
            });
        }
        let draft = self.parsed(Part::Claims)?;
        let moment = Moment {
            now,
            zone,
            random: [0; 16],
        };
        let claims = resolve(&draft, &moment).map_err(|error| Problem {
            part: Part::Claims,
            place: match &error {
                ClaimError::Time { name, .. } => self.place_of(Part::Claims, name),
                _ => None,
            },
            reason: error.to_string(),
        })?;
        let signing_input = signing_input(&header, &claims);
        let signature = record.alg.signature_length(record.public.bits());
        let length = signing_input.len() + 1 + (signature * 4).div_ceil(3);
        let findings = findings(&Token {
            template,
            filled: &[],
            header: &header,
            claims: &claims,
            algorithm: SignatureAlgorithm::Asymmetric(record.alg),
            now,
            length,
        });
        Ok(Preview {
            header,
            draft,
            claims,
            signing_input,
            length,
            findings,
        })
    }

    /// Everything that keeps the draft from being signed: `first`, and where that stands in the
    /// header, what is wrong in the claims too.
    pub fn problems(&self, first: &Problem) -> Vec<Problem> {
        let claims = match first.part {
            Part::Header => self.parsed(Part::Claims).err(),
            Part::Claims => None,
        };
        [first.clone()].into_iter().chain(claims).collect()
    }

    /// The object in an editor without white space, which is what is signed, or the object that the
    /// draft began with where nothing but white space is another.
    pub fn parsed(&self, part: Part) -> Result<JsonObject, Problem> {
        let object = JsonObject::parse(&self.text(part)).map_err(|error| Problem {
            part,
            place: Some((error.line, error.column)),
            reason: error.to_string(),
        })?;
        let object = object.compacted();
        let began = &self.began[part as usize];
        if object.text() == display::json(&began.compact()) {
            Ok(began.clone())
        } else {
            Ok(object)
        }
    }

    /// What stands in an editor.
    pub fn text(&self, part: Part) -> String {
        match part {
            Part::Header => self.header.text(),
            Part::Claims => self.claims.text(),
        }
    }

    /// Where the value of a member stands.
    pub fn place_of(&self, part: Part, name: &str) -> Option<(usize, usize)> {
        JsonObject::parse(&self.text(part)).ok()?.place_of(name)
    }

    /// Another header in its editor, as one step that can be undone.
    pub fn replace_header(&mut self, header: &JsonObject) {
        self.header.replace(&display::json(&header.pretty()));
    }

    /// One of the editors.
    pub fn editor(&mut self, part: Part) -> &mut Editor {
        match part {
            Part::Header => &mut self.header,
            Part::Claims => &mut self.claims,
        }
    }
}

impl Part {
    /// `header` or `claims`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Claims => "claims",
        }
    }

    /// The other editor.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Header => Self::Claims,
            Self::Claims => Self::Header,
        }
    }
}

/// `header` with the `alg` of a key, and with the members it has that are filled from a key. Those
/// that this key cannot fill are left out and told; the rest of the text stays byte for byte.
pub fn signed_by(header: &JsonObject, record: &Record) -> (JsonObject, Option<String>) {
    let mut header = header.with("alg", &record.alg.name().into());
    let source = record.header_source();
    let mut left_out = None;
    for member in HeaderMember::ALL {
        let name = member.name();
        if !header.members().contains_key(name) {
            continue;
        }
        header = match member.filled(&source) {
            Ok(value) => header.with(name, &value),
            Err(error) => {
                left_out = Some(format!("left out {error}"));
                header.without(name)
            }
        };
    }
    (header, left_out)
}

fn editor(object: &JsonObject) -> Editor {
    Editor::of(&display::json(&object.pretty()))
}
