//! Errors in the shape of RFC 6749 section 5.2.

use axum::{
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
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
    challenge: Challenge,
}

/// Whether `WWW-Authenticate` goes along.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Challenge {
    Basic,
    None,
}

/// The `error` values that the sandbox sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Code {
    InvalidClient,
    /// RFC 7591 section 3.2.2.
    InvalidClientMetadata,
    InvalidRequest,
    InvalidScope,
    /// RFC 8707 section 2.
    InvalidTarget,
    ServerError,
    TemporarilyUnavailable,
    UnauthorizedClient,
    UnsupportedGrantType,
}

impl OAuthError {
    pub(super) fn new(code: Code, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            challenge: Challenge::None,
        }
    }

    /// The client tried to prove itself with an `Authorization` header (RFC 6749 section 5.2).
    pub(super) fn challenged(self) -> Self {
        Self {
            challenge: Challenge::Basic,
            ..self
        }
    }
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::InvalidClientMetadata
            | Self::InvalidRequest
            | Self::InvalidScope
            | Self::InvalidTarget
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType => StatusCode::BAD_REQUEST,
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
        let mut answer = Answer::json(self.code.status(), body).no_store();
        if self.challenge == Challenge::Basic {
            let basic = HeaderValue::from_static(r#"Basic realm="sandbox""#);
            answer = answer.header(WWW_AUTHENTICATE, basic);
        }
        answer
            .note(format!("{}: {}", self.code.name(), self.description))
            .into_response()
    }
}
