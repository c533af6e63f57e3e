//! From an issuer to its metadata, and from there to its keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{error::OauthError, metadata::Metadata, remote_set::RemoteSet};
use crate::{
    jose::jwk::PublishedKey,
    net::{
        exchange::Exchange,
        http,
        policy::{Policy, SET_LIMIT},
        request::{HeaderValue, Method, Request, Response},
        url::Url,
    },
};

/// What is accepted as metadata.
pub(super) const METADATA_TYPES: &str = "application/json";
/// What is accepted as a JWK Set.
pub(super) const SET_TYPES: &str = "application/jwk-set+json, application/json";

/// How much of a JWK Set is kept for display.
const SHOWN_OF_A_SET: usize = 64 << 10;

/// Finds metadata and keys, and keeps what it found for as long as it lives.
#[derive(Debug, Default)]
pub struct Discovery {
    found: Mutex<Found>,
}

/// What was found, each under its address and the policy that it was fetched by: what one client may
/// reach over plain http says nothing to another.
#[derive(Debug, Default)]
struct Found {
    metadata: Vec<(String, Policy, Arc<Metadata>)>,
    sets: Vec<(String, Policy, Arc<RemoteSet>)>,
}

impl Discovery {
    /// The metadata of `issuer`: from `/.well-known/openid-configuration` behind it (OpenID Connect
    /// Discovery 1.0 section 4), else from the path of RFC 8414 section 3. What was asked and
    /// answered joins `trace`, nothing where it was known already.
    pub fn metadata(
        &self,
        issuer: &str,
        policy: &Policy,
        trace: &mut Vec<Exchange>,
    ) -> Result<Arc<Metadata>, OauthError> {
        let known = kept(&self.found().metadata, issuer, policy);
        if let Some(known) = known {
            return Ok(known);
        }
        let url = issuer_url(issuer)?;
        let metadata = Arc::new(fetch_metadata(&url, policy, trace)?);
        keep(&mut self.found().metadata, issuer, policy, &metadata);
        Ok(metadata)
    }

    /// The JWK Set at `url`, at most [`SET_LIMIT`] long.
    pub fn keys(
        &self,
        url: &Url,
        policy: &Policy,
        trace: &mut Vec<Exchange>,
    ) -> Result<Arc<RemoteSet>, OauthError> {
        let known = kept(&self.found().sets, url.as_str(), policy);
        match known {
            Some(known) => Ok(known),
            None => self.fresh_keys(url, policy, trace),
        }
    }

    /// As [`Self::keys`], but asked for anew: for a token whose key is not among those known.
    pub fn fresh_keys(
        &self,
        url: &Url,
        policy: &Policy,
        trace: &mut Vec<Exchange>,
    ) -> Result<Arc<RemoteSet>, OauthError> {
        let set = Arc::new(fetch_keys(url, policy, trace)?);
        keep(&mut self.found().sets, url.as_str(), policy, &set);
        Ok(set)
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        // Each change is one insertion: a panic leaves it whole.
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kept<T>(all: &[(String, Policy, Arc<T>)], address: &str, policy: &Policy) -> Option<Arc<T>> {
    all.iter()
        .find(|(known, by, _)| known == address && by == policy)
        .map(|(_, _, value)| Arc::clone(value))
}

fn keep<T>(
    all: &mut Vec<(String, Policy, Arc<T>)>,
    address: &str,
    policy: &Policy,
    value: &Arc<T>,
) {
    all.retain(|(known, by, _)| known != address || by != policy);
    all.push((address.to_owned(), policy.clone(), Arc::clone(value)));
}

/// RFC 8414 section 2: an issuer has neither query nor fragment.
pub(super) fn issuer_url(issuer: &str) -> Result<Url, OauthError> {
    let wrong = |why: String| OauthError::IssuerText {
        issuer: issuer.to_owned(),
        why,
    };
    let url = Url::parse(issuer).map_err(|error| wrong(error.to_string()))?;
    if url.after_origin().contains('?') {
        return Err(wrong(
            "an issuer has no part after ?: write it as the server says it".to_owned(),
        ));
    }
    Ok(url)
}

/// Where the metadata of an issuer may lie, in the order in which they are asked.
pub fn places(issuer: &Url) -> [String; 2] {
    let path = issuer.after_origin().trim_end_matches('/');
    let origin = issuer.origin();
    [
        format!("{origin}{path}/.well-known/openid-configuration"),
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
    ]
}

fn fetch_metadata(
    issuer: &Url,
    policy: &Policy,
    trace: &mut Vec<Exchange>,
) -> Result<Metadata, OauthError> {
    let places = places(issuer);
    let mut tried = Vec::new();
    for place in places {
        let response = get(&place, METADATA_TYPES, policy, trace)?;
        if response.status == 200 {
            return Metadata::of(issuer, &place, &response.text());
        }
        tried.push(format!("{place} answered {}", response.status));
    }
    Err(OauthError::NoMetadata {
        issuer: issuer.as_str().to_owned(),
        tried: tried.join(", "),
    })
}

fn fetch_keys(
    url: &Url,
    policy: &Policy,
    trace: &mut Vec<Exchange>,
) -> Result<RemoteSet, OauthError> {
    let policy = Policy {
        body_limit: SET_LIMIT,
        ..policy.clone()
    };
    let response = get(url.as_str(), SET_TYPES, &policy, trace)?;
    if response.status != 200 {
        return Err(OauthError::Status {
            url: url.as_str().to_owned(),
            status: response.status,
            wanted: "a JWK Set",
        });
    }
    let keys = PublishedKey::all_of(&String::from_utf8_lossy(&response.body));
    let keys = keys.map_err(|why| OauthError::NotASet {
        url: url.as_str().to_owned(),
        why,
    })?;
    Ok(RemoteSet::new(url.as_str(), keys))
}

/// The first request of what leads to keys: for metadata of an issuer, or for a JWK Set.
pub(super) fn request(url: &str, accept: &str) -> Request {
    Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: vec![("Accept".to_owned(), HeaderValue::Plain(accept.to_owned()))],
        body: None,
    }
}

/// Asks without credentials; a redirect that the policy does not follow is an error.
fn get(
    url: &str,
    accept: &str,
    policy: &Policy,
    trace: &mut Vec<Exchange>,
) -> Result<Response, OauthError> {
    let request = request(url, accept);
    let response = http::send(&request, policy)?;
    let shown = Response {
        status: response.status,
        headers: response.headers.clone(),
        body: response.body.iter().take(SHOWN_OF_A_SET).copied().collect(),
        elapsed: response.elapsed,
    };
    trace.push(Exchange {
        request,
        response: shown,
    });
    match response.header("location") {
        Some(to) if (300..400).contains(&response.status) => Err(OauthError::Redirected {
            url: url.to_owned(),
            to: to.to_owned(),
        }),
        _ => Ok(response),
    }
}
