//! One line of text being typed, and one that nobody may see.

use zeroize::Zeroize;

use super::key::Key;
use crate::secret::Secret;

/// The longest line that is taken, in characters: a paste must not be able to fill the memory.
const LONGEST: usize = 16 << 10;

/// A line with a cursor.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Line {
    text: String,
    /// In characters from the left.
    cursor: usize,
}

/// A line whose text stays hidden; only its end can be edited.
#[derive(Clone, Debug)]
pub struct SecretLine(Secret<String>);

/// What became of a key press.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Typed {
    /// The text or its cursor changed.
    Taken,
    /// It means nothing to a line.
    Ignored,
}

impl Line {
    /// `text` with the cursor behind it.
    pub fn new(text: &str) -> Self {
        let mut line = Self::default();
        line.insert(text);
        line
    }

    /// What is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// In characters from the left.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Inserts at the cursor; line breaks and control characters are left out.
    pub fn insert(&mut self, text: &str) {
        let free = LONGEST.saturating_sub(self.text.chars().count());
        let kept: String = text
            .chars()
            .filter(|character| !character.is_control())
            .take(free)
            .collect();
        let at = self.offset(self.cursor);
        self.text.insert_str(at, &kept);
        self.cursor += kept.chars().count();
    }

    /// Edits by a key press.
    pub fn press(&mut self, key: Key) -> Typed {
        let length = self.text.chars().count();
        match key {
            Key::Char(character) => self.insert(character.encode_utf8(&mut [0; 4])),
            Key::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.offset(self.cursor));
            }
            Key::Delete if self.cursor < length => {
                self.text.remove(self.offset(self.cursor));
            }
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = length.min(self.cursor + 1),
            Key::Home | Key::Ctrl('a') => self.cursor = 0,
            Key::End | Key::Ctrl('e') => self.cursor = length,
            Key::Ctrl('u') => *self = Self::default(),
            Key::Backspace | Key::Delete => {}
            _ => return Typed::Ignored,
        }
        Typed::Taken
    }

    fn offset(&self, characters: usize) -> usize {
        let place = self.text.char_indices().nth(characters);
        place.map_or(self.text.len(), |(offset, _)| offset)
    }
}

impl SecretLine {
    /// How much is written, in characters: what the screen may show.
    pub fn length(&self) -> usize {
        self.0.expose().chars().count()
    }

    /// What is written.
    pub fn secret(&self) -> &Secret<String> {
        &self.0
    }

    /// Appends; line breaks end what is taken.
    pub fn insert(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        if self.0.expose().len() + line.len() <= LONGEST {
            self.0.expose_mut().push_str(line);
        }
    }

    /// Edits by a key press.
    pub fn press(&mut self, key: Key) -> Typed {
        match key {
            Key::Char(character) => self.insert(character.encode_utf8(&mut [0; 4])),
            Key::Backspace => drop(self.0.expose_mut().pop()),
            Key::Ctrl('u') => self.0.expose_mut().zeroize(),
            _ => return Typed::Ignored,
        }
        Typed::Taken
    }
}

impl Default for SecretLine {
    /// Room from the start: text that grows would leave copies of itself behind.
    fn default() -> Self {
        Self(Secret::new(String::with_capacity(LONGEST)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_at_its_cursor() {
        let mut line = Line::new("schlüssel");
        for key in [
            Key::Home,
            Key::Delete,
            Key::Char('S'),
            Key::End,
            Key::Backspace,
        ] {
            assert_eq!(line.press(key), Typed::Taken);
        }
        assert_eq!((line.text(), line.cursor()), ("Schlüsse", 8));
        assert_eq!(line.press(Key::Enter), Typed::Ignored);
    }

    #[test]
    fn a_paste_into_a_line_brings_no_line_breaks() {
        let mut line = Line::new("ab");
        line.press(Key::Left);
        line.insert("1\r\n2\u{1b}");
        assert_eq!((line.text(), line.cursor()), ("a12b", 3));
    }

    #[test]
    fn a_secret_line_is_never_shown() {
        let mut line = SecretLine::default();
        line.insert("hunter2\nnext");
        line.press(Key::Backspace);
        assert_eq!(line.length(), 6);
        assert_eq!(format!("{line:?}"), "SecretLine([redacted])");
        assert_eq!(line.secret().expose(), "hunter");
    }
}
