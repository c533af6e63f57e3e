//! Replacing the certificates of a key.

use super::{Certificate, Keystore, KeystoreError, Record, chain::belongs};

impl Keystore {
    /// Puts `chain`, leaf first, and the profile it was made by in the place of the certificates
    /// that `record` has. Refuses a leaf of another key, and where they changed since it was read.
    pub fn set_chain(
        &self,
        record: &Record,
        chain: Vec<Certificate>,
        profile: Option<String>,
    ) -> Result<Record, KeystoreError> {
        if let Some(leaf) = chain.first()
            && !belongs(leaf, &record.public)
        {
            return Err(KeystoreError::Damaged {
                file: record.kid.clone(),
                reason: "the certificate belongs to another key".to_owned(),
            });
        }
        let mut changed = false;
        let updated = self.update(&record.thumbprint(), |stored| {
            changed = stored.chain != record.chain;
            if !changed {
                stored.chain = chain;
                stored.profile = profile;
            }
        })?;
        if changed {
            return Err(KeystoreError::Changed(record.kid.clone()));
        }
        Ok(updated)
    }
}
