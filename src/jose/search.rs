//! Finding the tokens in whatever was pasted: HTTP headers, JSON answers, URLs, cookies, mails.

mod form;
mod place;
mod text;
mod word;

use std::{collections::HashMap, fmt};

use self::{
    form::Forms,
    text::{Text, Unit},
    word::Word,
};

/// The tokens of a text, and what was passed over.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Search {
    /// Each token once, in the order of the text; at most [`MOST`].
    pub tokens: Vec<Found>,
    /// What begins like a token and is none.
    pub passed: Vec<Passed>,
    /// Octets that belong to no token, white space and quotes left out.
    pub skipped: usize,
}

/// A token that was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// The token alone; the JSON forms as they stood.
    pub text: String,
    /// Where it begins.
    pub place: Place,
    /// What was taken away from it, in the order of the text.
    pub cleaned: Vec<Cleaned>,
    /// How often it stands in the text.
    pub times: usize,
}

/// Where something stands in a text; line and column count from 1, columns in characters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The name of the JSON member, header, cookie or parameter that it is the value of.
    pub name: Option<String>,
}

/// What was taken away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cleaned {
    /// White space, line breaks, marks of quotation inside.
    Breaks,
    /// Dots after its last part.
    Dots,
    /// Percent encoding or escapes of JSON inside.
    Escapes,
    /// Parts before its header.
    Prefix,
    /// Quotes around it.
    Quotes,
    /// The scheme of an `Authorization` header (RFC 6750 section 2.1).
    Scheme(String),
}

/// Something that was taken for a token at first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Passed {
    /// Where it begins.
    pub place: Place,
    /// How many parts it has between dots.
    pub parts: usize,
}

/// So many tokens of one text are listed.
pub const MOST: usize = 1_000;

impl Search {
    /// Looks through `text`; the time it takes grows with its length alone.
    pub fn of(text: &str) -> Self {
        let mut scan = Scan {
            text: Text(text.as_bytes()),
            forms: Forms::of(text),
            lines: place::Lines::default(),
            seen: HashMap::new(),
            found: Self::default(),
            passed: Vec::new(),
            taken: 0,
        };
        scan.run();
        scan.end(text)
    }
}

impl Cleaned {
    /// `Bearer taken away`.
    pub fn remark(&self) -> String {
        match self {
            Self::Breaks => "white space inside taken away".to_owned(),
            Self::Dots => "dots at its end taken away".to_owned(),
            Self::Escapes => "escapes inside resolved".to_owned(),
            Self::Prefix => "what stood before its header taken away".to_owned(),
            Self::Quotes => "quotes taken away".to_owned(),
            Self::Scheme(scheme) => format!("{scheme} taken away"),
        }
    }
}

impl fmt::Display for Place {
    /// `access_token, line 3, column 19`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name}, ")?;
        }
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

struct Scan<'a> {
    text: Text<'a>,
    forms: Forms<'a>,
    lines: place::Lines,
    seen: HashMap<String, usize>,
    found: Search,
    /// What is passed over so far, as it would be as a token.
    passed: Vec<Found>,
    /// Octets of tokens so far.
    taken: usize,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut at = 0;
        let mut inside_word = false;
        while let Some((unit, next)) = self.text.unit(at) {
            if unit == Unit::Other(b'{')
                && let Some(end) = self.forms.token_at(at)
            {
                let form = String::from_utf8_lossy(&self.text.0[at..end]).into_owned();
                self.keep(form, at, end, Vec::new());
                at = end;
                continue;
            }
            let begins = !inside_word && matches!(unit, Unit::Letter(_));
            at = if begins { self.word(at) } else { next };
            inside_word = begins || matches!(unit, Unit::Letter(_));
        }
    }

    /// Reads the word at `at`, keeps it where it is a token, and tells where it ends.
    fn word(&mut self, at: usize) -> usize {
        if self.text.begins_object(at) {
            return self.candidate(at, &[]);
        }
        let word = Word::plain(self.text, at);
        match word.object {
            // The payload begins well: it is the header that is broken.
            Some((1, _)) if word.parts == 3 => {
                self.keep(word.text, at, word.end, Vec::new());
                word.end
            }
            Some((_, header)) => self.candidate(header, &[Cleaned::Prefix]),
            None => word.end,
        }
    }

    /// A word that begins with a header.
    fn candidate(&mut self, at: usize, before: &[Cleaned]) -> usize {
        let (name, mut cleaned) = place::before(self.text, at);
        let is_quoted = cleaned.contains(&Cleaned::Quotes);
        cleaned.extend_from_slice(before);
        let word = Word::token(self.text, at, is_quoted);
        cleaned.extend(word.cleaned);
        let looks_whole = match word.parts {
            1 => false,
            2 => word.object.is_some(),
            _ => true,
        };
        if looks_whole {
            self.keep_named(word.text, at, word.end, cleaned, name);
        } else if self.passed.len() < MOST {
            let place = self.lines.place(self.text, at, name);
            self.found.passed.push(Passed {
                place: place.clone(),
                parts: word.parts,
            });
            self.passed.push(Found {
                text: word.text,
                place,
                cleaned,
                times: 1,
            });
        }
        word.end
    }

    fn keep(&mut self, text: String, at: usize, end: usize, cleaned: Vec<Cleaned>) {
        let (name, mut around) = place::before(self.text, at);
        around.extend(cleaned);
        self.keep_named(text, at, end, around, name);
    }

    fn keep_named(
        &mut self,
        text: String,
        at: usize,
        end: usize,
        cleaned: Vec<Cleaned>,
        name: Option<String>,
    ) {
        self.taken += weight(self.text.0.get(at..end).unwrap_or_default());
        for each in &cleaned {
            if let Cleaned::Scheme(scheme) = each {
                self.taken += scheme.len();
            }
        }
        if let Some(place) = self.seen.get(&text) {
            self.found.tokens[*place].times += 1;
            return;
        }
        if self.found.tokens.len() == MOST {
            return;
        }
        self.seen.insert(text.clone(), self.found.tokens.len());
        let place = self.lines.place(self.text, at, name);
        self.found.tokens.push(Found {
            text,
            place,
            cleaned,
            times: 1,
        });
    }

    fn end(mut self, text: &str) -> Search {
        if self.found.tokens.is_empty() {
            // What alone was pasted is shown as far as it can be read.
            self.found.tokens = match alone(text) {
                Some(word) => vec![word],
                None => self.passed,
            };
            self.found.passed.clear();
            let texts = self.found.tokens.iter();
            self.taken = texts.map(|each| weight(each.text.as_bytes())).sum();
        }
        self.found.skipped = weight(text.as_bytes()).saturating_sub(self.taken);
        self.found
    }
}

/// The octets of a text without white space and quotes.
fn weight(text: &[u8]) -> usize {
    text.iter()
        .filter(|byte| !byte.is_ascii_whitespace() && !b"\"'`".contains(byte))
        .count()
}

/// A text that is one word of three or five parts, or of letters and dots, whatever it is.
fn alone(text: &str) -> Option<Found> {
    let word =
        text.trim_matches(|each: char| each.is_whitespace() || matches!(each, '"' | '\'' | '`'));
    let dots = word.bytes().filter(|byte| *byte == b'.').count();
    let foreign = word
        .chars()
        .filter(|each| !each.is_ascii_alphanumeric() && !"-_.=".contains(*each));
    let is_word = match dots {
        0 => false,
        // A character that is no base64url is shown at its place.
        2 | 4 => !foreign
            .into_iter()
            .any(|each| each.is_whitespace() || "/:?&{}<>".contains(each)),
        _ => foreign.count() == 0,
    };
    is_word.then(|| Found {
        text: word.to_owned(),
        place: Place {
            line: 1,
            column: 1,
            name: None,
        },
        cleaned: Vec::new(),
        times: 1,
    })
}

#[cfg(test)]
mod tests;
