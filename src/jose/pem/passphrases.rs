//! The passphrases of sealed files, and how much work they may make.

use crate::{jose::key::KeyError, secret::Secret};

/// Where the passphrase of something sealed comes from, and a limit to what opening one file may
/// cost: who writes a file also says how many rounds its reader turns.
pub struct Passphrases<'a> {
    lookup: &'a mut dyn FnMut(&str) -> Option<Secret<String>>,
    rounds_left: u64,
}

/// Rounds of PBKDF2 for all of one file, about two seconds.
const MOST_ROUNDS: u64 = 2_000_000;

impl<'a> Passphrases<'a> {
    /// Asks `lookup` for the passphrase of each sealed part, by the name of its form.
    pub fn new(lookup: &'a mut dyn FnMut(&str) -> Option<Secret<String>>) -> Self {
        Self {
            lookup,
            rounds_left: MOST_ROUNDS,
        }
    }

    /// The passphrase that opens `form` after `rounds` of key derivation.
    pub(in crate::jose) fn of(
        &mut self,
        form: &'static str,
        rounds: u64,
    ) -> Result<Secret<String>, KeyError> {
        self.rounds_left = self
            .rounds_left
            .checked_sub(rounds)
            .ok_or(KeyError::TooCostly { form, rounds })?;
        (self.lookup)(form).ok_or(KeyError::PassphraseNeeded(form))
    }
}
