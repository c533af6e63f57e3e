//! What a client proves itself with, opened.

use super::{certificate, client::Client, dpop::Prover, error::OauthError, nonces::Nonces};
use crate::{
    jose::key::PrivateKey,
    keystore::{error::KeystoreError, record::Record, sealing::Unlocked, store::Keystore},
    net::policy::Policy,
    secret::Secret,
};

/// The keys of a client, opened.
#[derive(Debug)]
pub struct Keys {
    pub record: Record,
    pub private: PrivateKey,
    prover: Option<Prover>,
    /// What the client shares with the server.
    pub(super) secret: Option<Secret<String>>,
    pub(super) nonces: Nonces,
}

impl Keys {
    /// Those that `client` names, from `keystore`.
    pub fn open(
        client: &Client,
        keystore: &Keystore,
        unlocked: &Unlocked,
    ) -> Result<Self, KeystoreError> {
        let opened = |kid: &str| -> Result<(Record, PrivateKey), KeystoreError> {
            let record = keystore.find(kid)?;
            let private = keystore.private(&record, unlocked)?;
            Ok((record, private))
        };
        let (record, private) = opened(&client.settings.key)?;
        let prover = match client.settings.proof_key() {
            None => None,
            Some(kid) => {
                let (record, private) = opened(kid)?;
                Some(Prover { record, private })
            }
        };
        let secret = client.settings.secret.as_ref();
        let secret = secret.map(|source| keystore.resolve(source, unlocked));
        Ok(Self {
            record,
            private,
            prover,
            secret: secret.transpose()?,
            nonces: Nonces::default(),
        })
    }

    /// The key that signs proofs, where the client's tokens are bound to one.
    pub fn prover(&self) -> Option<&Prover> {
        self.prover.as_ref()
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
