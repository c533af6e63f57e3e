//! The bearer token of a request.

use axum::http::{HeaderMap, header::AUTHORIZATION};

/// What `Authorization` says (RFC 6750 section 2.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bearer<'a> {
    /// More than one header, or a token that cannot be one (`invalid_request`).
    Malformed,
    /// No header, or another scheme.
    Missing,
    Token(&'a str),
}

pub(super) fn bearer(headers: &HeaderMap) -> Bearer<'_> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Bearer::Missing;
    };
    let Ok(value) = value.to_str() else {
        return Bearer::Malformed;
    };
    if values.next().is_some() {
        return Bearer::Malformed;
    }
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Bearer::Missing;
    }
    match token.trim() {
        token if token.is_empty() || token.contains(' ') => Bearer::Malformed,
        token => Bearer::Token(token),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        values
            .iter()
            .map(|value| (AUTHORIZATION, HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_one_bearer_token_is_taken() {
        for (values, token) in [
            (&["Bearer abc"][..], Bearer::Token("abc")),
            (&["bearer abc"], Bearer::Token("abc")),
            (&["Bearer  abc "], Bearer::Token("abc")),
            (&["Bearer a b"], Bearer::Malformed),
            (&["Bearer "], Bearer::Malformed),
            (&["Bearer"], Bearer::Malformed),
            (&["Basic abc"], Bearer::Missing),
            (&["Bearer abc", "Bearer abc"], Bearer::Malformed),
            (&[], Bearer::Missing),
        ] {
            assert_eq!(bearer(&headers(values)), token, "{values:?}");
        }
    }
}
