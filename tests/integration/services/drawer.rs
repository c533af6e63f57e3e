//! A service of nobody's in particular: a drawer of texts under names, in whatever form.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{Service, json};

/// The key of the header `X-Drawer`.
pub(crate) const TOKEN: &str = "opensesame";

type Texts = Arc<Mutex<BTreeMap<String, String>>>;

pub(crate) struct Drawer {
    pub(crate) service: Service,
    texts: Texts,
}

impl Drawer {
    pub(crate) fn start() -> Self {
        let texts = Texts::default();
        let routes = Router::new()
            .route(
                "/v1/keys/{name}",
                get(read).put(write).post(write).delete(delete),
            )
            .with_state(Arc::clone(&texts));
        Self {
            service: Service::start(routes),
            texts,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/v1", self.service.url)
    }

    /// What lies there by name.
    pub(crate) fn texts(&self) -> BTreeMap<String, String> {
        self.texts.lock().unwrap().clone()
    }
}

async fn read(
    State(texts): State<Texts>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = allowed(&headers) {
        return *refused;
    }
    match texts.lock().unwrap().get(&name) {
        Some(text) => {
            let inner = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()));
            json(
                StatusCode::OK,
                &json!({"name": name, "items": [{"what": inner}]}),
            )
        }
        None => json(
            StatusCode::NOT_FOUND,
            &json!({"message": "There is nothing."}),
        ),
    }
}

async fn write(
    State(texts): State<Texts>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = allowed(&headers) {
        return *refused;
    }
    if !headers.contains_key(header::CONTENT_TYPE) {
        let why = json!({"message": "What is it?"});
        return json(StatusCode::UNSUPPORTED_MEDIA_TYPE, &why);
    }
    let mut texts = texts.lock().unwrap();
    assert!(!texts.contains_key(&name), "nothing is sent twice");
    texts.insert(name, String::from_utf8(body.to_vec()).unwrap());
    StatusCode::ACCEPTED.into_response()
}

async fn delete(
    State(texts): State<Texts>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = allowed(&headers) {
        return *refused;
    }
    texts.lock().unwrap().remove(&name);
    StatusCode::NO_CONTENT.into_response()
}

fn allowed(headers: &HeaderMap) -> Result<(), Box<Response>> {
    match headers.get("x-drawer") {
        Some(token) if token == TOKEN => Ok(()),
        _ => Err(json(
            StatusCode::UNAUTHORIZED,
            &json!({"message": "Who are you?"}),
        )
        .into()),
    }
}
