//! Public keys that were registered here, and the judgement over tokens signed with them.

use std::str::FromStr;

use jiff::Timestamp;

use crate::{
    jose::{
        algorithm::Algorithm,
        jwk::{Jwk, PublicJwk},
        token::UnverifiedToken,
        verdict::{Expectations, KeyOrigin, Leaf, Outcome, Standing, Verdict, VerificationKey},
    },
    x509::certificate::Certificate,
};

/// A public signature key whose `use`, `alg` and certificates agree with it.
#[derive(Clone, Debug)]
pub(super) struct TrustedKey {
    jwk: PublicJwk,
    alg: Option<Algorithm>,
}

impl TrustedKey {
    /// Reads one JWK. Errors say which member is wrong and why.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match Jwk::parse(text).map_err(|error| error.to_string())? {
            Jwk::Public(jwk) => Self::new(jwk),
            Jwk::Private { .. } => {
                Err("the JWK is a private key: send its public members only".to_owned())
            }
            Jwk::Symmetric { .. } => {
                Err("the JWK is a shared secret (kty oct): send a public key".to_owned())
            }
        }
    }

    /// A key that is known to serve `alg`.
    pub(super) fn of(jwk: PublicJwk, alg: Algorithm) -> Self {
        Self {
            jwk,
            alg: Some(alg),
        }
    }

    pub(super) fn new(jwk: PublicJwk) -> Result<Self, String> {
        if let Some(usage) = jwk.usage.as_deref().filter(|usage| *usage != "sig") {
            return Err(format!("use is {usage}: it must be sig"));
        }
        let alg = jwk.alg.as_deref().map(Algorithm::from_str).transpose();
        let alg = alg.map_err(|unknown| format!("alg: {unknown}"))?;
        if let Some(alg) = alg.filter(|alg| !jwk.key.supports(*alg)) {
            return Err(format!("alg {alg} does not fit a key {}", jwk.key.label()));
        }
        check_certificates(&jwk)?;
        Ok(Self { jwk, alg })
    }

    pub(super) fn jwk(&self) -> &PublicJwk {
        &self.jwk
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.jwk.kid.as_deref()
    }

    pub(super) fn alg(&self) -> Option<Algorithm> {
        self.alg
    }

    pub(super) fn verification_key(&self) -> VerificationKey {
        VerificationKey::Public {
            kid: self.jwk.kid.clone(),
            key: self.jwk.key.clone(),
            alg: self.alg,
            leaf: self.jwk.x5c.first().map(|der| Leaf {
                der: der.clone(),
                key: Some(self.jwk.key.clone()),
            }),
            origin: KeyOrigin::Set,
            standing: Standing::Good,
        }
    }
}

/// Whether `token` is valid, else every check it failed.
pub(super) fn judge(
    token: &UnverifiedToken,
    key: &VerificationKey,
    expectations: &Expectations,
    now: Timestamp,
) -> Result<(), String> {
    let verdict = Verdict::of(token, Some(key), expectations, now);
    if verdict.outcome == Outcome::Valid {
        return Ok(());
    }
    let failed: Vec<_> = verdict
        .failures()
        .map(|check| format!("{}: {}", check.name, check.detail))
        .collect();
    Err(failed.join("; "))
}

/// The leaf must certify this very key, and the thumbprints must be the leaf's.
fn check_certificates(jwk: &PublicJwk) -> Result<(), String> {
    let Some(leaf) = jwk.x5c.first() else {
        return Ok(());
    };
    let leaf = Certificate::from_der(leaf).map_err(|error| format!("x5c: {error}"))?;
    let certified = leaf.public_key().map_err(|error| format!("x5c: {error}"))?;
    if certified != jwk.key {
        return Err("x5c: the certificate is for another key than the JWK's".to_owned());
    }
    if jwk.x5t.is_some_and(|x5t| x5t != leaf.x5t()) {
        return Err("x5t is not the SHA-1 thumbprint of the first certificate in x5c".to_owned());
    }
    if jwk.x5t_s256.is_some_and(|x5t| x5t != leaf.x5t_s256()) {
        return Err("x5t#S256 is not the SHA-256 thumbprint of the first certificate".to_owned());
    }
    Ok(())
}
