//! What authorization servers say of themselves, and what they grant to a client that proves itself
//! with a key.
//!
//! [`discovery::Discovery`] finds a server's [`metadata::Metadata`] by its issuer and fetches its
//! [`remote_set::RemoteSet`] of keys.

pub mod access_token;
pub mod api_causes;
pub mod asked_wait;
pub mod assertion;
mod binding;
pub mod call;
mod causes;
pub mod certificate;
pub mod client;
pub mod commands;
pub mod discovery;
pub mod dpop;
pub mod error;
pub mod inquiry;
pub mod key_place;
pub mod keys;
pub mod metadata;
mod nonces;
mod proof;
pub mod remote_set;
pub mod run;
pub mod saving;
pub mod server;
pub mod step;
pub mod token_request;
