//! Asking for the document, and remembering what its answers give out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, value::RawValue};

use super::{
    super::{error::RegistryError, preset::Step, talk::raw},
    Custody, Item,
};
use crate::{
    net::request::Response,
    oauth::{discovery::Discovery, error::OauthError, metadata::Place},
    secret::Secret,
};

impl Custody<'_> {
    /// Sends a change, and remembers what its answer gave out before it is judged any further.
    pub(super) fn change(&mut self, step: &Step) -> Result<(), RegistryError> {
        if !step.is_due(|name| self.talk.filling.has(name)) {
            return Ok(());
        }
        let request = self.talk.request(&step.request);
        let response = match self.talk.send(request) {
            Err(RegistryError::Unconfirmed { summary, exchanges })
                if step.request.token.is_some() =>
            {
                return Err(RegistryError::Unconfirmed {
                    summary: format!(
                        "{summary}; where its token changed with the answer that never came, this \
                         client cannot be managed from here any more"
                    ),
                    exchanges,
                });
            }
            sent => sent?,
        };
        self.remember(&response)?;
        if !step.success.contains(&response.status) {
            return Err(self.talk.refused(&response));
        }
        self.talk.keep(step, &response)
    }

    /// Asks the server's metadata for the addresses that the preset needs.
    pub(super) fn discover(&mut self) -> Result<(), RegistryError> {
        let endpoint = self.talk.endpoint;
        if endpoint.preset.discovery.is_empty() {
            return Ok(());
        }
        let refused = |error: OauthError| RegistryError::Refused {
            summary: format!("{}: {error}", endpoint.name),
            exchanges: Vec::new(),
        };
        let mut trace = Vec::new();
        let found = Discovery::default().metadata(&endpoint.url, &endpoint.policy, &mut trace);
        self.talk.exchanges.extend(trace);
        let metadata = found.map_err(refused)?;
        for name in &endpoint.preset.discovery {
            let place = Place::ALL.into_iter().find(|place| place.member() == name);
            let url = match place {
                Some(place) => metadata.url(place).map_err(refused)?,
                None => continue,
            };
            self.talk.named(name, url.as_str());
            let url = Secret::new(url.as_str().to_owned());
            self.discovered.push((name.clone(), url));
        }
        Ok(())
    }

    /// The keys there; none where the document is not there.
    pub(super) fn read(&mut self) -> Result<Option<Vec<Item>>, RegistryError> {
        for step in &self.document.find {
            self.talk.take(step)?;
        }
        let response = self
            .talk
            .send(self.talk.request(&self.document.read.request))?;
        self.remember(&response)?;
        if self.document.absent.contains(&response.status) {
            return Ok(None);
        }
        self.items_of(&response).map(Some)
    }

    /// The keys of the document that an answer holds; what later requests need of it is kept.
    pub(super) fn items_of(&mut self, response: &Response) -> Result<Vec<Item>, RegistryError> {
        let read = &self.document.read;
        let is_create = self.document.create.iter();
        let mut created = is_create.flat_map(|create| &create.success);
        if !read.success.contains(&response.status) && !created.any(|s| *s == response.status) {
            return Err(self.talk.refused(response));
        }
        let Some(answer) = raw(response) else {
            return Err(self.talk.unreadable(response));
        };
        self.talk.keep(read, response)?;
        let place = &self.document.keys;
        let within = place.within.as_ref().map(|at| at.text(answer));
        let items = match &within {
            None => items(place.at.find(answer)),
            Some(None) => Vec::new(),
            Some(Some(text)) if text.is_empty() => Vec::new(),
            Some(Some(text)) => match serde_json::from_str::<&RawValue>(text) {
                Ok(inner) => items(place.at.find(inner)),
                Err(_) => {
                    return Err(self
                        .talk
                        .refused_with("what stands there as its keys is no JSON"));
                }
            },
        };
        let ours = self.talk.ours;
        let item = |item: &RawValue| Item {
            remote: place
                .key
                .read(place.id.text(item).unwrap_or_default(), item, ours),
            json: item.get().to_owned(),
        };
        Ok(items.into_iter().map(item).collect())
    }

    /// Forgets what was remembered.
    pub(super) fn forget(&mut self) -> Result<(), RegistryError> {
        let endpoint = self.talk.endpoint;
        let forgotten = endpoint.memory.forget();
        forgotten.map_err(|source| RegistryError::NotRecorded {
            endpoint: endpoint.name.clone(),
            source,
            exchanges: std::mem::take(&mut self.talk.exchanges),
        })
    }

    /// Remembers what an answer gave out; it is on the disk when this returns.
    pub(super) fn remember(&mut self, response: &Response) -> Result<(), RegistryError> {
        let Some(answer) = raw(response) else {
            return Ok(());
        };
        let given = self.document.remember.iter();
        let mut values: Vec<(String, Secret<String>)> = given
            .filter_map(|(name, at)| Some((name.clone(), Secret::new(at.text(answer)?))))
            .collect();
        if !values.is_empty() {
            values.append(&mut self.discovered);
        }
        let endpoint = self.talk.endpoint;
        endpoint
            .memory
            .remember(values)
            .map_err(|source| RegistryError::NotRecorded {
                endpoint: endpoint.name.clone(),
                source,
                exchanges: std::mem::take(&mut self.talk.exchanges),
            })?;
        endpoint.fill(&mut self.talk.filling);
        Ok(())
    }

    /// Whether nothing was created there yet.
    pub(super) fn is_new(&self) -> bool {
        self.talk.endpoint.memory.is_empty()
    }

    /// Why what was created can be neither looked at nor changed, where that is so.
    pub(super) fn unmanaged(&self) -> Option<String> {
        let memory = &self.talk.endpoint.memory;
        if memory.is_lost() {
            let name = &self.talk.endpoint.name;
            return Some(format!(
                "a client may have been registered there by an attempt whose end nobody saw, and its \
                 token with it: look there, and remove it; then keyfob unregister KID --at {name} \
                 --last forgets that attempt"
            ));
        }
        let needed = self.document.read.request.token.as_deref()?;
        (!memory.is_empty() && memory.recall(needed).is_none()).then(|| {
            "the server registered a client and gave no way to manage it (RFC 7592): it can be \
             neither looked at, changed nor removed from here"
                .to_owned()
        })
    }
}

/// The items of an array that may not be there.
fn items(found: Option<&RawValue>) -> Vec<&RawValue> {
    found
        .and_then(|found| serde_json::from_str(found.get()).ok())
        .unwrap_or_default()
}

/// A word on what a service registered otherwise than it was asked to: it may (RFC 7591 section
/// 3.2.1).
pub(super) fn otherwise(asked: &str, response: &Response) -> Option<String> {
    let asked: Map<String, Value> = serde_json::from_str(asked).ok()?;
    let answer: BTreeMap<String, &RawValue> = serde_json::from_slice(&response.body).ok()?;
    let is_same = |name: &str, value: &Value| {
        let there = answer.get(name);
        let there = there.and_then(|there| serde_json::from_str::<Value>(there.get()).ok());
        match (value, there) {
            (Value::Array(items), None) => items.is_empty(),
            (Value::String(ours), Some(Value::String(theirs))) if name == "scope" => {
                let words = |text: &str| -> BTreeSet<String> {
                    text.split(' ').map(str::to_owned).collect()
                };
                words(ours) == words(&theirs)
            }
            // The keys are compared by themselves.
            (Value::Object(_), _) => true,
            (value, there) => there.as_ref() == Some(value),
        }
    };
    let differing: Vec<&str> = asked
        .iter()
        .filter(|(name, value)| !is_same(name, value))
        .map(|(name, _)| name.as_str())
        .collect();
    (!differing.is_empty()).then(|| {
        let differing = differing.join(", ");
        format!("! it registered the client otherwise than asked: {differing}")
    })
}
