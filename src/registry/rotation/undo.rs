//! Undoing the last step of a rotation, also one that was stopped on its way.

use jiff::Timestamp;

use super::{
    Rotation, Stage,
    guide::{Deed, Guide, Outcome, by_hand, is_noted},
};
use crate::{
    config::settings::Settings,
    keystore::{
        error::KeystoreError,
        record::{Record, Status},
    },
    registry::{error::RegistryError, registration},
};

/// What became of the last step.
#[derive(Clone, Debug)]
pub enum Undone {
    /// Everything is as it was before, and the rotation is over; the new key lies in the trash.
    All,
    /// Somebody has to do it: what, and where.
    ByHand(String),
    /// This step is undone.
    Step(Deed),
}

impl Guide<'_> {
    /// Undoes the last step that was done, waits left out, or the one that was stopped on its way.
    pub fn undo(&self, rotation: &mut Rotation, now: Timestamp) -> Result<Undone, RegistryError> {
        let mut after = rotation.clone();
        let index = match after.current() {
            Some(current) if self.is_begun(rotation, &after.steps[current].stage)? => current,
            _ => loop {
                match after.last_done() {
                    None => {
                        self.keep(rotation, None)?;
                        return Ok(Undone::All);
                    }
                    Some(last) if after.steps[last].stage.is_wait() => {
                        after.steps[last].done = None;
                    }
                    Some(last) => break last,
                }
            },
        };
        let step = after.steps[index].clone();
        let outcome = if step.skipped.is_some() {
            Outcome::Done(Vec::new())
        } else {
            by_hand(self.reverted(rotation, &step.stage, now))?
        };
        let (skipped, exchanges) = match outcome {
            Outcome::ByHand(what) => return Ok(Undone::ByHand(what)),
            Outcome::Done(exchanges) => (None, exchanges),
            Outcome::Skipped(why) => (Some(why), Vec::new()),
        };
        if step.stage == Stage::Create {
            self.keep(rotation, None)?;
            return Ok(Undone::All);
        }
        let step = &mut after.steps[index];
        (step.done, step.caches, step.skipped) = (None, None, None);
        let stage = step.stage.clone();
        self.keep(rotation, Some(&after))?;
        *rotation = after;
        Ok(Undone::Step(Deed {
            stage,
            skipped,
            exchanges,
        }))
    }

    fn reverted(
        &self,
        rotation: &Rotation,
        stage: &Stage,
        now: Timestamp,
    ) -> Result<Outcome, RegistryError> {
        match stage {
            Stage::AwaitCaches
            | Stage::AwaitTokens
            | Stage::Certify { .. }
            | Stage::Template { .. } => Ok(Outcome::Done(Vec::new())),
            Stage::Create => self.trash(rotation),
            Stage::Register { endpoint } => self.unregister(&self.next(rotation)?, endpoint, now),
            Stage::Replace { endpoint } => {
                let keys = (self.next(rotation)?, self.old(rotation)?);
                self.exchange((&keys.0, &keys.1), endpoint, now)
            }
            Stage::Retire => {
                let thumbprint = self.old(rotation)?.thumbprint();
                self.keystore.set_status(&thumbprint, Status::Active)?;
                Ok(Outcome::Done(Vec::new()))
            }
            Stage::Switch { client } => {
                let keys = (self.next(rotation)?, self.old(rotation)?);
                self.switch(client, (&keys.0, &keys.1))
            }
            Stage::Unregister { endpoint } => match self.at(endpoint)? {
                Ok(there) => {
                    let old = self.old(rotation)?;
                    let receipt = registration::register(self.keystore, &old, &there, now)?;
                    Ok(Outcome::Done(receipt.exchanges))
                }
                Err(why) => Ok(Outcome::Skipped(why)),
            },
        }
    }

    fn trash(&self, rotation: &Rotation) -> Result<Outcome, RegistryError> {
        let new = match self.next(rotation) {
            Ok(new) => new,
            // It was not stored yet, or somebody removed it.
            Err(RegistryError::Store(KeystoreError::NotFound(_))) => {
                return Ok(Outcome::Done(Vec::new()));
            }
            Err(error) => return Err(error),
        };
        if let Some(place) = new.registrations.first() {
            return Ok(Outcome::ByHand(format!(
                "{} is registered at {}: keyfob unregister it there first",
                new.kid, place.endpoint
            )));
        }
        self.keystore.trash(&new.thumbprint().hex())?;
        Ok(Outcome::Done(Vec::new()))
    }

    /// Whether anything of a step that is not done was done.
    fn is_begun(&self, rotation: &Rotation, stage: &Stage) -> Result<bool, RegistryError> {
        let touches = |record: &Record, name: &str, noted: bool| -> Result<bool, RegistryError> {
            Ok(is_noted(record, name) == noted || self.is_under_way(record, name)?)
        };
        match stage {
            Stage::AwaitCaches
            | Stage::AwaitTokens
            | Stage::Certify { .. }
            | Stage::Template { .. } => Ok(false),
            Stage::Create => Ok(true),
            Stage::Retire => Ok(self.old(rotation)?.status == Status::Retired),
            Stage::Register { endpoint } => touches(&self.next(rotation)?, endpoint, true),
            Stage::Replace { endpoint } => Ok(touches(&self.next(rotation)?, endpoint, true)?
                || touches(&self.old(rotation)?, endpoint, false)?),
            Stage::Switch { client } => {
                let settings = Settings::load(self.keystore.home())?;
                let client = settings.clients.get(client);
                Ok(client.is_some_and(|client| client.uses(&rotation.new.kid)))
            }
            Stage::Unregister { endpoint } => touches(&self.old(rotation)?, endpoint, false),
        }
    }
}
