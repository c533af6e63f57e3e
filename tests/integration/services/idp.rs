//! An authorization server that registers clients (RFC 7591) and lets them manage themselves (RFC
//! 7592). A registration access token is dead once another was given out, as certified servers do it.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{Service, credentials, json, says_json};

/// The token that lets somebody register a client.
pub(crate) const INITIAL: &str = "initial";

/// How the server lets clients manage themselves.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Management {
    /// Not at all: RFC 7591 alone.
    None,
    /// A new token with each answer, valid once.
    OneTimeTokens,
    /// A new token with each change.
    TokensChange,
}

pub(crate) struct Idp {
    pub(crate) service: Service,
    state: Arc<Mutex<Registered>>,
}

struct Registered {
    management: Management,
    /// What is registered: one client is enough here.
    client: Option<Map<String, Value>>,
    token: String,
    given_out: u32,
    /// Members that it leaves out of what it was asked to register.
    drops: Vec<&'static str>,
}

type Shared = State<Arc<Mutex<Registered>>>;

impl Idp {
    pub(crate) fn start(management: Management) -> Self {
        let state = Arc::new(Mutex::new(Registered {
            management,
            client: None,
            token: String::new(),
            given_out: 0,
            drops: Vec::new(),
        }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/clients", post(register))
            .route("/clients/{id}", get(read).put(write).delete(delete))
            .with_state(Arc::clone(&state));
        Self {
            service: Service::start(routes),
            state,
        }
    }

    /// The client that is registered.
    pub(crate) fn client(&self) -> Option<Map<String, Value>> {
        self.state.lock().unwrap().client.clone()
    }

    /// The kids of its keys.
    pub(crate) fn kids(&self) -> Vec<String> {
        let client = self.client().unwrap_or_default();
        let keys = client["jwks"]["keys"].as_array().unwrap();
        let kid = |key: &Value| key["kid"].as_str().unwrap().to_owned();
        keys.iter().map(kid).collect()
    }

    /// Puts a key there by another way.
    pub(crate) fn put(&self, key: Value) {
        let mut state = self.state.lock().unwrap();
        let client = state.client.as_mut().unwrap();
        let keys = client["jwks"]["keys"].as_array_mut().unwrap();
        keys.push(key);
    }

    /// Removes the client by another way.
    pub(crate) fn remove(&self) {
        self.state.lock().unwrap().client = None;
    }

    /// Takes away the client's own token.
    pub(crate) fn revoke(&self) {
        self.state.lock().unwrap().give_out();
    }

    /// Registers clients without this member from now on.
    pub(crate) fn drops(&self, member: &'static str) {
        self.state.lock().unwrap().drops.push(member);
    }
}

impl Registered {
    fn give_out(&mut self) {
        self.given_out += 1;
        self.token = format!("manage-{}", self.given_out);
    }

    /// What is registered, with what manages it.
    fn answer(&self, base: &str) -> Value {
        let mut client = self.client.clone().unwrap();
        if self.management != Management::None {
            let id = client["client_id"].as_str().unwrap();
            let uri = format!("{base}/clients/{id}");
            client.insert("registration_client_uri".to_owned(), uri.into());
            client.insert(
                "registration_access_token".to_owned(),
                self.token.as_str().into(),
            );
        }
        client.insert("client_id_issued_at".to_owned(), 1_764_000_000.into());
        Value::Object(client)
    }

    fn take(&mut self, mut client: Map<String, Value>) {
        for member in &self.drops {
            client.remove(*member);
        }
        self.client = Some(client);
    }
}

async fn metadata(headers: HeaderMap) -> Response {
    let base = base(&headers);
    let document = json!({
        "issuer": base,
        "registration_endpoint": format!("{base}/clients"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"),
    });
    json(StatusCode::OK, &document)
}

async fn register(State(state): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if credentials(&headers, "Bearer") != Some(INITIAL) {
        return error(
            StatusCode::UNAUTHORIZED,
            "invalid_token",
            "no initial token",
        );
    }
    let mut client = match sent(&headers, &body) {
        Ok(client) => client,
        Err(refused) => return *refused,
    };
    let mut state = state.lock().unwrap();
    assert!(state.client.is_none(), "a client is never registered twice");
    client.insert("client_id".to_owned(), "c-1".into());
    state.take(client);
    state.give_out();
    json(StatusCode::CREATED, &state.answer(&base(&headers)))
}

async fn read(State(state): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let mut state = state.lock().unwrap();
    if let Err(refused) = allowed(&state, &id, &headers) {
        return *refused;
    }
    if state.management == Management::OneTimeTokens {
        state.give_out();
    }
    json(StatusCode::OK, &state.answer(&base(&headers)))
}

async fn write(
    State(state): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = state.lock().unwrap();
    if let Err(refused) = allowed(&state, &id, &headers) {
        return *refused;
    }
    let client = match sent(&headers, &body) {
        Ok(client) => client,
        Err(refused) => return *refused,
    };
    // RFC 7592 section 2.2.
    let forbidden = [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ];
    if client["client_id"] != id.as_str() || forbidden.iter().any(|name| client.contains_key(*name))
    {
        return invalid("The request is not a whole client.");
    }
    state.take(client);
    state.give_out();
    json(StatusCode::OK, &state.answer(&base(&headers)))
}

async fn delete(State(state): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let mut state = state.lock().unwrap();
    if let Err(refused) = allowed(&state, &id, &headers) {
        return *refused;
    }
    state.client = None;
    StatusCode::NO_CONTENT.into_response()
}

/// An unknown client and a wrong token are answered alike (RFC 7592 section 2).
fn allowed(state: &Registered, id: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let known = state.client.as_ref();
    let known = known.is_some_and(|client| client["client_id"] == id);
    if known && credentials(headers, "Bearer") == Some(state.token.as_str()) {
        return Ok(());
    }
    Err(error(
        StatusCode::UNAUTHORIZED,
        "invalid_token",
        "The token is not valid.",
    )
    .into())
}

/// The metadata of a request, each checked as RFC 7591 and certified servers do.
fn sent(headers: &HeaderMap, body: &Bytes) -> Result<Map<String, Value>, Box<Response>> {
    if !says_json(headers) {
        return Err(invalid("The content type must be application/json.").into());
    }
    let Ok(Value::Object(client)) = serde_json::from_slice(body) else {
        return Err(invalid("That is no JSON object.").into());
    };
    if client.get("redirect_uris") != Some(&json!([]))
        || client.get("response_types") != Some(&json!([]))
    {
        let why = "redirect_uris must not be left out";
        return Err(error(StatusCode::BAD_REQUEST, "invalid_redirect_uri", why).into());
    }
    if client.contains_key("jwks_uri") {
        return Err(invalid("jwks and jwks_uri exclude each other.").into());
    }
    let keys = client["jwks"]["keys"].as_array().cloned();
    let is_public = |key: &Value| key.get("d").is_none() && key.get("k").is_none();
    match keys {
        Some(keys) if !keys.is_empty() && keys.iter().all(is_public) => {}
        _ => return Err(invalid("jwks must hold public keys.").into()),
    }
    if client
        .get("scope")
        .is_some_and(|scope| scope == "everything")
    {
        return Err(invalid("scope must only hold values of this server.").into());
    }
    Ok(client)
}

fn base(headers: &HeaderMap) -> String {
    format!("http://{}", headers[header::HOST].to_str().unwrap())
}

fn invalid(why: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "invalid_client_metadata", why)
}

fn error(status: StatusCode, code: &str, why: &str) -> Response {
    json(status, &json!({"error": code, "error_description": why}))
}
