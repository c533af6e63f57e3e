//! A service that keeps one JWK Set: read, merged, and written whole where nobody else wrote.

use std::collections::BTreeMap;

use super::{
    answer::{Done, Receipt, RemoteKey, State},
    drift::differences,
    endpoint::{Endpoint, Look, own_id},
    error::RegistryError,
    preset::SetFile,
    projection::Projection,
    published_set::PublishedSet,
    talk::{Talk, raw},
};
use crate::{
    jose::jwk::PublicJwk,
    net::{
        http::NetError,
        request::{HeaderValue, Method, Request, Response},
    },
};

/// How often a set is read anew after somebody else wrote it.
const ATTEMPTS: u32 = 5;

/// The upkeep of one set, and what was said.
pub(super) struct Upkeep<'a> {
    file: &'a SetFile,
    talk: Talk<'a>,
}

/// What a set is written over.
enum Base {
    /// Nothing is there.
    Nothing,
    /// The version of this strong `ETag` (RFC 9110 section 8.8.3).
    Version(String),
    /// Something without one: it cannot be written without the danger of losing another's change.
    Unguarded,
}

impl<'a> Upkeep<'a> {
    /// Nothing was said yet.
    pub(super) fn with(endpoint: &'a Endpoint, file: &'a SetFile) -> Self {
        Self {
            file,
            talk: Talk::with(endpoint),
        }
    }

    /// The request that reads the set.
    pub(super) fn read_request(&self) -> Request {
        let endpoint = self.talk.endpoint;
        Request {
            method: Method::Get,
            url: endpoint.url.clone(),
            headers: endpoint.headers(&BTreeMap::new()),
            body: None,
        }
    }

    /// Puts `jwk` into the set and reads it back.
    pub(super) fn register(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        let id = own_id(jwk);
        let mut written = None;
        for _ in 0..ATTEMPTS {
            let (set, base) = self.read()?;
            let under_id = set.under(&id);
            if is_anothers(jwk, &under_id) {
                return Err(self.anothers(&id));
            }
            let differed = match under_id.as_slice() {
                [] => Vec::new(),
                [Ok(there)] => differences(self.key(), jwk, there),
                _ => vec!["kid".to_owned()],
            };
            if !under_id.is_empty() && differed.is_empty() {
                let (done, differed) = written.unwrap_or((Done::AlreadyRegistered, Vec::new()));
                return Ok(self.receipt(done, id, differed));
            }
            if written.is_some() {
                return Err(self.talk.unconfirmed(
                    "it took the set, and the key does not read back as it was sent",
                ));
            }
            let done = if under_id.is_empty() {
                Done::Created
            } else {
                Done::Replaced
            };
            let key = self.key().of(jwk).to_string();
            if self.write(&set.with(&id, &key), &set, base)? {
                written = Some((done, differed));
            }
        }
        Err(self.contended())
    }

    /// Where `jwk` stands in the set as `id`.
    pub(super) fn state(mut self, jwk: &PublicJwk, id: String) -> Result<State, RegistryError> {
        let (set, _) = self.read()?;
        Ok(match set.under(&id).as_slice() {
            [] => State::NotThere,
            [Ok(there)] => {
                let what = differences(self.key(), jwk, there);
                if what.is_empty() {
                    State::Registered { id }
                } else {
                    State::Differs { id, what }
                }
            }
            [Err(why)] => State::Unknown { why: why.clone() },
            many => State::Unknown {
                why: format!("{} keys of this kid are there", many.len()),
            },
        })
    }

    /// Every key of the set. Of several of one kid, the first alone is one.
    pub(super) fn list(mut self) -> Result<Vec<RemoteKey>, RegistryError> {
        let (set, _) = self.read()?;
        Ok(set.keys())
    }

    /// The set, and how many keys it holds.
    pub(super) fn first_page(mut self) -> Result<Look, NetError> {
        let response = self.talk.ask(self.read_request())?;
        let keys = self.set_of(&response).map(|set| set.keys().len());
        Ok(Look {
            response,
            keys,
            token_was_tried: true,
        })
    }

    /// Takes `jwk`, which is there as `id`, out of the set and reads back that it is gone.
    pub(super) fn unregister(
        mut self,
        jwk: &PublicJwk,
        id: &str,
    ) -> Result<Receipt, RegistryError> {
        let mut written = false;
        for _ in 0..ATTEMPTS {
            let (set, base) = self.read()?;
            let under_id = set.under(id);
            if under_id.is_empty() {
                let done = if written {
                    Done::Removed
                } else {
                    Done::NotThere
                };
                return Ok(self.receipt(done, id.to_owned(), Vec::new()));
            }
            if written {
                return Err(self
                    .talk
                    .unconfirmed("it took the set, and the key is still there"));
            }
            if is_anothers(jwk, &under_id) {
                return Err(self.anothers(id));
            }
            written = self.write(&set.without(id), &set, base)?;
        }
        Err(self.contended())
    }

    fn key(&self) -> &'a Projection {
        &self.talk.endpoint.preset.key
    }

    fn read(&mut self) -> Result<(PublishedSet, Base), RegistryError> {
        let response = self.talk.send(self.read_request())?;
        let set = self.set_of(&response)?;
        let base = if self.file.absent.contains(&response.status) {
            Base::Nothing
        } else {
            match response.header("etag") {
                Some(tag) if tag.starts_with('"') => Base::Version(tag.to_owned()),
                _ => Base::Unguarded,
            }
        };
        Ok((set, base))
    }

    fn set_of(&mut self, response: &Response) -> Result<PublishedSet, RegistryError> {
        if self.file.absent.contains(&response.status) {
            return Ok(PublishedSet::default());
        }
        if response.status != 200 {
            return Err(self.talk.refused(response));
        }
        let Some(document) = raw(response) else {
            return Err(self.talk.unreadable(response));
        };
        PublishedSet::parse(document.get()).map_err(|why| {
            self.talk.refused_with(&format!(
                "what is there is no JWK Set: {why}: check the url"
            ))
        })
    }

    /// Whether `new` was written in the place of `old`; not where somebody else wrote in between.
    fn write(&mut self, new: &str, old: &PublishedSet, base: Base) -> Result<bool, RegistryError> {
        if let Some(kid) = old.private_kid() {
            return Err(self.does_not_fit(&format!(
                "the set publishes a private key ({kid}): take it out and revoke it; keyfob sends no \
                 private key along"
            )));
        }
        let condition = match base {
            Base::Nothing => ("If-None-Match", "*".to_owned()),
            Base::Version(tag) => ("If-Match", tag),
            Base::Unguarded => {
                return Err(self.does_not_fit(
                    "it sends no strong ETag, so another's change could be overwritten: nothing \
                     was written",
                ));
            }
        };
        let endpoint = self.talk.endpoint;
        let mut headers = endpoint.headers(&self.file.write_headers);
        headers.push((condition.0.to_owned(), HeaderValue::Plain(condition.1)));
        let response = self.talk.send(Request {
            method: Method::Put,
            url: endpoint.url.clone(),
            headers,
            body: Some(new.to_owned()),
        })?;
        match response.status {
            200..300 => Ok(true),
            status if self.file.changed.contains(&status) => Ok(false),
            _ => Err(self.talk.refused(&response)),
        }
    }

    fn receipt(self, done: Done, id: String, differed: Vec<String>) -> Receipt {
        Receipt {
            done,
            id,
            differed,
            remarks: Vec::new(),
            exchanges: self.talk.exchanges,
        }
    }

    fn does_not_fit(&self, what: &str) -> RegistryError {
        RegistryError::DoesNotFit(format!("{}: {what}", self.talk.endpoint.name))
    }

    fn anothers(&self, id: &str) -> RegistryError {
        self.does_not_fit(&format!(
            "another key stands there under the kid {id}, and it is left alone: give one of the two \
             another kid"
        ))
    }

    /// None of what was sent was written.
    fn contended(&mut self) -> RegistryError {
        RegistryError::Refused {
            summary: format!(
                "{}: somebody else wrote the set {ATTEMPTS} times in between: do it again",
                self.talk.endpoint.name
            ),
            exchanges: std::mem::take(&mut self.talk.exchanges),
        }
    }
}

/// Whether what stands under the id of `jwk` is not it.
fn is_anothers(jwk: &PublicJwk, under_id: &[Result<PublicJwk, String>]) -> bool {
    let ours = jwk.key.thumbprint();
    under_id.iter().any(|there| match there {
        Ok(there) => there.key.thumbprint() != ours,
        Err(_) => true,
    })
}
