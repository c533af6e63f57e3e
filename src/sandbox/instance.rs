//! Tells a running sandbox from whatever else may answer on its port.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use super::answer::Answer;

/// The header that carries the [`Instance`]: of the answers of `/health`, and of the questions of
/// keyfob itself, which stay out of the log.
pub(super) const HEADER: &str = "keyfob-sandbox";

/// A random name of one run, told by `/health` and by `state/sandbox.json`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Instance(String);

impl Instance {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        random_name().map(Self)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// `{"status":"ok"}`.
    pub(super) fn health(&self) -> Answer {
        let answer = Answer::json(StatusCode::OK, json!({ "status": "ok" }));
        match HeaderValue::from_str(&self.0) {
            Ok(name) => answer.header(HeaderName::from_static(HEADER), name),
            Err(_) => answer,
        }
    }
}

/// 128 random bits in hexadecimal digits.
pub(super) fn random_name() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
