//! A server whose token endpoint is known.

use std::sync::Arc;

use super::{
    client::Client,
    discovery::Discovery,
    error::OauthError,
    metadata::{Metadata, Place},
};
use crate::{
    config::settings::ClientServer,
    net::{exchange::Exchange, policy::Policy, url::Url},
};

/// A server whose token endpoint is known.
#[derive(Clone, Debug)]
pub struct Server {
    pub token_url: Url,
    pub metadata: Option<Arc<Metadata>>,
}

impl Server {
    /// Finds the token endpoint of `client` under `policy`; what was asked joins `trace`.
    pub fn find(
        client: &Client,
        policy: &Policy,
        discovery: &Discovery,
        trace: &mut Vec<Exchange>,
    ) -> Result<Self, OauthError> {
        match &client.settings.server {
            ClientServer::TokenUrl(url) => Ok(Self {
                token_url: Url::parse(url)?,
                metadata: None,
            }),
            ClientServer::Issuer(issuer) => {
                let metadata = discovery.metadata(issuer, policy, trace)?;
                Ok(Self {
                    token_url: named(&metadata, client, Place::Token)?,
                    metadata: Some(metadata),
                })
            }
        }
    }

    /// Its address of `place`, for `client`.
    pub(super) fn url(&self, client: &Client, place: Place) -> Result<Url, OauthError> {
        match &self.metadata {
            Some(metadata) => named(metadata, client, place),
            None => Err(OauthError::DoesNotFit(format!(
                "no metadata name the {} of {}: write its issuer in place of token_url",
                place.member(),
                client.name
            ))),
        }
    }
}

/// The address of `place`; a client that shows its certificate may have another one.
fn named(metadata: &Metadata, client: &Client, place: Place) -> Result<Url, OauthError> {
    if client.settings.shows_certificate() {
        metadata.mtls_url(place)
    } else {
        metadata.url(place)
    }
}
