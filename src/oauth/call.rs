//! A call of an API with a client's access token (RFC 6750 section 2.1).

use super::{access_token::AccessToken, client::Client, error::OauthError, keys::Keys};
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

    /// The request as it is shown: the token is masked wherever it stands.
    pub fn shown(&self) -> Request {
        self.with(Secret::new(String::new()))
    }

    /// Sends it once with `access` and reads the head of the answer. The `keys` of a client whose
    /// tokens are bound to them must be there.
    pub fn open(
        &self,
        client: &Client,
        access: &AccessToken,
        keys: Option<&Keys>,
    ) -> Result<Stream, OauthError> {
        let policy = self.policy(client)?;
        let policy = match keys {
            Some(keys) => keys.policy(client)?,
            None => policy,
        };
        Ok(Stream::open(&self.with(access.token().clone()), &policy)?)
    }

    fn with(&self, token: Secret<String>) -> Request {
        let own = self.headers.iter();
        let mut headers: Vec<(String, HeaderValue)> = own
            .map(|(name, value)| (name.clone(), HeaderValue::Plain(value.clone())))
            .collect();
        let bearer = HeaderValue::Secret {
            scheme: "Bearer".to_owned(),
            value: token,
        };
        headers.push(("Authorization".to_owned(), bearer));
        Request {
            method: self.method,
            url: self.url.as_str().to_owned(),
            headers,
            body: self.body.clone(),
        }
    }
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
        call.unwrap().shown().shown()
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
