//! What a handler answers, with the note that the log shows beside it.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// An answer with a JSON body or none.
pub(super) struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<String>,
    note: String,
}

/// The note of an answer, carried to the gate that writes the log.
#[derive(Clone)]
pub(super) struct Note(pub(super) String);

impl Answer {
    /// `body` as `application/json`.
    pub(super) fn json(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            body: Some(body.to_string()),
            note: String::new(),
        }
    }

    /// An error of RFC 9457 in the members that GoodData sends; `detail` is the note too.
    pub(super) fn problem(status: StatusCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let title = status.canonical_reason().unwrap_or("Error");
        let body = json!({
            "detail": detail,
            "status": status.as_u16(),
            "title": title,
            "traceId": trace_id(),
        });
        Self::json(status, body)
            .content_type("application/problem+json")
            .note(detail)
    }

    /// No body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: None,
            note: String::new(),
        }
    }

    /// What the log says about it.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    pub(super) fn content_type(self, media_type: &'static str) -> Self {
        self.header(CONTENT_TYPE, HeaderValue::from_static(media_type))
    }

    /// Forbids every cache to keep it (RFC 6749 section 5.1).
    pub(super) fn no_store(self) -> Self {
        self.header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
            .header(PRAGMA, HeaderValue::from_static("no-cache"))
    }

    /// `WWW-Authenticate: Bearer` (RFC 6750 section 3); without a reason where no token was sent.
    pub(super) fn challenge(self, reason: Option<&str>) -> Self {
        match reason {
            None => self.challenge_with(None),
            Some(reason) => self.challenge_with(Some(("invalid_token", reason))),
        }
    }

    /// `WWW-Authenticate: Bearer` with an error code of RFC 6750 section 3.1 and its reason.
    pub(super) fn challenge_with(self, error: Option<(&str, &str)>) -> Self {
        let challenge = match error {
            None => r#"Bearer realm="sandbox""#.to_owned(),
            Some((code, reason)) => format!(
                r#"Bearer realm="sandbox", error="{code}", error_description="{}""#,
                plain(reason)
            ),
        };
        match HeaderValue::from_str(&challenge) {
            Ok(value) => self.header(WWW_AUTHENTICATE, value),
            Err(_) => self,
        }
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let body = self.body.map_or_else(Body::empty, Body::from);
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response.extensions_mut().insert(Note(self.note));
        response
    }
}

/// `text` in the characters that RFC 6749 section 5.2 allows in an `error_description`: printable
/// ASCII without the double quote and the backslash.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '"' => '\'',
            '\\' => '/',
            ' '..='~' => char,
            _ => '?',
        })
        .collect()
}

/// Tells the problems of one run apart, in the shape of a trace id.
fn trace_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{:032x}", NEXT.fetch_add(1, Ordering::Relaxed))
}
