//! Rotations under way, and the guide through one.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    dialog::{Failure, Shown},
    scroll::Scroll,
    task::TaskId,
};
use crate::{
    jose::thumbprint::Thumbprint,
    keystore::record::Record,
    registry::rotation::{Named, Rotation, Standing},
};

/// The rotations that the keystore knows of.
#[derive(Clone, Debug, Default)]
pub struct Rotations {
    pub under_way: Vec<Rotation>,
    /// Why they could not be read last.
    pub problem: Option<String>,
}

/// The guide through a rotation.
#[derive(Clone, Debug)]
pub struct RotationDialog {
    pub rotation: Rotation,
    pub phase: Phase,
    /// The step that is being done or undone.
    pub task: Option<TaskId>,
    /// What will be sent next; none where nothing will be.
    pub request: Option<Result<Shown, String>>,
    /// What somebody has to do before it goes on.
    pub by_hand: Option<String>,
    /// Why the last step was not done.
    pub failure: Option<Failure>,
    pub scroll: Scroll,
}

/// How far a rotation is.
#[derive(Clone, Debug)]
pub enum Phase {
    /// All steps are done.
    Finished,
    /// Nothing was done yet of the rotation of this key.
    Planned(Arc<Record>),
    /// Every step was undone.
    Undone,
    UnderWay,
}

/// What `Enter` does; none where it does nothing now.
pub fn next(dialog: &RotationDialog, now: Timestamp) -> Option<&'static str> {
    if dialog.task.is_some() {
        return None;
    }
    let rotation = &dialog.rotation;
    match dialog.phase {
        Phase::Planned(_) => Some("begin"),
        Phase::UnderWay if dialog.by_hand.is_some() => match &dialog.request {
            Some(Ok(request)) if request.by_hand.is_some() => Some("it is done"),
            _ => Some("look again"),
        },
        Phase::UnderWay if dialog.failure.is_some() => Some("try again"),
        Phase::UnderWay => {
            let current = rotation.current()?;
            let is_due = rotation.standing(current, now) == Standing::Due;
            is_due.then_some("next step")
        }
        Phase::Finished | Phase::Undone => None,
    }
}

/// Whether there is a step to undo.
pub fn can_undo(dialog: &RotationDialog) -> bool {
    matches!(dialog.phase, Phase::UnderWay) && dialog.task.is_none()
}

impl Rotations {
    /// The rotation that a key goes in, or comes in.
    pub fn of(&self, thumbprint: &Thumbprint) -> Option<&Rotation> {
        let hex = thumbprint.hex();
        let is_it = |named: &Named| named.thumbprint.as_ref() == Some(&hex);
        let mut all = self.under_way.iter();
        all.find(|rotation| is_it(&rotation.old) || is_it(&rotation.new))
    }

    /// When a wait of any of them is over next.
    pub fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        let waits = self.under_way.iter();
        waits.filter_map(|rotation| rotation.waits_until(now)).min()
    }
}

impl RotationDialog {
    pub fn new(rotation: Rotation, phase: Phase) -> Self {
        Self {
            rotation,
            phase,
            task: None,
            request: None,
            by_hand: None,
            failure: None,
            scroll: Scroll::default(),
        }
    }

    /// When what it tells of a wait changes next: a minute later, in the last minute a second later.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.rotation.waits_until(now)?;
        let left = until.duration_since(now).as_secs();
        let next = if left < 60 { 1 } else { left % 60 + 1 };
        let next = now.checked_add(SignedDuration::from_secs(next)).ok();
        next.map(|next| next.min(until))
    }
}
