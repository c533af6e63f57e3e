//! Telling a sandbox that runs, here or in another process, what to do: over HTTP, as anybody could.

use serde_json::{Value, json};

use super::{
    fault::{Fault, Faults},
    server::{Running, TOKEN},
};
use crate::{
    net::{
        error::NetError,
        http,
        policy::Policy,
        request::{HeaderValue, Method, Request},
    },
    secret::Secret,
};

/// What a sandbox is asked or told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Which faults are on.
    Faults,
    /// Another key signs from now on.
    Rotate,
    /// From the next request on these faults are on, and no others.
    SetFaults(Faults),
}

/// What it said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Told {
    /// The faults that are on.
    Faults(Faults),
    /// The kid of the key that signs now.
    Rotated(String),
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// No answer.
    #[error(transparent)]
    Net(#[from] NetError),
    /// Another program answers there, or a sandbox of another version.
    #[error("{url} answered {status}: no sandbox of this version runs there; start it anew")]
    Unknown { url: String, status: u16 },
}

/// Asks or tells the sandbox.
pub fn ask(running: &Running, order: Order) -> Result<Told, RemoteError> {
    let (method, path, body) = match order {
        Order::Faults => (Method::Get, "/faults", None),
        Order::Rotate => (Method::Post, "/rotate", Some(String::new())),
        Order::SetFaults(faults) => {
            let names: Vec<_> = faults.iter().map(Fault::name).collect();
            let body = json!({ "faults": names }).to_string();
            (Method::Put, "/faults", Some(body))
        }
    };
    let url = format!("{}{path}", running.auth);
    let authorization = HeaderValue::Secret {
        scheme: "Bearer".to_owned(),
        value: Secret::new(TOKEN.to_owned()),
    };
    let request = Request {
        method,
        url: url.clone(),
        headers: vec![("Authorization".to_owned(), authorization)],
        body,
    };
    let response = http::send(&request, &Policy::default())?;
    let told = match (response.status, order) {
        (200, Order::Rotate) => kid(&response.body).map(Told::Rotated),
        (200, _) => faults(&response.body).map(Told::Faults),
        _ => None,
    };
    told.ok_or(RemoteError::Unknown {
        url,
        status: response.status,
    })
}

fn kid(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("kid")?.as_str()?.to_owned())
}

fn faults(body: &[u8]) -> Option<Faults> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let names = body.get("faults")?.as_array()?.iter();
    names
        .map(|name| name.as_str()?.parse::<Fault>().ok())
        .collect()
}
