//! Keycloak's Admin REST API as far as one client's keys go: whole representations, and JWK Sets
//! uploaded as a form.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{Service, credentials, json, query, says_json};

/// A token with the role manage-clients.
pub(crate) const TOKEN: &str = "manager";
/// One that may only look.
pub(crate) const READER: &str = "reader";
/// The internal id of the one client, `billing` of the realm `acme`.
pub(crate) const UUID: &str = "5b0e0c5f";

/// What the server keeps of an uploaded set.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Keeps {
    /// The first key, as older versions do.
    One,
    All,
}

struct Realm {
    client: Value,
    keeps: Keeps,
}

type Shared = State<Arc<Mutex<Realm>>>;

pub(crate) struct Keycloak {
    pub(crate) service: Service,
    realm: Arc<Mutex<Realm>>,
}

impl Keycloak {
    pub(crate) fn start(keeps: Keeps) -> Self {
        let client = json!({
            "id": UUID,
            "clientId": "billing",
            "name": "Nightly billing",
            "clientAuthenticatorType": "client-secret",
            "attributes": {"access.token.lifespan": "300"},
            "defaultClientScopes": ["profile"],
        });
        let realm = Arc::new(Mutex::new(Realm { client, keeps }));
        let one = "/admin/realms/acme/clients/{uuid}";
        let upload = format!("{one}/certificates/jwt.credential/upload-certificate");
        let routes = Router::new()
            .route("/admin/realms/acme/clients", get(find))
            .route(one, get(read).put(write))
            .route(&upload, post(take))
            .with_state(Arc::clone(&realm));
        Self {
            service: Service::start(routes),
            realm,
        }
    }

    pub(crate) fn client(&self) -> Value {
        self.realm.lock().unwrap().client.clone()
    }

    /// The kids of the client's keys.
    pub(crate) fn kids(&self) -> Vec<String> {
        let client = self.client();
        let text = client["attributes"]["jwks.string"].as_str().unwrap_or("{}");
        let set: Value = serde_json::from_str(text).unwrap();
        let keys = set["keys"].as_array().cloned().unwrap_or_default();
        let kid = |key: &Value| key["kid"].as_str().unwrap().to_owned();
        keys.iter().map(kid).collect()
    }
}

async fn find(State(realm): Shared, uri: Uri, headers: HeaderMap) -> Response {
    if let Err(refused) = allowed(&headers, true) {
        return *refused;
    }
    let client = realm.lock().unwrap().client.clone();
    let found = if query(&uri)["clientId"] == "billing" {
        vec![client]
    } else {
        Vec::new()
    };
    json(StatusCode::OK, &Value::Array(found))
}

async fn read(State(realm): Shared, Path(uuid): Path<String>, headers: HeaderMap) -> Response {
    match allowed(&headers, uuid == UUID) {
        Ok(()) => json(StatusCode::OK, &realm.lock().unwrap().client),
        Err(refused) => *refused,
    }
}

async fn write(
    State(realm): Shared,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = may_change(&headers, &uuid) {
        return *refused;
    }
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let whole = sent["id"] == UUID && sent["clientId"] == "billing" && sent["name"].is_string();
    if !says_json(&headers) || !whole {
        return error(StatusCode::BAD_REQUEST, "That is no whole client.");
    }
    let mut realm = realm.lock().unwrap();
    let mut client = sent.clone();
    // Attributes are set one by one; an empty one is removed.
    let mut attributes = realm.client["attributes"].as_object().cloned().unwrap();
    for (name, value) in sent["attributes"].as_object().unwrap_or(&Map::new()) {
        if value == "" {
            attributes.remove(name);
        } else {
            attributes.insert(name.clone(), value.clone());
        }
    }
    client["attributes"] = Value::Object(attributes);
    realm.client = client;
    StatusCode::NO_CONTENT.into_response()
}

async fn take(
    State(realm): Shared,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = may_change(&headers, &uuid) {
        return *refused;
    }
    let kind = headers[header::CONTENT_TYPE].to_str().unwrap();
    let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") else {
        return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A form is expected.");
    };
    let text = String::from_utf8(body.to_vec()).unwrap();
    let field = |name: &str| {
        let mut parts = text.split(boundary);
        let part = parts.find(|part| part.contains(&format!("form-data; name=\"{name}\"")))?;
        let (_, value) = part.split_once("\r\n\r\n")?;
        Some(value.strip_suffix("\r\n--")?.to_owned())
    };
    if !text.ends_with(&format!("--{boundary}--\r\n"))
        || field("keystoreFormat").as_deref() != Some("JSON Web Key Set")
    {
        return error(
            StatusCode::BAD_REQUEST,
            "The keystore format is not supported.",
        );
    }
    let set: Value = serde_json::from_str(&field("file").unwrap_or_default()).unwrap_or_default();
    let keys = set["keys"].as_array().cloned().unwrap_or_default();
    if !keys
        .iter()
        .any(|key| key["use"] == "sig" && key["kid"].is_string())
    {
        return error(StatusCode::BAD_REQUEST, "Certificate not found for use sig");
    }
    let mut realm = realm.lock().unwrap();
    let kept = match realm.keeps {
        Keeps::All => set.to_string(),
        Keeps::One => json!({"keys": [keys[0]]}).to_string(),
    };
    realm.client["attributes"]["jwks.string"] = kept.into();
    realm.client["attributes"]["use.jwks.string"] = "true".into();
    json(StatusCode::OK, &json!({"kid": keys[0]["kid"]}))
}

fn may_change(headers: &HeaderMap, uuid: &str) -> Result<(), Box<Response>> {
    allowed(headers, uuid == UUID)?;
    if credentials(headers, "Bearer") == Some(READER) {
        return Err(error(StatusCode::FORBIDDEN, "HTTP 403 Forbidden").into());
    }
    Ok(())
}

fn allowed(headers: &HeaderMap, is_there: bool) -> Result<(), Box<Response>> {
    match credentials(headers, "Bearer") {
        Some(TOKEN | READER) if is_there => Ok(()),
        Some(TOKEN | READER) => Err(error(StatusCode::NOT_FOUND, "Could not find client").into()),
        _ => Err(error(StatusCode::UNAUTHORIZED, "HTTP 401 Unauthorized").into()),
    }
}

fn error(status: StatusCode, why: &str) -> Response {
    json(status, &json!({"error": why}))
}
