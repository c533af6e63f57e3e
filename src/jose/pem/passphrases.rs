//! The passphrases of sealed files, and how much work they may make.

use crate::{
    jose::{effort::Effort, key::KeyError},
    secret::Secret,
};

/// Where the passphrase of something sealed comes from, and a limit to what opening one file may
/// cost: who writes a file also says how many rounds its reader turns.
pub struct Passphrases<'a> {
    lookup: &'a mut dyn FnMut(&str) -> Option<Secret<String>>,
    effort: Effort,
}

impl<'a> Passphrases<'a> {
    /// Asks `lookup` for the passphrase of each sealed part, by the name of its form.
    pub fn new(lookup: &'a mut dyn FnMut(&str) -> Option<Secret<String>>) -> Self {
        Self {
            lookup,
            effort: Effort::of_one_file(),
        }
    }

    /// The passphrase that opens `form` after `rounds` of key derivation.
    pub(in crate::jose) fn of(
        &mut self,
        form: &'static str,
        rounds: u64,
    ) -> Result<Secret<String>, KeyError> {
        self.effort.derive(form, rounds)?;
        self.asked(form)
    }

    /// The passphrase that opens `form`, its work counted already.
    pub(in crate::jose) fn asked(
        &mut self,
        form: &'static str,
    ) -> Result<Secret<String>, KeyError> {
        (self.lookup)(form).ok_or(KeyError::PassphraseNeeded(form))
    }

    /// What is left of the work that the file may make.
    pub(in crate::jose) fn effort(&mut self) -> &mut Effort {
        &mut self.effort
    }
}
