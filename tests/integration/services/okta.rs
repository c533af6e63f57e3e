//! Okta's `/api/v1/apps/{appId}/credentials/jwks`: bare JWKs under ids of its own, pages that follow
//! `Link` headers, and keys that are deleted only once they are inactive.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{Service, credentials, json, query, says_json};

/// The token of an administrator.
pub(crate) const TOKEN: &str = "admin";
/// The token of somebody who may not manage the application.
pub(crate) const READER: &str = "reader";
/// The one application there is.
pub(crate) const APP: &str = "0oa1";

/// Keys on one page.
const PAGE: usize = 2;

#[derive(Default)]
struct App {
    keys: Vec<Value>,
    given: u32,
    /// EC keys come back without `crv`, which Okta's schema does not name.
    hides_crv: bool,
}

type Shared = State<Arc<Mutex<App>>>;

pub(crate) struct Okta {
    pub(crate) service: Service,
    app: Arc<Mutex<App>>,
}

impl Okta {
    pub(crate) fn start() -> Self {
        let app = Arc::<Mutex<App>>::default();
        let routes = Router::new()
            .route(
                "/api/v1/apps/{app}/credentials/jwks",
                get(list).post(create),
            )
            .route(
                "/api/v1/apps/{app}/credentials/jwks/{id}",
                get(read).delete(delete),
            )
            .route(
                "/api/v1/apps/{app}/credentials/jwks/{id}/lifecycle/{act}",
                post(lifecycle),
            )
            .with_state(Arc::clone(&app));
        Self {
            service: Service::start(routes),
            app,
        }
    }

    /// The keys there, as `kid STATUS`.
    pub(crate) fn keys(&self) -> Vec<String> {
        let app = self.app.lock().unwrap();
        let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
        let keys = app.keys.iter();
        keys.map(|key| format!("{} {}", text(key, "kid"), text(key, "status")))
            .collect()
    }

    /// Puts a key there by another way.
    pub(crate) fn put(&self, key: Value) {
        self.app.lock().unwrap().add(key);
    }

    /// Makes every key inactive.
    pub(crate) fn deactivate(&self) {
        for key in &mut self.app.lock().unwrap().keys {
            key["status"] = "INACTIVE".into();
        }
    }

    pub(crate) fn hide_crv(&self) {
        self.app.lock().unwrap().hides_crv = true;
    }
}

impl App {
    fn add(&mut self, mut key: Value) -> Value {
        self.given += 1;
        key["id"] = format!("pks{}", self.given).into();
        key["created"] = "2026-11-26T00:00:00.000Z".into();
        key["_links"] = json!({"deactivate": {"href": "…"}});
        if key.get("status").is_none() {
            key["status"] = "ACTIVE".into();
        }
        self.keys.push(key.clone());
        self.shown(&key)
    }

    fn shown(&self, key: &Value) -> Value {
        let mut key = key.clone();
        if self.hides_crv {
            key.as_object_mut().unwrap().remove("crv");
        }
        key
    }

    fn place(&self, id: &str) -> Result<usize, Box<Response>> {
        let place = self.keys.iter().position(|key| key["id"] == id);
        place.ok_or_else(|| absent(id).into())
    }
}

async fn list(
    State(app): Shared,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = allowed(&name, &headers) {
        return *refused;
    }
    let app = app.lock().unwrap();
    let after = query(&uri)
        .get("after")
        .map_or(0, |after| after.parse().unwrap());
    let page: Vec<Value> = app
        .keys
        .iter()
        .skip(after)
        .take(PAGE)
        .map(|key| app.shown(key))
        .collect();
    let mut response = json(StatusCode::OK, &Value::Array(page));
    let base = format!(
        "http://{}{}",
        headers[header::HOST].to_str().unwrap(),
        uri.path()
    );
    let own = format!("<{base}>; rel=\"self\"").parse().unwrap();
    response.headers_mut().append(header::LINK, own);
    if after + PAGE < app.keys.len() {
        let next = format!("<{base}?after={}>; rel=\"next\"", after + PAGE);
        response
            .headers_mut()
            .append(header::LINK, next.parse().unwrap());
    }
    response
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
    let mut app = app.lock().unwrap();
    match sent(&headers, &body, &app) {
        Ok(key) => json(StatusCode::CREATED, &app.add(key)),
        Err(refused) => *refused,
    }
}

async fn read(
    State(app): Shared,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let app = app.lock().unwrap();
    match allowed(&name, &headers).and_then(|()| app.place(&id)) {
        Ok(place) => json(StatusCode::OK, &app.shown(&app.keys[place])),
        Err(refused) => *refused,
    }
}

async fn lifecycle(
    State(app): Shared,
    Path((name, id, act)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut app = app.lock().unwrap();
    let place = match allowed(&name, &headers).and_then(|()| app.place(&id)) {
        Ok(place) => place,
        Err(refused) => return *refused,
    };
    let status = match act.as_str() {
        "activate" => "ACTIVE",
        "deactivate" => "INACTIVE",
        _ => return absent(&act),
    };
    if app.keys[place]["status"] == status {
        let why = "The key has this status already.";
        return error(StatusCode::BAD_REQUEST, "E0000001", why);
    }
    app.keys[place]["status"] = status.into();
    json(StatusCode::OK, &app.shown(&app.keys[place]))
}

async fn delete(
    State(app): Shared,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut app = app.lock().unwrap();
    let place = match allowed(&name, &headers).and_then(|()| app.place(&id)) {
        Ok(place) => place,
        Err(refused) => return *refused,
    };
    if app.keys[place]["status"] == "ACTIVE" {
        let why = "An active key cannot be deleted.";
        return error(StatusCode::FORBIDDEN, "E0000001", why);
    }
    app.keys.remove(place);
    StatusCode::NO_CONTENT.into_response()
}

fn allowed(app: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let ssws = credentials(headers, "SSWS");
    let bearer = credentials(headers, "Bearer");
    if ssws == Some(READER) {
        let why = "You do not have permission to perform the requested action";
        return Err(error(StatusCode::FORBIDDEN, "E0000006", why).into());
    }
    if ssws != Some(TOKEN) && bearer != Some(TOKEN) {
        return Err(error(
            StatusCode::UNAUTHORIZED,
            "E0000011",
            "Invalid token provided",
        )
        .into());
    }
    if app != APP {
        return Err(absent(app).into());
    }
    Ok(())
}

/// The key of a request, checked as Okta's schema says.
fn sent(headers: &HeaderMap, body: &Bytes, app: &App) -> Result<Value, Box<Response>> {
    let refuse = |why: &str| Box::new(error(StatusCode::BAD_REQUEST, "E0000001", why));
    if !says_json(headers) {
        return Err(refuse("The content type is not supported."));
    }
    let key: Value = serde_json::from_slice(body).map_err(|_| refuse("That is no JSON."))?;
    let members = key.as_object().ok_or_else(|| refuse("That is no key."))?;
    let known = [
        "kty", "use", "alg", "kid", "n", "e", "crv", "x", "y", "status",
    ];
    let needed: &[&str] = match key["kty"].as_str() {
        Some("RSA") => &["n", "e", "kid"],
        Some("EC") => &["x", "y", "kid"],
        _ => return Err(refuse("kty: must be RSA or EC")),
    };
    if members.keys().any(|name| !known.contains(&name.as_str()))
        || needed.iter().any(|name| !members.contains_key(*name))
        || key["use"] != "sig"
    {
        return Err(refuse("The key is not as it is described."));
    }
    if app.keys.iter().any(|each| each["kid"] == key["kid"]) {
        return Err(refuse("kid: a key of this kid exists"));
    }
    Ok(key)
}

fn absent(what: &str) -> Response {
    let why = format!("Not found: Resource not found: {what}");
    error(StatusCode::NOT_FOUND, "E0000007", &why)
}

fn error(status: StatusCode, code: &str, why: &str) -> Response {
    let body = json!({
        "errorCode": code,
        "errorSummary": why,
        "errorLink": code,
        "errorId": "oae1",
        "errorCauses": [],
    });
    json(status, &body)
}
