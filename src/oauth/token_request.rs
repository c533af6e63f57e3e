//! The request for an access token (RFC 6749 section 4.4.2, RFC 7523 sections 2.1 and 2.2).

use super::{
    client::Client,
    dpop::{self, Dpop},
    inquiry::{self, Inquiry},
    proof::Proof,
};
use crate::{
    config::settings::{ClientAuth, Grant},
    net::{
        form,
        request::{HeaderValue, Method, Request},
        url::Url,
    },
    secret::Secret,
};

/// What stands in the shown request for the assertion.
pub const PLACEHOLDER: &str = "$ASSERTION";

/// What stands there for the token that is exchanged.
pub const SUBJECT_TOKEN: &str = "$SUBJECT_TOKEN";

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The parameters in their order, an assertion as a placeholder.
pub fn parameters(client: &Client) -> Vec<(&str, &str)> {
    let settings = &client.settings;
    let mut parameters = vec![("grant_type", settings.grant.kind())];
    match settings.grant {
        Grant::ClientCredentials => parameters.extend(authentication(client)),
        // The assertion says for whom and proves it (RFC 7521 section 4.1).
        Grant::JwtBearer => {
            parameters.push(("assertion", PLACEHOLDER));
            if settings.auth != ClientAuth::PrivateKeyJwt {
                parameters.extend(authentication(client));
            }
        }
        Grant::TokenExchange(kind) => {
            parameters.extend([
                ("subject_token", SUBJECT_TOKEN),
                ("subject_token_type", kind.identifier()),
            ]);
            parameters.extend(authentication(client));
        }
    }
    for (name, value) in [
        ("scope", &settings.scope),
        ("resource", &settings.resource),
        ("audience", &settings.request_audience),
    ] {
        if let Some(value) = value {
            parameters.push((name, value));
        }
    }
    let extra = settings.extra.iter();
    parameters.extend(extra.map(|(name, value)| (name.as_str(), value.as_str())));
    parameters
}

/// The parameters by which the client proves itself, an assertion as a placeholder.
pub(super) fn authentication(client: &Client) -> Vec<(&str, &str)> {
    let settings = &client.settings;
    let mut parameters = vec![("client_id", settings.client_id.as_str())];
    match settings.auth {
        // A header says who it is.
        ClientAuth::ClientSecretBasic => parameters.clear(),
        ClientAuth::ClientSecretJwt | ClientAuth::PrivateKeyJwt => parameters.extend([
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", PLACEHOLDER),
        ]),
        // The connection is the proof (RFC 8705 section 2).
        ClientAuth::SelfSignedTlsClientAuth | ClientAuth::TlsClientAuth => {}
    }
    parameters
}

/// What a server is asked of a token, as it is shown.
pub(super) fn inquiry(client: &Client, url: &Url) -> Request {
    let body = form::encoded(Inquiry::parameters(client));
    let body = body.replace("%24ASSERTION", PLACEHOLDER);
    let body = body.replace("%24TOKEN", inquiry::PLACEHOLDER);
    request(url, body, masked(client))
}

/// The same as it is sent, of `token`.
pub(super) fn inquiry_sent(
    client: &Client,
    url: &Url,
    proof: &Proof,
    token: &Secret<String>,
) -> Request {
    let parameters = Inquiry::parameters(client).into_iter();
    let parameters = parameters.map(|(name, value)| match name {
        "token" => (name, token.expose().as_str()),
        _ => filled((name, value), proof),
    });
    request(url, form::encoded(parameters), authorization(proof))
}

/// The request as it is shown.
pub fn shown(client: &Client, url: &Url) -> Request {
    let body = form::encoded(parameters(client)).replace("%24ASSERTION", PLACEHOLDER);
    let body = body.replace("%24SUBJECT_TOKEN", SUBJECT_TOKEN);
    let is_proven = client.settings.proof_key().is_some();
    let dpop = is_proven.then(|| dpop::as_header(Secret::new(String::new())));
    request(url, body, masked(client).into_iter().chain(dpop))
}

/// The request as it is sent, where `subject` is the token that is exchanged.
pub(super) fn sent(
    client: &Client,
    url: &Url,
    proof: &Proof,
    dpop: Option<&Dpop>,
    subject: Option<&Secret<String>>,
) -> Request {
    let parameters = parameters(client).into_iter();
    let parameters = parameters.map(|(name, value)| match (name, subject) {
        ("subject_token", Some(subject)) => (name, subject.expose().as_str()),
        _ => filled((name, value), proof),
    });
    let dpop = dpop.map(|dpop| dpop::as_header(dpop.token().clone()));
    let headers = authorization(proof).into_iter().chain(dpop);
    request(url, form::encoded(parameters), headers)
}

/// A parameter with what `proof` has in the place of a placeholder.
fn filled<'a>((name, value): (&'a str, &'a str), proof: &'a Proof) -> (&'a str, &'a str) {
    match (name, proof) {
        ("assertion" | "client_assertion", Proof::Assertion(assertion)) => {
            (name, assertion.token().expose().as_str())
        }
        _ => (name, value),
    }
}

/// The header by which `proof` says who the client is.
fn authorization(proof: &Proof) -> Option<(String, HeaderValue)> {
    match proof {
        Proof::Basic(credentials) => Some(basic(credentials.clone())),
        Proof::Assertion(_) | Proof::Certificate => None,
    }
}

/// The same as it is shown.
fn masked(client: &Client) -> Option<(String, HeaderValue)> {
    let is_basic = client.settings.auth == ClientAuth::ClientSecretBasic;
    is_basic.then(|| basic(Secret::new(String::new())))
}

fn basic(credentials: Secret<String>) -> (String, HeaderValue) {
    let value = HeaderValue::Secret {
        scheme: "Basic".to_owned(),
        value: credentials,
    };
    ("Authorization".to_owned(), value)
}

fn request(
    url: &Url,
    body: String,
    more: impl IntoIterator<Item = (String, HeaderValue)>,
) -> Request {
    let plain = |text: &str| HeaderValue::Plain(text.to_owned());
    let mut headers = vec![
        (
            "Content-Type".to_owned(),
            plain("application/x-www-form-urlencoded"),
        ),
        ("Accept".to_owned(), plain("application/json")),
    ];
    headers.extend(more);
    Request {
        method: Method::Post,
        url: url.as_str().to_owned(),
        headers,
        body: Some(body),
    }
}
