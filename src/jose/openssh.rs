//! OpenSSH's own forms: the line of `authorized_keys`, and `OPENSSH PRIVATE KEY` (RFC 4253 section
//! 6.6, RFC 5656 section 3.1, RFC 8709 section 4, OpenSSH's PROTOCOL.key).

use ssh_key::{
    Cipher, Error, Kdf, LineEnding, Mpint,
    private::{
        EcdsaKeypair, Ed25519Keypair, Ed25519PrivateKey, KeypairData, RsaKeypair, RsaPrivateKey,
    },
    public::{EcdsaPublicKey, Ed25519PublicKey, KeyData, RsaPublicKey},
};

use super::{
    key::{
        Curve, KeyError, PrivateKey, PrivateParts, PublicKey, PublicParts, RsaFactors, Signer,
        coordinates,
    },
    pem::Passphrases,
};
use crate::secret::Secret;

/// What makes one sealing different from another.
#[derive(Clone, Copy, Debug)]
pub struct Randomness {
    /// The salt of bcrypt.
    pub salt: [u8; 16],
    /// The number by which the reader knows that the passphrase was right.
    pub check: u32,
}

/// Rounds of bcrypt in what keyfob writes, as `ssh-keygen` has them since 9.4.
const ROUNDS: u32 = 24;
/// What a round of bcrypt costs, as rounds of PBKDF2.
const COST_OF_A_ROUND: u64 = 18_000;
const FORM: &str = "OpenSSH private key";

/// `ssh-ed25519 AAAA… comment`, with a line feed at the end.
pub fn public_line(key: &PublicKey, comment: &str) -> Result<String, KeyError> {
    ssh_key::PublicKey::new(key_data(key)?, comment)
        .to_openssh()
        .map(|line| format!("{line}\n"))
        .map_err(internal)
}

/// `-----BEGIN OPENSSH PRIVATE KEY-----`, with a line feed at the end; with a passphrase sealed by
/// bcrypt and AES-256-CTR.
pub fn private_pem(
    key: &PrivateKey,
    comment: &str,
    seal: Option<(&Secret<String>, &Randomness)>,
) -> Result<Secret<String>, KeyError> {
    let mut written = ssh_key::PrivateKey::new(keypair(key)?, comment).map_err(internal)?;
    if let Some((passphrase, randomness)) = seal {
        let kdf = Kdf::Bcrypt {
            salt: randomness.salt.to_vec(),
            rounds: ROUNDS,
        };
        written = written
            .encrypt_with(
                Cipher::Aes256Ctr,
                kdf,
                randomness.check,
                passphrase.expose(),
            )
            .map_err(internal)?;
    }
    written
        .to_openssh(LineEnding::LF)
        .map(|pem| Secret::new(pem.as_str().to_owned()))
        .map_err(internal)
}

/// Reads a line of `authorized_keys` or of a `.pub` file, with its comment.
pub fn read_public(line: &str) -> Result<(PublicKey, String), KeyError> {
    let read = ssh_key::PublicKey::from_openssh(line).map_err(malformed)?;
    let comment = read.comment().as_str_lossy().to_owned();
    Ok((public_of(read.key_data())?, comment))
}

/// Reads what stands inside `OPENSSH PRIVATE KEY`, with its comment; both public halves in it must
/// be the private one's.
pub fn read_private(
    bytes: &[u8],
    passphrases: &mut Passphrases<'_>,
) -> Result<(PrivateKey, String), KeyError> {
    let mut read = ssh_key::PrivateKey::from_bytes(bytes).map_err(malformed)?;
    if read.is_encrypted() {
        let rounds = match read.kdf() {
            Kdf::Bcrypt { rounds, .. } => u64::from(*rounds),
            _ => 0,
        };
        let passphrase = passphrases.of(FORM, rounds.saturating_mul(COST_OF_A_ROUND))?;
        read = read
            .decrypt(passphrase.expose())
            .map_err(|error| match error {
                Error::AlgorithmUnknown | Error::AlgorithmUnsupported { .. } => malformed(error),
                _ => KeyError::WrongPassphrase(FORM),
            })?;
    }
    let effort = passphrases.effort();
    let key = effort.read_private(bytes.len(), || private_of(read.key_data()))?;
    let own = key_data(key.public())?;
    let beside = KeyData::try_from(read.key_data()).map_err(malformed)?;
    if &own == read.public_key().key_data() && own == beside {
        Ok((key, read.comment().as_str_lossy().to_owned()))
    } else {
        Err(KeyError::Mismatch)
    }
}

fn public_of(data: &KeyData) -> Result<PublicKey, KeyError> {
    match data {
        KeyData::Rsa(rsa) => PublicKey::rsa(positive(rsa.n())?, positive(rsa.e())?),
        KeyData::Ecdsa(ecdsa) => {
            let curve = match ecdsa {
                EcdsaPublicKey::NistP256(_) => Curve::P256,
                EcdsaPublicKey::NistP384(_) => Curve::P384,
                EcdsaPublicKey::NistP521(_) => Curve::P521,
            };
            let point = curve.point(ecdsa.as_sec1_bytes())?;
            let (x, y) = coordinates(&point);
            PublicKey::ec(curve, x, y)
        }
        KeyData::Ed25519(ed25519) => PublicKey::ed25519(ed25519.0),
        other => Err(KeyError::Unsupported(other.algorithm().to_string())),
    }
}

fn private_of(data: &KeypairData) -> Result<PrivateKey, KeyError> {
    match data {
        KeypairData::Rsa(rsa) => {
            let (public, private) = (rsa.public(), rsa.private());
            PrivateKey::from_rsa_numbers(
                positive(public.n())?,
                positive(public.e())?,
                positive(private.d())?,
                Some(&RsaFactors {
                    p: positive(private.p())?,
                    q: positive(private.q())?,
                    exponents: None,
                    coefficient: positive(private.iqmp())?,
                }),
            )
        }
        KeypairData::Ecdsa(ecdsa) => {
            let curve = match ecdsa {
                EcdsaKeypair::NistP256 { .. } => Curve::P256,
                EcdsaKeypair::NistP384 { .. } => Curve::P384,
                EcdsaKeypair::NistP521 { .. } => Curve::P521,
            };
            PrivateKey::from_scalar(curve, &Secret::new(ecdsa.private_key_bytes().to_vec()))
        }
        KeypairData::Ed25519(ed25519) => {
            PrivateKey::from_ed25519_seed(&Secret::new(ed25519.private.to_bytes().to_vec()))
        }
        other => Err(KeyError::Unsupported(
            other.algorithm().map_err(malformed)?.to_string(),
        )),
    }
}

fn key_data(key: &PublicKey) -> Result<KeyData, KeyError> {
    Ok(match key.parts() {
        PublicParts::Rsa { n, e } => {
            KeyData::Rsa(RsaPublicKey::new(number(e), number(n)).map_err(internal)?)
        }
        PublicParts::Ec { point, .. } => {
            KeyData::Ecdsa(EcdsaPublicKey::from_sec1_bytes(point).map_err(internal)?)
        }
        PublicParts::Ed25519(bytes) => KeyData::Ed25519(Ed25519PublicKey(*bytes)),
    })
}

fn keypair(key: &PrivateKey) -> Result<KeypairData, KeyError> {
    let public = key_data(key.public())?;
    Ok(match (public, key.parts()?) {
        (KeyData::Rsa(public), PrivateParts::Rsa { d, p, q, qi, .. }) => {
            let [d, qi, p, q] = [d, qi, p, q].map(|part| number(part.expose()));
            let private = RsaPrivateKey::new(d, qi, p, q).map_err(internal)?;
            KeypairData::Rsa(RsaKeypair::new(public, private).map_err(internal)?)
        }
        (KeyData::Ecdsa(public), PrivateParts::Scalar(scalar)) => {
            KeypairData::Ecdsa(match public {
                EcdsaPublicKey::NistP256(public) => EcdsaKeypair::NistP256 {
                    public,
                    private: sized(&scalar)?.into(),
                },
                EcdsaPublicKey::NistP384(public) => EcdsaKeypair::NistP384 {
                    public,
                    private: sized(&scalar)?.into(),
                },
                EcdsaPublicKey::NistP521(public) => EcdsaKeypair::NistP521 {
                    public,
                    private: sized(&scalar)?.into(),
                },
            })
        }
        (KeyData::Ed25519(public), PrivateParts::Scalar(seed)) => {
            KeypairData::Ed25519(Ed25519Keypair {
                public,
                private: Ed25519PrivateKey::from_bytes(&sized(&seed)?),
            })
        }
        _ => return Err(KeyError::Internal("writing an OpenSSH key")),
    })
}

fn number(bytes: &[u8]) -> Mpint {
    Mpint::from_positive_bytes(bytes)
}

fn positive(number: &Mpint) -> Result<&[u8], KeyError> {
    number
        .as_positive_bytes()
        .ok_or_else(|| malformed("a number is negative"))
}

fn sized<const N: usize>(bytes: &Secret<Vec<u8>>) -> Result<[u8; N], KeyError> {
    bytes
        .expose()
        .as_slice()
        .try_into()
        .map_err(|_| KeyError::Internal("writing an OpenSSH key"))
}

fn malformed(reason: impl ToString) -> KeyError {
    KeyError::Malformed {
        form: "OpenSSH key",
        reason: reason.to_string(),
    }
}

fn internal(_: Error) -> KeyError {
    KeyError::Internal("writing an OpenSSH key")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::pem::fixture;

    #[test]
    fn a_sealed_key_may_turn_so_many_rounds_of_bcrypt_and_no_more() {
        let sealed_with = |rounds: u8| {
            let salt = [7; 16];
            let passphrase = Secret::new("xyzzy".to_owned());
            let seal = Randomness { salt, check: 1 };
            let key = fixture::private(fixture::ED25519);
            let pem = private_pem(&key, "k", Some((&passphrase, &seal))).unwrap();
            let read = ssh_key::PrivateKey::from_openssh(pem.expose()).unwrap();
            let mut bytes = read.to_bytes().unwrap().to_vec();
            let end = bytes.windows(16).position(|part| part == salt).unwrap() + 16;
            assert_eq!(bytes[end..end + 4], ROUNDS.to_be_bytes());
            bytes[end + 3] = rounds;
            bytes
        };
        let read = |rounds| {
            let mut none = |_: &str| None;
            read_private(&sealed_with(rounds), &mut Passphrases::new(&mut none)).unwrap_err()
        };
        assert_eq!(read(116), KeyError::PassphraseNeeded(FORM));
        assert_eq!(
            read(117),
            KeyError::TooCostly {
                form: FORM,
                rounds: 117 * COST_OF_A_ROUND
            }
        );
    }
}
