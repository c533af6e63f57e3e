//! A client: who it is, where it asks, and how far the network may be trusted for it.

use super::{assertion, certificate, error::OauthError};
use crate::{
    config::settings::{Audience, ClientServer, ClientSettings, Grant},
    keystore::record::Record,
    net::policy::{PlainHttp, Policy},
};

/// An OAuth client of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Client {
    pub name: String,
    pub settings: ClientSettings,
}

impl Client {
    /// What the HTTP client may do for it.
    pub fn policy(&self) -> Policy {
        let mut policy = Policy {
            ca_file: self.settings.ca_file.clone(),
            ..Policy::default()
        };
        if self.settings.allow_http {
            policy.plain_http = PlainHttp::Allowed;
        }
        policy
    }

    /// Whether its key can do what the client needs of it: sign, or be shown with its certificate.
    pub fn fits(&self, record: &Record) -> Result<(), OauthError> {
        if self.settings.signs() {
            assertion::algorithm(self, record)?;
        }
        if self.settings.shows_certificate() {
            certificate::leaf(record)?;
        }
        Ok(())
    }

    /// The issuer, where one is named.
    pub fn issuer(&self) -> Option<&str> {
        match &self.settings.server {
            ClientServer::Issuer(issuer) => Some(issuer),
            ClientServer::TokenUrl(_) => None,
        }
    }

    /// `sub` of its assertions.
    pub fn subject(&self) -> &str {
        let subject = self.settings.subject.as_deref();
        subject.unwrap_or(&self.settings.client_id)
    }

    /// The same client, as it proves itself where it asks for no token.
    pub(super) fn for_itself(&self) -> Self {
        let mut client = self.clone();
        client.settings.grant = Grant::default();
        client.settings.subject = None;
        client
    }

    /// `aud` of its assertions, once `token_url` is known.
    pub fn audience<'a>(&'a self, token_url: &'a str) -> &'a str {
        match &self.settings.audience {
            Audience::Text(text) => text,
            Audience::Issuer => self.issuer().unwrap_or(token_url),
            Audience::TokenUrl => token_url,
        }
    }
}
