//! RSA signatures whose padding is made by hand (RFC 8017 sections 9.1 and 9.2).

use aws_lc_rs::digest::{self, Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use rsa::{BoxedUint, PrivateKey, hazmat::rsa_decrypt, pkcs8::DecodePrivateKey};

use super::forger::hex;

/// Octets of the modulus.
const SIZE: usize = 256;
/// The DER that names SHA-256 and stands before the hash.
const SHA256_NAME: &str = "3031300d060960864801650304020105000420";
/// The DER that names SHA-1.
const SHA1_NAME: &str = "3021300906052b0e03021a05000414";

/// A PKCS#1 v1.5 signature, exact or wrong in one way.
pub(super) fn pkcs1(key: &[u8], how: &str, message: &[u8]) -> Vec<u8> {
    let hash = hashed(&SHA256, message);
    let named = [hex(SHA256_NAME), hash.clone()].concat();
    let sha1 = [hex(SHA1_NAME), hashed(&SHA1_FOR_LEGACY_USE_ONLY, message)].concat();
    let exact = padded(&[0, 1], &named);
    let block = match how {
        "exact" | "longer" | "shorter" => exact,
        "exact-without-key" => return exact,
        // The hash stands after eight octets of padding, and octets of anybody's choice follow it.
        "garbage" => [&[0, 1], &[0xff; 8][..], &[0], &named, &[0x5a; 194]].concat(),
        // The lengths in their long form, with leading zeros.
        "long-length" => {
            let rest = &named[2..];
            padded(&[0, 1], &[&[0x30, 0x84, 0, 0, 0, 0x31], rest].concat())
        }
        // An OCTET STRING of anybody's choice where NULL belongs.
        "parameters" => {
            let name = hex("3039301506096086480165030402010408");
            padded(&[0, 1], &[&name, &[0x5a; 8][..], &[4, 32], &hash].concat())
        }
        "no-null" => {
            let name = hex("302f300b06096086480165030402010420");
            padded(&[0, 1], &[name, hash].concat())
        }
        "bare-hash" => padded(&[0, 1], &hash),
        "sha1" => padded(&[0, 1], &sha1),
        "type-2" => padded(&[0, 2], &named),
        "type-0" => {
            let mut block = exact;
            block[1..SIZE - named.len()].fill(0);
            block
        }
        "zero-in-padding" => {
            let mut block = exact;
            block[100] = 0;
            block
        }
        "short-padding" => {
            let mut block = exact;
            block[SIZE - named.len() - 5..SIZE - named.len()].fill(0);
            block
        }
        other => panic!("nobody can pad by {other}"),
    };
    let mut signature = powered(key, &block);
    match how {
        "longer" => signature.insert(0, 0),
        "shorter" => signature.truncate(SIZE - 1),
        _ => {}
    }
    signature
}

/// A PSS signature with SHA-256 and a salt of any length.
pub(super) fn pss(key: &[u8], salt: usize, message: &[u8]) -> Vec<u8> {
    powered(key, &pss_block(&vec![9; salt], &SHA256, message))
}

/// A PSS signature whose mask is made with SHA-1.
pub(super) fn pss_with_sha1_mask(key: &[u8], message: &[u8]) -> Vec<u8> {
    powered(
        key,
        &pss_block(&[9; 32], &SHA1_FOR_LEGACY_USE_ONLY, message),
    )
}

fn pss_block(salt: &[u8], mask_hash: &'static Algorithm, message: &[u8]) -> Vec<u8> {
    let hash = hashed(&SHA256, message);
    let seed = hashed(&SHA256, &[&[0; 8], hash.as_slice(), salt].concat());
    let zeros = SIZE - salt.len() - seed.len() - 2;
    let mut block = [&vec![0; zeros], &[1][..], salt].concat();
    let mask = mask(&seed, block.len(), mask_hash);
    for (octet, mask) in block.iter_mut().zip(mask) {
        *octet ^= mask;
    }
    block[0] &= 0x7f;
    [&block, seed.as_slice(), &[0xbc]].concat()
}

/// MGF1 (RFC 8017 appendix B.2.1).
fn mask(seed: &[u8], length: usize, algorithm: &'static Algorithm) -> Vec<u8> {
    let mut mask = Vec::new();
    let mut counter: u32 = 0;
    while mask.len() < length {
        mask.extend(hashed(algorithm, &[seed, &counter.to_be_bytes()].concat()));
        counter += 1;
    }
    mask.truncate(length);
    mask
}

fn padded(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let padding = vec![0xff; SIZE - kind.len() - content.len() - 1];
    [kind, &padding, &[0], content].concat()
}

fn hashed(algorithm: &'static Algorithm, message: &[u8]) -> Vec<u8> {
    digest::digest(algorithm, message).as_ref().to_vec()
}

/// The block to the power of the private exponent.
fn powered(key: &[u8], block: &[u8]) -> Vec<u8> {
    let key = PrivateKey::from_pkcs8_der(key).unwrap();
    let number = BoxedUint::from_be_slice(block, 2048).unwrap();
    let power = rsa_decrypt(None::<&mut getrandom::SysRng>, &key, &number).unwrap();
    power.to_be_bytes().to_vec()
}
