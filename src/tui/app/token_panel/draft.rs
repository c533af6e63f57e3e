//! A token being written.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use ratatui_textarea::TextArea;

use crate::{
    jose::{
        algorithm::SignatureAlgorithm,
        claims::JsonObject,
        header::header_for,
        template::{Finding, Moment, Overrides, Template, TemplateError, Token, findings, resolve},
        token::signing_input,
    },
    keystore::record::Record,
};

/// A token being written.
#[derive(Clone, Debug)]
pub struct Draft {
    pub template: String,
    pub header: TextArea<'static>,
    pub claims: TextArea<'static>,
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

/// Why a draft cannot be signed: where, and what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    pub part: Part,
    pub reason: String,
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
        let header = header_for(algorithm, &template.typ, Some(&record.kid));
        let overrides = Overrides {
            ttl: ttl.filter(|_| template.has_claim("exp")),
            ..Default::default()
        };
        let claims = overrides.over(&template.draft(values, Some(&record.public))?);
        Ok(Self::of(&template.name, &header, &claims))
    }

    /// Header and claims to edit.
    pub fn of(template: &str, header: &JsonObject, claims: &JsonObject) -> Self {
        let editor = |object: &JsonObject| {
            let mut editor = TextArea::from(object.pretty().lines());
            editor.set_max_histories(500);
            editor.set_tab_length(2);
            editor
        };
        Self {
            template: template.to_owned(),
            header: editor(header),
            claims: editor(claims),
        }
    }

    /// The draft as it would be signed at `now` by a key of `record`.
    pub fn preview(
        &self,
        record: &Record,
        template: Option<&Template>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Preview, Problem> {
        let problem = |part| move |reason: String| Problem { part, reason };
        let header = parsed(&self.header).map_err(problem(Part::Header))?;
        let alg = header.members().get("alg").and_then(|alg| alg.as_str());
        if alg != Some(record.alg.name()) {
            return Err(problem(Part::Header)(format!(
                "alg must be {}: this key signs with it",
                record.alg
            )));
        }
        let draft = parsed(&self.claims).map_err(problem(Part::Claims))?;
        let moment = Moment {
            now,
            zone,
            random: [0; 16],
        };
        let claims =
            resolve(&draft, &moment).map_err(|error| problem(Part::Claims)(error.to_string()))?;
        let signing_input = signing_input(&header, &claims);
        let signature = record.alg.signature_length(record.public.bits());
        let length = signing_input.len() + 1 + (signature * 4).div_ceil(3);
        let findings = findings(&Token {
            template,
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

    /// One of the editors.
    pub fn editor(&mut self, part: Part) -> &mut TextArea<'static> {
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

/// The object in an editor, on one line: that is what is signed.
fn parsed(editor: &TextArea<'static>) -> Result<JsonObject, String> {
    let text = editor.lines().join("\n");
    let object = JsonObject::parse(&text).map_err(|error| error.to_string())?;
    Ok(JsonObject::from_members(object.members().clone()))
}
