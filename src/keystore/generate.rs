//! A new key with its certificate, from the system's randomness.

use std::{num::NonZero, thread};

use aws_lc_rs::rand::SystemRandom;
use getrandom::SysRng;
use jiff::Timestamp;
use rand_core::UnwrapErr;

use super::{
    error::KeystoreError,
    kid,
    store::{Material, NewKey},
};
use crate::{
    jose::{
        algorithm::Algorithm,
        key::{KeySpec, PrivateKey, Signer},
    },
    x509::{
        issue,
        profile::{Profile, Subject},
        serial::Serial,
    },
};

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name; none: its RFC 7638 thumbprint.
    pub kid: Option<String>,
    /// The algorithm it signs with.
    pub alg: Algorithm,
    /// Of an RSA key, in bits; other keys have their curve's size.
    pub bits: u32,
    /// What its certificate says; none: no certificate.
    pub profile: Option<Profile>,
    /// Attributes that win over the profile's.
    pub subject: Subject,
}

impl Wanted {
    /// Checks the name and the size without making anything.
    pub fn check(&self) -> Result<KeySpec, KeystoreError> {
        if let Some(kid) = &self.kid {
            kid::check_given(kid)?;
        }
        Ok(KeySpec::new(self.alg, Some(self.bits))?)
    }

    /// Generates the key and its certificate. An RSA key takes from a tenth of a second to a
    /// minute, and cannot be stopped midway.
    pub fn make(&self, now: Timestamp) -> Result<NewKey, KeystoreError> {
        let spec = self.check()?;
        let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let private = PrivateKey::generate_on(spec, &mut UnwrapErr(SysRng), threads)?;
        let kid = match &self.kid {
            Some(kid) => kid.clone(),
            None => private.public().thumbprint().to_string(),
        };
        let mut chain = Vec::new();
        if let Some(profile) = &self.profile {
            let serial = random_serial()?;
            let rng = SystemRandom::new();
            let subject = &self.subject;
            chain.push(issue::self_signed(
                &private, &kid, profile, subject, now, serial, &rng,
            )?);
        }
        Ok(NewKey {
            kid,
            alg: self.alg,
            material: Material::Private(private),
            chain,
            profile: self.profile.as_ref().map(|profile| profile.name.clone()),
        })
    }
}

pub(super) fn random_serial() -> Result<Serial, KeystoreError> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).map_err(KeystoreError::Randomness)?;
    Ok(octets.into())
}
