//! The key that signs the sandbox's access tokens.

use aws_lc_rs::rand::SystemRandom;
use getrandom::SysRng;
use rand_core::UnwrapErr;

use crate::jose::{
    algorithm::{Algorithm, SignatureAlgorithm},
    claims::JsonObject,
    header::header_for,
    jwk::PublicJwk,
    key::{KeySpec, PrivateKey, Signer},
    token,
};

/// An RS256 key, as the Node.js article's authorization server has one.
pub(super) struct AccessKey {
    private: PrivateKey,
    jwk: PublicJwk,
}

impl AccessKey {
    /// Takes a second or so, off the servers' thread.
    pub(super) async fn generate() -> Result<Self, String> {
        let generated = tokio::task::spawn_blocking(|| {
            PrivateKey::generate(KeySpec::Rsa { bits: 2048 }, &mut UnwrapErr(SysRng))
        });
        let private = generated
            .await
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        let kid = private.public().thumbprint().to_string();
        let jwk = PublicJwk::new(private.public().clone(), &kid, Algorithm::Rs256, &[]);
        Ok(Self { private, jwk })
    }

    pub(super) fn public_jwk(&self) -> PublicJwk {
        self.jwk.clone()
    }

    /// Signs `claims` as an access token (RFC 9068).
    pub(super) fn sign(&self, claims: &JsonObject) -> Result<String, String> {
        let algorithm = SignatureAlgorithm::Asymmetric(Algorithm::Rs256);
        let header = header_for(algorithm, "at+jwt", self.jwk.kid.as_deref());
        token::mint(
            &header,
            claims,
            Algorithm::Rs256,
            &self.private,
            &SystemRandom::new(),
        )
        .map_err(|error| error.to_string())
    }
}
