//! What will be done at an endpoint, as it is shown before it is.

use std::path::PathBuf;

use crate::net::request::Request;

/// A part of what will be done; `‹name›` stands in it where an earlier answer will say it.
#[derive(Clone, Debug)]
pub enum Intent {
    /// A person does it on a web page.
    ByHand(Handed),
    /// A request, and what it is good for, where there are several.
    Send {
        about: Option<String>,
        request: Request,
    },
    /// A file of this machine is written.
    Write { file: PathBuf, text: String },
}

/// What a person does on a web page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Handed {
    /// The address of the page; empty where none is known.
    pub page: String,
    /// What is done there.
    pub act: String,
    /// What `text` is; empty where nothing is pasted.
    pub what: String,
    /// What is pasted there.
    pub text: String,
}

impl Handed {
    /// What is done, and where.
    pub fn instruction(&self) -> String {
        match self.page.as_str() {
            "" => self.act.clone(),
            page => format!("at {page}: {}", self.act),
        }
    }

    /// What handing it over to a person is called.
    pub fn verb(&self) -> &'static str {
        match (self.text.is_empty(), self.page.is_empty()) {
            (true, true) => "goes on",
            (true, false) => "opens the page",
            (false, true) => "copies it",
            (false, false) => "copies it and opens the page",
        }
    }
}

impl Intent {
    /// What a person does, where it is that.
    pub fn by_hand(&self) -> Option<&Handed> {
        match self {
            Self::ByHand(handed) => Some(handed),
            Self::Send { .. } | Self::Write { .. } => None,
        }
    }

    /// A request that explains itself.
    pub fn send(request: Request) -> Self {
        Self::Send {
            about: None,
            request,
        }
    }

    /// What it is good for, where it does not explain itself.
    pub fn about(&self) -> Option<&str> {
        match self {
            Self::Send { about, .. } => about.as_deref(),
            Self::ByHand(_) | Self::Write { .. } => None,
        }
    }

    /// Its lines, secrets masked: after an empty one what is sent or written.
    pub fn shown(&self) -> Vec<String> {
        match self {
            Self::ByHand(handed) => {
                let mut lines = vec![handed.instruction()];
                if !handed.text.is_empty() {
                    lines.push(String::new());
                    lines.extend(handed.text.lines().map(str::to_owned));
                }
                lines
            }
            Self::Send { request, .. } => request.shown(),
            Self::Write { file, text } => {
                let mut lines = vec![format!("write {}", file.display()), String::new()];
                lines.extend(text.lines().map(str::to_owned));
                lines
            }
        }
    }

    /// What doing it is called.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::ByHand(handed) => handed.verb(),
            Self::Send { .. } => "sends",
            Self::Write { .. } => "writes",
        }
    }

    /// What a person would do it with: its name, and its text without secrets.
    pub fn copied(&self) -> (String, String) {
        match self {
            Self::ByHand(handed) => (handed.what.clone(), handed.text.clone()),
            Self::Send { request, .. } => ("curl".to_owned(), request.curl()),
            Self::Write { text, .. } => ("JWK Set".to_owned(), text.clone()),
        }
    }
}
