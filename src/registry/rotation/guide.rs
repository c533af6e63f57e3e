//! Doing the next step of a rotation.

use jiff::Timestamp;

use super::{
    Planned, Rotation, Stage, Standing,
    begin::wanted,
    cache,
    client::{self, Switched},
    keeping::keep,
};
use crate::{
    config::settings::Settings,
    jose::{key::Signer, thumbprint::Thumbprint},
    keystore::{
        error::KeystoreError,
        record::{Record, Status},
        store::{Keystore, Material, TagChange},
    },
    net::exchange::Exchange,
    registry::{
        book::SANDBOX,
        endpoint::Endpoint,
        error::RegistryError,
        journal::{Journal, Step},
        registration,
    },
    x509::chain,
};

/// Goes through a rotation step by step.
pub struct Guide<'a> {
    pub keystore: &'a Keystore,
    /// The endpoint of a name, with its API token.
    pub endpoint: &'a (dyn Fn(&str) -> Result<Endpoint, RegistryError> + 'a),
    /// Who is told of each step of each act.
    pub journal: Journal,
}

/// What became of the next step.
#[derive(Clone, Debug)]
pub enum Advance {
    /// Somebody has to do it: what, and where.
    ByHand(String),
    /// It is done.
    Did(Deed),
    /// There is none: the old key is retired.
    Finished,
    /// It is over by itself then.
    Waits { stage: Stage, until: Timestamp },
}

/// A step that was done, or undone.
#[derive(Clone, Debug)]
pub struct Deed {
    pub stage: Stage,
    /// Why there was nothing to do.
    pub skipped: Option<String>,
    /// What was said to the service, and what it answered.
    pub exchanges: Vec<Exchange>,
}

/// What became of a step, before that is kept.
pub(super) enum Outcome {
    ByHand(String),
    Done(Vec<Exchange>),
    Skipped(String),
}

impl Guide<'_> {
    /// Does the next step, if it can be done now, and keeps that it was done. Doing it again after a
    /// stop on its way is safe.
    pub fn advance(
        &self,
        rotation: &mut Rotation,
        now: Timestamp,
    ) -> Result<Advance, RegistryError> {
        let Some(index) = rotation.current() else {
            return Ok(Advance::Finished);
        };
        let stage = rotation.steps[index].stage.clone();
        if let Standing::Until(until) = rotation.standing(index, now) {
            return Ok(Advance::Waits { stage, until });
        }
        let outcome = by_hand(self.done(rotation, index, now))?;
        let (skipped, exchanges) = match outcome {
            Outcome::ByHand(what) => return Ok(Advance::ByHand(what)),
            Outcome::Done(exchanges) => (None, exchanges),
            Outcome::Skipped(why) => (Some(why), Vec::new()),
        };
        let mut after = rotation.clone();
        after.steps[index].done = Some(Timestamp::from_second(now.as_second()).unwrap_or(now));
        after.steps[index].skipped.clone_from(&skipped);
        let is_over = after.current().is_none();
        self.keep(rotation, Some(&after).filter(|_| !is_over))?;
        *rotation = after;
        Ok(Advance::Did(Deed {
            stage,
            skipped,
            exchanges,
        }))
    }

    /// Does the step at `index`.
    fn done(
        &self,
        rotation: &mut Rotation,
        index: usize,
        now: Timestamp,
    ) -> Result<Outcome, RegistryError> {
        let stage = rotation.steps[index].stage.clone();
        match &stage {
            Stage::AwaitCaches | Stage::AwaitTokens => Ok(Outcome::Done(Vec::new())),
            Stage::Certify { issuer } => self.certify(rotation, issuer),
            Stage::Create => self.create(rotation, now),
            Stage::Register { endpoint } => self.register(rotation, index, endpoint, now),
            Stage::Replace { endpoint } => self.replace(rotation, endpoint, now),
            Stage::Retire => self.retire(rotation),
            Stage::Switch { client } => {
                let keys = (self.old(rotation)?, self.next(rotation)?);
                self.switch(client, (&keys.0, &keys.1))
            }
            Stage::Template { name } => {
                let new = self.next(rotation)?;
                self.keystore.set_template(&new.thumbprint(), name)?;
                self.journal.tell(Step::Recorded);
                Ok(Outcome::Done(Vec::new()))
            }
            Stage::Unregister { endpoint } => self.unregister(&self.old(rotation)?, endpoint, now),
        }
    }

    /// The key that goes, as it is now.
    pub(super) fn old(&self, rotation: &Rotation) -> Result<Record, RegistryError> {
        let old = &rotation.old;
        self.record(old.thumbprint.as_deref(), &old.kid)
    }

    /// The key that comes, as it is now.
    pub(super) fn next(&self, rotation: &Rotation) -> Result<Record, RegistryError> {
        let new = &rotation.new;
        self.record(new.thumbprint.as_deref(), &new.kid)
    }

    fn record(&self, hex: Option<&str>, kid: &str) -> Result<Record, RegistryError> {
        let thumbprint = hex.and_then(Thumbprint::from_hex);
        let stored = match thumbprint {
            Some(thumbprint) => self.keystore.stored(&thumbprint)?,
            None => None,
        };
        Ok(stored.ok_or_else(|| KeystoreError::NotFound(kid.to_owned()))?)
    }

    /// Writes the rotation as it is from now on.
    pub(super) fn keep(
        &self,
        before: &Rotation,
        after: Option<&Rotation>,
    ) -> Result<(), RegistryError> {
        keep(self.keystore, Some(before), after)?;
        self.journal.tell(Step::Planned);
        Ok(())
    }

    /// The endpoint, or why nothing can be done there that would have to be.
    pub(super) fn at(&self, name: &str) -> Result<Result<Endpoint, String>, RegistryError> {
        match (self.endpoint)(name) {
            Ok(endpoint) => Ok(Ok(endpoint.told(self.journal.clone()))),
            Err(RegistryError::NoEndpoint { .. }) => {
                Ok(Err(format!("no endpoint {name} is configured any more")))
            }
            Err(RegistryError::SandboxStopped) => Ok(Err(
                "no sandbox is running, and one that ends forgets its keys".to_owned(),
            )),
            Err(error) => Err(error),
        }
    }

    /// The name of the new key is kept before the key is: a stop leaves none without a rotation.
    fn create(&self, rotation: &mut Rotation, now: Timestamp) -> Result<Outcome, RegistryError> {
        let old = self.old(rotation)?;
        let new = match self.next(rotation) {
            Ok(stored) => stored,
            Err(RegistryError::Store(KeystoreError::NotFound(_))) => {
                let made = wanted(self.keystore, &old, &rotation.new.kid)?.make(now)?;
                let mut after = rotation.clone();
                after.new.kid.clone_from(&made.kid);
                if let Material::Private(private) = &made.material {
                    after.new.thumbprint = Some(private.public().thumbprint().hex());
                }
                self.keep(rotation, Some(&after))?;
                *rotation = after;
                let stored = self.keystore.add(made, now)?;
                self.journal.tell(Step::Stored);
                stored
            }
            Err(error) => return Err(error),
        };
        let change = TagChange {
            add: old.tags.clone(),
            ..TagChange::default()
        };
        self.keystore.change_tags(&new.thumbprint(), &change)?;
        self.journal.tell(Step::Recorded);
        Ok(Outcome::Done(Vec::new()))
    }

    fn certify(&self, rotation: &Rotation, issuer: &str) -> Result<Outcome, RegistryError> {
        let new = self.next(rotation)?;
        let is_certified = new.leaf().is_some_and(|leaf| !chain::is_self_signed(leaf));
        let kid = &new.kid;
        Ok(if is_certified {
            Outcome::Done(Vec::new())
        } else {
            Outcome::ByHand(format!(
                "{kid} has no certificate of {issuer} yet: ask for one with keyfob cert csr {kid}, \
                 and take the answer with keyfob cert import {kid} FILE"
            ))
        })
    }

    fn register(
        &self,
        rotation: &mut Rotation,
        index: usize,
        name: &str,
        now: Timestamp,
    ) -> Result<Outcome, RegistryError> {
        let (old, new) = (self.old(rotation)?, self.next(rotation)?);
        if !is_noted(&old, name) {
            return Ok(Outcome::Skipped(format!(
                "{} is not registered there any more",
                old.kid
            )));
        }
        let endpoint = match self.at(name)? {
            Ok(endpoint) => endpoint,
            Err(why) => return Ok(Outcome::Skipped(why)),
        };
        if let Some(most) = endpoint.preset.capabilities.most_keys
            && is_full(&endpoint, &new, most)?
        {
            let after = instead(rotation, name);
            self.keep(rotation, Some(&after))?;
            *rotation = after;
            return Ok(Outcome::Skipped(format!(
                "{most} keys are there, and no more can be: it takes the old one's place later"
            )));
        }
        let receipt = registration::register(self.keystore, &new, &endpoint, now)?;
        let caches = rotation.caches.clone();
        let mut after = rotation.clone();
        after.steps[index].caches = Some(caches.unwrap_or_else(|| cache::of(&endpoint, &receipt)));
        self.keep(rotation, Some(&after))?;
        *rotation = after;
        Ok(Outcome::Done(receipt.exchanges))
    }

    fn replace(
        &self,
        rotation: &Rotation,
        name: &str,
        now: Timestamp,
    ) -> Result<Outcome, RegistryError> {
        let (old, new) = (self.old(rotation)?, self.next(rotation)?);
        self.exchange((&old, &new), name, now)
    }

    /// Removes `from` from an endpoint and registers `to` there.
    pub(super) fn exchange(
        &self,
        (from, to): (&Record, &Record),
        name: &str,
        now: Timestamp,
    ) -> Result<Outcome, RegistryError> {
        let endpoint = match self.at(name)? {
            Ok(endpoint) => endpoint,
            Err(why) => return Ok(Outcome::Skipped(why)),
        };
        // What does not fit is said before anything is taken away.
        endpoint.register_plan(&to.jwk())?;
        let remove = || registration::unregister(self.keystore, from, &endpoint, now);
        let put = || registration::register(self.keystore, to, &endpoint, now);
        if endpoint.is_by_hand() {
            // What is pasted takes the other's place.
            let put = put()?;
            let all = put.exchanges.into_iter().chain(remove()?.exchanges);
            return Ok(Outcome::Done(all.collect()));
        }
        let mut exchanges = match remove() {
            Ok(removed) => removed.exchanges,
            // A client without a key cannot be: the new one comes first.
            Err(RegistryError::LastKey { .. }) => {
                let put = put()?;
                let removed = remove()?.exchanges;
                let all = put.exchanges.into_iter().chain(removed);
                return Ok(Outcome::Done(all.collect()));
            }
            Err(error) => return Err(error),
        };
        exchanges.extend(put()?.exchanges);
        Ok(Outcome::Done(exchanges))
    }

    /// Removes a key from an endpoint.
    pub(super) fn unregister(
        &self,
        record: &Record,
        name: &str,
        now: Timestamp,
    ) -> Result<Outcome, RegistryError> {
        if !is_noted(record, name) && !self.is_under_way(record, name)? {
            return Ok(Outcome::Skipped(format!(
                "{} is not registered there any more",
                record.kid
            )));
        }
        match self.at(name)? {
            Ok(endpoint) => {
                let receipt = registration::unregister(self.keystore, record, &endpoint, now)?;
                Ok(Outcome::Done(receipt.exchanges))
            }
            Err(why) => {
                if name == SANDBOX {
                    let thumbprint = record.thumbprint();
                    self.keystore.remove_registration(&thumbprint, name)?;
                }
                Ok(Outcome::Skipped(why))
            }
        }
    }

    /// Lets a client that signs with one key sign with another.
    pub(super) fn switch(
        &self,
        client: &str,
        keys: (&Record, &Record),
    ) -> Result<Outcome, RegistryError> {
        let sandbox = self.at(SANDBOX)?.ok();
        Ok(
            match client::switch(self.keystore, client, keys, sandbox.as_ref())? {
                Switched::ByHand(what) => Outcome::ByHand(what),
                Switched::Done => {
                    self.journal.tell(Step::Switched);
                    Outcome::Done(Vec::new())
                }
                Switched::Skipped(why) => Outcome::Skipped(why),
            },
        )
    }

    fn retire(&self, rotation: &Rotation) -> Result<Outcome, RegistryError> {
        let old = self.old(rotation)?;
        let is_known = |name: &str| {
            let mut steps = rotation.steps.iter();
            steps.any(|step| step.stage.endpoint() == Some(name))
        };
        let mut others = old.registrations.iter();
        if let Some(place) = others.find(|place| !is_known(&place.endpoint)) {
            return Ok(Outcome::ByHand(format!(
                "{} was registered at {} since: keyfob unregister it there, and its follower \
                 register",
                old.kid, place.endpoint
            )));
        }
        let settings = Settings::load(self.keystore.home())?;
        let mut clients = settings.clients.iter();
        if let Some((name, _)) = clients.find(|(_, client)| client.uses(&old.kid)) {
            return Ok(Outcome::ByHand(format!(
                "the client {name} signs with {}: let it sign with {}",
                old.kid, rotation.new.kid
            )));
        }
        let thumbprint = old.thumbprint();
        self.keystore.set_status(&thumbprint, Status::Retired)?;
        self.journal.tell(Step::Recorded);
        Ok(Outcome::Done(Vec::new()))
    }

    /// Whether an act of which no end was seen was begun for a key at an endpoint.
    pub(super) fn is_under_way(&self, record: &Record, name: &str) -> Result<bool, RegistryError> {
        let thumbprint = record.thumbprint().to_string();
        let acts = self.keystore.acts()?;
        Ok(acts
            .iter()
            .any(|act| act.thumbprint == thumbprint && act.endpoint == name))
    }
}

/// What only a person can do is no failure.
pub(super) fn by_hand(done: Result<Outcome, RegistryError>) -> Result<Outcome, RegistryError> {
    match done {
        Err(error @ RegistryError::ByHand { .. }) => Ok(Outcome::ByHand(error.to_string())),
        done => done,
    }
}

/// Whether a key file says that it is registered there.
pub(super) fn is_noted(record: &Record, name: &str) -> bool {
    let mut known = record.registrations.iter();
    known.any(|known| known.endpoint == name)
}

/// Whether no other key can be added.
fn is_full(endpoint: &Endpoint, new: &Record, most: usize) -> Result<bool, RegistryError> {
    let there = endpoint.list()?;
    let thumbprint = new.thumbprint();
    let mut readable = there.iter().filter_map(|key| key.jwk.as_ref().ok());
    let is_there = readable.any(|jwk| jwk.key.thumbprint() == thumbprint);
    Ok(!is_there && there.len() >= most)
}

/// The same rotation, in which the new key takes the old one's place at `name`.
fn instead(rotation: &Rotation, name: &str) -> Rotation {
    let mut after = rotation.clone();
    let replace = Stage::Replace {
        endpoint: name.to_owned(),
    };
    let unregister = Stage::Unregister {
        endpoint: name.to_owned(),
    };
    after.steps.retain(|step| step.stage != unregister);
    if !after.steps.iter().any(|step| step.stage == replace) {
        let wait = |step: &Planned| step.stage == Stage::AwaitCaches;
        let place = after.steps.iter().position(wait).map_or(1, |at| at + 1);
        after.steps.insert(place, Planned::of(replace));
    }
    after
}
