//! A text byte by byte as it was meant: the escapes of URLs and of JSON strings resolved.

/// A text to walk through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a>(pub(super) &'a [u8]);

/// What a byte is to a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unit {
    /// A character of base64url.
    Letter(u8),
    Dot,
    /// Base64 that is not base64url: `=`, `+`, `/`.
    Odd(u8),
    /// White space, a backslash, an invisible character.
    Space,
    LineFeed,
    Quote,
    Other(u8),
}

/// How often an escape may stand in an escape: `%252E`.
const ESCAPES: usize = 3;

impl Text<'_> {
    /// The unit at `at` and where the next one begins; none at the end.
    pub(super) fn unit(self, at: usize) -> Option<(Unit, usize)> {
        let rest = self.0.get(at..).filter(|rest| !rest.is_empty())?;
        let (byte, length) = match rest {
            [b'%', ..] => percent(rest),
            [b'\\', after @ ..] => backslash(after),
            // No-break space, soft hyphen, zero-width characters, line separators, byte order mark.
            [0xc2, 0xa0 | 0xad, ..] => (b' ', 2),
            [0xe2, 0x80, 0x8b..=0x8f | 0xa8..=0xaf, ..]
            | [0xe2, 0x81, 0xa0..=0xaf, ..]
            | [0xef, 0xbb, 0xbf, ..] => (b' ', 3),
            // Typographic quotes.
            [0xe2, 0x80, 0x98..=0x9f, ..] => (b'"', 3),
            [byte, ..] => (*byte, 1),
            [] => return None,
        };
        Some((Unit::of(byte), at + length))
    }

    /// Whether `at` begins base64url of `{` and of what may follow it in JSON.
    pub(super) fn begins_object(self, at: usize) -> bool {
        let mut letters = [0; 3];
        let mut place = at;
        for letter in &mut letters {
            match self.unit(place) {
                Some((Unit::Letter(byte), next)) => (*letter, place) = (byte, next),
                _ => return false,
            }
        }
        begins_object(letters)
    }
}

impl Unit {
    fn of(byte: u8) -> Self {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => Self::Letter(byte),
            b'.' => Self::Dot,
            b'=' | b'+' | b'/' => Self::Odd(byte),
            b'\n' => Self::LineFeed,
            b'\t' | b'\r' | b' ' | b'\\' => Self::Space,
            b'"' | b'\'' | b'`' => Self::Quote,
            other => Self::Other(other),
        }
    }
}

/// Whether three letters of base64url are `{` and `"`, white space or `}`.
pub(super) fn begins_object([first, second, third]: [u8; 3]) -> bool {
    let Some((second, third)) = sextet(second).zip(sextet(third)) else {
        return false;
    };
    // `e` is the first six bits of `{`, the other two are set.
    first == b'e'
        && second >> 4 == 0b11
        && matches!(
            (second & 0b1111) << 4 | third >> 2,
            b'"' | b' ' | b'\n' | b'\r' | b'\t' | b'}'
        )
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

/// A percent-encoded ASCII character (RFC 3986 section 2.1), and how long its escape is.
fn percent(text: &[u8]) -> (u8, usize) {
    let mut length = 1;
    for _ in 0..ESCAPES {
        let Some(byte) = hex(text.get(length..length + 2)) else {
            break;
        };
        length += 2;
        match byte {
            // An escaped percent sign: the escape of an escape.
            b'%' => {}
            byte if byte.is_ascii() => return (byte, length),
            _ => break,
        }
    }
    (b'%', 1)
}

/// The escape of a JSON string (RFC 8259 section 7) behind its backslash, and its whole length.
fn backslash(after: &[u8]) -> (u8, usize) {
    match after {
        [b'n', ..] => (b'\n', 2),
        [b'r' | b't', ..] => (b' ', 2),
        [byte @ (b'"' | b'/' | b'\''), ..] => (*byte, 2),
        [b'u', b'0', b'0', digits @ ..] => match hex(digits.get(..2)) {
            Some(byte) if byte.is_ascii() => (byte, 6),
            _ => (b'\\', 1),
        },
        _ => (b'\\', 1),
    }
}

fn hex(digits: Option<&[u8]>) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    match digits? {
        [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved() {
        for (text, unit, length) in [
            ("%2Ex", Unit::Dot, 3),
            ("%252E", Unit::Dot, 5),
            ("%zz", Unit::Other(b'%'), 1),
            ("%", Unit::Other(b'%'), 1),
            ("%C3%A9", Unit::Other(b'%'), 1),
            ("\\n", Unit::LineFeed, 2),
            ("\\u002e", Unit::Dot, 6),
            ("\\u00e9", Unit::Space, 1),
            ("\u{200b}a", Unit::Space, 3),
            ("\u{201c}", Unit::Quote, 3),
        ] {
            assert_eq!(
                Text(text.as_bytes()).unit(0),
                Some((unit, length)),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_beginning_of_an_object_is_told_from_words() {
        for text in ["eyJhbGciOiJ", "e30", "ewogICJhbGciOi", "eyAiYWxn", "%65yJh"] {
            assert!(Text(text.as_bytes()).begins_object(0), "{text}");
        }
        for text in ["eye.color", "example.com", "ey", "eJyz", "W10", "exa"] {
            assert!(!Text(text.as_bytes()).begins_object(0), "{text}");
        }
    }
}
