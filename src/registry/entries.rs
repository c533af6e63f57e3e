//! A service that keeps each key as an entry of its own.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::{
    answer::{Done, Receipt, RemoteKey, State},
    drift::differences,
    endpoint::Endpoint,
    error::RegistryError,
    preset::{Absence, Entries, RequestTemplate},
    talk::{Talk, parse, raw},
    template::Filling,
};
use crate::{
    jose::jwk::PublicJwk,
    net::{
        http::NetError,
        request::{Request, Response},
    },
};

/// The most pages that are read of one list: a service that never ends one is left alone.
const MOST_PAGES: u32 = 1_000;

/// What is done at such a service, and what was said.
pub(super) struct Conversation<'a> {
    entries: &'a Entries,
    talk: Talk<'a>,
}

/// A key as it was read there.
enum Reading {
    Absent,
    Found { jwk: Box<PublicJwk> },
    Unreadable { why: String },
}

impl<'a> Conversation<'a> {
    /// Nothing was said yet.
    pub(super) fn with(endpoint: &'a Endpoint, entries: &'a Entries) -> Self {
        Self {
            entries,
            talk: Talk::with(endpoint),
        }
    }

    /// The request that creates `jwk`.
    pub(super) fn create_request(&self, jwk: &PublicJwk) -> Request {
        self.request(&self.entries.create.request, &own_id(jwk), 0, Some(jwk))
    }

    /// The request that deletes the key `id`.
    pub(super) fn delete_request(&self, id: &str) -> Request {
        self.request(&self.entries.delete.request, id, 0, None)
    }

    /// Creates `jwk`; where its id is taken, compares and replaces what differs, and reads back.
    pub(super) fn register(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        let create = self.create_request(jwk);
        let response = self.talk.send(create)?;
        let own = own_id(jwk);
        if self.entries.create.success.contains(&response.status) {
            let id = raw(&response)
                .and_then(|document| self.entries.create.id.text(document))
                .unwrap_or(own);
            return self.confirmed(jwk, Done::Created, id, Vec::new());
        }
        if !self.entries.create.taken.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        let differed = match self.read(&own)? {
            Reading::Found { jwk: there } => {
                differences(&self.talk.endpoint.preset.key, jwk, &there)
            }
            Reading::Unreadable { .. } => vec!["everything".to_owned()],
            // Nothing is there: the refusal was about the key itself.
            Reading::Absent => return Err(self.talk.refused(&response)),
        };
        if differed.is_empty() {
            let done = Done::AlreadyRegistered;
            return Ok(Receipt {
                done,
                id: own,
                differed,
                exchanges: self.talk.exchanges,
            });
        }
        let replace = self.request(&self.entries.replace.request, &own, 0, Some(jwk));
        let response = self.talk.send(replace)?;
        if !self.entries.replace.success.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        self.confirmed(jwk, Done::Replaced, own, differed)
    }

    /// Where `jwk` stands there as `id`.
    pub(super) fn state(mut self, jwk: &PublicJwk, id: String) -> Result<State, RegistryError> {
        Ok(match (self.read(&id)?, self.entries.absent.means) {
            (Reading::Absent, Absence::Absent) => State::NotThere,
            (Reading::Absent, Absence::AbsentOrHidden) => State::Unknown {
                why: "not there, or this token may not see it".to_owned(),
            },
            (Reading::Unreadable { why }, _) => State::Unknown { why },
            (Reading::Found { jwk: there }, _) => {
                let what = differences(&self.talk.endpoint.preset.key, jwk, &there);
                if what.is_empty() {
                    State::Registered { id }
                } else {
                    State::Differs { id, what }
                }
            }
        })
    }

    /// Every key there, page by page.
    pub(super) fn list(mut self) -> Result<Vec<RemoteKey>, RegistryError> {
        let list = &self.entries.list;
        let mut keys: Vec<RemoteKey> = Vec::new();
        let mut seen = HashSet::new();
        for page in (list.pages.first..).take(MOST_PAGES as usize) {
            let response = self
                .talk
                .send(self.request(&list.request, "", page, None))?;
            let mut on_page = self.page(&response)?;
            // A service that takes no page number answers the same page for ever.
            on_page.retain(|key| seen.insert(key.id.clone()));
            if on_page.is_empty() {
                break;
            }
            keys.extend(on_page);
            // Pages are told one by one: what was read is not kept.
            self.talk.exchanges.clear();
        }
        Ok(keys)
    }

    /// The first page of the keys there, and how many are on it.
    pub(super) fn first_page(
        mut self,
    ) -> Result<(Response, Result<usize, RegistryError>), NetError> {
        let list = &self.entries.list;
        let request = self.request(&list.request, "", list.pages.first, None);
        let response = self.talk.ask(request)?;
        let keys = self.page(&response).map(|keys| keys.len());
        Ok((response, keys))
    }

    /// Deletes the key `id` and reads back that it is gone.
    pub(super) fn unregister(mut self, id: &str) -> Result<Receipt, RegistryError> {
        let was_there = !matches!(self.read(id)?, Reading::Absent);
        let done = if was_there {
            Done::Removed
        } else {
            Done::NotThere
        };
        if was_there {
            let response = self.talk.send(self.delete_request(id))?;
            if !self.entries.delete.success.contains(&response.status) {
                return Err(self.talk.refused(&response));
            }
            if !matches!(self.read(id)?, Reading::Absent) {
                return Err(self
                    .talk
                    .unconfirmed("it answered that the key is deleted, and it is still there"));
            }
        }
        let id = id.to_owned();
        Ok(Receipt {
            done,
            id,
            differed: Vec::new(),
            exchanges: self.talk.exchanges,
        })
    }

    fn request(
        &self,
        template: &RequestTemplate,
        id: &str,
        page: u32,
        jwk: Option<&PublicJwk>,
    ) -> Request {
        let values = BTreeMap::new();
        let filling = Filling {
            id,
            page,
            values: &values,
        };
        let endpoint = self.talk.endpoint;
        let headers = endpoint.headers(&template.headers);
        let key = jwk.map_or(Value::Null, |jwk| endpoint.preset.key.of(jwk));
        let body = template
            .body
            .as_ref()
            .map(|body| format!("{:#}", body.filled(&filling, &key)));
        let url = format!("{}{}", endpoint.url, template.path.in_url(&filling));
        Request {
            method: template.method.0,
            url,
            headers,
            body,
        }
    }

    /// The keys on a page of the list.
    fn page(&mut self, response: &Response) -> Result<Vec<RemoteKey>, RegistryError> {
        let list = &self.entries.list;
        if !list.success.contains(&response.status) {
            return Err(self.talk.refused(response));
        }
        let Some(items) = raw(response).and_then(|document| list.items.items(document)) else {
            return Err(self
                .talk
                .unconfirmed("its list is not what was expected: check the url"));
        };
        let key = |item| RemoteKey {
            id: list.id.text(item).unwrap_or_default(),
            jwk: list
                .key
                .find(item)
                .ok_or_else(|| "it holds no key".to_owned())
                .and_then(|key| parse(key.get())),
        };
        Ok(items.into_iter().map(key).collect())
    }

    fn read(&mut self, id: &str) -> Result<Reading, RegistryError> {
        let entries = self.entries;
        let response = self
            .talk
            .send(self.request(&entries.read.request, id, 0, None))?;
        if entries.absent.statuses.contains(&response.status) {
            return Ok(Reading::Absent);
        }
        if !entries.read.success.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        let key = raw(&response)
            .and_then(|document| entries.read.key.find(document))
            .ok_or_else(|| "its answer holds no key where it should".to_owned())
            .and_then(|key| parse(key.get()));
        Ok(match key {
            Ok(jwk) => Reading::Found { jwk: Box::new(jwk) },
            Err(why) => Reading::Unreadable { why },
        })
    }

    /// Reads back and compares: registered is what was seen there.
    fn confirmed(
        mut self,
        jwk: &PublicJwk,
        done: Done,
        id: String,
        differed: Vec<String>,
    ) -> Result<Receipt, RegistryError> {
        match self.read(&id)? {
            Reading::Found { jwk: there } => {
                let left = differences(&self.talk.endpoint.preset.key, jwk, &there);
                if left.is_empty() {
                    return Ok(Receipt {
                        done,
                        id,
                        differed,
                        exchanges: self.talk.exchanges,
                    });
                }
                let left = left.join(", ");
                Err(self.talk.unconfirmed(&format!(
                    "it took the key, and what reads back differs: {left}"
                )))
            }
            Reading::Absent => Err(self
                .talk
                .unconfirmed("it answered that the key is there, and reading finds none")),
            Reading::Unreadable { why } => Err(self.talk.unconfirmed(&format!(
                "it took the key, and reading it back fails: {why}"
            ))),
        }
    }
}

/// What a key is called there when it is created.
pub(super) fn own_id(jwk: &PublicJwk) -> String {
    jwk.kid
        .clone()
        .unwrap_or_else(|| jwk.key.thumbprint().to_string())
}
