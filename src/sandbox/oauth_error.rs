//! Errors in the shape of RFC 6749 section 5.2.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::answer::{Answer, plain};

/// A refused request: the standard's word for it and the reason in ours. A sandbox is for
/// learning, so the reason is told in full where a real server keeps it to itself.
#[derive(Debug)]
pub(super) struct OAuthError {
    pub(super) code: Code,
    pub(super) description: String,
}

/// The `error` values that the sandbox sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Code {
    InvalidClient,
    InvalidRequest,
    InvalidTarget,
    ServerError,
    TemporarilyUnavailable,
    UnsupportedGrantType,
}

impl OAuthError {
    pub(super) fn new(code: Code, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
        }
    }
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidTarget => "invalid_target",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest | Self::InvalidTarget | Self::UnsupportedGrantType => {
                StatusCode::BAD_REQUEST
            }
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({
            "error": self.code.name(),
            "error_description": plain(&self.description),
        });
        let answer = Answer::json(self.code.status(), body).no_store();
        answer
            .note(format!("{}: {}", self.code.name(), self.description))
            .into_response()
    }
}
