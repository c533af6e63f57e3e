//! One file of an object store, as presigned and WebDAV-like URLs give it: GET with a strong `ETag`,
//! PUT with a condition alone, errors in XML.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;

use super::Service;

/// The token that may read and write.
pub(crate) const TOKEN: &str = "writer";

/// How the store tells the version of its file.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Tags {
    None,
    Strong,
    Weak,
}

pub(crate) struct ObjectStore {
    pub(crate) service: Service,
    file: Arc<Mutex<File>>,
}

struct File {
    content: Option<String>,
    version: u32,
    tags: Tags,
    /// What others write before the next PUTs are looked at, the last one first.
    others: Vec<String>,
}

impl ObjectStore {
    pub(crate) fn start(tags: Tags) -> Self {
        let file = Arc::new(Mutex::new(File {
            content: None,
            version: 0,
            tags,
            others: Vec::new(),
        }));
        let routes = Router::new()
            .route("/keys/jwks.json", get(read).put(write))
            .with_state(Arc::clone(&file));
        Self {
            service: Service::start(routes),
            file,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/keys/jwks.json", self.service.url)
    }

    /// Writes the file by another way.
    pub(crate) fn put(&self, content: &str) {
        self.file.lock().unwrap().put(content.to_owned());
    }

    /// Somebody writes `contents` in the moment before each of the next PUTs, the last one first.
    pub(crate) fn others_write(&self, contents: Vec<String>) {
        self.file.lock().unwrap().others = contents;
    }

    pub(crate) fn content(&self) -> String {
        let file = self.file.lock().unwrap();
        file.content.clone().unwrap_or_default()
    }
}

impl File {
    fn put(&mut self, content: String) {
        self.content = Some(content);
        self.version += 1;
    }

    fn tag(&self) -> String {
        format!("\"v{}\"", self.version)
    }
}

async fn read(State(file): State<Arc<Mutex<File>>>, headers: HeaderMap) -> Response {
    if let Some(refused) = refusal(&headers) {
        return refused;
    }
    let file = file.lock().unwrap();
    let Some(content) = file.content.clone() else {
        return xml(StatusCode::NOT_FOUND, "NoSuchKey");
    };
    let kind = (header::CONTENT_TYPE, "application/json".to_owned());
    match file.tags {
        Tags::None => ([kind], content).into_response(),
        Tags::Strong => ([kind, (header::ETAG, file.tag())], content).into_response(),
        Tags::Weak => {
            let tag = (header::ETAG, format!("W/{}", file.tag()));
            ([kind, tag], content).into_response()
        }
    }
}

async fn write(State(file): State<Arc<Mutex<File>>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = refusal(&headers) {
        return refused;
    }
    let mut file = file.lock().unwrap();
    if let Some(other) = file.others.pop() {
        file.put(other);
    }
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap());
    let fits = match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (Some(tag), None) => file.content.is_some() && tag == file.tag(),
        (None, Some("*")) => file.content.is_none(),
        _ => return xml(StatusCode::PRECONDITION_REQUIRED, "ConditionRequired"),
    };
    if !fits {
        return xml(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
    }
    if text(header::CONTENT_TYPE) != Some("application/jwk-set+json") {
        return xml(StatusCode::UNSUPPORTED_MEDIA_TYPE, "MediaType");
    }
    let set: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(keys) = set["keys"].as_array() else {
        return xml(StatusCode::BAD_REQUEST, "NoSet");
    };
    if keys.iter().any(|key| key.get("d").is_some()) {
        return xml(StatusCode::BAD_REQUEST, "PrivateKey");
    }
    let status = if file.content.is_none() {
        StatusCode::CREATED
    } else {
        StatusCode::NO_CONTENT
    };
    file.put(String::from_utf8(body.to_vec()).unwrap());
    status.into_response()
}

fn refusal(headers: &HeaderMap) -> Option<Response> {
    let authorization = headers.get(header::AUTHORIZATION);
    match authorization.map(|value| value.to_str().unwrap()) {
        Some("Bearer writer") => None,
        _ => Some(xml(StatusCode::UNAUTHORIZED, "Unauthorized")),
    }
}

fn xml(status: StatusCode, code: &str) -> Response {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
