//! JSON as text: what stands where, so that a document can be coloured, folded, laid out and changed
//! in one place without anything else being written anew.

use std::ops::Range;

/// What a piece of a JSON text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `{ } [ ] : ,`
    Mark,
    /// The name of a member, with its quotes.
    Name,
    /// A number.
    Number,
    /// White space between the others.
    Space,
    /// A text, with its quotes.
    Text,
    /// `true`, `false` or `null`.
    Word,
    /// What has no place in JSON, and a text without an end.
    Wrong,
}

/// A piece and the bytes it takes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub range: Range<usize>,
}

/// Cuts a text into pieces that follow each other without a gap, be it valid JSON or not.
pub fn pieces(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (kind, end) = match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => (Kind::Space, run(bytes, at, is_space)),
            b'{' | b'}' | b'[' | b']' | b',' | b':' => (Kind::Mark, at + 1),
            b'"' => quoted(bytes, at),
            b'-' | b'0'..=b'9' => (Kind::Number, run(bytes, at, is_number)),
            _ => {
                let end = run(bytes, at, is_other);
                let kind = match &text[at..end] {
                    "true" | "false" | "null" => Kind::Word,
                    _ => Kind::Wrong,
                };
                (kind, end)
            }
        };
        if bytes[at] == b':'
            && let Some(name) = pieces.iter_mut().rfind(|piece| piece.kind != Kind::Space)
            && name.kind == Kind::Text
        {
            name.kind = Kind::Name;
        }
        pieces.push(Piece {
            kind,
            range: at..end,
        });
        at = end;
    }
    pieces
}

/// The text without the white space between its pieces; every other byte stays as it is.
pub fn compact(text: &str) -> String {
    let kept = pieces(text)
        .into_iter()
        .filter(|piece| piece.kind != Kind::Space);
    kept.map(|piece| &text[piece.range]).collect()
}

/// The text with a member or an item on each line, indented by two spaces; every byte that is no
/// white space stays as it is.
pub fn indented(text: &str) -> String {
    let pieces: Vec<Piece> = pieces(text)
        .into_iter()
        .filter(|piece| piece.kind != Kind::Space)
        .collect();
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    for (place, piece) in pieces.iter().enumerate() {
        let word = &text[piece.range.clone()];
        let next = pieces.get(place + 1).map(|next| &text[next.range.clone()]);
        match word {
            "{" | "[" => {
                out.push_str(word);
                depth += 1;
                if !matches!(next, Some("}" | "]")) {
                    line(&mut out, depth);
                }
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                let is_empty = out.ends_with(['{', '[']);
                if !is_empty {
                    line(&mut out, depth);
                }
                out.push_str(word);
            }
            "," => {
                out.push(',');
                line(&mut out, depth);
            }
            ":" => out.push_str(": "),
            _ => out.push_str(word),
        }
    }
    out
}

/// Where the members of the object that is the whole of a valid text stand: name and value of each,
/// in order.
pub fn members(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let mut members: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let mut depth = 0_usize;
    for piece in pieces(text) {
        let word = &text[piece.range.clone()];
        match (piece.kind, word) {
            (Kind::Space, _) | (Kind::Mark, ":") => continue,
            (Kind::Name, _) if depth == 1 => {
                members.push((piece.range.clone(), piece.range.end..piece.range.end));
                continue;
            }
            (Kind::Mark, "{" | "[") => depth += 1,
            (Kind::Mark, "}" | "]") => depth = depth.saturating_sub(1),
            (Kind::Mark, ",") if depth == 1 => continue,
            _ => {}
        }
        // The brace that ends the object itself is no part of its last value.
        if depth > 0
            && let Some((name, value)) = members.last_mut()
        {
            let start = if value.start == name.end {
                piece.range.start
            } else {
                value.start
            };
            *value = start..piece.range.end;
        }
    }
    members
}

/// The line and the column of a byte, counted from 1; columns are characters.
pub fn place(text: &str, byte: usize) -> (usize, usize) {
    let byte = byte.min(text.len());
    let end = (0..=byte).rev().find(|end| text.is_char_boundary(*end));
    let before = &text[..end.unwrap_or(0)];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}

/// Where the first text begins that does not end on its line.
pub fn unended(text: &str) -> Option<(usize, usize)> {
    let mut pieces = pieces(text).into_iter();
    let unended = pieces
        .find(|piece| piece.kind == Kind::Wrong && text[piece.range.clone()].starts_with('"'))?;
    Some(place(text, unended.range.start))
}

/// Where the innermost object or array begins that is not closed.
pub fn unclosed(text: &str) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    for piece in pieces(text) {
        match (piece.kind, &text[piece.range.clone()]) {
            (Kind::Mark, "{" | "[") => open.push(piece.range.start),
            (Kind::Mark, "}" | "]") => {
                open.pop();
            }
            _ => {}
        }
    }
    Some(place(text, open.pop()?))
}

fn run(bytes: &[u8], from: usize, is_part: impl Fn(u8) -> bool) -> usize {
    let length = bytes[from..].iter().take_while(|byte| is_part(**byte));
    from + length.count()
}

/// A text in quotes; one that does not end on its line is wrong up to there.
fn quoted(bytes: &[u8], from: usize) -> (Kind, usize) {
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return (Kind::Text, at + 1),
            b'\n' => break,
            b'\\' if bytes.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
            _ => at += 1,
        }
    }
    (Kind::Wrong, at.min(bytes.len()))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

fn is_other(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(Kind, &str)> {
        let pieces = pieces(text).into_iter();
        let pieces = pieces.filter(|piece| piece.kind != Kind::Space);
        pieces
            .map(|piece| (piece.kind, &text[piece.range]))
            .collect()
    }

    #[test]
    fn every_piece_has_its_kind() {
        assert_eq!(
            told(r#"{"a" : "x\"y", "b": [-1.0e5, true, nul]}"#),
            [
                (Kind::Mark, "{"),
                (Kind::Name, "\"a\""),
                (Kind::Mark, ":"),
                (Kind::Text, "\"x\\\"y\""),
                (Kind::Mark, ","),
                (Kind::Name, "\"b\""),
                (Kind::Mark, ":"),
                (Kind::Mark, "["),
                (Kind::Number, "-1.0e5"),
                (Kind::Mark, ","),
                (Kind::Word, "true"),
                (Kind::Mark, ","),
                (Kind::Wrong, "nul"),
                (Kind::Mark, "]"),
                (Kind::Mark, "}"),
            ]
        );
    }

    #[test]
    fn a_text_without_an_end_is_wrong_up_to_the_end_of_its_line() {
        assert_eq!(
            told("{\"a\n: \"b\\"),
            [
                (Kind::Mark, "{"),
                (Kind::Wrong, "\"a"),
                (Kind::Mark, ":"),
                (Kind::Wrong, "\"b\\"),
            ]
        );
    }

    #[test]
    fn white_space_is_all_that_laying_out_changes() {
        let text = "{ \"z\":1.10,\"é\\u00e9\\/\" : [ ] ,\"m\":{\"b\":[1,{}]}}";
        let lines = "{\n  \"z\": 1.10,\n  \"é\\u00e9\\/\": [],\n  \"m\": {\n    \"b\": [\n      1,\n      {}\n    ]\n  }\n}";
        assert_eq!(indented(text), lines);
        assert_eq!(compact(lines), compact(text));
        assert_eq!(
            compact(text),
            "{\"z\":1.10,\"é\\u00e9\\/\":[],\"m\":{\"b\":[1,{}]}}"
        );
    }

    #[test]
    fn members_are_found_with_their_values() {
        let text = r#" {"a" : {"x":[1, 2]} , "b": 3 }"#;
        let found: Vec<(&str, &str)> = members(text)
            .into_iter()
            .map(|(name, value)| (&text[name], &text[value]))
            .collect();
        assert_eq!(found, [("\"a\"", r#"{"x":[1, 2]}"#), ("\"b\"", "3")]);
        assert_eq!(members("{}"), []);
    }

    #[test]
    fn places_count_characters_from_one() {
        assert_eq!(place("é\n{ö}", 0), (1, 1));
        assert_eq!(place("é\n{ö}", 6), (2, 3));
        assert_eq!(place("", 9), (1, 1));
    }

    #[test]
    fn what_has_no_end_is_found_where_it_begins() {
        assert_eq!(unended("{\n  \"a\": \"b,\n  \"c\": 1}"), Some((2, 8)));
        assert_eq!(unended(r#"{"a": "b\""#), Some((1, 7)));
        assert_eq!(unended(r#"{"a": "b"}"#), None);
        assert_eq!(unclosed("{\n \"a\": [1, {}, [2], 3"), Some((2, 7)));
        assert_eq!(unclosed("{}"), None);
    }

    proptest::proptest! {
        #[test]
        fn pieces_follow_each_other_without_a_gap(text in "[\\PC\n\t]{0,40}") {
            let mut end = 0;
            for piece in pieces(&text) {
                proptest::prop_assert_eq!(piece.range.start, end);
                end = piece.range.end;
            }
            proptest::prop_assert_eq!(end, text.len());
        }
    }
}
