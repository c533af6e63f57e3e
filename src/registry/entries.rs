//! A service that keeps each key as an entry of its own.

mod reading;

use super::{
    answer::{Done, Receipt, RemoteKey, State},
    endpoint::{Endpoint, Look, own_id},
    error::RegistryError,
    plan::Intent,
    preset::{Absence, Entries, Find},
    talk::{Talk, raw},
};
use crate::{
    jose::jwk::PublicJwk,
    net::{
        http::NetError,
        request::{Method, Request, Response},
    },
};

/// What is done at such a service, and what was said.
pub(super) struct Conversation<'a> {
    entries: &'a Entries,
    talk: Talk<'a>,
}

impl<'a> Conversation<'a> {
    /// Nothing was said yet.
    pub(super) fn with(endpoint: &'a Endpoint, entries: &'a Entries) -> Self {
        Self {
            entries,
            talk: Talk::with(endpoint),
        }
    }

    /// Nothing will be said.
    pub(super) fn preview(endpoint: &'a Endpoint, entries: &'a Entries) -> Self {
        Self {
            entries,
            talk: Talk::preview(endpoint),
        }
    }

    /// What creates `jwk` and brings it into use.
    pub(super) fn register_plan(mut self, jwk: &PublicJwk) -> Vec<Intent> {
        self.talk.about(jwk, &own_id(jwk));
        let create = self.talk.intent(&self.entries.create.request, None);
        if self.entries.create.id.is_some() && self.entries.find == Find::List {
            self.talk.filling.set_text("id", "‹id›");
        }
        let mut plan = vec![create];
        plan.extend(self.talk.changes(&self.entries.then));
        plan
    }

    /// What deletes the key `id`.
    pub(super) fn unregister_plan(mut self, id: &str) -> Vec<Intent> {
        self.talk.filling.set_text("id", id);
        self.talk.changes(&self.entries.delete)
    }

    /// Creates `jwk`; where it is there, compares and replaces what differs. Reads back.
    pub(super) fn register(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        self.talk.about(jwk, &own_id(jwk));
        match self.entries.find {
            Find::Id => self.register_under_own_id(jwk),
            Find::List => self.register_as_listed(jwk),
            Find::Read => self.register_unless_read(jwk),
        }
    }

    /// Where `jwk` stands there as `id`.
    pub(super) fn state(
        mut self,
        jwk: &PublicJwk,
        id: Option<&str>,
    ) -> Result<State, RegistryError> {
        let known = id.map_or_else(|| own_id(jwk), str::to_owned);
        self.talk.about(jwk, &known);
        let reading = self.found(jwk, &known)?;
        Ok(match (reading, self.entries.absent.means) {
            (None, Absence::Absent) => State::NotThere,
            (None, Absence::AbsentOrHidden) => State::Unknown {
                why: "not there, or this token may not see it".to_owned(),
            },
            (Some(found), _) => self.talk.state(jwk, found),
        })
    }

    /// Every key there, page by page.
    pub(super) fn list(mut self) -> Result<Vec<RemoteKey>, RegistryError> {
        let mut keys = self.keys()?;
        for found in &mut keys {
            self.confirm(found)?;
        }
        Ok(keys)
    }

    /// The first page of the keys there, and how many are on it.
    pub(super) fn first_page(mut self) -> Result<Look, NetError> {
        let Some(list) = &self.entries.list else {
            // Nothing can be listed: whether it answers is all that can be told.
            let read = self.entries.read.as_ref().map(|read| &read.request);
            let request = self
                .talk
                .request(read.unwrap_or(&self.entries.create.request));
            let look = Request {
                method: Method::Get,
                body: None,
                ..request
            };
            let response = self.talk.ask(look)?;
            let keys = match response.status {
                401 | 403 | 500.. => Err(self.talk.refused(&response)),
                _ => Ok(0),
            };
            return Ok(Look {
                response,
                keys,
                token_was_tried: false,
            });
        };
        self.first(list);
        let response = self.talk.ask(self.talk.request(&list.request))?;
        let keys = self.page(list, &response).map(|keys| keys.len());
        Ok(Look {
            response,
            keys,
            token_was_tried: true,
        })
    }

    /// Deletes the key `id` and reads back that it is gone.
    pub(super) fn unregister(
        mut self,
        jwk: &PublicJwk,
        id: &str,
    ) -> Result<Receipt, RegistryError> {
        let mut steps = self.entries.delete.iter();
        if !steps.any(|step| step.is_due(|name| self.talk.filling.has(name))) {
            return Err(self.talk.endpoint.cannot("remove a key"));
        }
        self.talk.about(jwk, id);
        let (done, id) = match self.found(jwk, id)? {
            None => (Done::NotThere, id.to_owned()),
            Some(found) => {
                let id = found.id;
                self.delete(&id)?;
                (Done::Removed, id)
            }
        };
        Ok(self.talk.receipt(done, id, Vec::new()))
    }

    /// What is there as `id`; where the service gives the id, and nothing is there as this one, what
    /// its list shows of `jwk`.
    fn found(&mut self, jwk: &PublicJwk, id: &str) -> Result<Option<RemoteKey>, RegistryError> {
        let gives_ids = self.entries.find == Find::List;
        if !(gives_ids && id == own_id(jwk)) {
            let found = self.read(id)?;
            if found.is_some() || !gives_ids {
                return Ok(found);
            }
        }
        let keys = self.keys()?;
        self.among(jwk, keys)
    }

    /// The service takes an id of ours, and says where it is taken.
    fn register_under_own_id(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        let own = own_id(jwk);
        let create = &self.entries.create;
        let response = self.talk.send(self.talk.request(&create.request))?;
        if create.success.contains(&response.status) {
            return self.created(jwk, &response, Done::Created, Vec::new());
        }
        if !create.taken.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        let Some(found) = self.read(&own)? else {
            // Nothing is there: the refusal was about the key itself.
            return Err(self.talk.refused(&response));
        };
        self.amended(jwk, found)
    }

    /// The service gives the id: what is there is looked at first, so that nothing is sent twice.
    fn register_as_listed(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        let keys = self.keys()?;
        let count = keys.len();
        if let Some(found) = self.among(jwk, keys)? {
            return self.amended(jwk, found);
        }
        self.talk.check_room(count)?;
        self.create(jwk, Done::Created, Vec::new())
    }

    /// What is there under our id is looked at first, where it can be.
    fn register_unless_read(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        if self.reads().is_some()
            && let Some(found) = self.read(&own_id(jwk))?
            && found.thumbprint() == Some(jwk.key.thumbprint())
        {
            let differed = Vec::new();
            return Ok(self
                .talk
                .receipt(Done::AlreadyRegistered, own_id(jwk), differed));
        }
        self.create(jwk, Done::Created, Vec::new())
    }

    fn create(
        mut self,
        jwk: &PublicJwk,
        done: Done,
        differed: Vec<String>,
    ) -> Result<Receipt, RegistryError> {
        let create = &self.entries.create;
        let response = self.talk.send(self.talk.request(&create.request))?;
        if !create.success.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        self.created(jwk, &response, done, differed)
    }

    /// It took the key: what belongs to it is done, and it is read back.
    fn created(
        mut self,
        jwk: &PublicJwk,
        response: &Response,
        done: Done,
        differed: Vec<String>,
    ) -> Result<Receipt, RegistryError> {
        let id = match &self.entries.create.id {
            None => own_id(jwk),
            Some(place) => match raw(response).and_then(|answer| place.text(answer)) {
                Some(id) => id,
                None if self.entries.find == Find::Id => own_id(jwk),
                None => {
                    return Err(self.talk.unconfirmed(
                        "it took the key, and its answer does not say as what: \
                         keyfob registrations --refresh --at finds it",
                    ));
                }
            },
        };
        self.talk.filling.set_text("id", &id);
        for step in &self.entries.then {
            self.talk.take(step)?;
        }
        self.confirmed(jwk, done, id, differed)
    }

    /// The key, or another under its id, is there: what differs is replaced.
    fn amended(mut self, jwk: &PublicJwk, found: RemoteKey) -> Result<Receipt, RegistryError> {
        let id = found.id.clone();
        self.talk.filling.set_text("id", &id);
        let differed = self.talk.differing(jwk, &found);
        if differed.is_empty() {
            return Ok(self.talk.receipt(Done::AlreadyRegistered, id, differed));
        }
        if differed == found.unmet {
            for step in self.entries.repair() {
                self.talk.take(step)?;
            }
            return self.confirmed(jwk, Done::Replaced, id, differed);
        }
        let Some(replace) = &self.entries.replace else {
            if self.entries.delete.is_empty() {
                return Err(self.talk.endpoint.cannot("replace a key"));
            }
            self.delete(&id)?;
            return self.create(jwk, Done::Replaced, differed);
        };
        let response = self.talk.send(self.talk.request(&replace.request))?;
        if !replace.success.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        self.confirmed(jwk, Done::Replaced, id, differed)
    }

    /// Ours among the keys there: by its thumbprint, else by its kid. Another's key under our kid is
    /// left alone.
    fn among(
        &mut self,
        jwk: &PublicJwk,
        keys: Vec<RemoteKey>,
    ) -> Result<Option<RemoteKey>, RegistryError> {
        let ours = Some(jwk.key.thumbprint());
        let mut under_kid = None;
        for mut found in keys {
            if found.thumbprint() == ours {
                self.confirm(&mut found)?;
                return Ok(Some(found));
            }
            if found.kid().is_some() && found.kid() == jwk.kid.as_deref() {
                under_kid = Some(found.id);
            }
        }
        match (under_kid, jwk.kid.as_deref()) {
            (Some(id), Some(kid)) => Err(self.talk.anothers(kid, Some(&id))),
            _ => Ok(None),
        }
    }

    fn is_there(&mut self, id: &str) -> Result<bool, RegistryError> {
        Ok(self.read(id)?.is_some())
    }

    /// Deletes what is there as `id` and reads back that it is gone.
    fn delete(&mut self, id: &str) -> Result<(), RegistryError> {
        self.talk.filling.set_text("id", id);
        for step in &self.entries.delete {
            self.talk.take(step)?;
        }
        if self.is_there(id)? {
            return Err(self
                .talk
                .unconfirmed("it answered that the key is deleted, and it is still there"));
        }
        Ok(())
    }

    /// Reads back and compares: registered is what was seen there.
    fn confirmed(
        mut self,
        jwk: &PublicJwk,
        done: Done,
        id: String,
        differed: Vec<String>,
    ) -> Result<Receipt, RegistryError> {
        if self.reads().is_none() && self.entries.list.is_none() {
            return Err(self.talk.unconfirmed(
                "it took the key, and offers no way to read it back: nothing more is known",
            ));
        }
        let found = self.read(&id)?;
        self.talk.confirmed(jwk, found, done, differed)
    }
}
