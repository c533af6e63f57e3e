//! How long a server asks to wait, in words.

use crate::{jose::time, net::request::Response};

/// How long an answer of 429 or 503 asks to wait: `in 2 min`, or `after` the date that it names (RFC 9110
/// section 10.2.3), which is text from outside.
pub fn words(response: &Response) -> Option<String> {
    let asked = response.header("retry-after")?.trim();
    if !matches!(response.status, 429 | 503) || asked.is_empty() {
        return None;
    }
    Some(match asked.parse() {
        Ok(seconds) => format!("in {}", time::span(seconds)),
        Err(_) => format!("after {asked}"),
    })
}
