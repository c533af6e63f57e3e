//! The built-in servers on loopback: authorization server, key registry, protected API.
//! The only room that names axum and tokio.
//!
//! [`server`] starts and stops them, as [`options`] say; [`fault`] is the switchboard of refusals on
//! purpose, [`remote`] tells one that runs, and [`key_folder`] has the keys of the well-known Node.js
//! article in their files: that is all that other rooms see. Every request passes the `gate` (host, origin, size, faults, log) on a
//! `connection` with a deadline; `auth` and `api` are the two servers with their routes; the rest of
//! the files are one route or one thing each. What is registered lives in the `store`, in memory
//! only. Tokens are judged by [`crate::jose::verdict`], as everywhere in keyfob.

mod access_keys;
mod answer;
mod api;
mod article;
mod auth;
mod authenticate;
mod bearer;
mod client;
mod connection;
mod control;
mod entities;
mod entity_id;
pub mod fault;
mod form;
mod gate;
mod instance;
mod introspect;
mod key_cache;
pub mod key_folder;
mod oauth_error;
pub mod options;
mod profile;
mod register;
pub mod remote;
mod revoke;
pub mod server;
mod state_file;
mod store;
mod token;
mod trusted_key;
