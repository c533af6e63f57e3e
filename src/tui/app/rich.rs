//! Text with roles: what the view turns into colours. Everything in it has passed the display gate.

use unicode_width::UnicodeWidthChar;

use crate::display;

/// What a piece of text is; the theme decides how it looks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Role {
    Accent,
    Bad,
    Care,
    Claims,
    Dim,
    /// What was looked for.
    Found,
    Good,
    Header,
    Signature,
    Strong,
    Text,
}

/// A line of text with roles.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rich {
    pieces: Vec<(Role, String)>,
    /// The columns by which a line that goes on is indented, where it says so itself.
    hang: Option<usize>,
}

impl Rich {
    pub fn new(role: Role, text: &str) -> Self {
        Self::default().and(role, text)
    }

    /// Adds a piece: control and bidi characters of `text` are escaped here.
    #[must_use]
    pub fn and(mut self, role: Role, text: &str) -> Self {
        self.pieces.push((role, display::line(text).into_owned()));
        self
    }

    /// What goes on in a further line stands below the column `hang`.
    #[must_use]
    pub fn hanging(mut self, hang: usize) -> Self {
        self.hang = Some(hang);
        self
    }

    pub fn pieces(&self) -> impl Iterator<Item = (Role, &str)> {
        self.pieces
            .iter()
            .map(|(role, text)| (*role, text.as_str()))
    }

    /// The text without roles.
    pub fn plain(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// In columns of the terminal.
    pub fn width(&self) -> usize {
        self.pieces
            .iter()
            .flat_map(|(_, text)| text.chars())
            .map(|character| character.width().unwrap_or(0))
            .sum()
    }

    /// Cut into lines of at most `columns`: at a space where one is near, else at any character.
    /// What follows is indented as the line says, where that leaves half of the columns, or by
    /// `indent`.
    pub fn wrapped(&self, columns: usize, indent: usize) -> Vec<Self> {
        let hang = self.hang.filter(|hang| hang * 2 <= columns);
        let indent = hang.unwrap_or(indent);
        let columns = columns.max(indent + 2);
        let bytes: usize = self.pieces.iter().map(|(_, text)| text.len()).sum();
        if bytes <= columns && self.pieces.iter().all(|(_, text)| text.is_ascii()) {
            return vec![self.clone()];
        }
        let characters: Vec<(Role, char)> = self
            .pieces
            .iter()
            .flat_map(|(role, text)| text.chars().map(|character| (*role, character)))
            .collect();
        let mut lines = Vec::new();
        let mut rest = characters.as_slice();
        loop {
            let margin = if lines.is_empty() { 0 } else { indent };
            let fitting = fitting(rest, columns - margin);
            let (line, after) = if fitting == rest.len() {
                (rest, &rest[rest.len()..])
            } else {
                let cut = word_end(rest, fitting);
                let spaces = rest[cut..]
                    .iter()
                    .take_while(|(_, each)| *each == ' ')
                    .count();
                (&rest[..cut], &rest[cut + spaces..])
            };
            lines.push(Self::of(line, margin));
            if after.is_empty() {
                return lines;
            }
            rest = after;
        }
    }

    /// With every place of `words` marked as found, capital letters or not.
    #[must_use]
    pub fn marked(&self, words: &str) -> Self {
        let small = |character: char| character.to_lowercase().next().unwrap_or(character);
        let words: Vec<char> = words.chars().map(small).collect();
        if words.is_empty() {
            return self.clone();
        }
        let mut characters: Vec<(Role, char)> = self
            .pieces
            .iter()
            .flat_map(|(role, text)| text.chars().map(|character| (*role, character)))
            .collect();
        let text: Vec<char> = characters.iter().map(|(_, each)| small(*each)).collect();
        let mut at = 0;
        while at + words.len() <= text.len() {
            let end = at + words.len();
            if text[at..end] == words {
                characters[at..end]
                    .iter_mut()
                    .for_each(|(role, _)| *role = Role::Found);
                at = end;
            } else {
                at += 1;
            }
        }
        Self {
            hang: self.hang,
            ..Self::of(&characters, 0)
        }
    }

    /// Its beginning in `columns`; a sign tells that there is more.
    #[must_use]
    pub fn cut(&self, columns: usize) -> Self {
        if self.width() <= columns {
            return self.clone();
        }
        let first = self.beginning(columns.saturating_sub(1));
        first.and(Role::Dim, "…")
    }

    fn beginning(&self, columns: usize) -> Self {
        let characters: Vec<(Role, char)> = self
            .pieces
            .iter()
            .flat_map(|(role, text)| text.chars().map(|character| (*role, character)))
            .collect();
        Self::of(&characters[..fitting(&characters, columns)], 0)
    }

    fn of(characters: &[(Role, char)], margin: usize) -> Self {
        let mut pieces: Vec<(Role, String)> = Vec::new();
        if margin > 0 {
            pieces.push((Role::Text, " ".repeat(margin)));
        }
        for (role, character) in characters {
            match pieces.last_mut() {
                Some((last, text)) if last == role => text.push(*character),
                _ => pieces.push((*role, character.to_string())),
            }
        }
        Self { pieces, hang: None }
    }
}

/// How many of the characters fit into `columns`; one at least.
fn fitting(characters: &[(Role, char)], columns: usize) -> usize {
    let mut used = 0;
    let count = characters
        .iter()
        .take_while(|(_, character)| {
            used += character.width().unwrap_or(0);
            used <= columns
        })
        .count();
    count.max(1).min(characters.len())
}

/// Where the last word within `fitting` characters ends, unless that would leave more than a third
/// of the line empty: tokens and thumbprints are cut where the line ends.
fn word_end(characters: &[(Role, char)], fitting: usize) -> usize {
    let space = characters[..=fitting.min(characters.len() - 1)]
        .iter()
        .rposition(|(_, character)| *character == ' ');
    match space {
        Some(place) if place > 0 && place >= fitting * 2 / 3 => place,
        _ => fitting,
    }
}

/// Every line cut to `columns`.
pub fn wrapped(lines: &[Rich], columns: usize, indent: usize) -> Vec<Rich> {
    lines
        .iter()
        .flat_map(|line| line.wrapped(columns, indent))
        .collect()
}

/// A label of `width` columns, dim, and what belongs to it.
pub fn pair(label: &str, width: usize, role: Role, text: &str) -> Rich {
    Rich::new(Role::Dim, &format!("{label:<width$} ")).and(role, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_where_the_columns_end() {
        let line = Rich::new(Role::Header, "abcd").and(Role::Claims, "鍵鍵x");
        let lines = line.wrapped(5, 1);
        let plain: Vec<String> = lines.iter().map(Rich::plain).collect();
        assert_eq!(plain, ["abcd", " 鍵鍵", " x"]);
        assert_eq!(lines[1].pieces().last(), Some((Role::Claims, "鍵鍵")));
    }

    #[test]
    fn what_goes_on_stands_below_its_beginning_where_there_is_room() {
        let line = Rich::new(Role::Dim, "aud  ")
            .and(Role::Bad, "none, it says")
            .hanging(5);
        let plain =
            |columns| -> Vec<String> { line.wrapped(columns, 1).iter().map(Rich::plain).collect() };
        assert_eq!(plain(12), ["aud  none,", "     it says"]);
        assert_eq!(plain(9), ["aud  none", " , it say", " s"]);
    }

    #[test]
    fn a_line_that_is_not_wrapped_ends_with_a_sign() {
        let line = Rich::new(Role::Header, "ab").and(Role::Claims, "鍵鍵x");
        assert_eq!(line.cut(7), line);
        assert_eq!(line.cut(6).plain(), "ab鍵…");
        assert_eq!(line.cut(6).pieces().last(), Some((Role::Dim, "…")));
    }

    #[test]
    fn what_is_looked_for_is_marked_wherever_it_stands() {
        let line = Rich::new(Role::Header, "aXb").and(Role::Claims, "Xbx");
        let marked = line.marked("bx");
        let pieces: Vec<(Role, &str)> = marked.pieces().collect();
        assert_eq!(pieces, [(Role::Header, "aX"), (Role::Found, "bXbx")]);
        assert_eq!(line.marked(""), line);
    }

    #[test]
    fn prose_is_cut_between_words_and_long_words_anywhere() {
        let cut = |text: &str| -> Vec<String> {
            let lines = Rich::new(Role::Text, text).wrapped(10, 0);
            lines.iter().map(Rich::plain).collect()
        };
        assert_eq!(cut("one two three four"), ["one two", "three four"]);
        assert_eq!(cut("a bcdefghijklmnop"), ["a bcdefghi", "jklmnop"]);
        assert_eq!(cut(""), [""]);
    }

    #[test]
    fn text_from_outside_is_escaped_on_its_way_in() {
        let line = Rich::new(Role::Text, "a\u{1b}[31m");
        assert_eq!(line.plain(), "a\\u{1b}[31m");
    }
}
