//! The built-in servers on loopback: authorization server, key registry, protected API.
//! The only room that names axum and tokio.

pub mod server;
