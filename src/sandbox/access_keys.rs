//! The keys that sign the sandbox's access tokens.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use tokio::sync::RwLock;

use super::key_folder::KeyFolder;
use crate::jose::{
    algorithm::{Algorithm, SignatureAlgorithm},
    claims::JsonObject,
    header::header_for,
    jwk::PublicJwk,
    key::{KeySpec, PrivateKey, Signer},
    token,
    verdict::{KeyOrigin, Standing, VerificationKey},
};

/// Keys that stay in the set after they signed their last token.
const OLD: usize = 3;

/// One key.
pub(super) struct AccessKey {
    private: PrivateKey,
    jwk: PublicJwk,
    alg: Algorithm,
}

/// The key that signs and those that did, the newest first. The first to ask waits until one is
/// generated: asking for nothing but the registry and the profile never costs an RSA key.
#[derive(Default)]
pub(super) struct AccessKeys(RwLock<Vec<Arc<AccessKey>>>);

impl AccessKeys {
    /// With the key of a folder.
    pub(super) fn of(folder: &KeyFolder) -> Self {
        let key = AccessKey {
            private: folder.private.clone(),
            jwk: folder.jwk.clone(),
            alg: folder.alg,
        };
        Self(RwLock::new(vec![Arc::new(key)]))
    }

    /// The key that signs.
    pub(super) async fn current(&self) -> Result<Arc<AccessKey>, String> {
        if let Some(current) = self.0.read().await.first() {
            return Ok(Arc::clone(current));
        }
        let mut keys = self.0.write().await;
        if let Some(current) = keys.first() {
            return Ok(Arc::clone(current));
        }
        let key = Arc::new(AccessKey::generate().await?);
        keys.push(Arc::clone(&key));
        Ok(key)
    }

    /// Puts a fresh key in the place of the one that signs; the old one stays in the set, for the
    /// tokens that it signed.
    pub(super) async fn rotate(&self) -> Result<Arc<AccessKey>, String> {
        self.current().await?;
        let key = Arc::new(AccessKey::generate().await?);
        let mut keys = self.0.write().await;
        keys.insert(0, Arc::clone(&key));
        keys.truncate(1 + OLD);
        Ok(key)
    }

    /// The public halves.
    pub(super) async fn public(&self) -> Result<Vec<PublicJwk>, String> {
        self.current().await?;
        let keys = self.0.read().await;
        Ok(keys.iter().map(|key| key.jwk.clone()).collect())
    }

    /// Keys to check own tokens with.
    pub(super) async fn verification_keys(&self) -> Vec<VerificationKey> {
        let keys = self.0.read().await;
        keys.iter().map(|key| key.verification_key()).collect()
    }
}

impl AccessKey {
    /// An RS256 key; takes a second or so, off the servers' thread.
    async fn generate() -> Result<Self, String> {
        let generated = tokio::task::spawn_blocking(|| {
            PrivateKey::generate(KeySpec::Rsa { bits: 2048 }, &mut UnwrapErr(SysRng))
        });
        let private = generated
            .await
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        let kid = private.public().thumbprint().to_string();
        let alg = Algorithm::Rs256;
        let jwk = PublicJwk::new(private.public().clone(), &kid, alg, &[]);
        Ok(Self { private, jwk, alg })
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.jwk.kid.as_deref()
    }

    /// Signs `claims` as an access token (RFC 9068) that names `kid`.
    pub(super) fn sign(&self, claims: &JsonObject, kid: Option<&str>) -> Result<String, String> {
        let algorithm = SignatureAlgorithm::Asymmetric(self.alg);
        self.sign_under(&header_for(algorithm, "at+jwt", kid), claims)
    }

    /// Signs `claims` under `alg` and `kid` alone, as the Node.js article's server does.
    pub(super) fn sign_bare(
        &self,
        claims: &JsonObject,
        kid: Option<&str>,
    ) -> Result<String, String> {
        let algorithm = SignatureAlgorithm::Asymmetric(self.alg);
        let header = header_for(algorithm, "JWT", kid).without("typ");
        self.sign_under(&header, claims)
    }

    fn sign_under(&self, header: &JsonObject, claims: &JsonObject) -> Result<String, String> {
        token::mint(
            header,
            claims,
            self.alg,
            &self.private,
            &SystemRandom::new(),
        )
        .map_err(|error| error.to_string())
    }

    fn verification_key(&self) -> VerificationKey {
        VerificationKey::Public {
            kid: self.jwk.kid.clone(),
            key: self.jwk.key.clone(),
            alg: Some(self.alg),
            leaf: None,
            origin: KeyOrigin::Set,
            standing: Standing::Good,
        }
    }
}
