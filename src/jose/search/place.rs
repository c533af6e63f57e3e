//! Where something stands, and what it is called there.

use super::{
    Cleaned, Place,
    text::{Text, Unit},
};

/// Lines counted so far: places are asked for in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Where counting stopped.
    at: usize,
    /// Line feeds before it.
    feeds: usize,
    /// Where its line begins.
    start: usize,
}

/// Words before a token that are no part of it.
const SCHEMES: [&str; 4] = ["bearer", "dpop", "jwt", "token"];
/// The longest name that is told.
const NAME: usize = 64;
/// So much white space may stand between a name and its value.
const GAP: usize = 32;

impl Lines {
    /// The place of the octet at `at`, which lies behind the one asked for last.
    pub(super) fn place(&mut self, text: Text<'_>, at: usize, name: Option<String>) -> Place {
        for (place, byte) in text.0.iter().enumerate().take(at).skip(self.at) {
            if *byte == b'\n' {
                self.feeds += 1;
                self.start = place + 1;
            }
        }
        self.at = at.max(self.at);
        let before = text.0.get(self.start..at).unwrap_or_default();
        // Continuation octets of UTF-8 begin no character.
        let characters = before.iter().filter(|byte| **byte & 0xc0 != 0x80);
        Place {
            line: self.feeds + 1,
            column: characters.count() + 1,
            name,
        }
    }
}

/// What a token at `at` is called, and what stands between its name and it.
pub(super) fn before(text: Text<'_>, at: usize) -> (Option<String>, Vec<Cleaned>) {
    let mut cleaned = Vec::new();
    let mut at = past(text, at, &mut cleaned);
    let (word, start) = name(text, at);
    if SCHEMES.contains(&word.to_ascii_lowercase().as_str()) {
        cleaned.insert(0, Cleaned::Scheme(word));
        at = past(text, start, &mut cleaned);
    }
    let Some((Unit::Other(b':') | Unit::Odd(b'='), separator)) = unit_before(text, at) else {
        return (None, cleaned);
    };
    let (word, _) = name(text, past(text, separator, &mut Vec::new()));
    ((!word.is_empty()).then_some(word), cleaned)
}

/// Back over quotes and white space of the same line.
fn past(text: Text<'_>, mut at: usize, cleaned: &mut Vec<Cleaned>) -> usize {
    for _ in 0..GAP {
        match unit_before(text, at) {
            Some((Unit::Quote, start)) => {
                if !cleaned.contains(&Cleaned::Quotes) {
                    cleaned.push(Cleaned::Quotes);
                }
                at = start;
            }
            Some((Unit::Space | Unit::Odd(b'+'), start)) => at = start,
            _ => break,
        }
    }
    at
}

/// The word that ends at `at`, and where it begins.
fn name(text: Text<'_>, at: usize) -> (String, usize) {
    let mut start = at;
    while let Some((Unit::Letter(_) | Unit::Dot, before)) = unit_before(text, start)
        && at - before <= NAME
        // An escape is no letter of a name.
        && start - before == 1
    {
        start = before;
    }
    let word = String::from_utf8_lossy(&text.0[start..at]).into_owned();
    (word, start)
}

/// The unit that ends at `at`, and where it begins.
fn unit_before(text: Text<'_>, at: usize) -> Option<(Unit, usize)> {
    let escapes = [5, 3, 6, 2].into_iter();
    escapes
        .filter_map(|length| at.checked_sub(length))
        .filter(|start| matches!(text.0[*start], b'%' | b'\\'))
        .chain(at.checked_sub(1))
        .find_map(|start| {
            let (unit, next) = text.unit(start)?;
            (next == at).then_some((unit, start))
        })
}
