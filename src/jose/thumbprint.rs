//! JWK thumbprints (RFC 7638, SHA-256).

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};

/// The SHA-256 thumbprint of a public key.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Thumbprint(pub [u8; 32]);

impl Thumbprint {
    /// The hash of a JWK's required members as RFC 7638 section 3 orders them.
    pub(super) fn of_canonical(json: &str) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, json.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Self(bytes)
    }

    /// 64 lower-case hexadecimal digits: the name of the key's file.
    pub fn hex(&self) -> String {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
        ];
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.map(|digit| DIGITS[usize::from(digit)]).collect()
    }

    /// Reads [`Self::hex`]; anything else, upper case included, is `None`.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64
            || !text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Reads the base64url form that [`fmt::Display`] writes.
    pub fn from_base64url(text: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

/// base64url without padding, as RFC 7638 section 3.1 writes it: the default `kid`.
impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Base64UrlUnpadded::encode_string(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_there_and_back() {
        let thumbprint = Thumbprint(std::array::from_fn(|index| {
            u8::try_from(index * 8).unwrap()
        }));
        assert_eq!(Thumbprint::from_hex(&thumbprint.hex()), Some(thumbprint));
        assert_eq!(
            Thumbprint::from_base64url(&thumbprint.to_string()),
            Some(thumbprint)
        );
    }

    #[test]
    fn what_is_no_thumbprint_is_none() {
        for text in ["", "00", &"0".repeat(63), &"A".repeat(64), &"é".repeat(32)] {
            assert_eq!(Thumbprint::from_hex(text), None, "{text}");
        }
    }
}
