//! An endpoint: a preset with its values, and what can be done there.

use std::collections::BTreeMap;

use super::{
    answer::{Receipt, RemoteKey, State},
    entries::{Conversation, own_id},
    error::RegistryError,
    journal::Journal,
    preset::{Preset, Service},
    set_file::Upkeep,
};
use crate::{
    jose::jwk::PublicJwk,
    net::{
        http::NetError,
        policy::Policy,
        request::{HeaderValue, Request, Response},
    },
    secret::Secret,
};

/// A place where public keys can be registered.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind.
    pub preset: Preset,
    /// Its address, without a `/` at the end.
    pub url: String,
    /// The API token and where it comes from, in words.
    pub token: Option<(Secret<String>, String)>,
    /// What the HTTP client may do.
    pub policy: Policy,
    /// Who is told of each step of what is done there.
    pub journal: Journal,
}

impl Endpoint {
    /// The same endpoint, which tells `journal` of each step.
    #[must_use]
    pub fn told(self, journal: Journal) -> Self {
        Self { journal, ..self }
    }

    /// The first request of [`Self::register`], exactly as it is sent: where each key is an entry of
    /// its own, the one that creates `jwk`; where the service keeps one set, the one that reads it.
    /// What does not fit the service is refused here.
    pub fn create_request(&self, jwk: &PublicJwk) -> Result<Request, RegistryError> {
        self.preset
            .capabilities
            .check(&self.preset.title, jwk, &own_id(jwk))?;
        Ok(match &self.preset.service {
            Service::Entries(entries) => Conversation::with(self, entries).create_request(jwk),
            Service::JwkSet(file) => Upkeep::with(self, file).read_request(),
        })
    }

    /// The first request of [`Self::unregister`] that is more than a look at the key; where the
    /// service keeps one set, the one that reads it.
    pub fn delete_request(&self, id: &str) -> Request {
        match &self.preset.service {
            Service::Entries(entries) => Conversation::with(self, entries).delete_request(id),
            Service::JwkSet(file) => Upkeep::with(self, file).read_request(),
        }
    }

    /// Creates `jwk`; where its id is taken, compares and replaces what differs. Then it is read
    /// back: the receipt says what was seen there.
    pub fn register(&self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        self.create_request(jwk)?;
        match &self.preset.service {
            Service::Entries(entries) => Conversation::with(self, entries).register(jwk),
            Service::JwkSet(file) => Upkeep::with(self, file).register(jwk),
        }
    }

    /// Where `jwk` stands there; `id` as recorded, else its kid.
    pub fn state(&self, jwk: &PublicJwk, id: Option<&str>) -> Result<State, RegistryError> {
        let id = id.map_or_else(|| own_id(jwk), str::to_owned);
        match &self.preset.service {
            Service::Entries(entries) => Conversation::with(self, entries).state(jwk, id),
            Service::JwkSet(file) => Upkeep::with(self, file).state(jwk, id),
        }
    }

    /// Every key there.
    pub fn list(&self) -> Result<Vec<RemoteKey>, RegistryError> {
        match &self.preset.service {
            Service::Entries(entries) => Conversation::with(self, entries).list(),
            Service::JwkSet(file) => Upkeep::with(self, file).list(),
        }
    }

    /// The first page of the keys there, asked for and told; nothing is changed.
    pub(super) fn first_page(&self) -> Result<(Response, Result<usize, RegistryError>), NetError> {
        match &self.preset.service {
            Service::Entries(entries) => Conversation::with(self, entries).first_page(),
            Service::JwkSet(file) => Upkeep::with(self, file).first_page(),
        }
    }

    /// Removes `jwk`, which is there as `id`, and reads back that it is gone.
    pub fn unregister(&self, jwk: &PublicJwk, id: &str) -> Result<Receipt, RegistryError> {
        match &self.preset.service {
            Service::Entries(entries) => Conversation::with(self, entries).unregister(id),
            Service::JwkSet(file) => Upkeep::with(self, file).unregister(jwk, id),
        }
    }

    /// The preset's headers, `more`, and what proves that it may.
    pub(super) fn headers(&self, more: &BTreeMap<String, String>) -> Vec<(String, HeaderValue)> {
        let plain =
            |(name, value): (&String, &String)| (name.clone(), HeaderValue::Plain(value.clone()));
        let mut headers: Vec<_> = self.preset.headers.iter().chain(more).map(plain).collect();
        if let Some((token, _)) = &self.token {
            let scheme = "Bearer".to_owned();
            let value = HeaderValue::Secret {
                scheme,
                value: token.clone(),
            };
            headers.push(("Authorization".to_owned(), value));
        }
        headers
    }
}
