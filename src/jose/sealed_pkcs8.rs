//! PKCS#8 sealed with a passphrase (RFC 5958 section 3, RFC 8018): `ENCRYPTED PRIVATE KEY`.

use der::{Decode, Encode, Tagged, asn1::AnyRef};
use pkcs8::{
    EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier,
    pkcs5::{self, EncryptionScheme, pbes2},
};

use super::{
    key::{KeyError, PrivateKey},
    pem::Passphrases,
};
use crate::secret::Secret;

/// What makes one sealing different from another.
#[derive(Clone, Copy, Debug)]
pub struct Randomness {
    /// The salt of PBKDF2.
    pub salt: [u8; 16],
    /// The initialization vector of AES-256-CBC.
    pub iv: [u8; 16],
}

/// Rounds of PBKDF2 in what keyfob writes.
const ROUNDS: u32 = 600_000;
/// The most memory scrypt may take, in octets.
const MOST_MEMORY: u64 = 128 << 20;
const FORM: &str = "encrypted PKCS#8 key";
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

/// `-----BEGIN ENCRYPTED PRIVATE KEY-----`: PBES2 with PBKDF2-HMAC-SHA256 at 600,000 rounds and
/// AES-256-CBC, which OpenSSL since 1.1 and Java since 8u301 read.
pub fn seal(
    key: &PrivateKey,
    passphrase: &Secret<String>,
    randomness: &Randomness,
) -> Result<String, KeyError> {
    let failed = |_| KeyError::Internal("sealing a PKCS#8 key");
    let scheme = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(
        ROUNDS,
        &randomness.salt,
        randomness.iv,
    )
    .map_err(failed)?;
    let sealed = scheme
        .encrypt(passphrase.expose(), key.pkcs8_der().expose())
        .map_err(failed)?;
    let internal = |_| KeyError::Internal("encoding a sealed PKCS#8 key");
    let der = pkcs8::EncryptedPrivateKeyInfo {
        encryption_algorithm: EncryptionScheme::from(scheme),
        encrypted_data: der::asn1::OctetStringRef::new(&sealed).map_err(internal)?,
    }
    .to_der()
    .map_err(internal)?;
    pem_rfc7468::encode_string("ENCRYPTED PRIVATE KEY", LineEnding::LF, &der)
        .map_err(|_| KeyError::Internal("writing PEM"))
}

/// Opens a DER `EncryptedPrivateKeyInfo`: PBES2 with PBKDF2 or scrypt. PBES1 is refused with the
/// command that seals it anew.
pub fn open(der: &[u8], passphrases: &mut Passphrases<'_>) -> Result<PrivateKey, KeyError> {
    if scheme(der)? != PBES2 {
        return Err(KeyError::Convert {
            form: "a key sealed with PBES1".to_owned(),
            remedy: "openssl pkcs8 -topk8 -v2 aes-256-cbc -provider default -provider legacy \
                     -in FILE -out NEW seals it anew"
                .to_owned(),
        });
    }
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(malformed)?;
    let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm else {
        return Err(malformed("no PBES2 parameters"));
    };
    let passphrase = passphrases.of(FORM, rounds(&parameters.kdf)?)?;
    let wrong = KeyError::WrongPassphrase(FORM);
    let opened = match parameters.decrypt(passphrase.expose(), info.encrypted_data.as_bytes()) {
        Ok(opened) => Secret::new(opened),
        Err(pkcs5::Error::DecryptFailed) => return Err(wrong),
        Err(error) => return Err(malformed(error)),
    };
    // One wrong passphrase in 256 leaves a padding that fits; what comes out is no structure then.
    if AnyRef::from_der(opened.expose()).is_err() {
        return Err(wrong);
    }
    let size = opened.expose().len();
    let effort = passphrases.effort();
    effort.read_private(size, || PrivateKey::from_pkcs8_der(&opened))
}

/// The OID of the encryption, whether its parameters are known or not.
fn scheme(der: &[u8]) -> Result<ObjectIdentifier, KeyError> {
    let outer = AnyRef::from_der(der).map_err(malformed)?;
    outer
        .sequence(|reader| {
            let algorithm = AnyRef::decode(reader)?;
            AnyRef::decode(reader)?;
            algorithm.sequence(|reader| {
                let oid = ObjectIdentifier::decode(reader)?;
                while !der::Reader::is_finished(reader) {
                    AnyRef::decode(reader)?.tag();
                }
                Ok::<_, der::Error>(oid)
            })
        })
        .map_err(malformed)
}

/// What the key derivation costs, as rounds of PBKDF2.
fn rounds(kdf: &pbes2::Kdf) -> Result<u64, KeyError> {
    /// What a block of 128 octets costs in scrypt.
    const ROUNDS_A_BLOCK: u64 = 2;
    match kdf {
        pbes2::Kdf::Pbkdf2(parameters) => Ok(parameters.iteration_count.into()),
        pbes2::Kdf::Scrypt(parameters) => {
            let blocks = parameters
                .cost_parameter
                .saturating_mul(parameters.block_size.into());
            if blocks.saturating_mul(128) > MOST_MEMORY {
                return Err(malformed("scrypt asks for more than 128 MiB"));
            }
            let blocks = blocks.saturating_mul(parameters.parallelization.into());
            Ok(blocks.saturating_mul(ROUNDS_A_BLOCK))
        }
        _ => Err(malformed("the key derivation is neither PBKDF2 nor scrypt")),
    }
}

fn malformed(reason: impl ToString) -> KeyError {
    KeyError::Malformed {
        form: "encrypted PKCS#8",
        reason: reason.to_string(),
    }
}
