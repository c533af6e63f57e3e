//! Writing PKCS#12 files (RFC 7292). Salts come from the library's own source of randomness.

use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKeyChain};

use super::error::KeystoreError;
use crate::{
    jose::key::{PrivateKey, Signer},
    secret::Secret,
    x509::certificate::Certificate,
};

/// Rounds of each key derivation: for the key, the certificates and the authentication code.
const ROUNDS: u32 = 600_000;

/// The key and its certificates, leaf first, under the name `kid`: PBES2 with PBKDF2-HMAC-SHA256
/// and AES-256-CBC, authenticated with HMAC-SHA256. OpenSSL 3 and Java 17 read it.
pub(super) fn seal(
    kid: &str,
    key: &PrivateKey,
    chain: &[Certificate],
    passphrase: &Secret<String>,
) -> Result<Vec<u8>, KeystoreError> {
    let failed = |error: p12_keystore::error::Error| KeystoreError::Sealing {
        what: kid.to_owned(),
        reason: error.to_string(),
    };
    let key_id = key.public().thumbprint();
    // The name is UTF-16 without surrogates there.
    let name = if kid.chars().all(|c| u32::from(c) <= 0xffff) {
        kid.to_owned()
    } else {
        key_id.to_string()
    };
    let private = p12_keystore::PrivateKey::from_der(key.pkcs8_der().expose()).map_err(failed)?;
    let certificates = chain
        .iter()
        .map(|certificate| p12_keystore::Certificate::from_der(certificate.der()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    let mut keystore = KeyStore::new();
    let entry = PrivateKeyChain::new(key_id.hex(), private, certificates);
    keystore.add_entry(&name, KeyStoreEntry::PrivateKeyChain(entry));
    keystore
        .writer(passphrase.expose())
        .encryption_iterations(ROUNDS)
        .mac_iterations(ROUNDS)
        .write()
        .map_err(failed)
}
