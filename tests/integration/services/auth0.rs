//! Auth0's `/api/v2/clients/{id}/credentials`: PEM in, never a key out, two credentials at most, and
//! none in use before the application names it.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{Service, credentials, json, says_json};

/// A Management API token with every scope.
pub(crate) const TOKEN: &str = "management";
/// One without the scope that changes applications.
pub(crate) const HALF: &str = "half";
/// The one application there is.
pub(crate) const CLIENT: &str = "app1";

struct Application {
    credentials: Vec<Value>,
    given: u32,
    method: Value,
    methods: Value,
}

type Shared = State<Arc<Mutex<Application>>>;

pub(crate) struct Auth0 {
    pub(crate) service: Service,
    application: Arc<Mutex<Application>>,
}

impl Auth0 {
    pub(crate) fn start() -> Self {
        let application = Arc::new(Mutex::new(Application {
            credentials: Vec::new(),
            given: 0,
            method: "client_secret_post".into(),
            methods: Value::Null,
        }));
        let routes = Router::new()
            .route("/api/v2/clients/{client}", get(client).patch(change))
            .route(
                "/api/v2/clients/{client}/credentials",
                get(list).post(create),
            )
            .route(
                "/api/v2/clients/{client}/credentials/{id}",
                get(read).delete(delete),
            )
            .with_state(Arc::clone(&application));
        Self {
            service: Service::start(routes),
            application,
        }
    }

    /// The kids of the credentials, those in use with a star.
    pub(crate) fn kids(&self) -> Vec<String> {
        let application = self.application.lock().unwrap();
        let credentials = application.credentials.iter();
        credentials
            .map(|credential| {
                let kid = credential["kid"].as_str().unwrap();
                let star = if application.uses(&credential["id"]) {
                    "*"
                } else {
                    ""
                };
                format!("{kid}{star}")
            })
            .collect()
    }

    /// How the application authenticates without credentials.
    pub(crate) fn method(&self) -> Value {
        self.application.lock().unwrap().method.clone()
    }

    /// Puts a credential there by another way, in use.
    pub(crate) fn put(&self, kid: &str) {
        let mut application = self.application.lock().unwrap();
        let made = application.add(json!({"name": "theirs", "kid": kid, "alg": "RS256"}));
        application.method = Value::Null;
        application.methods = json!({"private_key_jwt": {"credentials": [{"id": made["id"]}]}});
    }
}

impl Application {
    fn add(&mut self, sent: Value) -> Value {
        self.given += 1;
        let made = json!({
            "id": format!("cred_{}", self.given),
            "name": sent["name"],
            "kid": sent["kid"],
            "alg": sent["alg"],
            "credential_type": "public_key",
            "created_at": "2026-11-26T00:00:00.000Z",
            "updated_at": "2026-11-26T00:00:00.000Z",
        });
        self.credentials.push(made.clone());
        made
    }

    fn in_use(&self) -> Vec<Value> {
        let named = &self.methods["private_key_jwt"]["credentials"];
        named.as_array().cloned().unwrap_or_default()
    }

    fn uses(&self, id: &Value) -> bool {
        self.in_use().iter().any(|each| each["id"] == *id)
    }

    fn place(&self, id: &str) -> Result<usize, Box<Response>> {
        let place = self.credentials.iter().position(|each| each["id"] == id);
        place.ok_or_else(|| absent().into())
    }

    fn client(&self) -> Value {
        json!({
            "client_id": CLIENT,
            "name": "Nightly",
            "token_endpoint_auth_method": self.method,
            "client_authentication_methods": self.methods,
        })
    }
}

async fn client(State(app): Shared, Path(name): Path<String>, headers: HeaderMap) -> Response {
    match allowed(&name, &headers) {
        Ok(()) => json(StatusCode::OK, &app.lock().unwrap().client()),
        Err(refused) => *refused,
    }
}

async fn change(
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = allowed(&name, &headers) {
        return *refused;
    }
    if credentials(&headers, "Bearer") == Some(HALF) {
        let why = "Insufficient scope, expected any of: update:client_credentials";
        return error(StatusCode::FORBIDDEN, "insufficient_scope", why);
    }
    let Ok(sent) = serde_json::from_slice::<Value>(&body) else {
        return bad("That is no JSON.");
    };
    let mut application = app.lock().unwrap();
    let method = sent
        .get("token_endpoint_auth_method")
        .unwrap_or(&application.method);
    let methods = sent
        .get("client_authentication_methods")
        .unwrap_or(&application.methods);
    if method.is_null() == methods.is_null() {
        return bad(
            "token_endpoint_auth_method and client_authentication_methods exclude each other",
        );
    }
    let named = methods["private_key_jwt"]["credentials"].as_array();
    let is_known = |each: &Value| application.place(each["id"].as_str().unwrap()).is_ok();
    if !methods.is_null()
        && !named.is_some_and(|named| !named.is_empty() && named.iter().all(is_known))
    {
        return bad("private_key_jwt must name one or two credentials of this client");
    }
    (application.method, application.methods) = (method.clone(), methods.clone());
    json(StatusCode::OK, &application.client())
}

async fn list(State(app): Shared, Path(name): Path<String>, headers: HeaderMap) -> Response {
    match allowed(&name, &headers) {
        Ok(()) => {
            let all = app.lock().unwrap().credentials.clone();
            json(StatusCode::OK, &Value::Array(all))
        }
        Err(refused) => *refused,
    }
}

async fn create(
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = allowed(&name, &headers) {
        return *refused;
    }
    let mut application = app.lock().unwrap();
    if application.credentials.len() == 2 {
        return bad("You have reached the limit of 2 credentials for this client");
    }
    match sent(&headers, &body) {
        Ok(sent) => json(StatusCode::CREATED, &application.add(sent)),
        Err(refused) => *refused,
    }
}

async fn read(
    State(app): Shared,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let application = app.lock().unwrap();
    match allowed(&name, &headers).and_then(|()| application.place(&id)) {
        Ok(place) => json(StatusCode::OK, &application.credentials[place]),
        Err(refused) => *refused,
    }
}

async fn delete(
    State(app): Shared,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut application = app.lock().unwrap();
    match allowed(&name, &headers).and_then(|()| application.place(&id)) {
        Ok(_) if application.uses(&id.as_str().into()) => bad("The credential is in use."),
        Ok(place) => {
            application.credentials.remove(place);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(refused) => *refused,
    }
}

fn allowed(client: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
    match credentials(headers, "Bearer") {
        Some(TOKEN | HALF) if client == CLIENT => Ok(()),
        Some(TOKEN | HALF) => Err(absent().into()),
        _ => Err(error(StatusCode::UNAUTHORIZED, "invalid_token", "Invalid token").into()),
    }
}

/// A credential, checked as the documentation says.
fn sent(headers: &HeaderMap, body: &Bytes) -> Result<Value, Box<Response>> {
    if !says_json(headers) {
        return Err(bad("The content type is not supported.").into());
    }
    let sent: Value = serde_json::from_slice(body).map_err(|_| bad("That is no JSON."))?;
    let text = |name: &str| sent[name].as_str().unwrap_or_default().to_owned();
    let known = ["credential_type", "name", "pem", "alg", "kid", "expires_at"];
    let is_kid = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let kid = text("kid");
    let members = sent.as_object().unwrap();
    if members.keys().any(|name| !known.contains(&name.as_str()))
        || text("credential_type") != "public_key"
        || !text("pem").starts_with("-----BEGIN PUBLIC KEY-----\n")
        || !["RS256", "RS384", "PS256"].contains(&text("alg").as_str())
        || !(10..=64).contains(&kid.len())
        || !kid.bytes().all(is_kid)
    {
        return Err(bad("Payload validation error").into());
    }
    Ok(sent)
}

fn absent() -> Response {
    error(
        StatusCode::NOT_FOUND,
        "inexistent_client",
        "The client does not exist",
    )
}

fn bad(why: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "invalid_body", why)
}

fn error(status: StatusCode, code: &str, why: &str) -> Response {
    let reason = status.canonical_reason();
    let body =
        json!({"statusCode": status.as_u16(), "error": reason, "message": why, "errorCode": code});
    json(status, &body)
}
