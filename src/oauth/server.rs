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
                let token_url = if client.settings.shows_certificate() {
                    metadata.mtls_url(Place::Token)?
                } else {
                    metadata.url(Place::Token)?
                };
                Ok(Self {
                    token_url,
                    metadata: Some(metadata),
                })
            }
        }
    }
}
