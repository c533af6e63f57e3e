//! The fuzzy filter.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{Atom, CaseMatching, Normalization, Pattern},
};

use super::{column::Column, row::Row};
use crate::tui::app::line::Line;

/// The fewest characters that are looked for in a thumbprint: shorter ones stand in nearly all.
const LEAST_OF_THUMBPRINT: usize = 4;
/// What a piece of a thumbprint counts: more than letters found here and there.
const THUMBPRINT_SCORE: u32 = 500;

/// What is typed after `/`.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub line: Line,
    pub typing: Typing,
}

/// Whether the filter has the keys.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Typing {
    Done,
    #[default]
    UnderWay,
}

/// What the filter looks in, of one row.
#[derive(Clone, Debug)]
pub(super) struct Haystack {
    /// Kid, algorithm, tags and subject. Each word stands within one of them: letters gathered from
    /// several would find nearly every row.
    parts: Vec<(Column, String)>,
    /// Hexadecimal, a space, base64url.
    thumbprint: String,
}

/// The words of a filter, ready to be looked for.
pub(super) struct Words {
    each: Vec<(Atom, String)>,
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Haystack {
    pub(super) fn of(row: &Row, subject: Option<&str>) -> Self {
        let mut haystack = Self {
            parts: Vec::new(),
            thumbprint: String::new(),
        };
        match row {
            Row::Key { thumbprint, record } => {
                haystack.add(Column::Kid, &record.kid);
                haystack.add(Column::Algorithm, record.alg.name());
                haystack.add(Column::Tags, &record.tags.join(" "));
                haystack.add(Column::Subject, subject.unwrap_or_default());
                haystack.thumbprint = format!("{} {thumbprint}", thumbprint.hex());
            }
            Row::Pending { kid, alg, .. } => {
                haystack.add(Column::Kid, kid);
                haystack.add(Column::Algorithm, alg.name());
            }
            Row::Unreadable { file, .. } => haystack.add(Column::Kid, file),
        }
        haystack
    }

    fn add(&mut self, column: Column, text: &str) {
        self.parts.push((column, text.to_owned()));
    }
}

impl Words {
    pub(super) fn new(text: &str) -> Self {
        let words = text.split_whitespace().map(|word| {
            let atom = Atom::parse(word, CaseMatching::Smart, Normalization::Smart);
            (atom, word.to_owned())
        });
        Self {
            each: words.collect(),
            matcher: Matcher::new(Config::DEFAULT),
            buffer: Vec::new(),
        }
    }

    /// How well a row matches; none where one of the words is not in it.
    pub(super) fn score(&mut self, haystack: &Haystack) -> Option<u32> {
        let mut sum = 0;
        for (atom, word) in &self.each {
            let best = best_part(atom, haystack, &mut self.matcher, &mut self.buffer);
            sum += match best {
                Some((score, _)) => u32::from(score),
                None if is_in_thumbprint(word, haystack) => THUMBPRINT_SCORE,
                None => return None,
            };
        }
        Some(sum)
    }

    /// The characters of a column that made the row match, counted from 0 and sorted. Of a
    /// thumbprint none are told.
    pub(super) fn matched(&mut self, haystack: &Haystack, column: Column) -> Vec<usize> {
        let mut indices = Vec::new();
        for (atom, _) in &self.each {
            let best = best_part(atom, haystack, &mut self.matcher, &mut self.buffer);
            if let Some((_, (at, text))) = best
                && *at == column
            {
                let text = Utf32Str::new(text, &mut self.buffer);
                atom.indices(text, &mut self.matcher, &mut indices);
            }
        }
        indices.sort_unstable();
        indices.dedup();
        let places = indices.into_iter();
        places.filter_map(|at| usize::try_from(at).ok()).collect()
    }
}

/// The column that a word stands in best, and how well; of equal ones the first.
fn best_part<'a>(
    atom: &Atom,
    haystack: &'a Haystack,
    matcher: &mut Matcher,
    buffer: &mut Vec<char>,
) -> Option<(u16, &'a (Column, String))> {
    let parts = haystack.parts.iter().rev();
    let scored = parts.filter_map(|part| {
        let score = atom.score(Utf32Str::new(&part.1, buffer), matcher)?;
        Some((score, part))
    });
    scored.max_by_key(|(score, _)| *score)
}

/// The places below `count` whose text matches `pattern` fuzzily, the best first.
pub fn ranked(pattern: &str, count: usize, text: impl Fn(usize) -> String) -> Vec<usize> {
    let pattern = Pattern::parse(pattern, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    best_first((0..count).filter_map(|place| {
        let text = text(place);
        let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
        Some((score, place))
    }))
}

/// The places below `count` that have each word of `pattern` within one of their texts, the best
/// first.
pub fn ranked_within(
    pattern: &str,
    count: usize,
    texts: impl Fn(usize) -> Vec<String>,
) -> Vec<usize> {
    let words = pattern.split_whitespace();
    let words: Vec<Atom> = words
        .map(|word| Atom::parse(word, CaseMatching::Smart, Normalization::Smart))
        .collect();
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    best_first((0..count).filter_map(|place| {
        let texts = texts(place);
        let mut best = |word: &Atom| {
            let scores = texts
                .iter()
                .filter_map(|text| word.score(Utf32Str::new(text, &mut buffer), &mut matcher));
            scores.max().map(u32::from)
        };
        let score: Option<u32> = words.iter().map(&mut best).sum();
        Some((score?, place))
    }))
}

/// The places in the order of their scores.
pub(super) fn best_first(scored: impl Iterator<Item = (u32, usize)>) -> Vec<usize> {
    let mut scored: Vec<(u32, usize)> = scored.collect();
    scored.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    scored.into_iter().map(|(_, place)| place).collect()
}

fn is_in_thumbprint(word: &str, haystack: &Haystack) -> bool {
    word.len() >= LEAST_OF_THUMBPRINT && haystack.thumbprint.contains(word)
}
