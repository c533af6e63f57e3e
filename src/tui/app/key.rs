//! A key press in the terms of the keymap.

use std::{fmt, str::FromStr};

/// What was pressed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Key {
    BackTab,
    Backspace,
    Char(char),
    Ctrl(char),
    Delete,
    Down,
    End,
    Enter,
    Esc,
    F(u8),
    Home,
    Left,
    PageDown,
    PageUp,
    Right,
    Tab,
    Up,
}

/// A text that names no key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no key: write r, R, Ctrl-R, F2, Enter, Space, Up, PgDn or the like")]
pub struct UnknownKey(String);

/// Names that people and the configuration use.
const NAMES: [(Key, &str); 14] = [
    (Key::BackTab, "Shift-Tab"),
    (Key::Backspace, "Backspace"),
    (Key::Char(' '), "Space"),
    (Key::Delete, "Del"),
    (Key::Down, "Down"),
    (Key::End, "End"),
    (Key::Enter, "Enter"),
    (Key::Esc, "Esc"),
    (Key::Home, "Home"),
    (Key::Left, "Left"),
    (Key::PageDown, "PgDn"),
    (Key::PageUp, "PgUp"),
    (Key::Tab, "Tab"),
    (Key::Up, "Up"),
];

impl Key {
    /// As a footer shows it: `⏎` for Enter, arrows as arrows.
    pub fn short(self) -> String {
        match self {
            Self::Enter => "⏎".to_owned(),
            Self::Down => "↓".to_owned(),
            Self::Up => "↑".to_owned(),
            Self::Left => "←".to_owned(),
            Self::Right => "→".to_owned(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, name)) = NAMES.iter().find(|(key, _)| key == self) {
            return f.write_str(name);
        }
        match self {
            Self::Char(character) => write!(f, "{character}"),
            Self::Ctrl(character) => write!(f, "Ctrl-{}", character.to_ascii_uppercase()),
            Self::F(number) => write!(f, "F{number}"),
            // Every other key has its name in the table.
            _ => f.write_str("Right"),
        }
    }
}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let unknown = || UnknownKey(text.to_owned());
        let named = NAMES
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(text));
        if let Some((key, _)) = named {
            return Ok(*key);
        }
        let single = |text: &str| {
            let mut characters = text.chars();
            let first = characters.next().filter(|c| !c.is_control())?;
            characters.next().is_none().then_some(first)
        };
        if text.eq_ignore_ascii_case("Right") {
            Ok(Self::Right)
        } else if let Some(character) = single(text) {
            Ok(Self::Char(character))
        } else if let Some(rest) = text.strip_prefix("Ctrl-") {
            let letter = single(rest).filter(char::is_ascii_alphabetic);
            letter
                .map(|letter| Self::Ctrl(letter.to_ascii_lowercase()))
                .ok_or_else(unknown)
        } else {
            let number = text.strip_prefix('F').and_then(|text| text.parse().ok());
            number
                .filter(|number| (1..=12).contains(number))
                .map(Self::F)
                .ok_or_else(unknown)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_is_written() {
        let keys = NAMES.iter().map(|(key, _)| *key).chain([
            Key::Char('r'),
            Key::Char('R'),
            Key::Ctrl('s'),
            Key::F(2),
            Key::Right,
        ]);
        for key in keys {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        for text in ["", "rr", "Ctrl-", "Ctrl-1", "F13", "Meta-x"] {
            assert_eq!(text.parse::<Key>(), Err(UnknownKey(text.to_owned())));
        }
    }
}
