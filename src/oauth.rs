//! What authorization servers say of themselves, and what they grant to a client that proves itself
//! with a key.
//!
//! [`discovery::Discovery`] finds a server's [`metadata::Metadata`] by its issuer and fetches its
//! [`remote_set::RemoteSet`] of keys.

pub mod discovery;
pub mod error;
pub mod key_place;
pub mod metadata;
pub mod remote_set;
