//! Panel 4: tokens minted with the selected key, and tokens of others taken apart.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use ratatui_textarea::TextArea;

use super::scroll::Scroll;
use crate::{
    jose::{
        claims::JsonObject,
        template::{Finding, Moment, Overrides, Template, resolve},
        thumbprint::Thumbprint,
        token::{UnverifiedToken, header_for, signing_input},
        verdict::Verdict,
    },
    keystore::record::Record,
    secret::Secret,
};

/// The panel.
#[derive(Debug, Default)]
pub struct TokenPanel {
    pub mode: Mode,
    /// Drafts that were edited, by key.
    drafts: HashMap<Thumbprint, Draft>,
    /// The token minted last, by key.
    pub minted: HashMap<Thumbprint, MintedToken>,
    /// Which editor has the keys.
    pub editing: Option<Part>,
    pub decoded: Option<Decoded>,
    pub scroll: Scroll,
}

/// What the panel does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    #[default]
    Mint,
    Decode,
}

/// One of the two editors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    Header,
    Claims,
}

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
    pub findings: Vec<Finding>,
}

/// Why a draft cannot be signed: where, and what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    pub part: Part,
    pub reason: String,
}

/// A signed token and what became of it.
#[derive(Debug)]
pub struct MintedToken {
    pub token: Secret<String>,
    pub header: JsonObject,
    pub claims: JsonObject,
    pub presented: Option<Presentation>,
}

/// A token at the sandbox's profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Presentation {
    UnderWay(String),
    Answered {
        url: String,
        status: u16,
        body: String,
    },
    Failed {
        url: String,
        reason: String,
    },
}

/// A text that was pasted, taken apart.
#[derive(Debug)]
pub struct Decoded {
    /// As it was pasted.
    pub text: Secret<String>,
    pub result: Result<Judged, String>,
}

/// A token with its verdict.
#[derive(Debug)]
pub struct Judged {
    pub token: UnverifiedToken,
    pub verdict: Verdict,
    /// The kid of the key that checked it.
    pub checked_with: Option<String>,
}

impl Draft {
    /// What `template` gives for a key.
    pub fn new(record: &Record, template: &Template, ttl: Option<Duration>) -> Self {
        let header = header_for(record.alg, &record.jwk(), &template.typ, &[], &[]);
        let claims = template.draft(&Overrides {
            ttl: ttl.filter(|_| template.has_claim("exp")),
            ..Default::default()
        });
        Self::of(&template.name, &header, &claims)
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
            random: [0; 16],
        };
        let claims =
            resolve(&draft, &moment).map_err(|error| problem(Part::Claims)(error.to_string()))?;
        let findings =
            template.map_or_else(Vec::new, |template| template.findings(&claims, record.alg));
        Ok(Preview {
            signing_input: signing_input(&header, &claims),
            header,
            draft,
            claims,
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

impl TokenPanel {
    /// The edited draft of a key.
    pub fn edited(&self, thumbprint: &Thumbprint) -> Option<&Draft> {
        self.drafts.get(thumbprint)
    }

    /// The edited draft of a key, to edit it further.
    pub fn edited_mut(&mut self, thumbprint: &Thumbprint) -> Option<&mut Draft> {
        self.drafts.get_mut(thumbprint)
    }

    /// Keeps a draft as edited.
    pub fn keep(&mut self, thumbprint: Thumbprint, draft: Draft) {
        self.drafts.insert(thumbprint, draft);
    }

    /// Forgets the draft and the token of a key.
    pub fn start_over(&mut self, thumbprint: &Thumbprint) {
        self.drafts.remove(thumbprint);
        self.minted.remove(thumbprint);
    }

    /// Forgets every token; what was written stays.
    pub fn forget_tokens(&mut self) {
        self.minted.clear();
        self.decoded = None;
        self.scroll = Scroll::default();
    }
}

/// The object in an editor, on one line: that is what is signed.
fn parsed(editor: &TextArea<'static>) -> Result<JsonObject, String> {
    let text = editor.lines().join("\n");
    let object = JsonObject::parse(&text).map_err(|error| error.to_string())?;
    Ok(JsonObject::from_members(object.members().clone()))
}
