//! Starting, stopping, and what is told of each request.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc::Sender},
    thread::{self, JoinHandle},
};

use axum::{Router, middleware};
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{
    api::Api,
    auth::{Addresses, Auth},
    connection::Listener,
    fault::Switchboard,
    gate::Gate,
    instance::Instance,
    options::{Options, PortTaken, Servers},
    state_file::{self, StateFile},
};
use crate::config::home::Home;

/// The API token of the sandbox's registry.
pub const TOKEN: &str = "sandbox";

/// Threads for what takes longer: keys, signatures, the API's own requests.
const BLOCKING: usize = 4;

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
    addresses: Addresses,
    switchboard: Switchboard,
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

impl Sandbox {
    /// Starts the servers on a thread of their own; each request is told to `log`.
    pub fn start(options: &Options, log: Sender<LogLine>) -> Result<Self, SandboxError> {
        let listener = |address, other| match options.servers {
            Servers::Both => bind(address, options.port_taken).map(Some),
            alone if alone == other => Ok(None),
            _ => bind(address, options.port_taken).map(Some),
        };
        let auth_listener = listener(options.auth, Servers::Api)?;
        let api_listener = listener(options.api, Servers::Auth)?;
        let address = |listener: &Option<TcpListener>, otherwise| match listener {
            Some(listener) => listener.local_addr(),
            None => Ok(otherwise),
        };
        let addresses = Addresses {
            auth: url(address(&auth_listener, options.auth)?),
            api: url(address(&api_listener, options.api)?),
        };
        let instance = Instance::new().map_err(io::Error::other)?;
        let state = match &options.home {
            Some(home) if options.servers == Servers::Both => {
                Some(StateFile::write(home, &addresses, &instance)?)
            }
            _ => None,
        };
        let switchboard = Switchboard::new(options.faults);
        let mut routes = Vec::new();
        if let Some(listener) = auth_listener {
            let auth = Auth::new(options, &addresses, instance.clone(), switchboard.clone());
            routes.push((Server::Auth, listener, Arc::new(auth).router()));
        }
        if let Some(listener) = api_listener {
            let api = Api::new(options, &addresses, instance.clone(), switchboard.clone());
            routes.push((Server::Api, listener, Arc::new(api).router()));
        }
        let mut served = Vec::new();
        for (server, listener, router) in routes {
            let gate = Gate::new(
                server,
                listener.local_addr()?,
                &instance,
                switchboard.clone(),
                log.clone(),
            );
            let layer = middleware::from_fn_with_state(Arc::new(gate), Gate::pass);
            served.push((listener, router.layer(layer)));
        }
        let (stop, thread) = serve(served)?;
        Ok(Self {
            addresses,
            switchboard,
            stop: Some(stop),
            thread: Some(thread),
            _state: state,
        })
    }

    /// `http://127.0.0.1:3001`; of an API alone the default of its issuer.
    pub fn auth_url(&self) -> &str {
        &self.addresses.auth
    }

    /// `http://127.0.0.1:3002`; of an authorization server alone the default of its audience.
    pub fn api_url(&self) -> &str {
        &self.addresses.api
    }

    /// The faults, to be changed while it runs.
    pub fn switchboard(&self) -> &Switchboard {
        &self.switchboard
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

/// Serves on a thread of its own until the sender is dropped.
fn serve(served: Vec<(TcpListener, Router)>) -> io::Result<(oneshot::Sender<()>, JoinHandle<()>)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING)
        .build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("sandbox".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                for (listener, router) in served {
                    if let Ok(listener) = Listener::new(listener) {
                        tokio::spawn(async move { axum::serve(listener, router).await });
                    }
                }
                // Dropping the sender stops it as sending does.
                let _ = stopped.await;
            });
            runtime.shutdown_background();
        })?;
    Ok((stop, thread))
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
