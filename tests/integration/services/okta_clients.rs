//! Okta's `/oauth2/v1/clients/{clientId}`: a client that is read, and written back whole.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use serde_json::{Value, json};

use super::{Service, credentials, json, says_json};

/// The token of an administrator.
pub(crate) const TOKEN: &str = "admin";
/// The token of somebody who may only look.
pub(crate) const READER: &str = "reader";
/// The one client there is.
pub(crate) const CLIENT: &str = "0oa1";

/// What the server gives and does not take.
const GIVEN: [&str; 2] = ["client_id_issued_at", "client_secret_expires_at"];

type Shared = State<Arc<Mutex<Value>>>;

pub(crate) struct OktaClients {
    pub(crate) service: Service,
    client: Arc<Mutex<Value>>,
}

impl OktaClients {
    pub(crate) fn start() -> Self {
        let client = Arc::new(Mutex::new(json!({
            "client_id": CLIENT,
            "client_id_issued_at": 1_790_000_000,
            "client_secret_expires_at": 0,
            "client_name": "billing",
            "redirect_uris": ["https://acme.example/callback"],
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "private_key_jwt",
            "application_type": "web",
            "jwks": {"keys": []},
        })));
        let routes = Router::new()
            .route("/oauth2/v1/clients/{id}", get(read).put(write))
            .with_state(Arc::clone(&client));
        Self {
            service: Service::start(routes),
            client,
        }
    }

    /// The client as it is now.
    pub(crate) fn client(&self) -> Value {
        self.client.lock().unwrap().clone()
    }

    /// The kids of its keys.
    pub(crate) fn kids(&self) -> Vec<String> {
        let client = self.client();
        let keys = client["jwks"]["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn read(State(client): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match allowed(&id, &headers) {
        Ok(()) => json(StatusCode::OK, &client.lock().unwrap()),
        Err(refused) => *refused,
    }
}

async fn write(
    State(client): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = allowed(&id, &headers) {
        return *refused;
    }
    if credentials(&headers, "SSWS") == Some(READER) {
        let why = "You do not have permission to perform the requested action";
        return error(StatusCode::FORBIDDEN, "E0000006", why);
    }
    let mut client = client.lock().unwrap();
    match written(&client, &headers, &body) {
        Ok(new) => {
            *client = new;
            json(StatusCode::OK, &client)
        }
        Err(why) => json(
            StatusCode::BAD_REQUEST,
            &json!({"error": "invalid_client_metadata", "error_description": why}),
        ),
    }
}

/// The client after the request: every setting has to be in it.
fn written(client: &Value, headers: &HeaderMap, body: &Bytes) -> Result<Value, String> {
    if !says_json(headers) {
        return Err("The content type is not supported.".to_owned());
    }
    let sent: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let members = sent.as_object().ok_or("That is no client.")?;
    if let Some(name) = GIVEN.iter().find(|name| members.contains_key(**name)) {
        return Err(format!("'{name}' must not be sent."));
    }
    let mut new = sent.clone();
    for (name, value) in client.as_object().unwrap() {
        if GIVEN.contains(&name.as_str()) {
            new[name] = value.clone();
        } else if !members.contains_key(name) {
            return Err(format!("'{name}' is missing: every setting must be sent."));
        }
    }
    let keys = sent["jwks"]["keys"].as_array().ok_or("jwks has no keys.")?;
    for key in keys {
        let known = ["kty", "use", "alg", "kid", "n", "e", "crv", "x", "y"];
        let is_known = |name: &String| known.contains(&name.as_str());
        let is_key = key["kid"].is_string() && matches!(key["kty"].as_str(), Some("RSA" | "EC"));
        if !is_key || !key.as_object().unwrap().keys().all(is_known) {
            return Err("A key of jwks is not as it is described.".to_owned());
        }
    }
    Ok(new)
}

fn allowed(id: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let ssws = credentials(headers, "SSWS");
    let is_known = matches!(ssws, Some(TOKEN | READER));
    if !is_known && credentials(headers, "Bearer") != Some(TOKEN) {
        let why = "Invalid token provided";
        return Err(error(StatusCode::UNAUTHORIZED, "E0000011", why).into());
    }
    if id != CLIENT {
        let why = format!("Not found: Resource not found: {id} (PublicClientApp)");
        return Err(error(StatusCode::NOT_FOUND, "E0000007", &why).into());
    }
    Ok(())
}

fn error(status: StatusCode, code: &str, why: &str) -> Response {
    let body =
        json!({"errorCode": code, "errorSummary": why, "errorLink": code, "errorCauses": []});
    json(status, &body)
}
