//! What a client proves itself with, opened.

use super::{certificate, client::Client, error::OauthError};
use crate::{
    jose::key::PrivateKey,
    keystore::{error::KeystoreError, record::Record, sealing::Unlocked, store::Keystore},
    net::policy::Policy,
};

/// The key of a client, opened.
#[derive(Clone, Debug)]
pub struct Keys {
    pub record: Record,
    pub private: PrivateKey,
}

impl Keys {
    /// Those that `client` names, from `keystore`.
    pub fn open(
        client: &Client,
        keystore: &Keystore,
        unlocked: &Unlocked,
    ) -> Result<Self, KeystoreError> {
        let record = keystore.find(&client.settings.key)?;
        let private = keystore.private(&record, unlocked)?;
        Ok(Self { record, private })
    }

    /// What the HTTP client may do for `client`, which shows its certificate where it has to.
    pub fn policy(&self, client: &Client) -> Result<Policy, OauthError> {
        let mut policy = client.policy();
        if client.settings.shows_certificate() {
            policy.identity = Some(certificate::identity(&self.record, &self.private)?);
        }
        Ok(policy)
    }
}
