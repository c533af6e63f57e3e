//! GoodData's `/api/v1/entities/jwks`: JSON:API documents, RSA keys only, problem details. An id
//! that is not there and a token without the permission are answered alike.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{Service, query};

/// The token of an owner with the permission MANAGE.
pub(crate) const TOKEN: &str = "manager";
/// The token of somebody who may not manage keys.
pub(crate) const READER: &str = "reader";

const JSON_API: &str = "application/vnd.gooddata.api+json";

type Keys = Arc<Mutex<BTreeMap<String, Value>>>;

pub(crate) struct GoodData {
    pub(crate) service: Service,
    keys: Keys,
}

impl GoodData {
    pub(crate) fn start() -> Self {
        let keys = Keys::default();
        let routes = Router::new()
            .route("/api/v1/entities/jwks", get(list).post(create))
            .route(
                "/api/v1/entities/jwks/{id}",
                get(read).put(replace).delete(delete),
            )
            .with_state(Arc::clone(&keys));
        Self {
            service: Service::start(routes),
            keys,
        }
    }

    /// The keys there by id.
    pub(crate) fn keys(&self) -> BTreeMap<String, Value> {
        self.keys.lock().unwrap().clone()
    }

    /// Puts a key there by another way.
    pub(crate) fn put(&self, id: &str, content: Value) {
        self.keys.lock().unwrap().insert(id.to_owned(), content);
    }

    /// Takes a key away by another way.
    pub(crate) fn take(&self, id: &str) {
        self.keys.lock().unwrap().remove(id);
    }
}

async fn list(State(keys): State<Keys>, uri: Uri, headers: HeaderMap) -> Response {
    if let Err(refused) = allowed(&headers) {
        return *refused;
    }
    let query = query(&uri);
    let number = |name: &str, default: usize| {
        query
            .get(name)
            .map_or(Some(default), |text| text.parse().ok())
    };
    let (Some(page), Some(size)) = (number("page", 0), number("size", 20)) else {
        return problem(StatusCode::BAD_REQUEST, "page and size are numbers");
    };
    let keys = keys.lock().unwrap();
    let data: Vec<Value> = keys
        .iter()
        .skip(page * size)
        .take(size)
        .map(|(id, content)| entity(id, content))
        .collect();
    // `next` is there even where nothing follows.
    let links = json!({"self": format!("?page={page}"), "next": format!("?page={}", page + 1)});
    json_api(StatusCode::OK, &json!({"data": data, "links": links}))
}

async fn create(State(keys): State<Keys>, headers: HeaderMap, body: Bytes) -> Response {
    match allowed(&headers).and_then(|()| sent(&headers, &body)) {
        Err(refused) => *refused,
        Ok((id, content)) => {
            let mut keys = keys.lock().unwrap();
            if keys.contains_key(&id) {
                return problem(StatusCode::CONFLICT, "An object with this id exists.");
            }
            let document = json!({"data": entity(&id, &content)});
            keys.insert(id, content);
            json_api(StatusCode::CREATED, &document)
        }
    }
}

async fn read(State(keys): State<Keys>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = allowed(&headers) {
        return *refused;
    }
    match keys.lock().unwrap().get(&id) {
        Some(content) => json_api(StatusCode::OK, &json!({"data": entity(&id, content)})),
        None => absent(),
    }
}

async fn replace(
    State(keys): State<Keys>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match allowed(&headers).and_then(|()| sent(&headers, &body)) {
        Err(refused) => *refused,
        Ok((named, _)) if named != id => problem(StatusCode::BAD_REQUEST, "The ids differ."),
        Ok((_, content)) => {
            let mut keys = keys.lock().unwrap();
            if !keys.contains_key(&id) {
                return absent();
            }
            let document = json!({"data": entity(&id, &content)});
            keys.insert(id, content);
            json_api(StatusCode::OK, &document)
        }
    }
}

async fn delete(State(keys): State<Keys>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = allowed(&headers) {
        return *refused;
    }
    keys.lock().unwrap().remove(&id);
    // Also for an id that was not there.
    StatusCode::NO_CONTENT.into_response()
}

fn allowed(headers: &HeaderMap) -> Result<(), Box<Response>> {
    let authorization = headers.get(header::AUTHORIZATION);
    match authorization.map(|value| value.to_str().unwrap()) {
        Some("Bearer manager") => Ok(()),
        Some("Bearer reader") => Err(absent().into()),
        _ => Err(problem(StatusCode::UNAUTHORIZED, "The token is not valid.").into()),
    }
}

/// Id and key of a request, each checked as GoodData's schema says.
fn sent(headers: &HeaderMap, body: &Bytes) -> Result<(String, Value), Box<Response>> {
    let refuse = |why: &str| Box::new(problem(StatusCode::BAD_REQUEST, why));
    let sent_as = headers.get(header::CONTENT_TYPE);
    if !sent_as.is_some_and(|sent_as| sent_as == JSON_API || sent_as == "application/json") {
        return Err(problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The content type is not supported.",
        )
        .into());
    }
    let document: Value = serde_json::from_slice(body).map_err(|_| refuse("That is no JSON."))?;
    let data = &document["data"];
    let content = &data["attributes"]["content"];
    let text = |name: &str| content[name].as_str().unwrap_or_default().to_owned();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let id = data["id"].as_str().unwrap_or_default().to_owned();
    let kid = text("kid");
    if data["type"] != "jwk" {
        return Err(refuse("The type must be jwk."));
    }
    if id.is_empty() || id.len() > 255 || id.starts_with('.') || !id.bytes().all(allowed) {
        return Err(refuse("The id is not allowed."));
    }
    if kid.is_empty() || kid.len() > 255 || kid.starts_with('.') {
        return Err(refuse("The kid is not allowed."));
    }
    let known = ["alg", "e", "kid", "kty", "n", "use", "x5c", "x5t"];
    let members = content.as_object().unwrap();
    if text("kty") != "RSA"
        || text("use") != "sig"
        || !["RS256", "RS384", "RS512"].contains(&text("alg").as_str())
        || text("n").is_empty()
        || text("e").is_empty()
        || members.keys().any(|name| !known.contains(&name.as_str()))
    {
        return Err(refuse("The key is not as it is described."));
    }
    Ok((id, content.clone()))
}

fn entity(id: &str, content: &Value) -> Value {
    json!({"id": id, "type": "jwk", "attributes": {"content": content}, "links": {"self": id}})
}

fn absent() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "The requested endpoint does not exist or you do not have permission to access it.",
    )
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let body = json!({"detail": detail, "status": status.as_u16(), "title": status.to_string(), "traceId": "1"});
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        body.to_string(),
    )
        .into_response()
}

fn json_api(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, JSON_API)], body.to_string()).into_response()
}
