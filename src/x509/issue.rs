//! Issues self-signed certificates with rcgen and our own keys.

use aws_lc_rs::rand::SecureRandom;
use jiff::Timestamp;

use super::{
    certificate::{Certificate, CertificateError},
    profile::{Profile, SubjectOverrides},
};
use crate::jose::key::PrivateKey;

/// A self-signed certificate for `key` by `profile`. CN is `kid` unless overridden. The serial is made of `serial`
/// (positive, 16 bytes). Valid from `now` for the profile's days.
pub fn self_signed(
    key: &PrivateKey,
    kid: &str,
    profile: &Profile,
    subject: &SubjectOverrides,
    now: Timestamp,
    serial: [u8; 16],
    rng: &dyn SecureRandom,
) -> Result<Certificate, CertificateError> {
    unimplemented!("{key:?}{kid}{profile:?}{subject:?}{now}{serial:?}{rng:?}")
}
