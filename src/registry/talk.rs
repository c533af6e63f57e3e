//! What was sent to an endpoint so far, and how to send.

use serde_json::value::RawValue;

use super::{answer::Exchange, endpoint::Endpoint, error::RegistryError, journal::Step};
use crate::{
    jose::jwk::{Jwk, PublicJwk},
    net::{
        http::{self, NetError},
        request::{Request, Response},
    },
};

/// What was sent so far, and how to send.
pub(super) struct Talk<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) exchanges: Vec<Exchange>,
}

impl<'a> Talk<'a> {
    /// Nothing was sent yet.
    pub(super) fn with(endpoint: &'a Endpoint) -> Self {
        Self {
            endpoint,
            exchanges: Vec::new(),
        }
    }

    /// Sends, and keeps what was said.
    pub(super) fn send(&mut self, request: Request) -> Result<Response, RegistryError> {
        self.endpoint.journal.tell(Step::Sending);
        let sent = http::send(&request, &self.endpoint.policy);
        self.endpoint.journal.tell(Step::Answered);
        match sent {
            Ok(response) => {
                self.exchanges.push(Exchange {
                    request,
                    response: response.clone(),
                });
                Ok(response)
            }
            Err(source) if source.may_have_arrived() && !request.is_reading() => {
                let summary = format!(
                    "{source}; what was asked may have been done: ask again with \
                     keyfob registrations --refresh"
                );
                let exchanges = std::mem::take(&mut self.exchanges);
                Err(RegistryError::Unconfirmed {
                    summary: format!("{}: {summary}", self.endpoint.name),
                    exchanges,
                })
            }
            Err(source) if self.has_changed() => {
                Err(self.unconfirmed(&format!("it was done, and reading it back fails: {source}")))
            }
            Err(source) => Err(RegistryError::Net {
                endpoint: self.endpoint.name.clone(),
                source,
            }),
        }
    }

    /// Sends what only asks, and keeps what was said.
    pub(super) fn ask(&mut self, request: Request) -> Result<Response, NetError> {
        let response = http::send(&request, &self.endpoint.policy)?;
        self.exchanges.push(Exchange {
            request,
            response: response.clone(),
        });
        Ok(response)
    }

    /// It was sent, and what became of it is not as it should be.
    pub(super) fn unconfirmed(&mut self, what: &str) -> RegistryError {
        RegistryError::Unconfirmed {
            summary: format!("{}: {what}", self.endpoint.name),
            exchanges: std::mem::take(&mut self.exchanges),
        }
    }

    /// The preset's sentence for the status, and the service's own reason.
    pub(super) fn refused(&mut self, response: &Response) -> RegistryError {
        let errors = &self.endpoint.preset.errors;
        let token = self
            .endpoint
            .token
            .as_ref()
            .map_or("(none)", |(_, source)| source.as_str());
        let sentence = match (errors.say.get(&response.status), response.status) {
            (Some(sentence), _) => sentence.replace("{token}", token),
            (None, 300..400) => format!(
                "it sends on to {}, where keyfob does not follow with a token: if it lives there \
                 now, change the endpoint's url",
                response.header("location").unwrap_or("another place")
            ),
            (None, status) => format!("it answered {status}"),
        };
        let detail = raw(response).and_then(|document| {
            errors
                .detail
                .iter()
                .find_map(|pointer| pointer.text(document))
        });
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        let summary = format!(
            "{} ({}) refused with {}: {sentence}{detail}",
            self.endpoint.name, self.endpoint.preset.title, response.status
        );
        if self.has_changed() {
            return self.unconfirmed(&format!("it was done, and then {summary}"));
        }
        RegistryError::Refused {
            summary,
            exchanges: std::mem::take(&mut self.exchanges),
        }
    }

    /// Whether anything was changed there so far.
    fn has_changed(&self) -> bool {
        self.exchanges.iter().any(|exchange| {
            !exchange.request.is_reading() && (200..300).contains(&exchange.response.status)
        })
    }
}

/// The answer as JSON.
pub(super) fn raw(response: &Response) -> Option<&RawValue> {
    serde_json::from_slice(&response.body).ok()
}

/// A key as a service publishes it.
pub(super) fn parse(text: &str) -> Result<PublicJwk, String> {
    match Jwk::parse(text) {
        Ok(Jwk::Public(jwk)) => Ok(jwk),
        Ok(Jwk::Private { .. }) => Err("it publishes a private key: revoke it".to_owned()),
        Ok(Jwk::Symmetric { .. }) => Err("it publishes a shared secret: revoke it".to_owned()),
        Err(error) => Err(error.fault()),
    }
}
