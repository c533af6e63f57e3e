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

    /// Cut into lines of at most `columns`, at any character; what follows is indented by `indent`.
    pub fn wrapped(&self, columns: usize, indent: usize) -> Vec<Self> {
        let columns = columns.max(indent + 2);
        let mut lines = Vec::new();
        let mut line = Self::default();
        let mut used = 0;
        for (role, text) in &self.pieces {
            let mut piece = String::new();
            for character in text.chars() {
                let width = character.width().unwrap_or(0);
                if used + width > columns {
                    line.pieces.push((*role, std::mem::take(&mut piece)));
                    lines.push(std::mem::take(&mut line));
                    line.pieces.push((Role::Text, " ".repeat(indent)));
                    used = indent;
                }
                piece.push(character);
                used += width;
            }
            line.pieces.push((*role, piece));
        }
        lines.push(line);
        lines
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
    fn text_from_outside_is_escaped_on_its_way_in() {
        let line = Rich::new(Role::Text, "a\u{1b}[31m");
        assert_eq!(line.plain(), "a\\u{1b}[31m");
    }
}
