//! What a token endpoint grants (RFC 6749 section 5.1).

use std::{cmp::Reverse, collections::HashMap, ops::Range, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};

use super::{dpop, error::OauthError};
use crate::{
    config::settings::TokenKind,
    jose::{time, token::UnverifiedToken},
    net::{request::Response, said::one_line},
    secret::Secret,
};

/// How long before its end a token is no longer used.
const MARGIN: Duration = Duration::from_secs(30);

/// What stands in place of a token where an answer is shown.
const MASK: &str = "\"••••\"";

/// Members of an answer that hold tokens.
const TOKENS: [&str; 4] = ["access_token", "id_token", "refresh_token", "token"];

/// An access token, kept in memory only.
#[derive(Clone, Debug)]
pub struct AccessToken {
    token: Secret<String>,
    /// The whole answer.
    answer: Secret<String>,
    /// `token_type`, where it is told.
    pub token_type: Option<String>,
    /// When it ends: by `expires_in`, else by its own `exp`; unknown for an opaque one of which
    /// nothing is told.
    pub expires_at: Option<Timestamp>,
    /// `scope`, where it is told.
    pub scope: Option<String>,
    /// Worth a word: what the answer leaves out or says in its own way.
    pub remarks: Vec<String>,
}

/// What a token endpoint said.
#[derive(Debug)]
pub enum Answer {
    Granted(AccessToken),
    /// RFC 6749 section 5.2, or whatever stood there instead.
    Refused {
        status: u16,
        error: Option<String>,
        description: Option<String>,
    },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    access_token: Option<Hidden>,
    token: Option<Hidden>,
    token_type: Option<Value>,
    expires_in: Option<Value>,
    issued_token_type: Option<Value>,
    scope: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
}

/// Text that is secret, or something else that is none.
struct Hidden(Option<Secret<String>>);

impl AccessToken {
    /// The token itself.
    pub fn token(&self) -> &Secret<String> {
        &self.token
    }

    /// The whole answer, as it came.
    pub fn answer(&self) -> &Secret<String> {
        &self.answer
    }

    /// Whether each request with it needs a proof (RFC 9449 section 5).
    pub fn needs_proof(&self) -> bool {
        let kind = self.token_type.as_deref().unwrap_or_default();
        kind.eq_ignore_ascii_case(dpop::SCHEME)
    }

    /// Whether it can be used again at `now`: until 30 s before its end; never where that is not
    /// known.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let margin = SignedDuration::try_from(MARGIN).unwrap_or_default();
        self.expires_at
            .and_then(|end| end.checked_sub(margin).ok())
            .is_some_and(|end| now < end)
    }

    /// The token taken apart, where it is a JWT.
    pub fn decoded(&self) -> Option<UnverifiedToken> {
        let decoded = UnverifiedToken::decode(self.token.expose()).ok()?;
        decoded.remarks.is_empty().then_some(decoded)
    }
}

impl Answer {
    /// Reads what `url` answered at `now`; `scope` is what was asked for. The tokens in the
    /// response are masked on return.
    pub fn read(
        url: &str,
        response: &mut Response,
        scope: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, OauthError> {
        let text = Secret::new(response.text());
        let parsed = serde_json::from_str::<Body>(text.expose());
        let shown = masked(text.expose(), parsed.is_ok());
        zeroize::Zeroize::zeroize(&mut response.body);
        response.body = shown.into_bytes();
        let status = response.status;
        if (200..300).contains(&status) {
            let body = parsed.map_err(|error| OauthError::Answer {
                url: url.to_owned(),
                why: format!("it is no JSON object ({error})"),
            })?;
            if body.error.is_none() || body.access_token.is_some() {
                return granted(url, body, text, scope, now).map(Self::Granted);
            }
            return Ok(refused(status, body));
        }
        Ok(refused(status, parsed.unwrap_or_default()))
    }
}

fn granted(
    url: &str,
    body: Body,
    answer: Secret<String>,
    scope: Option<&str>,
    now: Timestamp,
) -> Result<AccessToken, OauthError> {
    let wrong = |why: &str| OauthError::Answer {
        url: url.to_owned(),
        why: why.to_owned(),
    };
    let mut remarks = Vec::new();
    let hidden = match (body.access_token, body.token) {
        (Some(hidden), _) => hidden,
        (None, Some(hidden)) => {
            remarks.push(
                "the answer has no access_token: its member token is taken, which RFC 6749 does \
                 not know"
                    .to_owned(),
            );
            hidden
        }
        (None, None) => return Err(wrong("it has no access_token: is this the token endpoint?")),
    };
    let token = hidden
        .0
        .ok_or_else(|| wrong("its access_token is no text"))?;
    let usable = |byte: u8| byte.is_ascii_graphic();
    if token.expose().is_empty() || !token.expose().bytes().all(usable) {
        return Err(wrong(
            "its access_token is empty or has characters that no header can carry",
        ));
    }
    let token_type = body.token_type.map(plain);
    match token_type.as_deref() {
        None => remarks.push("the answer names no token_type: Bearer is taken".to_owned()),
        Some(kind) if kind.eq_ignore_ascii_case("bearer") || kind.eq_ignore_ascii_case("dpop") => {}
        Some(kind) => remarks.push(format!(
            "token_type is {}: it is presented as Bearer",
            one_line(kind)
        )),
    }
    if let Some(kind) = body.issued_token_type.map(plain)
        && kind != TokenKind::AccessToken.identifier()
    {
        remarks.push(format!(
            "issued_token_type is {}: an API may take no such token",
            one_line(&kind)
        ));
    }
    let granted = body.scope.map(plain);
    if let (Some(asked), Some(granted)) = (scope, granted.as_deref()) {
        let missing: Vec<&str> = asked
            .split(' ')
            .filter(|one| !granted.split(' ').any(|each| each == *one))
            .collect();
        if !missing.is_empty() {
            remarks.push(format!(
                "the scope asked for was not granted: {}",
                missing.join(" ")
            ));
        }
    }
    let mut access = AccessToken {
        token,
        answer,
        token_type,
        expires_at: None,
        scope: granted,
        remarks,
    };
    let life = body.expires_in.as_ref().and_then(seconds);
    if let (Some(told), None) = (&body.expires_in, life) {
        access.remarks.push(format!(
            "expires_in is {told}, which is no number of seconds"
        ));
    }
    access.expires_at = match life {
        Some(life) => now.checked_add(SignedDuration::from_secs(life)).ok(),
        None => access.decoded().and_then(|decoded| {
            let exp = decoded.claims()?.members().get("exp")?;
            time::numeric_date(exp)
        }),
    };
    Ok(access)
}

fn refused(status: u16, body: Body) -> Answer {
    Answer::Refused {
        status,
        error: body.error.map(|error| one_line(&plain(error))),
        description: body.error_description.map(|text| one_line(&plain(text))),
    }
}

/// Text as it is, anything else as JSON.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A number of seconds, also where it is written as text.
fn seconds(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    }
    .filter(|seconds| (0..=i64::from(u32::MAX)).contains(seconds))
}

/// `text` with every token in it masked; text that is no plain answer and may hold one is told by
/// its length.
fn masked(text: &str, is_read: bool) -> String {
    let Ok(members) = serde_json::from_str::<HashMap<String, &RawValue>>(text) else {
        return hidden_unless_harmless(text);
    };
    if !is_read {
        return hidden_unless_harmless(text);
    }
    let begin = text.as_ptr().addr();
    let mut places: Vec<Range<usize>> = TOKENS
        .iter()
        .filter_map(|name| members.get(*name))
        .map(|value| {
            let start = value.get().as_ptr().addr() - begin;
            start..start + value.get().len()
        })
        .collect();
    places.sort_by_key(|place| Reverse(place.start));
    let mut shown = text.to_owned();
    for place in places {
        shown.replace_range(place, MASK);
    }
    shown
}

fn hidden_unless_harmless(text: &str) -> String {
    if text.contains("token") {
        format!("‹{} bytes, which may hold a token›", text.len())
    } else {
        text.to_owned()
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(match value {
            Value::String(text) => Some(Secret::new(text)),
            _ => None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://idp.example/token";

    fn response(status: u16, body: &str) -> Response {
        Response {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            elapsed: Duration::ZERO,
        }
    }

    fn read(status: u16, body: &str) -> (Result<Answer, String>, String) {
        let mut response = response(status, body);
        let now = Timestamp::from_second(1_000_000).unwrap();
        let answer = Answer::read(URL, &mut response, Some("read write"), now);
        (answer.map_err(|error| error.to_string()), response.text())
    }

    fn granted(body: &str) -> AccessToken {
        match read(200, body).0.unwrap() {
            Answer::Granted(access) => access,
            refused @ Answer::Refused { .. } => panic!("{refused:?}"),
        }
    }

    #[test]
    fn a_grant_has_its_token_its_end_and_its_scope() {
        let access = granted(
            r#"{"access_token": "abc", "token_type": "bearer", "expires_in": 300, "scope": "write read"}"#,
        );
        assert_eq!(access.token().expose(), "abc");
        assert_eq!(access.expires_at, Timestamp::from_second(1_000_300).ok());
        assert_eq!(access.remarks, Vec::<String>::new());
        let at = |second| access.is_fresh(Timestamp::from_second(second).unwrap());
        assert_eq!((at(1_000_269), at(1_000_270)), (true, false));
    }

    #[test]
    fn what_an_answer_says_in_its_own_way_is_remarked() {
        let access = granted(r#"{"token": "abc", "expires_in": "300", "scope": "read"}"#);
        assert_eq!(access.token().expose(), "abc");
        assert_eq!(access.expires_at, Timestamp::from_second(1_000_300).ok());
        assert_eq!(
            access.remarks,
            [
                "the answer has no access_token: its member token is taken, which RFC 6749 does \
                 not know",
                "the answer names no token_type: Bearer is taken",
                "the scope asked for was not granted: write",
            ]
        );
        let access = granted(r#"{"access_token": "abc", "token_type": "mac", "expires_in": true}"#);
        assert_eq!(access.expires_at, None);
        assert!(!access.is_fresh(Timestamp::from_second(0).unwrap()));
        assert_eq!(
            access.remarks,
            [
                "token_type is mac: it is presented as Bearer",
                "expires_in is true, which is no number of seconds",
            ]
        );
    }

    #[test]
    fn a_jwt_without_expires_in_ends_by_its_own_exp() {
        // {"alg":"none"} and {"exp":1000100}
        let access = granted(r#"{"access_token": "eyJhbGciOiJub25lIn0.eyJleHAiOjEwMDAxMDB9."}"#);
        assert_eq!(access.expires_at, Timestamp::from_second(1_000_100).ok());
    }

    #[test]
    fn tokens_are_masked_where_the_answer_is_shown() {
        let body = r#"{"access_token": "a\"b/c", "token": 5, "n": 1,  "refresh_token": "r"}"#;
        assert_eq!(
            read(200, body).1,
            r#"{"access_token": "••••", "token": "••••", "n": 1,  "refresh_token": "••••"}"#
        );
        let twice = r#"{"access_token": "a", "access_token": "b"}"#;
        assert_eq!(read(200, twice).1, "‹42 bytes, which may hold a token›");
        assert_eq!(read(200, "<html>").1, "<html>");
    }

    #[test]
    fn what_grants_nothing_says_why() {
        for (body, expected) in [
            ("{}", "it has no access_token: is this the token endpoint?"),
            (
                "<html>",
                "it is no JSON object (expected value at line 1 column 1)",
            ),
            (r#"{"access_token": 5}"#, "its access_token is no text"),
            (
                r#"{"access_token": "a\nb"}"#,
                "its access_token is empty or has characters that no header can carry",
            ),
        ] {
            let error = read(200, body).0.unwrap_err();
            assert_eq!(
                error,
                format!("{URL} granted nothing that can be used: {expected}"),
                "{body}"
            );
        }
    }

    #[test]
    fn a_refusal_has_its_word_and_its_reason() {
        for (status, body, expected) in [
            (
                401,
                r#"{"error": "invalid_client", "error_description": "no"}"#,
                (Some("invalid_client"), Some("no")),
            ),
            (
                200,
                r#"{"error": "invalid_scope"}"#,
                (Some("invalid_scope"), None),
            ),
            (
                400,
                r#"{"error": "no\nkeyfob: yes", "error_description": "a\r\n b"}"#,
                (Some("no keyfob: yes"), Some("a b")),
            ),
            (502, "<html>", (None, None)),
        ] {
            let Answer::Refused {
                error, description, ..
            } = read(status, body).0.unwrap()
            else {
                panic!("{body}")
            };
            assert_eq!((error.as_deref(), description.as_deref()), expected);
        }
    }
}
