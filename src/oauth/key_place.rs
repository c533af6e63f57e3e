//! Where keys to check a token with are published.

use std::sync::Arc;

use super::{
    discovery::{self, Discovery},
    error::OauthError,
    metadata::Place,
    remote_set::RemoteSet,
};
use crate::net::{exchange::Exchange, http, policy::Policy, request::Request, url::Url};

/// Where keys to check a token with are published; the user names it, never the token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyPlace {
    /// By an issuer, whose metadata name the JWK Set.
    Issuer(String),
    /// The JWK Set itself.
    Set(String),
}

impl KeyPlace {
    /// The URL as the user gave it.
    pub fn url(&self) -> &str {
        match self {
            Self::Issuer(url) | Self::Set(url) => url,
        }
    }

    /// What is sent first to learn the keys; nothing is sent here.
    pub fn request(&self) -> Result<Request, OauthError> {
        let (url, media_types) = match self {
            Self::Issuer(issuer) => {
                let [first, _] = discovery::places(&discovery::issuer_url(issuer)?);
                (first, discovery::METADATA_TYPES)
            }
            Self::Set(url) => (Url::parse(url)?.as_str().to_owned(), discovery::SET_TYPES),
        };
        let request = discovery::request(&url, media_types);
        http::allowed(&request, &Policy::default())?;
        Ok(request)
    }

    /// The keys there. Those that `discovery` knows already serve again, unless none of them is
    /// named `kid`: a set may have grown.
    pub fn keys(
        &self,
        kid: Option<&str>,
        discovery: &Discovery,
        trace: &mut Vec<Exchange>,
    ) -> Result<Arc<RemoteSet>, OauthError> {
        let policy = Policy::default();
        let url = match self {
            Self::Issuer(issuer) => {
                let metadata = discovery.metadata(issuer, &policy, trace)?;
                metadata.url(Place::Jwks)?
            }
            Self::Set(url) => Url::parse(url)?,
        };
        let asked = trace.len();
        let set = discovery.keys(&url, &policy, trace)?;
        let is_stale = trace.len() == asked && kid.is_some_and(|kid| !set.has_kid(kid));
        if is_stale {
            return discovery.fresh_keys(&url, &policy, trace);
        }
        Ok(set)
    }
}
