//! What will be done at an endpoint, as it is shown before it is.

use std::path::PathBuf;

use crate::net::request::Request;

/// A part of what will be done; `‹name›` stands in it where an earlier answer will say it.
#[derive(Clone, Debug)]
pub enum Intent {
    /// A request, and what it is good for, where there are several.
    Send {
        about: Option<String>,
        request: Request,
    },
    /// A file of this machine is written.
    Write { file: PathBuf, text: String },
}

impl Intent {
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
            Self::Write { .. } => None,
        }
    }

    /// Its lines, secrets masked: after an empty one what is sent or written.
    pub fn shown(&self) -> Vec<String> {
        match self {
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
            Self::Send { .. } => "sends",
            Self::Write { .. } => "writes",
        }
    }

    /// What a person would do it with: its name, and its text without secrets.
    pub fn copied(&self) -> (&'static str, String) {
        match self {
            Self::Send { request, .. } => ("curl", request.curl()),
            Self::Write { text, .. } => ("JWK Set", text.clone()),
        }
    }
}
