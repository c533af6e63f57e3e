//! Stand-ins for the services that presets speak to: real HTTP servers on loopback, each as strict
//! as what is known of the real one.

pub(crate) mod auth0;
pub(crate) mod certified;
pub(crate) mod drawer;
pub(crate) mod entra;
pub(crate) mod faulty;
pub(crate) mod gooddata;
pub(crate) mod google;
pub(crate) mod idp;
pub(crate) mod keycloak;
pub(crate) mod object_store;
pub(crate) mod okta;
pub(crate) mod okta_clients;
pub(crate) mod web_root;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::sync::oneshot;

/// A server that runs until it is dropped.
pub(crate) struct Service {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Service {
    /// Serves `routes` on a free port; every request is noted as `METHOD /path?query`.
    pub(crate) fn start(routes: Router) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&requests);
        let routes = routes.layer(middleware::from_fn(move |request: Request, next: Next| {
            noted
                .lock()
                .unwrap()
                .push(format!("{} {}", request.method(), request.uri()));
            next.run(request)
        }));
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    served = axum::serve(listener, routes) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            url,
            requests,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The requests that came since the last time this was asked.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

/// What stands behind the `?`; these services escape nothing.
pub(crate) fn query(uri: &Uri) -> BTreeMap<String, String> {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    let kind = (header::CONTENT_TYPE, "application/json");
    (status, [kind], body.to_string()).into_response()
}

/// What follows `scheme` in the request's `Authorization`.
pub(crate) fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().unwrap();
    authorization.strip_prefix(scheme)?.strip_prefix(' ')
}

/// Whether the request's body says of itself that it is JSON.
pub(crate) fn says_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind == "application/json")
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}
