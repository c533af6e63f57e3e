//! What the commands that talk to endpoints share.

use serde_json::{Map, Value, json};

use super::{failure::Failure, output::Output, session::Session};
use crate::{
    net::request::{HeaderValue, Request},
    registry::{endpoint::Endpoint, error::RegistryError},
};

/// The endpoint `name`, its API token resolved; the passphrase is asked for where it is sealed.
pub(super) fn endpoint(name: &str, session: &Session) -> Result<Endpoint, Failure> {
    let endpoints = session.endpoints()?;
    if !endpoints.is_sealed(name)? {
        return Ok(endpoints.resolved(name, session.home(), None)?);
    }
    let keystore = session.keystore()?;
    let unlocked = session.unlock(&keystore)?;
    Ok(endpoints.resolved(name, session.home(), Some((&keystore, &unlocked)))?)
}

/// A request as `--json` prints it: secrets are masked.
pub(super) fn request_json(request: &Request) -> Value {
    json!({
        "method": request.method.name(),
        "url": request.url,
        "headers": request.headers.iter().map(header_json).collect::<Map<_, _>>(),
        "body": request.body.as_deref().map(body_json),
        "curl": request.curl(),
    })
}

/// Shows what a service answered before its refusal becomes the failure.
pub(super) fn refused(error: RegistryError, output: &mut Output) -> Failure {
    if let Some(last) = error.exchanges().last() {
        let (request, response) = (&last.request, &last.response);
        output.say(&format!(
            "{} {} → {}",
            request.method, request.url, response.status
        ));
    }
    Failure::from(error)
}

fn header_json((name, value): &(String, HeaderValue)) -> (String, Value) {
    let value = match value {
        HeaderValue::Plain(value) => value.clone(),
        HeaderValue::Secret { scheme, .. } => format!("{scheme} [masked]"),
    };
    (name.clone(), Value::String(value))
}

fn body_json(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()))
}
