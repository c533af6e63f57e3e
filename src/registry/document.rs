//! A service that keeps its keys in one document: read, changed, and written back.

mod reading;

use serde_json::value::RawValue;

use super::{
    answer::{Done, Receipt, RemoteKey, State},
    endpoint::{Endpoint, LastKey, Look, own_id},
    error::RegistryError,
    key_place::KeyPlace,
    plan::Intent,
    preset::{KeyDocument, Step},
    published_set::is_private,
    talk::Talk,
};
use crate::{
    jose::jwk::PublicJwk,
    net::{
        http::NetError,
        request::{Method, Request},
    },
    secret::Secret,
};

/// The keys of one document, and what was said of them.
pub(super) struct Custody<'a> {
    document: &'a KeyDocument,
    talk: Talk<'a>,
    /// What the server's metadata said, to be remembered with what is created.
    discovered: Vec<(String, Secret<String>)>,
}

/// A key of the document, with its text.
struct Item {
    remote: RemoteKey,
    json: String,
}

impl<'a> Custody<'a> {
    /// Nothing was said yet.
    pub(super) fn with(endpoint: &'a Endpoint, document: &'a KeyDocument) -> Self {
        let mut talk = Talk::with(endpoint);
        for name in &endpoint.preset.discovery {
            if let Some(url) = endpoint.memory.recall(name) {
                talk.named(name, url.expose());
            }
        }
        Self {
            document,
            talk,
            discovered: Vec::new(),
        }
    }

    /// Nothing will be said.
    pub(super) fn preview(endpoint: &'a Endpoint, document: &'a KeyDocument) -> Self {
        Self {
            document,
            talk: Talk::preview(endpoint),
            discovered: Vec::new(),
        }
    }

    /// What puts `jwk` there.
    pub(super) fn register_plan(mut self, jwk: &PublicJwk) -> Vec<Intent> {
        self.talk.about(jwk, &own_id(jwk));
        match &self.document.create {
            Some(create) if self.is_new() => vec![self.talk.intent(&create.request, None)],
            _ => self.talk.changes(&self.document.write),
        }
    }

    /// What takes a key out.
    pub(super) fn unregister_plan(mut self, id: &str) -> Vec<Intent> {
        self.talk.filling.set_text("id", id);
        self.talk.changes(&self.document.remove)
    }

    /// Puts `jwk` there and reads it back.
    pub(super) fn register(mut self, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        self.talk.about(jwk, &own_id(jwk));
        if let Some(create) = &self.document.create
            && self.is_new()
        {
            return self.create(create, jwk);
        }
        if let Some(why) = self.unmanaged() {
            return Err(self.talk.refused_with(&why));
        }
        let Some(items) = self.read()? else {
            return Err(self.gone());
        };
        let place = self.place_of(jwk, &items)?;
        let differed = match place {
            None => Vec::new(),
            Some(place) => {
                let remote = &items[place].remote;
                let differed = self.talk.differing(jwk, remote);
                if differed.is_empty() {
                    let id = remote.id.clone();
                    return Ok(self.talk.receipt(Done::AlreadyRegistered, id, differed));
                }
                differed
            }
        };
        let done = match place {
            None => {
                self.talk.check_room(items.len())?;
                Done::Created
            }
            Some(_) => Done::Replaced,
        };
        let others = self.set_others(&items, place)?;
        for step in &self.document.write {
            self.change(step)?;
        }
        self.confirmed(jwk, done, differed, others)
    }

    /// Where `jwk` stands in the document.
    pub(super) fn state(
        mut self,
        jwk: &PublicJwk,
        id: Option<&str>,
    ) -> Result<State, RegistryError> {
        if self.document.create.is_some() && self.is_new() {
            return Ok(State::NotThere);
        }
        let known = id.map_or_else(|| own_id(jwk), str::to_owned);
        self.talk.about(jwk, &known);
        if let Some(why) = self.unmanaged() {
            return Ok(State::Unknown { why });
        }
        let Some(items) = self.read()? else {
            return Ok(State::NotThere);
        };
        let ours = jwk.key.thumbprint();
        let found = items
            .into_iter()
            .find(|item| item.remote.thumbprint() == Some(ours) || item.remote.id == known);
        let Some(Item { remote, .. }) = found else {
            return Ok(State::NotThere);
        };
        Ok(self.talk.state(jwk, remote))
    }

    /// Every key of the document; none where it is not there yet.
    pub(super) fn list(mut self) -> Result<Vec<RemoteKey>, RegistryError> {
        if self.document.create.is_some() && self.is_new() {
            return Ok(Vec::new());
        }
        if let Some(why) = self.unmanaged() {
            return Err(self.talk.refused_with(&why));
        }
        let items = self.read()?.unwrap_or_default();
        Ok(items.into_iter().map(|item| item.remote).collect())
    }

    /// The document, or, where it is not there yet, what its server says of itself.
    pub(super) fn look(mut self) -> Result<Look, NetError> {
        if self.document.create.is_some() && self.is_new() {
            let url = format!(
                "{}/.well-known/openid-configuration",
                self.talk.endpoint.url
            );
            let response = self.talk.ask(Request {
                method: Method::Get,
                url,
                headers: Vec::new(),
                body: None,
            })?;
            let keys = self.discover().map(|()| 0);
            return Ok(Look {
                response,
                keys,
                token_was_tried: false,
            });
        }
        for step in &self.document.find {
            let response = self.talk.ask(self.talk.request(&step.request))?;
            let keys = if step.success.contains(&response.status) {
                self.talk.keep(step, &response).map(|()| 0)
            } else {
                Err(self.talk.refused(&response))
            };
            if keys.is_err() {
                return Ok(Look {
                    response,
                    keys,
                    token_was_tried: true,
                });
            }
        }
        let response = self
            .talk
            .ask(self.talk.request(&self.document.read.request))?;
        let keys = self.items_of(&response).map(|items| items.len());
        Ok(Look {
            response,
            keys,
            token_was_tried: true,
        })
    }

    /// Takes `jwk`, which is there as `id`, out and reads back that it is gone. With the last key,
    /// what was created with the first is deleted.
    pub(super) fn unregister(
        mut self,
        jwk: &PublicJwk,
        id: &str,
        last: LastKey,
    ) -> Result<Receipt, RegistryError> {
        self.talk.about(jwk, id);
        let not_there = |this: Self| this.talk.receipt(Done::NotThere, id.to_owned(), Vec::new());
        if self.document.create.is_some() && self.is_new() {
            return Ok(not_there(self));
        }
        if self.talk.endpoint.memory.is_lost() && last == LastKey::DeleteAll {
            self.forget()?;
            return Ok(not_there(self));
        }
        if let Some(why) = self.unmanaged() {
            return Err(self.talk.refused_with(&why));
        }
        let Some(items) = self.read()? else {
            return Ok(not_there(self));
        };
        let ours = jwk.key.thumbprint();
        let mut places = items.iter();
        let Some(place) = places.position(|item| item.remote.thumbprint() == Some(ours)) else {
            if items.iter().any(|item| item.remote.id == id) {
                return Err(self.talk.anothers(id, None));
            }
            return Ok(not_there(self));
        };
        let id = items[place].remote.id.clone();
        self.talk.filling.set_text("id", &id);
        if let (Some(delete), 1) = (&self.document.delete, items.len()) {
            return self.delete(delete, jwk, id, last);
        }
        let others = self.set_others(&items, Some(place))?;
        for step in &self.document.remove {
            self.change(step)?;
        }
        let left = self.read()?.unwrap_or_default();
        if left
            .iter()
            .any(|item| item.remote.thumbprint() == Some(ours))
        {
            return Err(self
                .talk
                .unconfirmed("it answered that the key is taken out, and it is still there"));
        }
        let mut receipt = self.talk.receipt(Done::Removed, id, Vec::new());
        receipt.remarks.extend(lost(&others, &left));
        Ok(receipt)
    }

    /// Creates the document with its first key.
    fn create(mut self, create: &Step, jwk: &PublicJwk) -> Result<Receipt, RegistryError> {
        self.discover()?;
        let request = self.talk.request(&create.request);
        let asked = request.body.clone().unwrap_or_default();
        let response = self.talk.send(request)?;
        if !create.success.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        // What it gave out once is safe before anything else is looked at.
        self.remember(&response)?;
        self.talk.keep(create, &response)?;
        let items = self.items_of(&response).unwrap_or_default();
        let otherwise = reading::otherwise(&asked, &response);
        let mut receipt = if self.unmanaged().is_some() {
            self.told_at_creation(jwk, items)?
        } else {
            self.confirmed(jwk, Done::Created, Vec::new(), Vec::new())?
        };
        receipt.remarks.extend(otherwise);
        Ok(receipt)
    }

    /// A server that lets nobody look at what it registered: its answer is all there is to see.
    fn told_at_creation(
        mut self,
        jwk: &PublicJwk,
        items: Vec<Item>,
    ) -> Result<Receipt, RegistryError> {
        let ours = Some(jwk.key.thumbprint());
        let Some(item) = items.iter().find(|item| item.remote.thumbprint() == ours) else {
            return Err(self.talk.unconfirmed(
                "it took the key, and neither its answer nor anything else shows it",
            ));
        };
        let id = item.remote.id.clone();
        let remark = self.unmanaged().unwrap_or_default();
        let mut receipt = self.talk.receipt(Done::Created, id, Vec::new());
        receipt.remarks.push(remark);
        Ok(receipt)
    }

    /// Deletes the document with its last key.
    fn delete(
        mut self,
        delete: &Step,
        jwk: &PublicJwk,
        id: String,
        last: LastKey,
    ) -> Result<Receipt, RegistryError> {
        if last == LastKey::Keep {
            return Err(RegistryError::LastKey {
                endpoint: self.talk.endpoint.name.clone(),
                kid: jwk.kid.clone().unwrap_or_default(),
            });
        }
        self.talk.take(delete)?;
        if self.document.create.is_some() {
            self.forget()?;
        }
        Ok(self.talk.receipt(Done::Removed, id, Vec::new()))
    }

    /// Where ours stands: by its thumbprint, else as what cannot be read under its id. Another's key
    /// under our kid is left alone.
    fn place_of(&self, jwk: &PublicJwk, items: &[Item]) -> Result<Option<usize>, RegistryError> {
        let ours = Some(jwk.key.thumbprint());
        let place = items
            .iter()
            .position(|item| item.remote.thumbprint() == ours);
        if place.is_some() {
            return Ok(place);
        }
        let kid = jwk.kid.as_deref();
        if let Some(kid) = kid
            && items.iter().any(|item| item.remote.kid() == Some(kid))
        {
            return Err(self.talk.anothers(kid, None));
        }
        Ok(None)
    }

    /// Puts the keys that stay where templates find them, and returns their texts.
    fn set_others(
        &mut self,
        items: &[Item],
        without: Option<usize>,
    ) -> Result<Vec<String>, RegistryError> {
        if matches!(self.document.keys.key, KeyPlace::Jwk(_)) {
            for item in items {
                if RawValue::from_string(item.json.clone()).is_ok_and(|json| is_private(&json)) {
                    return Err(self.talk.does_not_fit(&format!(
                        "a private key is published there ({}): take it out and revoke it; keyfob \
                         sends no private key along",
                        item.remote.id
                    )));
                }
            }
        }
        let others = items.iter().enumerate();
        let others: Vec<&Item> = others
            .filter(|(place, _)| Some(*place) != without)
            .map(|(_, item)| item)
            .collect();
        let texts: Vec<&str> = others.iter().map(|item| item.json.as_str()).collect();
        let json = format!("[{}]", texts.join(","));
        self.talk.filling.set_json("others", &json);
        Ok(others.iter().map(|item| item.remote.id.clone()).collect())
    }

    /// Reads back and compares: registered is what was seen there.
    fn confirmed(
        mut self,
        jwk: &PublicJwk,
        done: Done,
        differed: Vec<String>,
        others: Vec<String>,
    ) -> Result<Receipt, RegistryError> {
        let items = self.read()?.unwrap_or_default();
        let remark = lost(&others, &items);
        let ours = Some(jwk.key.thumbprint());
        let mut keys = items.into_iter().map(|item| item.remote);
        let found = keys.find(|remote| remote.thumbprint() == ours);
        let mut receipt = self.talk.confirmed(jwk, found, done, differed)?;
        receipt.remarks.extend(remark);
        Ok(receipt)
    }

    fn gone(&mut self) -> RegistryError {
        self.talk.refused_with(
            "what was registered there is gone: keyfob endpoints rm, and add it again",
        )
    }
}

/// A word on keys of others that stood there before and do not any more.
fn lost(before: &[String], after: &[Item]) -> Option<String> {
    let is_there = |id: &&String| after.iter().any(|item| item.remote.id == **id);
    let lost: Vec<&str> = before
        .iter()
        .filter(|id| !is_there(id))
        .map(String::as_str)
        .collect();
    (!lost.is_empty()).then(|| {
        format!(
            "! keys of others are not there any more: {}",
            lost.join(", ")
        )
    })
}
