//! What a key may be called.

use super::error::KeystoreError;

/// The longest kid, in octets.
const LONGEST: usize = 255;

/// Checks a kid that the user gives: 1–255 of `A–Z a–z 0–9 . _ ~ : @ -`, not beginning with `.` or
/// `-`.
pub fn check_given(kid: &str) -> Result<(), KeystoreError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~:@-".contains(&byte);
    let fits = (1..=LONGEST).contains(&kid.len())
        && kid.bytes().all(allowed)
        && !kid.starts_with(['.', '-']);
    if fits {
        Ok(())
    } else {
        Err(KeystoreError::Name {
            what: "kid",
            name: kid.to_owned(),
            reason: "write 1 to 255 of A–Z a–z 0–9 . _ ~ : @ -, not beginning with . or -",
        })
    }
}

/// Checks a kid that came with an imported key: any text up to 255 octets without control
/// characters.
pub fn check_imported(kid: &str) -> Result<(), KeystoreError> {
    if (1..=LONGEST).contains(&kid.len()) && !kid.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(KeystoreError::Name {
            what: "kid",
            name: kid.chars().take(40).collect(),
            reason: "at most 255 octets without control characters; give one with --kid",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_kid_is_plain_ascii() {
        for kid in ["a", "prod-2026-11", "x.y_z~1:2@3", &"a".repeat(255)] {
            assert!(check_given(kid).is_ok(), "{kid}");
        }
        for kid in [
            "",
            "../x",
            ".x",
            "-x",
            "a b",
            "é",
            "a\nb",
            "a/b",
            &"a".repeat(256),
        ] {
            assert!(check_given(kid).is_err(), "{kid}");
        }
    }

    #[test]
    fn an_imported_kid_is_any_text_without_controls() {
        for kid in ["../x", "é b", "a/b"] {
            assert!(check_imported(kid).is_ok(), "{kid}");
        }
        for kid in ["", "a\nb", "a\u{9b}b", &"é".repeat(128)] {
            assert!(check_imported(kid).is_err(), "{kid}");
        }
    }
}
