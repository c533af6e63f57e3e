//! An endpoint: a preset with its values.

use super::{
    answer::{Receipt, RemoteKey, State},
    error::RegistryError,
    preset::Preset,
};
use crate::{
    jose::jwk::PublicJwk,
    net::{policy::Policy, request::Request},
    secret::Secret,
};

/// A place where public keys can be registered.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub name: String,
    pub preset: Preset,
    pub url: String,
    pub token: Option<Secret<String>>,
    pub policy: Policy,
}

impl Endpoint {
    /// The request that creates `jwk` there, exactly as [`Self::register`] would send it. Checks the capabilities first.
    pub fn create_request(&self, jwk: &PublicJwk) -> Result<Request, RegistryError> {
        unimplemented!("{jwk:?}")
    }
    /// Creates, or replaces where it differs, then reads back and compares thumbprints.
    pub fn register(&self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        unimplemented!("{jwk:?}")
    }
    /// Reads `jwk` there. `id` as recorded, else the kid.
    pub fn state(&self, jwk: &PublicJwk, id: Option<&str>) -> Result<State, RegistryError> {
        unimplemented!("{jwk:?}{id:?}")
    }
    /// All pages.
    pub fn list(&self) -> Result<Vec<RemoteKey>, RegistryError> {
        unimplemented!()
    }
    pub fn delete_request(&self, id: &str) -> Result<Request, RegistryError> {
        unimplemented!("{id}")
    }
    /// Deletes and reads back that it is gone.
    pub fn unregister(&self, jwk: &PublicJwk, id: &str) -> Result<Receipt, RegistryError> {
        unimplemented!("{jwk:?}{id}")
    }
}
