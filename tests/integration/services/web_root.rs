//! A web server that publishes one file of a folder, as its cache has it.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tempfile::TempDir;

use super::Service;

pub(crate) struct WebRoot {
    pub(crate) service: Service,
    folder: TempDir,
    cached: Arc<Mutex<Option<String>>>,
}

#[derive(Clone)]
struct Published {
    file: PathBuf,
    cached: Arc<Mutex<Option<String>>>,
}

impl WebRoot {
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let cached = Arc::<Mutex<Option<String>>>::default();
        let published = Published {
            file: folder.path().join("jwks.json"),
            cached: Arc::clone(&cached),
        };
        let routes = Router::new()
            .route("/jwks.json", get(read))
            .with_state(published);
        Self {
            service: Service::start(routes),
            folder,
            cached,
        }
    }

    /// The file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("jwks.json")
    }

    /// Where it is published.
    pub(crate) fn url(&self) -> String {
        format!("{}/jwks.json", self.service.url)
    }

    /// From now on the server answers with what is there now; or with what is in the file.
    pub(crate) fn caches(&self, is_on: bool) {
        let text = is_on.then(|| fs::read_to_string(self.file()).unwrap_or_default());
        *self.cached.lock().unwrap() = text;
    }
}

async fn read(State(published): State<Published>) -> Response {
    let cached = published.cached.lock().unwrap().clone();
    match cached
        .ok_or(())
        .or_else(|()| fs::read_to_string(&published.file))
    {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
