//! A token that was pasted.

use crate::{
    jose::{token::UnverifiedToken, verdict::Verdict},
    secret::Secret,
};

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
