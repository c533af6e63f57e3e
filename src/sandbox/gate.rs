//! What every request passes: host, origin, size, and the log.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc::Sender},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_LENGTH, DATE, HOST, ORIGIN, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, fmt::rfc2822};
use serde_json::json;
use tokio::time::sleep;

use super::{
    answer::{Answer, Note},
    auth::now,
    control,
    fault::{Fault, Faults, Switchboard},
    instance::{HEADER, Instance},
    server::{LogLine, Server},
};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// How long an answer takes while [`Fault::Slow`] is on; a connection has patience for longer.
const SLOW: Duration = Duration::from_secs(10);

const HEALTH: &str = "/health";

/// How much of a path or a note the log keeps, in characters.
const LOG_LIMIT: usize = 300;

/// The gate of one server.
///
/// A web page in the user's browser can reach loopback too. Requests for another host name (DNS
/// rebinding) and requests that a browser marks as another site's are refused before anything
/// else looks at them.
pub(super) struct Gate {
    server: Server,
    /// Authorities that name this server, lower case: `localhost:3001` and so on.
    hosts: Vec<String>,
    instance: String,
    switchboard: Switchboard,
    log: Sender<LogLine>,
}

impl Gate {
    pub(super) fn new(
        server: Server,
        address: SocketAddr,
        instance: &Instance,
        switchboard: Switchboard,
        log: Sender<LogLine>,
    ) -> Self {
        let port = address.port();
        let own = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        let names = ["localhost", "127.0.0.1", "[::1]", &own];
        let mut hosts: Vec<_> = names.map(|name| format!("{name}:{port}")).into();
        if port == 80 {
            hosts.extend(names.map(str::to_owned));
        }
        Self {
            server,
            hosts,
            instance: instance.as_str().to_owned(),
            switchboard,
            log,
        }
    }

    /// Admits or refuses `request`, and tells the log about it.
    pub(super) async fn pass(
        State(gate): State<Arc<Self>>,
        request: Request,
        next: Next,
    ) -> Response {
        let (at, start) = (Timestamp::now(), Instant::now());
        let method = request.method().to_string();
        let path = cut(request.uri().path());
        let is_probe = gate.is_probe(&request);
        let faults = gate.faults_for(&path);
        if faults.has(Fault::Slow) {
            sleep(SLOW).await;
        }
        let mut response = match gate.admit(request).await {
            Ok(_) if faults.has(Fault::TooMany) => too_many().into_response(),
            Ok(_) if faults.has(Fault::Broken) => broken().into_response(),
            Ok(request) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        };
        gate.set_headers(&mut response);
        if is_probe {
            return response;
        }
        let note = response.extensions().get().map(|Note(note)| cut(note));
        let slow = if faults.has(Fault::Slow) {
            "fault slow: "
        } else {
            ""
        };
        let line = LogLine {
            at,
            server: gate.server,
            method,
            path,
            status: response.status().as_u16(),
            note: format!("{slow}{}", note.unwrap_or_default()),
            micros: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
        };
        // Nobody reads the log any more: the servers are about to stop.
        let _ = gate.log.send(line);
        response
    }

    fn set_headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        if self.switchboard.has(Fault::Clock) {
            let date = rfc2822::DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&now(&self.switchboard))
                .ok()
                .and_then(|date| HeaderValue::from_str(&date).ok());
            if let Some(date) = date {
                headers.insert(DATE, date);
            }
        }
    }

    /// A keyfob that looks whether this very sandbox runs.
    fn is_probe(&self, request: &Request) -> bool {
        let named = request.headers().get(HEADER);
        request.uri().path() == HEALTH
            && named.is_some_and(|name| name.as_bytes() == self.instance.as_bytes())
    }

    /// What is public about the servers is never refused: a client must find them to be refused. Nor
    /// is what turns the faults off.
    fn faults_for(&self, path: &str) -> Faults {
        let is_public = path == HEALTH || path == "/jwks.json" || path.starts_with("/.well-known/");
        let is_spared = is_public || control::PATHS.contains(&path);
        if is_spared {
            Faults::default()
        } else {
            self.switchboard.faults()
        }
    }

    /// The request with its whole body read.
    async fn admit(&self, request: Request) -> Result<Request, Answer> {
        self.check_host(&request)?;
        self.check_origin(&request)?;
        let (parts, body) = request.into_parts();
        let announced = parts
            .headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > BODY_LIMIT as u64) {
            return Err(too_large());
        }
        // Without a length the limit is met while reading; a body that broke off is rare enough to
        // get the same answer, which nobody is there to read.
        let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| too_large())?;
        Ok(Request::from_parts(parts, Body::from(body)))
    }

    /// `Host`, and the authority of the request's target where it has one, must name this server.
    fn check_host(&self, request: &Request) -> Result<(), Answer> {
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        let known = |host: &str| self.hosts.contains(&host.to_ascii_lowercase());
        let target = request.uri().authority();
        let is_ours = host.is_some_and(known)
            && hosts.next().is_none()
            && target.is_none_or(|target| known(target.as_str()));
        if is_ours {
            return Ok(());
        }
        let shown = host.unwrap_or("none");
        Err(refusal(
            StatusCode::MISDIRECTED_REQUEST,
            format!("host {shown} is not this server: use {}", self.hosts[0]),
        ))
    }

    /// A browser says where a request comes from: only pages of this server may send any.
    fn check_origin(&self, request: &Request) -> Result<(), Answer> {
        let foreign = request.headers().get_all(ORIGIN).iter().find(|origin| {
            let host = origin
                .to_str()
                .ok()
                .and_then(|origin| origin.strip_prefix("http://"));
            !host.is_some_and(|host| self.hosts.iter().any(|own| own == host))
        });
        match foreign {
            None => Ok(()),
            Some(origin) => Err(refusal(
                StatusCode::FORBIDDEN,
                format!(
                    "cross-origin request from {}",
                    String::from_utf8_lossy(origin.as_bytes())
                ),
            )),
        }
    }
}

fn too_many() -> Answer {
    let body = json!({
        "error": "temporarily_unavailable",
        "error_description": "too many requests: wait a second",
    });
    let answer = Answer::json(StatusCode::TOO_MANY_REQUESTS, body).no_store();
    answer
        .header(RETRY_AFTER, HeaderValue::from_static("1"))
        .note(format!("fault {}", Fault::TooMany))
}

fn broken() -> Answer {
    let body = json!({"error": "server_error", "error_description": "something went wrong"});
    let answer = Answer::json(StatusCode::INTERNAL_SERVER_ERROR, body).no_store();
    answer.note(format!("fault {}", Fault::Broken))
}

fn too_large() -> Answer {
    refusal(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is larger than {BODY_LIMIT} bytes"),
    )
}

fn refusal(status: StatusCode, reason: String) -> Answer {
    Answer::json(status, json!({ "error": reason })).note(reason)
}

fn cut(text: &str) -> String {
    text.chars().take(LOG_LIMIT).collect()
}
