//! Puts together what a row of the table describes.

use aws_lc_rs::hmac;
use base64ct::{Base64UrlUnpadded, Encoding};

use super::{Row, keys::Keys, rsa};

/// The order of P-256's group.
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
/// The order of P-521's group.
const P521_ORDER: &str = "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
                          51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409";
/// The order of Ed25519's group, the least octet first.
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// The text that is given to `verify`.
pub(super) fn token(row: &Row, keys: &Keys) -> String {
    let b64 = Base64UrlUnpadded::encode_string;
    let header = b64(&octets(&row.header));
    let claims = b64(&octets(&row.claims));
    let signature = b64(&signature(row, keys, &format!("{header}.{claims}")));
    let parts = [
        ("HEADER", header),
        ("CLAIMS", claims),
        ("STRAY", stray(&signature)),
        ("SIGNATURE", signature),
    ];
    let mut text = String::new();
    let template = repeated(&row.token);
    let mut rest = template.as_str();
    while !rest.is_empty() {
        if let Some((name, part)) = parts.iter().find(|(name, _)| rest.starts_with(name)) {
            text.push_str(part);
            rest = &rest[name.len()..];
        } else {
            let end = rest.chars().next().unwrap().len_utf8();
            text.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    text
}

/// Octets of their hexadecimal digits.
pub(super) fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn octets(text: &str) -> Vec<u8> {
    let text = repeated(text);
    match text.strip_prefix("hex:") {
        Some(digits) => hex(digits),
        None => text.into_bytes(),
    }
}

/// `text` with each `«x × n»` written out.
pub(super) fn repeated(text: &str) -> String {
    let Some((before, rest)) = text.split_once('«') else {
        return text.to_owned();
    };
    let (pattern, after) = rest.split_once('»').unwrap();
    let (what, times) = pattern.split_once(" × ").unwrap();
    let times = times.parse().unwrap();
    format!("{before}{}{}", what.repeat(times), repeated(after))
}

/// The signature with one of the bits set that its last letter has over.
fn stray(signature: &str) -> String {
    let mut text = signature.to_owned();
    let last = text.pop();
    text.extend(last.map(|letter| match letter {
        'A' => 'B',
        'Q' => 'R',
        'g' => 'h',
        other => char::from(other as u8 + 1),
    }));
    text
}

fn signature(row: &Row, keys: &Keys, input: &str) -> Vec<u8> {
    let message = input.as_bytes();
    let words: Vec<&str> = row.sign.splitn(3, ' ').collect();
    match words.as_slice() {
        ["nothing"] => Vec::new(),
        ["rsa", how] => rsa::pkcs1(&keys.rsa(), how, message),
        ["pss", "salt", length] => rsa::pss(&keys.rsa(), length.parse().unwrap(), message),
        ["pss", "mask-sha1"] => rsa::pss_with_sha1_mask(&keys.rsa(), message),
        ["ecdsa", how] => {
            let algorithm = keys.curve(&row.key);
            ecdsa(&keys.signature(algorithm, message), how)
        }
        ["ed25519", "s+l"] => {
            let signature = keys.signature("EdDSA".parse().unwrap(), message);
            let (r, s) = signature.split_at(32);
            [r, &sum(s.iter(), hex(ED25519_ORDER).iter())].concat()
        }
        [alg, "with", secret] => mac(alg, &keys.octets(secret), message),
        ["half", rest @ ..] => {
            let whole = mac("HS256", &keys.octets(&rest[1]["with ".len()..]), message);
            whole[..16].to_vec()
        }
        [text] if text.starts_with("hex:") => octets(text),
        _ if row.sign.starts_with("hex:") => octets(&row.sign),
        [alg] => keys.signature(alg.parse().unwrap(), message),
        other => panic!("nobody can sign {other:?}"),
    }
}

fn mac(alg: &str, secret: &[u8], message: &[u8]) -> Vec<u8> {
    assert_eq!(alg, "HS256");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&key, message).as_ref().to_vec()
}

/// A good signature, spoilt.
fn ecdsa(good: &[u8], how: &str) -> Vec<u8> {
    let (r, s) = good.split_at(good.len() / 2);
    let zero = vec![0; r.len()];
    let order = match r.len() {
        32 => hex(P256_ORDER),
        _ => hex(P521_ORDER),
    };
    let plus_order = |number: &[u8]| {
        let mut total = sum(number.iter().rev(), order.iter().rev());
        total.reverse();
        total
    };
    match how {
        "r=0" => [&zero, s].concat(),
        "s=0" => [r, &zero].concat(),
        "r=n" => [&order, s].concat(),
        "s=n" => [r, &order].concat(),
        "r+n" => [&plus_order(r), s].concat(),
        "s+n" => [r, &plus_order(s)].concat(),
        "n-s" => [r, &difference(&order, s)].concat(),
        "swapped" => [s, r].concat(),
        "longer" => [&[0], r, s].concat(),
        "shorter" => good[..good.len() - 1].to_vec(),
        "der" => {
            let inside = [integer(r), integer(s)].concat();
            [vec![0x30, length(&inside)], inside].concat()
        }
        other => panic!("nobody can spoil a signature by {other}"),
    }
}

/// A DER INTEGER.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    let mut content = number[zeros..].to_vec();
    if content.first().is_some_and(|octet| octet >> 7 == 1) {
        content.insert(0, 0);
    }
    [vec![2, length(&content)], content].concat()
}

fn length(content: &[u8]) -> u8 {
    u8::try_from(content.len()).unwrap()
}

/// The sum of two numbers of the same length, the least octet first.
fn sum<'a>(a: impl Iterator<Item = &'a u8>, b: impl Iterator<Item = &'a u8>) -> Vec<u8> {
    let mut carry = 0;
    let octets = a
        .zip(b)
        .map(|(a, b)| {
            let total = u16::from(*a) + u16::from(*b) + carry;
            carry = total >> 8;
            u8::try_from(total & 0xff).unwrap()
        })
        .collect();
    assert_eq!(carry, 0, "the sum is longer than its parts");
    octets
}

/// `a` less `b`, which is the smaller one and as long, the greatest octet first.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let octets = a.iter().zip(b).rev().map(|(a, b)| {
        let rest = i16::from(*a) - i16::from(*b) - borrow;
        borrow = i16::from(rest < 0);
        u8::try_from(rest.rem_euclid(256)).unwrap()
    });
    let mut octets: Vec<u8> = octets.collect();
    octets.reverse();
    octets
}
