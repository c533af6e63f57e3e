//! A call of an API with a client's access token (RFC 6750 section 2.1, RFC 9449 section 7.1).

use jiff::Timestamp;

use super::{
    access_token::AccessToken,
    client::Client,
    commands,
    dpop::{self, Dpop, NONCES, Purpose},
    error::OauthError,
    keys::Keys,
    step::{Step, StepName},
};
use crate::{
    net::{
        policy::Policy,
        request::{HeaderValue, Method, Request},
        stream::Stream,
        url::{Scheme, Url},
    },
    secret::Secret,
};

/// What is to be sent to an API; its access token joins when it goes out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    pub method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Call {
    /// Without `method` it is GET, and POST with a body; a body that is JSON is sent as such.
    pub fn new(
        url: &str,
        method: Option<Method>,
        mut headers: Vec<(String, String)>,
        body: Option<String>,
    ) -> Result<Self, OauthError> {
        let url = Url::parse(url)?;
        let has_type = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let Some(body) = &body
            && !has_type
        {
            let is_json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
            let kind = if is_json {
                "application/json"
            } else {
                "application/x-www-form-urlencoded"
            };
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        let method = method.unwrap_or(match body {
            Some(_) => Method::Post,
            None => Method::Get,
        });
        Ok(Self {
            method,
            url,
            headers,
            body,
        })
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What the HTTP client may do for it: what `client`'s server may do, its API may.
    pub fn policy(&self, client: &Client) -> Result<Policy, OauthError> {
        let is_plain = self.url.scheme() == Scheme::Http && !self.url.is_loopback();
        if is_plain && !client.settings.allow_http {
            return Err(OauthError::DoesNotFit(format!(
                "{} would get the access token over plain http, where anybody on the way can take \
                 it: use https, or say allow_http: true at the client",
                self.url.authority()
            )));
        }
        Ok(client.policy())
    }

    /// The request as it is shown, of a client whose key `prover` signs proofs: what is secret is
    /// masked wherever it stands.
    pub fn shown(&self, prover: Option<&str>) -> Request {
        let empty = || Secret::new(String::new());
        self.with(empty(), prover.map(|_| empty()))
    }

    /// The commands that do the same, for a client whose key `prover` signs proofs.
    pub fn curl(&self, prover: Option<&str>) -> String {
        let mut curl = self.shown(prover).curl();
        let own = self.headers.iter().map(|(name, _)| name.as_str());
        let secret = own.filter(|name| names_secret(name));
        for name in secret.chain(prover.map(|_| dpop::SCHEME)) {
            // What stands in place of a secret is the token, and here it is another one.
            let variable = name.to_ascii_uppercase().replace('-', "_");
            let other = format!("\"{name}: ${variable}\"");
            curl = curl.replace(&format!("\"{name}: $TOKEN\""), &other);
        }
        let Some(kid) = prover else {
            return curl;
        };
        let proof = commands::proof(kid, self.method, self.url.as_str(), Some("$TOKEN"));
        format!("{proof}\n{curl}")
    }

    /// Sends it with `access` and reads the head of the answer. The `keys` of a client whose tokens
    /// are bound to them must be there. Every step up to the answer that counts is told; where the
    /// API asks for another proof, with the nonce it gives, it is sent once more.
    pub fn open(
        &self,
        client: &Client,
        access: &AccessToken,
        keys: Option<&Keys>,
        clock: &dyn Fn() -> Timestamp,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Stream, OauthError> {
        let mut policy = self.policy(client)?;
        if let Some(keys) = keys {
            policy = keys.policy(client)?;
        }
        let keys = keys.filter(|_| access.needs_proof());
        let proving = keys.and_then(|keys| Some((keys, keys.prover()?)));
        let kid = proving.map(|(_, prover)| prover.record.kid.as_str());
        let mut tries = 0;
        loop {
            let mut proof = None;
            if let Some((keys, prover)) = proving {
                let nonce = keys.nonces.of(&self.url);
                let purpose = Purpose {
                    method: self.method,
                    url: &self.url,
                    nonce: nonce.as_deref(),
                    access: Some(access),
                };
                let dpop = Dpop::new(prover, purpose, clock())?;
                tell(dpop.step(prover, purpose));
                proof = Some(dpop.token().clone());
            }
            let shown = self.shown(kid);
            tell(
                Step::good(
                    StepName::Call,
                    format!("{} {}", self.method, self.url.as_str()),
                )
                .with_raw(shown.shown())
                .with_curl(self.curl(kid)),
            );
            let stream = Stream::open(&self.with(access.token().clone(), proof), &policy)?;
            let head = stream.head();
            let Some((keys, _)) = proving else {
                return Ok(stream);
            };
            keys.nonces.keep(&self.url, head);
            tries += 1;
            if tries > NONCES || !dpop::asks_for_nonce(head) {
                return Ok(stream);
            }
            let summary = format!(
                "{} {}: again, with the nonce it gave",
                head.status,
                dpop::USE_NONCE
            );
            tell(
                Step::good(StepName::CallAnswer, summary)
                    .took(head.elapsed)
                    .with_raw(head.shown()),
            );
        }
    }

    fn with(&self, token: Secret<String>, proof: Option<Secret<String>>) -> Request {
        let own = self.headers.iter();
        let mut headers: Vec<(String, HeaderValue)> = own
            .map(|(name, value)| {
                let value = if names_secret(name) {
                    HeaderValue::Secret {
                        scheme: String::new(),
                        value: Secret::new(value.clone()),
                    }
                } else {
                    HeaderValue::Plain(value.clone())
                };
                (name.clone(), value)
            })
            .collect();
        let scheme = match proof {
            Some(_) => dpop::SCHEME,
            None => "Bearer",
        };
        let authorization = HeaderValue::Secret {
            scheme: scheme.to_owned(),
            value: token,
        };
        headers.push(("Authorization".to_owned(), authorization));
        headers.extend(proof.map(dpop::as_header));
        Request {
            method: self.method,
            url: self.url.as_str().to_owned(),
            headers,
            body: self.body.clone(),
        }
    }
}

/// Whether the value of a header is nobody's business: `X-Api-Key`, `Cookie`, `X-Auth-Token`.
fn names_secret(header: &str) -> bool {
    /// A client's name for its request, which the screen may tell.
    const PUBLIC: &str = "idempotency-key";
    const LAST: [&str; 6] = [
        "authorization",
        "cookie",
        "key",
        "password",
        "secret",
        "token",
    ];
    let name = header.to_ascii_lowercase();
    let last = name.rsplit(['-', '_']).next().unwrap_or_default();
    name != PUBLIC && LAST.iter().any(|word| last.ends_with(word))
}

/// Reads `NAME: VALUE`.
pub fn header(text: &str) -> Result<(String, String), String> {
    let Some((name, value)) = text.split_once(':') else {
        return Err("write NAME: VALUE".to_owned());
    };
    let (name, value) = (name.trim(), value.trim());
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("{name:?} is no name of a header"));
    }
    if value.chars().any(char::is_control) {
        return Err(format!(
            "{name} has a control character, which HTTP forbids"
        ));
    }
    if name.eq_ignore_ascii_case("authorization") {
        return Err("Authorization: leave it out, the client's access token goes there".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(method: Option<Method>, headers: &[(&str, &str)], body: Option<&str>) -> Vec<String> {
        let own = headers.iter();
        let headers = own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let body = body.map(str::to_owned);
        let call = Call::new("https://api.example/v1", method, headers.collect(), body);
        call.unwrap().shown(None).shown()
    }

    #[test]
    fn a_body_decides_the_method_and_its_own_type() {
        assert_eq!(
            shown(None, &[], None),
            ["GET https://api.example/v1", "Authorization: Bearer ••••"]
        );
        assert_eq!(
            shown(None, &[], Some("{\"a\": 1}")),
            [
                "POST https://api.example/v1",
                "Content-Type: application/json",
                "Authorization: Bearer ••••",
                "",
                "{\"a\": 1}"
            ]
        );
        assert_eq!(
            shown(Some(Method::Put), &[], Some("a=b"))[1],
            "Content-Type: application/x-www-form-urlencoded"
        );
        assert_eq!(
            shown(None, &[("content-type", "text/plain")], Some("{}")),
            [
                "POST https://api.example/v1",
                "content-type: text/plain",
                "Authorization: Bearer ••••",
                "",
                "{}"
            ]
        );
    }

    #[test]
    fn a_header_that_names_a_secret_is_masked_wherever_it_is_shown() {
        let own = [
            ("X-Api-Key", "s3cret"),
            ("Cookie", "id=s3cret"),
            ("Idempotency-Key", "7"),
        ];
        assert_eq!(
            shown(None, &own, None),
            [
                "GET https://api.example/v1",
                "X-Api-Key: ••••",
                "Cookie: ••••",
                "Idempotency-Key: 7",
                "Authorization: Bearer ••••"
            ]
        );
        let headers = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let call = Call::new("https://api.example/v1", None, headers.to_vec(), None).unwrap();
        assert_eq!(
            call.curl(None),
            "curl 'https://api.example/v1' \\\n  -H \"X-Api-Key: $X_API_KEY\" \\\n  -H \"Cookie: \
             $COOKIE\" \\\n  -H 'Idempotency-Key: 7' \\\n  -H \"Authorization: Bearer $TOKEN\""
        );
    }

    #[test]
    fn a_header_is_a_name_and_a_value_and_never_the_proof() {
        assert_eq!(
            header(" X-Own :  a: b "),
            Ok(("X-Own".to_owned(), "a: b".to_owned()))
        );
        for (text, expected) in [
            ("X-Own", "write NAME: VALUE"),
            (": a", "\"\" is no name of a header"),
            ("X Own: a", "\"X Own\" is no name of a header"),
            (
                "X: a\r\nY: b",
                "X has a control character, which HTTP forbids",
            ),
            (
                "authorization: Basic x",
                "Authorization: leave it out, the client's access token goes there",
            ),
        ] {
            assert_eq!(header(text).unwrap_err(), expected, "{text}");
        }
    }
}
