//! base64url as tokens have it: in its one canonical form, without padding (RFC 7515 section 2).

use base64ct::{Base64UrlUnpadded, Encoding};

/// What is no canonical base64url, read as far as it goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Misread {
    /// The octets up to the first character that is no base64 of any kind.
    pub octets: Vec<u8>,
    /// What is wrong, and where.
    pub fault: String,
}

/// Reads the canonical form: no padding, no stray bits.
pub(super) fn read(encoded: &str) -> Result<Vec<u8>, Misread> {
    Base64UrlUnpadded::decode_vec(encoded).map_err(|_| lenient(encoded))
}

fn lenient(encoded: &str) -> Misread {
    let mut octets = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut bits, mut held): (u32, u32) = (0, 0);
    let mut fault = None;
    let body = encoded.trim_end_matches('=');
    for (place, character) in body.chars().enumerate() {
        let sextet = match character {
            'A'..='Z' => u32::from(character) - u32::from('A'),
            'a'..='z' => u32::from(character) - u32::from('a') + 26,
            '0'..='9' => u32::from(character) - u32::from('0') + 52,
            '-' | '+' => 62,
            '_' | '/' => 63,
            _ => {
                fault = Some(format!(
                    "character {} is {character:?}, no base64url; read up to there",
                    place + 1
                ));
                break;
            }
        };
        if matches!(character, '+' | '/') {
            fault.get_or_insert_with(|| {
                format!("{character} of base64 where base64url has - and _ (RFC 7515 section 2)")
            });
        }
        bits = bits << 6 | sextet;
        held += 6;
        if held >= 8 {
            held -= 8;
            octets.extend(u8::try_from(bits >> held & 0xff));
            bits &= (1 << held) - 1;
        }
    }
    let fault = fault.unwrap_or_else(|| {
        if body.len() != encoded.len() {
            "padded with =, which base64url in tokens leaves out (RFC 7515 section 2)".to_owned()
        } else if held == 6 {
            "cut off: its last letter stands alone".to_owned()
        } else {
            "its last letter has bits left over: cut off, or changed (RFC 4648 section 3.5)"
                .to_owned()
        }
    });
    Misread { octets, fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_base64url_is_read_as_far_as_it_goes() {
        for (encoded, octets, fault) in [
            ("aGk", "hi", None),
            (
                "aGk=",
                "hi",
                Some("padded with =, which base64url in tokens leaves out (RFC 7515 section 2)"),
            ),
            (
                "aGl",
                "hi",
                Some(
                    "its last letter has bits left over: cut off, or changed (RFC 4648 section 3.5)",
                ),
            ),
            (
                "aGlhA",
                "hia",
                Some("cut off: its last letter stands alone"),
            ),
            (
                "aGlh!aGlh",
                "hia",
                Some("character 5 is '!', no base64url; read up to there"),
            ),
            (
                "Pz8/",
                "???",
                Some("/ of base64 where base64url has - and _ (RFC 7515 section 2)"),
            ),
        ] {
            let expected = match fault {
                None => Ok(octets.into()),
                Some(fault) => Err(Misread {
                    octets: octets.into(),
                    fault: fault.to_owned(),
                }),
            };
            assert_eq!(read(encoded), expected, "{encoded}");
        }
    }
}
