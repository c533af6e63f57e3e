//! Panel 4: tokens minted with the selected key, and tokens of others taken apart.

mod decoded;
mod draft;
mod editor;
mod judging;
mod minted;
mod sought;

use std::collections::HashMap;

pub use self::{
    decoded::{Decoded, Judged},
    draft::{Draft, Part, Preview, Problem, signed_by},
    editor::Editor,
    judging::{Judging, Keys},
    minted::{MintedToken, Presentation},
    sought::Sought,
};
use super::{scroll::Scroll, state::Folding};
use crate::{jose::thumbprint::Thumbprint, keystore::record::Record};

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
    /// The fields as they were filled last, by template.
    pub filled: HashMap<String, Vec<(String, String)>>,
    pub decoded: Option<Decoded>,
    /// What it is held against.
    pub judging: Judging,
    pub scroll: Scroll,
    pub wrapping: Wrapping,
    /// How objects and arrays within a decoded token are shown.
    pub folding: Folding,
    /// What is looked for in the decoded token.
    pub sought: Option<Sought>,
}

/// What the panel does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    #[default]
    Mint,
    Decode,
}

/// What becomes of lines that are longer than the panel is wide.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Wrapping {
    Cut,
    #[default]
    Wrapped,
}

impl Wrapping {
    /// The other way.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Cut => Self::Wrapped,
            Self::Wrapped => Self::Cut,
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

    /// The keys other than `thumbprint` that a draft was edited for.
    pub fn edited_for_others(&self, thumbprint: &Thumbprint) -> impl Iterator<Item = &Thumbprint> {
        let thumbprint = *thumbprint;
        self.drafts.keys().filter(move |each| **each != thumbprint)
    }

    /// Keeps a draft as edited.
    pub fn keep(&mut self, thumbprint: Thumbprint, draft: Draft) {
        self.drafts.insert(thumbprint, draft);
    }

    /// A key has another name or certificate: its token goes, and its draft follows.
    pub fn key_changed(&mut self, record: &Record) {
        let thumbprint = record.thumbprint();
        self.minted.remove(&thumbprint);
        if let Some(draft) = self.drafts.get_mut(&thumbprint) {
            draft.sign_with(record);
        }
    }

    /// Forgets what was written and signed for a key.
    pub fn forget_key(&mut self, thumbprint: &Thumbprint) {
        self.drafts.remove(thumbprint);
        self.minted.remove(thumbprint);
    }

    /// Another draft for a key; what was edited before can be had back by undoing.
    pub fn start_over(&mut self, thumbprint: Thumbprint, draft: Draft) {
        self.minted.remove(&thumbprint);
        match self.drafts.get_mut(&thumbprint) {
            Some(edited) => edited.become_like(draft),
            None => self.keep(thumbprint, draft),
        }
    }

    /// Forgets every token; what was written stays.
    pub fn forget_tokens(&mut self) {
        self.minted.clear();
        self.decoded = None;
        self.judging.keys.forget_secrets();
        self.sought = None;
        self.scroll = Scroll::default();
    }
}
