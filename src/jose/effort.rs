//! How much work one file may make: who writes a file also says what its reader computes.

use super::{
    algorithm::KeyType,
    key::{KeyError, PrivateKey, PublicKey, PublicParts, Signer},
};

/// What is left of the work that one file may make, counted in rounds of PBKDF2-HMAC-SHA256, each
/// about a third of a microsecond.
#[derive(Debug)]
pub(in crate::jose) struct Effort {
    left: u64,
}

/// Where the factors of an RSA private key come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::jose) enum Factors {
    /// They stand beside the private exponent.
    Given,
    /// They are computed from it.
    Recovered,
}

/// All of one file, less than a second. keyfob's own PKCS#12 takes 1.8 million.
const ALL: u64 = 1 << 21;

impl Effort {
    /// What one file may make.
    pub(in crate::jose) fn of_one_file() -> Self {
        Self { left: ALL }
    }

    /// None at all: whatever makes work is refused as [`KeyError::TooMany`].
    pub(in crate::jose) fn none() -> Self {
        Self { left: 0 }
    }

    /// Takes `rounds` of a key derivation away; `form` is what it opens.
    pub(in crate::jose) fn derive(
        &mut self,
        form: &'static str,
        rounds: u64,
    ) -> Result<(), KeyError> {
        self.left = self
            .left
            .checked_sub(rounds)
            .ok_or(KeyError::TooCostly { form, rounds })?;
        Ok(())
    }

    /// Takes away what it costs to check the private half of `public`.
    pub(in crate::jose) fn check_private(
        &mut self,
        public: &PublicKey,
        factors: Factors,
    ) -> Result<(), KeyError> {
        self.left = self
            .left
            .checked_sub(cost(public, factors))
            .ok_or(KeyError::TooMany)?;
        Ok(())
    }

    /// Reads a private key of `size` octets, where anything is left; then takes away what it cost,
    /// or for one that was refused what the dearest of its size would have.
    pub(in crate::jose) fn read_private(
        &mut self,
        size: usize,
        read: impl FnOnce() -> Result<PrivateKey, KeyError>,
    ) -> Result<PrivateKey, KeyError> {
        /// Of one octet of a key: most on P-521.
        const DEAREST_OCTET: u64 = 24;
        if self.left == 0 {
            return Err(KeyError::TooMany);
        }
        let result = read();
        let cost = match &result {
            Ok(key) => cost(key.public(), Factors::Given),
            Err(KeyError::Unsupported(_) | KeyError::RsaSize { .. }) => 0,
            Err(_) => u64::try_from(size).unwrap_or(u64::MAX) * DEAREST_OCTET,
        };
        self.left = self.left.saturating_sub(cost);
        result
    }
}

/// In rounds, as measured.
fn cost(public: &PublicKey, factors: Factors) -> u64 {
    match (public.key_type(), public.parts()) {
        (KeyType::P256, _) => 640,
        (KeyType::P384, _) => 1_700,
        (KeyType::P521, _) => 2_000,
        (KeyType::Ed25519, _) => 170,
        (KeyType::Rsa, parts) => {
            let octets = match parts {
                PublicParts::Rsa { n, .. } => n.len(),
                PublicParts::Ec { .. } | PublicParts::Ed25519(_) => 0,
            };
            let kibibits = u64::try_from(octets).unwrap_or(u64::MAX).div_ceil(128);
            let of_a_square = match factors {
                Factors::Given => 280,
                Factors::Recovered => 900,
            };
            kibibits.saturating_mul(kibibits) * of_a_square
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::pem::fixture;

    #[test]
    fn a_file_makes_so_much_work_and_no_more() {
        let checked = |pem, factors| {
            let public = fixture::private(pem).public().clone();
            let mut effort = Effort::of_one_file();
            let mut keys = 0;
            while effort.check_private(&public, factors).is_ok() {
                keys += 1;
            }
            keys
        };
        assert_eq!(checked(fixture::P521, Factors::Given), 1048);
        assert_eq!(checked(fixture::RSA2048, Factors::Given), 1872);
        assert_eq!(checked(fixture::RSA2048, Factors::Recovered), 582);
    }

    #[test]
    fn a_key_that_is_refused_is_work_too() {
        let mut effort = Effort::of_one_file();
        let refused = || Err(KeyError::Mismatch);
        let mut tries = 0;
        while effort.read_private(100, refused).unwrap_err() == KeyError::Mismatch {
            tries += 1;
        }
        assert_eq!(tries, 874);
        assert_eq!(
            effort.derive("key", 1),
            Err(KeyError::TooCostly {
                form: "key",
                rounds: 1
            })
        );
    }
}
