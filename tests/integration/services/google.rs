//! Google's `/v1/projects/{p}/serviceAccounts/{email}/keys`: certificates in base64 of their PEM, a
//! list without keys, ten keys at most.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
    routing::{get, post},
};
use base64ct::{Base64, Encoding};
use keyfob::{jose::algorithm::KeyType, x509::certificate::Certificate};
use serde_json::{Value, json};

use super::{Service, credentials, json, query, says_json};

/// A token with the scope cloud-platform of somebody who may manage keys.
pub(crate) const TOKEN: &str = "cloud";
/// One of somebody who may not.
pub(crate) const READER: &str = "reader";
/// The one account there is.
pub(crate) const ACCOUNT: &str = "nightly@acme.iam.gserviceaccount.com";

#[derive(Default)]
struct Account {
    keys: Vec<Value>,
    given: u32,
    forbids_upload: bool,
}

type Shared = State<Arc<Mutex<Account>>>;

pub(crate) struct Google {
    pub(crate) service: Service,
    account: Arc<Mutex<Account>>,
}

impl Google {
    pub(crate) fn start() -> Self {
        let account = Arc::<Mutex<Account>>::default();
        let keys = "/v1/projects/{project}/serviceAccounts/{account}/keys";
        let routes = Router::new()
            .route(keys, get(list))
            .route(&format!("{keys}:upload"), post(upload))
            .route(
                &format!("{keys}/{{id}}"),
                get(read).delete(delete).post(act),
            )
            .with_state(Arc::clone(&account));
        Self {
            service: Service::start(routes),
            account,
        }
    }

    /// How many keys there are.
    pub(crate) fn count(&self) -> usize {
        self.account.lock().unwrap().keys.len()
    }

    /// Disables every key.
    pub(crate) fn disable(&self) {
        for key in &mut self.account.lock().unwrap().keys {
            key["disabled"] = true.into();
        }
    }

    /// The organisation forbids uploads from now on.
    pub(crate) fn forbid(&self) {
        self.account.lock().unwrap().forbids_upload = true;
    }
}

async fn list(
    State(account): Shared,
    Path((_, email)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = allowed(&email, &headers) {
        return *refused;
    }
    assert_eq!(query(&uri)["keyTypes"], "USER_MANAGED");
    let keys = account.lock().unwrap().keys.clone();
    if keys.is_empty() {
        return json(StatusCode::OK, &json!({}));
    }
    let shown: Vec<Value> = keys.into_iter().map(without_data).collect();
    json(StatusCode::OK, &json!({"keys": shown}))
}

async fn upload(
    State(account): Shared,
    Path((project, email)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = allowed(&email, &headers) {
        return *refused;
    }
    let mut account = account.lock().unwrap();
    if account.forbids_upload {
        let why = "Key upload is not allowed on this service account.";
        return error(StatusCode::BAD_REQUEST, "FAILED_PRECONDITION", why);
    }
    if account.keys.len() == 10 {
        let why = "Maximum number of keys on account reached.";
        return error(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", why);
    }
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let data = sent["publicKeyData"].as_str().unwrap_or_default();
    let pem = Base64::decode_vec(data).unwrap_or_default();
    let leaf = Certificate::all_from_pem(&String::from_utf8_lossy(&pem))
        .ok()
        .and_then(|all| all.into_iter().next());
    let is_rsa = |leaf: &Certificate| {
        leaf.public_key()
            .is_ok_and(|key| key.key_type() == KeyType::Rsa)
    };
    if !says_json(&headers) || !leaf.as_ref().is_some_and(is_rsa) {
        let why = "Invalid public key data: an RSA key in an X.509 certificate is expected.";
        return error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", why);
    }
    account.given += 1;
    let id = format!("{:040x}", account.given);
    let key = json!({
        "name": format!("projects/{project}/serviceAccounts/{email}/keys/{id}"),
        "keyAlgorithm": "KEY_ALG_RSA_2048",
        "keyOrigin": "USER_PROVIDED",
        "keyType": "USER_MANAGED",
        "publicKeyData": data,
    });
    account.keys.push(key.clone());
    json(StatusCode::OK, &without_data(key))
}

async fn read(
    State(account): Shared,
    Path((_, email, id)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = allowed(&email, &headers) {
        return *refused;
    }
    let account = account.lock().unwrap();
    let Some(place) = account.place(&id) else {
        return absent(&id);
    };
    let key = account.keys[place].clone();
    match query(&uri).get("publicKeyType").map(String::as_str) {
        Some("TYPE_X509_PEM_FILE") => json(StatusCode::OK, &key),
        _ => json(StatusCode::OK, &without_data(key)),
    }
}

/// `keys/{id}:enable`, `keys/{id}:disable`.
async fn act(
    State(account): Shared,
    Path((_, email, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = allowed(&email, &headers) {
        return *refused;
    }
    let (id, act) = id.split_once(':').unwrap();
    let mut account = account.lock().unwrap();
    let Some(place) = account.place(id) else {
        return absent(id);
    };
    if act == "enable" {
        account.keys[place]
            .as_object_mut()
            .unwrap()
            .remove("disabled");
    } else {
        account.keys[place]["disabled"] = true.into();
    }
    json(StatusCode::OK, &json!({}))
}

async fn delete(
    State(account): Shared,
    Path((_, email, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = allowed(&email, &headers) {
        return *refused;
    }
    let mut account = account.lock().unwrap();
    let Some(place) = account.place(&id) else {
        return absent(&id);
    };
    account.keys.remove(place);
    json(StatusCode::OK, &json!({}))
}

impl Account {
    fn place(&self, id: &str) -> Option<usize> {
        let ends = |key: &Value| key["name"].as_str().unwrap().ends_with(&format!("/{id}"));
        self.keys.iter().position(ends)
    }
}

fn allowed(email: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
    match credentials(headers, "Bearer") {
        Some(TOKEN) if email == ACCOUNT => Ok(()),
        Some(TOKEN) => {
            let why = format!("Service account projects/-/serviceAccounts/{email} does not exist.");
            Err(error(StatusCode::NOT_FOUND, "NOT_FOUND", &why).into())
        }
        Some(READER) => {
            let why = "Permission 'iam.serviceAccountKeys.list' denied on resource";
            Err(error(StatusCode::FORBIDDEN, "PERMISSION_DENIED", why).into())
        }
        _ => {
            let why = "Request had invalid authentication credentials.";
            Err(error(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", why).into())
        }
    }
}

fn without_data(mut key: Value) -> Value {
    key.as_object_mut().unwrap().remove("publicKeyData");
    key
}

fn absent(id: &str) -> Response {
    error(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        &format!("Service account key {id} does not exist."),
    )
}

fn error(status: StatusCode, code: &str, why: &str) -> Response {
    let body =
        json!({"error": {"code": status.as_u16(), "message": why, "status": code, "details": []}});
    json(status, &body)
}
