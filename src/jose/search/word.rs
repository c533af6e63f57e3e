//! One word of a text: base64url with dots in it, put together again where it was broken.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;

use super::{
    Cleaned,
    text::{Text, Unit},
};
use crate::jose::token::{HEADER_LIMIT, TOKEN_LIMIT};

/// A word.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    /// Where it ends in the text that it stands in.
    pub(super) end: usize,
    /// How many parts it has between dots.
    pub(super) parts: usize,
    /// The first part behind the first that begins like a JSON object: which, and where.
    pub(super) object: Option<(usize, usize)>,
    pub(super) cleaned: Vec<Cleaned>,
}

/// What the header promises.
struct Promise {
    /// Three for a JWS, five for a JWE.
    parts: usize,
    /// How long the last part can be, in letters; empty where that is not known.
    last: &'static [usize],
}

/// Lengths of signatures in letters of base64url (RFC 7518 section 3, RFC 8037, RFC 8812); for RSA
/// those of 1024, 1536, 2048, 3072, 4096 and 8192 bits.
const SIGNATURES: [(&str, &[usize]); 18] = [
    ("ES256", &[86]),
    ("ES256K", &[86]),
    ("ES384", &[128]),
    ("ES512", &[176]),
    ("Ed25519", &[86]),
    ("Ed448", &[152]),
    ("EdDSA", &[86, 152]),
    ("HS256", &[43]),
    ("HS384", &[64]),
    ("HS512", &[86]),
    ("PS256", RSA),
    ("PS384", RSA),
    ("PS512", RSA),
    ("RS1", RSA),
    ("RS256", RSA),
    ("RS384", RSA),
    ("RS512", RSA),
    ("none", &[0]),
];
const RSA: &[usize] = &[171, 256, 342, 512, 683, 1366];
/// Lengths of authentication tags in letters of base64url (RFC 7518 section 5).
const TAGS: [(&str, &[usize]); 6] = [
    ("A128CBC-HS256", &[22]),
    ("A128GCM", &[22]),
    ("A192CBC-HS384", &[32]),
    ("A192GCM", &[22]),
    ("A256CBC-HS512", &[43]),
    ("A256GCM", &[22]),
];
/// A shorter piece is a word of a sentence rather than a piece of a token.
const PIECE: usize = 8;
/// Nobody breaks lines that are shorter.
const LINE: usize = 40;

impl Word {
    /// The letters and dots at `at`.
    pub(super) fn plain(text: Text<'_>, at: usize) -> Self {
        Self::read(text, at, false)
    }

    /// The token that begins at `at`, with pieces of it that stand apart.
    pub(super) fn token(text: Text<'_>, at: usize, is_quoted: bool) -> Self {
        let mut word = Self::read(text, at, true);
        let promise = Promise::of(&word);
        while word.parts > promise.parts && word.text.ends_with('.') {
            word.text.pop();
            word.parts -= 1;
            if !word.cleaned.contains(&Cleaned::Dots) {
                word.cleaned.push(Cleaned::Dots);
            }
        }
        if word.parts > promise.parts || word.parts == promise.parts && !promise.wants(word.last())
        {
            return word;
        }
        match word.joined(text, &promise, is_quoted) {
            Some(whole) => whole,
            None => word,
        }
    }

    /// Reads on to the first thing that is no part of a word; `=`, `+` and `/` are parts of a
    /// token, which others write in another base64.
    fn read(text: Text<'_>, at: usize, is_token: bool) -> Self {
        let mut word = Self {
            text: String::new(),
            end: at,
            parts: 1,
            object: None,
            cleaned: Vec::new(),
        };
        while let Some((unit, next)) = text.unit(word.end) {
            let byte = match unit {
                Unit::Letter(byte) => byte,
                Unit::Dot => {
                    if word.object.is_none() && text.begins_object(next) {
                        word.object = Some((word.parts, next));
                    }
                    word.parts += 1;
                    b'.'
                }
                Unit::Odd(byte) if is_token && continues(text, byte, next) => byte,
                _ => break,
            };
            if next - word.end > 1 && word.cleaned.is_empty() {
                word.cleaned.push(Cleaned::Escapes);
            }
            word.text.push(char::from(byte));
            word.end = next;
        }
        word
    }

    /// The word with the pieces behind it that make it what its header promises.
    fn joined(&self, text: Text<'_>, promise: &Promise, is_quoted: bool) -> Option<Self> {
        let mut whole = self.clone();
        if !whole.cleaned.contains(&Cleaned::Breaks) {
            whole.cleaned.push(Cleaned::Breaks);
        }
        // The signature of a smaller RSA key may end where a line does.
        let mut best = promise
            .is_kept(self.parts, self.last())
            .then(|| self.clone());
        // Whether every piece so far may be one of a token whose length is not known.
        let mut is_likely = true;
        let mut pieces = 0;
        loop {
            let gap = Gap::at(text, whole.end);
            let is_region = text.unit(gap.end).is_none() || is_quoted && gap.has_quote;
            let is_enough = pieces > 0 && is_likely && whole.parts == promise.parts;
            if is_region && is_enough && best.is_none() {
                return Some(whole);
            }
            let piece = Self::read(text, gap.end, true);
            let is_another = !whole.text.ends_with('.') && text.begins_object(gap.end);
            let is_name = matches!(
                text.unit(piece.end),
                Some((Unit::Other(b':') | Unit::Odd(b'='), _))
            );
            if gap.end == whole.end || piece.text.is_empty() || is_another || is_name {
                return best;
            }
            let touches_dot = whole.text.ends_with('.') || piece.text.starts_with('.');
            let is_line = gap.has_line_feed && whole.text.len() >= LINE;
            is_likely &= touches_dot || piece.text.len() >= PIECE || is_line;
            whole.text.push_str(&piece.text);
            whole.parts += piece.parts - 1;
            whole.end = piece.end;
            whole.object = whole.object.or(piece.object);
            pieces += 1;
            if whole.parts > promise.parts || whole.text.len() > TOKEN_LIMIT {
                return best;
            }
            if promise.is_kept(whole.parts, whole.last()) {
                best = Some(whole.clone());
            } else if best.is_some() && piece.text.len() < LINE {
                return best;
            }
            if whole.parts == promise.parts && !promise.wants(whole.last()) && best.is_some() {
                return best;
            }
        }
    }

    /// The letters of the last part, padding left out.
    fn last(&self) -> usize {
        let last = self.text.rsplit('.').next().unwrap_or_default();
        last.trim_end_matches('=').len()
    }
}

impl Promise {
    fn of(word: &Word) -> Self {
        #[derive(Default, Deserialize)]
        struct Header {
            #[serde(default)]
            alg: Option<String>,
            #[serde(default)]
            enc: Option<String>,
        }
        let first = word.text.split('.').next().unwrap_or_default();
        let header: Option<Header> = (first.len() / 4 * 3 <= HEADER_LIMIT)
            .then(|| Base64UrlUnpadded::decode_vec(first.trim_end_matches('=')).ok())
            .flatten()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let lengths = |table: &[(&str, &'static [usize])], name: &str| {
            let row = table.iter().find(|(each, _)| *each == name);
            row.map_or(&[][..], |(_, lengths)| lengths)
        };
        match header.unwrap_or_default() {
            Header { enc: Some(enc), .. } => Self {
                parts: 5,
                last: lengths(&TAGS, &enc),
            },
            Header { alg, .. } => Self {
                // A header that is broken itself promises nothing.
                parts: if word.parts == 5 { 5 } else { 3 },
                last: lengths(&SIGNATURES, alg.as_deref().unwrap_or_default()),
            },
        }
    }

    /// Whether the last part may be longer than it is.
    fn wants(&self, last: usize) -> bool {
        self.last.is_empty() || self.last.iter().any(|length| *length > last)
    }

    fn is_kept(&self, parts: usize, last: usize) -> bool {
        parts == self.parts && self.last.contains(&last)
    }
}

/// What stands between two pieces of a token.
struct Gap {
    end: usize,
    has_line_feed: bool,
    has_quote: bool,
}

impl Gap {
    fn at(text: Text<'_>, at: usize) -> Self {
        let mut gap = Self {
            end: at,
            has_line_feed: false,
            has_quote: false,
        };
        while let Some((unit, next)) = text.unit(gap.end) {
            match unit {
                Unit::Space | Unit::Odd(b'+') | Unit::Other(b'>' | b'|') => {}
                Unit::LineFeed => gap.has_line_feed = true,
                Unit::Quote => gap.has_quote = true,
                _ => break,
            }
            gap.end = next;
        }
        gap
    }
}

/// Whether `=`, `+` or `/` before `next` belongs to a token: padding at the end of a part, the
/// others between letters.
fn continues(text: Text<'_>, byte: u8, next: usize) -> bool {
    match (byte, text.unit(next)) {
        (b'=', Some((Unit::Odd(b'='), after))) => {
            !matches!(text.unit(after), Some((Unit::Letter(_) | Unit::Odd(_), _)))
        }
        (b'=', Some((Unit::Letter(_), _))) => false,
        (b'=', _) => true,
        (_, Some((Unit::Letter(_), _))) => !text.begins_object(next),
        (_, Some((Unit::Odd(b'='), after))) => continues(text, b'=', after),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_keeps_its_padding_and_a_parameter_does_not() {
        let read = |text: &str| Word::read(Text(text.as_bytes()), 0, true).text;
        assert_eq!(read("eyJh==.eyJi=.c2ln=&x=1"), "eyJh==.eyJi=.c2ln=");
        assert_eq!(read("eyJh.eyJi.c2ln=x"), "eyJh.eyJi.c2ln");
        assert_eq!(read("eyJh.ab+c/d.c2ln/eyJhx"), "eyJh.ab+c/d.c2ln");
    }
}
