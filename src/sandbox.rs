//! The built-in servers on loopback: authorization server, key registry, protected API.
//! The only room that names axum and tokio.
//!
//! [`server`] starts and stops them and is all that other rooms see. Every request passes the
//! `gate` (host, origin, size, log) on a `connection` with a deadline; `auth` and `api` are the
//! two servers with their routes; the rest of the files are one route or one thing each. What is
//! registered lives in the `store`, in memory only. Tokens are judged by [`crate::jose::verdict`],
//! as everywhere in keyfob.

mod access_key;
mod answer;
mod api;
mod auth;
mod bearer;
mod connection;
mod entities;
mod entity_id;
mod form;
mod gate;
mod instance;
mod oauth_error;
mod profile;
pub mod server;
mod state_file;
mod store;
mod token;
mod trusted_key;
