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
    /// The client's own.
    own: Option<(Record, PrivateKey)>,
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
        let own = client.settings.key.as_deref().map(opened);
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
            own: own.transpose()?,
            prover,
            secret: secret.transpose()?,
            nonces: Nonces::default(),
        })
    }

    /// The client's own key, where it has one.
    pub fn record(&self) -> Option<&Record> {
        self.own.as_ref().map(|(record, _)| record)
    }

    /// Its kid, empty where there is none.
    pub fn kid(&self) -> &str {
        self.record().map_or("", |record| &record.kid)
    }

    /// The client's own key, where it cannot do without.
    pub(super) fn own(&self) -> Result<(&Record, &PrivateKey), OauthError> {
        let own = self.own.as_ref().map(|(record, private)| (record, private));
        own.ok_or_else(|| {
            OauthError::DoesNotFit(
                "the client names no key to prove itself with: write key".to_owned(),
            )
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
            let (record, private) = self.own()?;
            policy.identity = Some(certificate::identity(record, private)?);
        }
        Ok(policy)
    }
}
