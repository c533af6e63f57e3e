//! Starting, stopping, and what is told of each request.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, mpsc::Sender},
    thread::{self, JoinHandle},
};

use axum::{Router, middleware};
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{
    api::Api,
    auth::Auth,
    connection::Listener,
    gate::Gate,
    instance::Instance,
    state_file::{self, StateFile},
};
use crate::config::home::Home;

/// The API token of the sandbox's registry.
pub const TOKEN: &str = "sandbox";

/// What to do when a port is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PortTaken {
    /// Start nothing and say so.
    Fail,
    /// Take any free port.
    AnyFree,
}

/// How the sandbox is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address of the authorization server and registry; port 0 takes a free one.
    pub auth: SocketAddr,
    /// Address of the protected API; port 0 takes a free one.
    pub api: SocketAddr,
    /// What to do when one of them is taken.
    pub port_taken: PortTaken,
    /// Where `state/sandbox.json` is written for other keyfob processes.
    pub home: Option<Home>,
}

/// One request as the log shows it; path and note are text from outside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogLine {
    /// When it arrived.
    pub at: Timestamp,
    /// At which server.
    pub server: Server,
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// The status that was answered.
    pub status: u16,
    /// Why it was refused, or what was done: `created demo`, `sub john.doe`.
    pub note: String,
    /// How long it took, in microseconds.
    pub micros: u64,
}

/// One of the two servers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Server {
    /// The protected API.
    Api,
    /// The authorization server and key registry.
    Auth,
}

/// Why the sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// An address that others could reach.
    #[error("{0} is not loopback: the sandbox listens on 127.0.0.1 or [::1] only")]
    NotLoopback(SocketAddr),
    /// Another program listens there.
    #[error("port {0} is taken by another program: choose another with --auth or --api")]
    PortTaken(u16),
    /// The system said no.
    #[error("the sandbox cannot start: {0}")]
    System(#[from] io::Error),
}

/// Running servers; dropping it stops them and removes `state/sandbox.json`.
#[derive(Debug)]
pub struct Sandbox {
    auth: SocketAddr,
    api: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _state: Option<StateFile>,
}

/// The addresses of a running sandbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Running {
    /// `http://127.0.0.1:3001`.
    pub auth: String,
    /// `http://127.0.0.1:3002`.
    pub api: String,
}

impl Server {
    /// `auth` or `api`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Auth => "auth",
        }
    }
}

impl Default for Options {
    /// Ports 3001 and 3002 of 127.0.0.1, told to nobody.
    fn default() -> Self {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            auth: at(3001),
            api: at(3002),
            port_taken: PortTaken::Fail,
            home: None,
        }
    }
}

impl Sandbox {
    /// Starts both servers on a thread of their own; each request is told to `log`.
    pub fn start(options: &Options, log: Sender<LogLine>) -> Result<Self, SandboxError> {
        let auth_listener = bind(options.auth, options.port_taken)?;
        let api_listener = bind(options.api, options.port_taken)?;
        let (auth, api) = (auth_listener.local_addr()?, api_listener.local_addr()?);
        let instance = Instance::new().map_err(io::Error::other)?;
        let state = options
            .home
            .as_ref()
            .map(|home| StateFile::write(home, &url(auth), &url(api), &instance))
            .transpose()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let issuer = Arc::new(Auth::new(url(auth), url(api), instance.clone()));
        let guarded = Arc::new(Api::new(url(auth), url(api), instance));
        let routes = [
            (
                auth_listener,
                gated(issuer.router(), Server::Auth, auth, log.clone()),
            ),
            (api_listener, gated(guarded.router(), Server::Api, api, log)),
        ];
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    for (listener, router) in routes {
                        if let Ok(listener) = Listener::new(listener) {
                            tokio::spawn(async move { axum::serve(listener, router).await });
                        }
                    }
                    // Dropping the sender stops it as sending does.
                    let _ = stopped.await;
                });
                runtime.shutdown_background();
            })?;
        Ok(Self {
            auth,
            api,
            stop: Some(stop),
            thread: Some(thread),
            _state: state,
        })
    }

    /// `http://127.0.0.1:3001`.
    pub fn auth_url(&self) -> String {
        url(self.auth)
    }

    /// `http://127.0.0.1:3002`.
    pub fn api_url(&self) -> String {
        url(self.api)
    }

    /// The sandbox that runs in another process of this home, if one answers.
    pub fn running(home: &Home) -> Option<Running> {
        state_file::running(home)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that panicked has stopped too.
            let _ = thread.join();
        }
    }
}

fn bind(address: SocketAddr, port_taken: PortTaken) -> Result<TcpListener, SandboxError> {
    if !address.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(address));
    }
    let listener = match (TcpListener::bind(address), port_taken) {
        (Ok(listener), _) => listener,
        (Err(_), PortTaken::AnyFree) => TcpListener::bind((address.ip(), 0))?,
        (Err(error), PortTaken::Fail) if error.kind() == io::ErrorKind::AddrInUse => {
            return Err(SandboxError::PortTaken(address.port()));
        }
        (Err(error), PortTaken::Fail) => return Err(error.into()),
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn gated(router: Router, server: Server, address: SocketAddr, log: Sender<LogLine>) -> Router {
    let gate = Arc::new(Gate::new(server, address, log));
    router.layer(middleware::from_fn_with_state(gate, Gate::pass))
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
