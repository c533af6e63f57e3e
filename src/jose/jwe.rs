//! JWKs sealed with a passphrase: JWE (RFC 7516) with PBES2 (RFC 7518 section 4.8), as RFC 7517
//! appendix C has it and `step` writes it.

use std::num::NonZeroU32;

use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{self, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    constant_time, hmac,
    iv::FixedLength,
    key_wrap::{self, AesKek, KeyWrap},
    pbkdf2,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;

use super::{key::KeyError, pem::Passphrases};
use crate::secret::Secret;

/// The parts of a JWE as they stand in its JSON (RFC 7516 section 7.2.2), each base64url.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The protected header.
    pub protected: &'a str,
    /// The content's key, wrapped.
    pub encrypted_key: &'a str,
    /// The initialization vector.
    pub iv: &'a str,
    /// What is sealed.
    pub ciphertext: &'a str,
    /// The authentication tag.
    pub tag: &'a str,
}

/// What makes one sealing different from another.
#[derive(Clone, Debug)]
pub struct Randomness {
    /// The salt of PBKDF2.
    pub salt: [u8; 16],
    /// The content's key.
    pub key: Secret<[u8; 32]>,
    /// The initialization vector of AES-256-GCM.
    pub iv: [u8; 12],
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    p2s: Option<String>,
    p2c: Option<u64>,
    crit: Option<serde::de::IgnoredAny>,
    zip: Option<serde::de::IgnoredAny>,
}

/// Rounds of PBKDF2 in what keyfob writes.
// Taken out while compiling: a zero would not build.
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
/// The most rounds (`p2c`) that are turned (RFC 8725 section 3.11 asks for a limit).
const MOST_ROUNDS: u64 = 1_000_000;
const ALGORITHM: &str = "PBES2-HS256+A128KW";
const FORM: &str = "encrypted JWK";

impl<'a> Parts<'a> {
    /// Takes the compact form apart (RFC 7516 section 7.1): five parts between dots.
    pub fn of_compact(text: &'a str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut next = || parts.next();
        let found = Self {
            protected: next()?,
            encrypted_key: next()?,
            iv: next()?,
            ciphertext: next()?,
            tag: next()?,
        };
        (parts.next().is_none() && found.protected.starts_with("ey")).then_some(found)
    }
}

/// Seals a private JWK: PBES2-HS256+A128KW at 600,000 rounds and A256GCM, as flattened JSON with a
/// line feed at the end.
pub fn seal(
    jwk: &Secret<String>,
    passphrase: &Secret<String>,
    randomness: &Randomness,
) -> Result<String, KeyError> {
    let failed = |_| KeyError::Internal("sealing a JWK");
    let b64 = Base64UrlUnpadded::encode_string;
    let header = format!(
        r#"{{"alg":"{ALGORITHM}","cty":"jwk+json","enc":"A256GCM","p2c":{ROUNDS},"p2s":"{}"}}"#,
        b64(&randomness.salt)
    );
    let protected = b64(header.as_bytes());
    let mut kek = Secret::new([0; 16]);
    derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        ROUNDS,
        &salt(ALGORITHM, &randomness.salt),
        passphrase,
        kek.expose_mut(),
    );
    let mut wrapped = [0; 40];
    AesKek::new(&key_wrap::AES_128, kek.expose())
        .and_then(|kek| kek.wrap(randomness.key.expose(), &mut wrapped).map(drop))
        .map_err(failed)?;
    let key = UnboundKey::new(&aead::AES_256_GCM, randomness.key.expose()).map_err(failed)?;
    // The ciphertext takes the text's place, so that no copy of the secret stays behind.
    let mut text = Secret::new(jwk.expose().trim_end().as_bytes().to_vec());
    let tag = LessSafeKey::new(key)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(randomness.iv),
            Aad::from(protected.as_bytes()),
            text.expose_mut(),
        )
        .map_err(failed)?;
    Ok(format!(
        "{{\n  \"protected\": \"{protected}\",\n  \"encrypted_key\": \"{}\",\n  \"iv\": \"{}\",\n  \
         \"ciphertext\": \"{}\",\n  \"tag\": \"{}\"\n}}\n",
        b64(&wrapped),
        b64(&randomness.iv),
        b64(text.expose()),
        b64(tag.as_ref())
    ))
}

/// Opens a JWE that a passphrase seals: PBES2-HS256+A128KW or PBES2-HS512+A256KW with AES-GCM or
/// AES-CBC-HMAC.
pub fn open(
    parts: &Parts<'_>,
    passphrases: &mut Passphrases<'_>,
) -> Result<Secret<Vec<u8>>, KeyError> {
    let decoded = |text: &str, what: &str| {
        Base64UrlUnpadded::decode_vec(text)
            .map_err(|_| malformed(format!("{what} is no base64url without padding")))
    };
    let header: Header = serde_json::from_slice(&decoded(parts.protected, "protected")?)
        .map_err(|error| malformed(format!("header: {error}")))?;
    if header.crit.is_some() || header.zip.is_some() {
        return Err(malformed("crit and zip are not read"));
    }
    let (hash, key_size) = match header.alg.as_str() {
        ALGORITHM => (pbkdf2::PBKDF2_HMAC_SHA256, 16),
        "PBES2-HS512+A256KW" => (pbkdf2::PBKDF2_HMAC_SHA512, 32),
        other => {
            return Err(malformed(format!(
                "alg {other}: {ALGORITHM} and PBES2-HS512+A256KW are read"
            )));
        }
    };
    let rounds = header.p2c.ok_or_else(|| malformed("p2c is missing"))?;
    if rounds > MOST_ROUNDS {
        return Err(KeyError::TooCostly { form: FORM, rounds });
    }
    let rounds = u32::try_from(rounds).ok().and_then(NonZeroU32::new);
    let rounds = rounds.ok_or_else(|| malformed("p2c is 0"))?;
    let p2s = header.p2s.ok_or_else(|| malformed("p2s is missing"))?;
    let salt = salt(&header.alg, &decoded(&p2s, "p2s")?);
    let wrapped = decoded(parts.encrypted_key, "encrypted_key")?;
    let iv = decoded(parts.iv, "iv")?;
    let mut text = decoded(parts.ciphertext, "ciphertext")?;
    let tag = decoded(parts.tag, "tag")?;

    let passphrase = passphrases.of(FORM, rounds.get().into())?;
    let wrong = |_| KeyError::WrongPassphrase(FORM);
    let mut kek = Secret::new([0; 32]);
    let kek = &mut kek.expose_mut()[..key_size];
    derive(hash, rounds, &salt, &passphrase, kek);
    let block = match key_size {
        16 => &key_wrap::AES_128,
        _ => &key_wrap::AES_256,
    };
    let mut key = Secret::new(vec![0; wrapped.len()]);
    let length = AesKek::new(block, kek)
        .and_then(|kek| kek.unwrap(&wrapped, key.expose_mut()).map(|key| key.len()))
        .map_err(wrong)?;
    key.expose_mut().truncate(length);
    let aad = parts.protected.as_bytes();
    match header.enc.as_str() {
        "A128GCM" => gcm(&aead::AES_128_GCM, &key, &iv, aad, &mut text, &tag),
        "A192GCM" => gcm(&aead::AES_192_GCM, &key, &iv, aad, &mut text, &tag),
        "A256GCM" => gcm(&aead::AES_256_GCM, &key, &iv, aad, &mut text, &tag),
        "A128CBC-HS256" => cbc(
            (&cipher::AES_128, hmac::HMAC_SHA256),
            &key,
            &iv,
            aad,
            &mut text,
            &tag,
        ),
        "A192CBC-HS384" => cbc(
            (&cipher::AES_192, hmac::HMAC_SHA384),
            &key,
            &iv,
            aad,
            &mut text,
            &tag,
        ),
        "A256CBC-HS512" => cbc(
            (&cipher::AES_256, hmac::HMAC_SHA512),
            &key,
            &iv,
            aad,
            &mut text,
            &tag,
        ),
        other => return Err(malformed(format!("enc {other} is not known"))),
    }?;
    Ok(Secret::new(text))
}

/// RFC 7518 section 5.3.
fn gcm(
    algorithm: &'static aead::Algorithm,
    key: &Secret<Vec<u8>>,
    iv: &[u8],
    aad: &[u8],
    text: &mut Vec<u8>,
    tag: &[u8],
) -> Result<(), KeyError> {
    let broken = |_| malformed("the content is not what was sealed");
    let key = UnboundKey::new(algorithm, key.expose())
        .map_err(|_| malformed("the content's key has another length than enc says"))?;
    let nonce = Nonce::try_assume_unique_for_key(iv).map_err(|_| malformed("iv has 12 octets"))?;
    text.extend_from_slice(tag);
    let length = LessSafeKey::new(key)
        .open_in_place(nonce, Aad::from(aad), text)
        .map_err(broken)?
        .len();
    text.truncate(length);
    Ok(())
}

/// RFC 7518 section 5.2.2.2: the first half of the key authenticates, the second one encrypts.
fn cbc(
    (block, mac): (&'static cipher::Algorithm, hmac::Algorithm),
    key: &Secret<Vec<u8>>,
    iv: &[u8],
    aad: &[u8],
    text: &mut Vec<u8>,
    tag: &[u8],
) -> Result<(), KeyError> {
    let broken = || malformed("the content is not what was sealed");
    let half = key.expose().len() / 2;
    let (mac_key, cipher_key) = key.expose().split_at(half);
    let cipher_key = UnboundCipherKey::new(block, cipher_key)
        .map_err(|_| malformed("the content's key has another length than enc says"))?;
    let bits = u64::try_from(aad.len()).unwrap_or(u64::MAX / 8) * 8;
    let mut context = hmac::Context::with_key(&hmac::Key::new(mac, mac_key));
    for part in [aad, iv, text.as_slice(), &bits.to_be_bytes()] {
        context.update(part);
    }
    let expected = context.sign();
    let expected = expected.as_ref().get(..half).ok_or_else(broken)?;
    constant_time::verify_slices_are_equal(expected, tag).map_err(|_| broken())?;
    let iv = FixedLength::try_from(iv).map_err(|_| malformed("iv has 16 octets"))?;
    let length = PaddedBlockDecryptingKey::cbc_pkcs7(cipher_key)
        .and_then(|key| {
            key.decrypt(text, DecryptionContext::Iv128(iv))
                .map(|text| text.len())
        })
        .map_err(|_| broken())?;
    text.truncate(length);
    Ok(())
}

fn derive(
    hash: pbkdf2::Algorithm,
    rounds: NonZeroU32,
    salt: &[u8],
    passphrase: &Secret<String>,
    key: &mut [u8],
) {
    pbkdf2::derive(hash, rounds, salt, passphrase.expose().as_bytes(), key);
}

/// RFC 7518 section 4.8.1.1: the name of the algorithm, a zero, and `p2s`.
fn salt(alg: &str, p2s: &[u8]) -> Vec<u8> {
    [alg.as_bytes(), &[0], p2s].concat()
}

fn malformed(reason: impl ToString) -> KeyError {
    KeyError::Malformed {
        form: FORM,
        reason: reason.to_string(),
    }
}
