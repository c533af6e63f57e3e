//! Our key as rcgen wants it.

use aws_lc_rs::rand::SecureRandom;
use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};

use crate::jose::{
    algorithm::{Algorithm, KeyType},
    key::{PrivateKey, Signer},
};

/// A private key with what it signs by.
pub(super) struct RcgenKey<'a> {
    key: &'a PrivateKey,
    der: Vec<u8>,
    rng: &'a dyn SecureRandom,
}

impl<'a> RcgenKey<'a> {
    pub(super) fn new(key: &'a PrivateKey, rng: &'a dyn SecureRandom) -> Self {
        let der = key.public().raw();
        Self { key, der, rng }
    }
}

impl PublicKeyData for RcgenKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.der
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.key.public().key_type() {
            KeyType::Rsa => &rcgen::PKCS_RSA_SHA256,
            KeyType::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyType::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyType::P521 => &rcgen::PKCS_ECDSA_P521_SHA512,
            KeyType::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }
}

impl SigningKey for RcgenKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let key_type = self.key.public().key_type();
        let algorithm = match key_type {
            // PS keys have a plain rsaEncryption certificate too.
            KeyType::Rsa => Algorithm::Rs256,
            other => other.default_algorithm(),
        };
        let signature = self
            .key
            .sign(algorithm, message, self.rng)
            .map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(match key_type {
            KeyType::Rsa | KeyType::Ed25519 => signature,
            KeyType::P256 | KeyType::P384 | KeyType::P521 => ecdsa_der(&signature),
        })
    }
}

/// `r || s` as the `ECDSA-Sig-Value` of RFC 3279 section 2.2.3.
fn ecdsa_der(fixed: &[u8]) -> Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    let body = [der_integer(r), der_integer(s)].concat();
    der_value(0x30, &body)
}

fn der_integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let mut digits = number[zeros.min(number.len().saturating_sub(1))..].to_vec();
    if digits.first().is_some_and(|&first| first >= 0x80) {
        digits.insert(0, 0);
    }
    der_value(0x02, &digits)
}

/// A DER value of fewer than 256 octets, which two coordinates of 66 octets never reach.
fn der_value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let head = if length < 0x80 {
        vec![tag, length]
    } else {
        vec![tag, 0x81, length]
    };
    [head.as_slice(), content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ecdsa_signature_becomes_minimal_der() {
        assert_eq!(
            ecdsa_der(&[0, 1, 0x80, 0]),
            [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]
        );
    }
}
