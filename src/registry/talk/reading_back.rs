//! How a talk ends: what was read there is compared with the key, and told.

use super::{
    super::{
        answer::{Done, Receipt, RemoteKey, State},
        drift::remote_differences,
        error::RegistryError,
    },
    Talk,
};
use crate::{jose::jwk::PublicJwk, keystore::record::Evidence};

impl Talk<'_> {
    /// Where `jwk` stands that was read as `found`.
    pub(in crate::registry) fn state(&self, jwk: &PublicJwk, found: RemoteKey) -> State {
        let projection = &self.endpoint.preset.key;
        match remote_differences(projection, jwk, &found) {
            Err(why) => State::Unknown { why },
            Ok(what) if what.is_empty() => State::Registered { id: found.id },
            Ok(what) => State::Differs { id: found.id, what },
        }
    }

    /// What has to be replaced of `found` before it is `jwk`.
    pub(in crate::registry) fn differing(&self, jwk: &PublicJwk, found: &RemoteKey) -> Vec<String> {
        let projection = &self.endpoint.preset.key;
        let differing = remote_differences(projection, jwk, found);
        differing.unwrap_or_else(|_| vec!["everything".to_owned()])
    }

    /// The end of what put `jwk` there: registered is what was read back as `found`.
    pub(in crate::registry) fn confirmed(
        mut self,
        jwk: &PublicJwk,
        found: Option<RemoteKey>,
        done: Done,
        differed: Vec<String>,
    ) -> Result<Receipt, RegistryError> {
        match found.map_or(State::NotThere, |found| self.state(jwk, found)) {
            State::NotThere => {
                Err(self.unconfirmed("it answered that the key is there, and reading finds none"))
            }
            State::Registered { id } | State::Said { id } => Ok(self.receipt(done, id, differed)),
            State::Differs { what, .. } => {
                let what = what.join(", ");
                Err(self.unconfirmed(&format!(
                    "it took the key, and what reads back differs: {what}"
                )))
            }
            State::Unknown { why } => Err(self.unconfirmed(&format!(
                "it took the key, and reading it back fails: {why}"
            ))),
        }
    }

    /// The end, as it was seen there.
    pub(in crate::registry) fn receipt(
        self,
        done: Done,
        id: String,
        differed: Vec<String>,
    ) -> Receipt {
        Receipt {
            done,
            id,
            differed,
            remarks: Vec::new(),
            exchanges: self.exchanges,
            evidence: Evidence::Seen,
        }
    }

    /// No further key, where `count` are there and the service takes no more.
    pub(in crate::registry) fn check_room(&self, count: usize) -> Result<(), RegistryError> {
        let preset = &self.endpoint.preset;
        match preset.capabilities.most_keys {
            Some(most) if count >= most => Err(self.does_not_fit(&format!(
                "{} takes {most} keys, and {count} are there: unregister one first",
                preset.title
            ))),
            _ => Ok(()),
        }
    }

    /// Another's key stands there under our `kid`; `known` says as what, where the service has a
    /// name of its own for it.
    pub(in crate::registry) fn anothers(&self, kid: &str, known: Option<&str>) -> RegistryError {
        let known = known.map_or_else(String::new, |id| format!(" (as {id})"));
        self.does_not_fit(&format!(
            "another key stands there under the kid {kid}{known}, and it is left alone: give one of \
             the two another kid"
        ))
    }

    /// It cannot be done as things are, and nothing was sent for it.
    pub(in crate::registry) fn does_not_fit(&self, what: &str) -> RegistryError {
        RegistryError::DoesNotFit(format!("{}: {what}", self.endpoint.name))
    }
}
