//! A text that was pasted, and a token of it.

use jiff::Timestamp;

use crate::{
    jose::{
        reading::Reading,
        search::{Found, Search},
        token::UnverifiedToken,
        verdict::Verdict,
    },
    secret::Secret,
};

/// A text that was pasted, taken apart.
#[derive(Debug)]
pub struct Decoded {
    /// As it was pasted.
    pub text: Secret<String>,
    /// The tokens in it.
    pub search: Search,
    /// Which of them is shown.
    pub chosen: usize,
    /// It, as far as it can be read; none where there is none.
    pub reading: Option<Reading>,
    /// Its verdict, or why there is none.
    pub result: Result<Judged, String>,
}

/// A token with its verdict.
#[derive(Debug)]
pub struct Judged {
    pub token: UnverifiedToken,
    pub verdict: Verdict,
    /// Until when it holds as it is told; for ever where its time does not matter.
    pub until: Option<Timestamp>,
    /// The kid of the key that checked it.
    pub checked_with: Option<String>,
}

impl Decoded {
    /// The token that is shown, as it was found.
    pub fn found(&self) -> Option<&Found> {
        self.search.tokens.get(self.chosen)
    }
}
