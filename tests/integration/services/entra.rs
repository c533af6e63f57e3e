//! Microsoft Graph's `/applications/{id}` as far as `keyCredentials` go: certificates only, the array
//! written whole, keys null unless they are selected.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::get,
};
use base64ct::{Base64, Encoding};
use keyfob::x509::certificate::Certificate;
use serde_json::{Value, json};

use super::{Service, credentials, json, query, says_json};

/// A token with Application.ReadWrite.All.
pub(crate) const TOKEN: &str = "graph";
/// One that may only read.
pub(crate) const READER: &str = "reader";
/// The one application there is.
pub(crate) const OBJECT: &str = "30a7f8d3-0b77-4c9b-8f1e-1c8f1b7f2b11";

type Keys = Arc<Mutex<Vec<Value>>>;

pub(crate) struct Entra {
    pub(crate) service: Service,
    keys: Keys,
}

impl Entra {
    pub(crate) fn start() -> Self {
        let keys = Keys::default();
        let routes = Router::new()
            .route("/v1.0/applications/{id}", get(read).patch(change))
            .with_state(Arc::clone(&keys));
        Self {
            service: Service::start(routes),
            keys,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/v1.0", self.service.url)
    }

    /// The certificates there.
    pub(crate) fn keys(&self) -> Vec<Value> {
        self.keys.lock().unwrap().clone()
    }

    /// Puts what is no certificate that anybody can read there by another way.
    pub(crate) fn put(&self, key_id: &str) {
        let key = json!({"keyId": key_id, "type": "AsymmetricX509Cert", "usage": "Verify", "key": "AAAA"});
        self.keys.lock().unwrap().push(key);
    }
}

async fn read(
    State(keys): State<Keys>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = allowed(&id, &headers) {
        return *refused;
    }
    let mut shown = keys.lock().unwrap().clone();
    if query(&uri).get("$select").map(String::as_str) != Some("keyCredentials") {
        for key in &mut shown {
            key["key"] = Value::Null;
        }
    }
    let context = "https://graph.microsoft.com/v1.0/$metadata#applications";
    json(
        StatusCode::OK,
        &json!({"@odata.context": context, "keyCredentials": shown}),
    )
}

async fn change(
    State(keys): State<Keys>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = allowed(&id, &headers) {
        return *refused;
    }
    if credentials(&headers, "Bearer") == Some(READER) {
        let why = "Insufficient privileges to complete the operation.";
        return error(StatusCode::FORBIDDEN, "Authorization_RequestDenied", why);
    }
    if !says_json(&headers) {
        return error(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "Write requests must be JSON.",
        );
    }
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(sent) = sent["keyCredentials"].as_array() else {
        return error(
            StatusCode::BAD_REQUEST,
            "Request_BadRequest",
            "keyCredentials is no array.",
        );
    };
    let mut keys = keys.lock().unwrap();
    let mut new = Vec::new();
    for (place, key) in sent.iter().enumerate() {
        let known = keys
            .iter()
            .find(|each| key.get("keyId") == each.get("keyId"));
        let taken = match known {
            Some(known) if known == key => Ok(key.clone()),
            Some(_) => Err("Update to existing credential with KeyId is not allowed."),
            None => certificate(key, place),
        };
        match taken {
            Ok(key) => new.push(key),
            Err(why) => return error(StatusCode::BAD_REQUEST, "KeyCredentialsInvalid", why),
        }
    }
    *keys = new;
    StatusCode::NO_CONTENT.into_response()
}

/// A new credential with what Graph adds to it.
fn certificate(key: &Value, place: usize) -> Result<Value, &'static str> {
    if key["type"] != "AsymmetricX509Cert" || key["usage"] != "Verify" {
        return Err("The credential's type or usage is not supported.");
    }
    let der = key["key"]
        .as_str()
        .and_then(|text| Base64::decode_vec(text).ok());
    let leaf = der.and_then(|der| Certificate::from_der(&der).ok());
    let leaf = leaf.ok_or("The value for the property \"key\" is invalid.")?;
    let mut key = key.clone();
    key["keyId"] = format!("f0b0b335-1d71-4883-8f98-567911bfdc{place}{}", leaf.x5t()[0]).into();
    key["customKeyIdentifier"] = Base64::encode_string(&leaf.x5t()).into();
    key["endDateTime"] = leaf.not_after().to_string().into();
    Ok(key)
}

fn allowed(id: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
    match credentials(headers, "Bearer") {
        Some(TOKEN | READER) if id == OBJECT => Ok(()),
        Some(TOKEN | READER) => {
            let why = format!("Resource '{id}' does not exist.");
            Err(error(StatusCode::NOT_FOUND, "Request_ResourceNotFound", &why).into())
        }
        _ => {
            let why = "Access token is empty.";
            Err(error(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", why).into())
        }
    }
}

fn error(status: StatusCode, code: &str, why: &str) -> Response {
    let inner = json!({"date": "2026-11-26T00:00:00", "request-id": "1"});
    json(
        status,
        &json!({"error": {"code": code, "message": why, "innerError": inner}}),
    )
}
