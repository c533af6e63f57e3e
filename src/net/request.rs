//! A request as data: shown before it is sent, copied as curl, sent unchanged.

use std::{fmt, time::Duration};

use super::url::Url;
use crate::secret::Secret;

/// What stands in place of a secret on the screen.
const MASK: &str = "••••";

/// A request method (RFC 9110 section 9, RFC 5789).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
}

/// A header's value.
#[derive(Clone, Debug)]
pub enum HeaderValue {
    Plain(String),
    /// Sent as `scheme value` (as `value` where the scheme is empty), shown as `Bearer ••••`.
    Secret {
        scheme: String,
        value: Secret<String>,
    },
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, HeaderValue)>,
    pub body: Option<String>,
}

/// What came back; headers and body are text from outside.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// After decompression.
    pub body: Vec<u8>,
    /// From the first byte sent to the last one read, repetitions included.
    pub elapsed: Duration,
}

impl Method {
    pub const ALL: [Self; 7] = [
        Self::Delete,
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Patch,
        Self::Post,
        Self::Put,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }

    /// Whether sending it twice does what sending it once does (RFC 9110 section 9.2.2).
    pub fn is_idempotent(self) -> bool {
        match self {
            Self::Delete | Self::Get | Self::Head | Self::Options | Self::Put => true,
            Self::Patch | Self::Post => false,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Request {
    /// Method and URL, headers with secrets masked, and after an empty line the body.
    pub fn shown(&self) -> Vec<String> {
        let mut lines = vec![format!("{} {}", self.method, self.url)];
        lines.extend(self.headers.iter().map(|(name, value)| match value {
            HeaderValue::Plain(value) => format!("{name}: {value}"),
            HeaderValue::Secret { scheme, .. } => format!("{name}: {}{MASK}", prefix(scheme)),
        }));
        if let Some(body) = &self.body {
            lines.push(String::new());
            lines.extend(body.lines().map(str::to_owned));
        }
        lines
    }

    /// A curl command with `$TOKEN` in place of secrets, quoted for a POSIX shell.
    pub fn curl(&self) -> String {
        let method = match self.method {
            Method::Get => String::new(),
            // With -X, curl would wait for a body.
            Method::Head => " -I".to_owned(),
            other => format!(" -X {other}"),
        };
        let mut words = vec![format!("curl{method} {}", quoted(&self.url))];
        words.extend(self.headers.iter().map(|(name, value)| match value {
            HeaderValue::Plain(value) => format!("-H {}", quoted(&format!("{name}: {value}"))),
            HeaderValue::Secret { scheme, .. } => {
                format!(
                    r#"-H "{}: {}$TOKEN""#,
                    expandable(name),
                    expandable(&prefix(scheme))
                )
            }
        }));
        words.extend(
            self.body
                .iter()
                .map(|body| format!("--data-raw {}", quoted(body))),
        );
        words.join(" \\\n  ")
    }

    /// Whether it only asks (RFC 9110 section 9.2.1).
    pub fn is_reading(&self) -> bool {
        matches!(self.method, Method::Get | Method::Head | Method::Options)
    }

    /// Whether it carries anything that proves who sends it.
    pub(super) fn has_credentials(&self) -> bool {
        self.headers.iter().any(|(name, value)| {
            matches!(value, HeaderValue::Secret { .. })
                || name.eq_ignore_ascii_case("authorization")
                || name.eq_ignore_ascii_case("cookie")
        })
    }
}

impl Response {
    /// The first header of that name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(each, _)| each.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The next page that a `Link` header names (RFC 8288), on the origin of `base` only.
    pub fn next_link(&self, base: &str) -> Option<String> {
        let base = Url::parse(base).ok()?;
        let links = self
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("link"))
            .flat_map(|(_, value)| value.split(", <"));
        let mut next = links.filter_map(|link| {
            let (target, parameters) = link.trim_start_matches('<').split_once('>')?;
            let is_next = |parameter: &str| matches!(parameter.trim(), "rel=\"next\"" | "rel=next");
            parameters.split(';').any(is_next).then_some(target)
        });
        let target = base.same_origin_target(next.next()?)?;
        Some(target.as_str().to_owned())
    }

    /// Status and headers, cookies masked, and after an empty line the body.
    pub fn shown(&self) -> Vec<String> {
        let mut lines = vec![format!("HTTP {}", self.status)];
        lines.extend(self.headers.iter().map(|(name, value)| {
            let is_cookie = name.eq_ignore_ascii_case("set-cookie");
            format!("{name}: {}", if is_cookie { MASK } else { value })
        }));
        if !self.body.is_empty() {
            lines.push(String::new());
            lines.extend(self.text().lines().map(str::to_owned));
        }
        lines
    }

    /// The body as text; what is no UTF-8 becomes U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn prefix(scheme: &str) -> String {
    if scheme.is_empty() {
        String::new()
    } else {
        format!("{scheme} ")
    }
}

/// One shell word in single quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Text that stands for itself within double quotes.
fn expandable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            matches!(c, '$' | '`' | '"' | '\\')
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            method: Method::Post,
            url: "https://host.example/api/it's?a=1&b=$HOME".to_owned(),
            headers: vec![
                (
                    "Accept".to_owned(),
                    HeaderValue::Plain("a/b; q='1'".to_owned()),
                ),
                (
                    "Authorization".to_owned(),
                    HeaderValue::Secret {
                        scheme: "Bearer".to_owned(),
                        value: Secret::new("s3cret".to_owned()),
                    },
                ),
                (
                    "X-`id`".to_owned(),
                    HeaderValue::Secret {
                        scheme: String::new(),
                        value: Secret::new("s3cret".to_owned()),
                    },
                ),
            ],
            body: Some("{\n  \"kid\": \"it's $(rm -rf /) `x` \\\\\"\n}".to_owned()),
        }
    }

    #[test]
    fn what_is_shown_is_what_is_sent_but_for_the_secrets() {
        assert_eq!(
            request().shown(),
            [
                "POST https://host.example/api/it's?a=1&b=$HOME",
                "Accept: a/b; q='1'",
                "Authorization: Bearer ••••",
                "X-`id`: ••••",
                "",
                "{",
                r#"  "kid": "it's $(rm -rf /) `x` \\""#,
                "}",
            ]
        );
    }

    #[test]
    fn curl_survives_a_shell_with_every_byte_in_place() {
        let request = request();
        let script = format!(
            "TOKEN=t\ncurl() {{ for word in \"$@\"; do printf '%s\\0' \"$word\"; done; }}\n{}",
            request.curl()
        );
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(script)
            .output()
            .unwrap();
        let words: Vec<_> = String::from_utf8(output.stdout)
            .unwrap()
            .split_terminator('\0')
            .map(str::to_owned)
            .collect();
        assert_eq!(
            words,
            [
                "-X",
                "POST",
                &request.url,
                "-H",
                "Accept: a/b; q='1'",
                "-H",
                "Authorization: Bearer t",
                "-H",
                "X-`id`: t",
                "--data-raw",
                request.body.as_deref().unwrap(),
            ]
        );
    }

    #[test]
    fn neither_debug_nor_curl_shows_a_secret() {
        let request = request();
        assert!(!format!("{request:?}").contains("s3cret"));
        assert!(!request.curl().contains("s3cret"));
    }
}
