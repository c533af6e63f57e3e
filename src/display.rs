//! The one gate that text from outside passes before a terminal sees it.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` as one line that cannot move the cursor, change colours or reorder what is around it:
/// control characters (C0, DEL, C1), line breaks and tabs among them, bidi controls and invisible
/// format characters are written as `\u{…}`.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(
        text,
        |_| None,
        |character| format!("\\u{{{:x}}}", character as u32),
    )
}

/// Like [`line()`], but line feeds stay and tabs become four spaces.
pub fn block(text: &str) -> Cow<'_, str> {
    let kept = |character| match character {
        '\n' => Some("\n"),
        '\t' => Some("    "),
        _ => None,
    };
    escaped(text, kept, |character| {
        format!("\\u{{{:x}}}", character as u32)
    })
}

/// JSON text whose strings may hold such characters: they become JSON escapes, so the text stays
/// JSON of the same value (RFC 8259 section 7).
pub fn json(text: &str) -> Cow<'_, str> {
    let kept = |character| (character == '\n').then_some("\n");
    escaped(text, kept, |character| {
        let mut units = [0; 2];
        character
            .encode_utf16(&mut units)
            .iter()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect()
    })
}

/// `text` through [`line()`], cut in the middle to at most `width` columns: `NzbLs…qKw`.
pub fn middle(text: &str, width: usize) -> String {
    let shown = line(text);
    if shown.width() <= width {
        return shown.into_owned();
    }
    if width == 0 {
        return String::new();
    }
    let tail_width = (width - 1) * 3 / 8;
    let head = taken(shown.chars(), width - 1 - tail_width);
    let tail: String = taken(shown.chars().rev(), tail_width)
        .chars()
        .rev()
        .collect();
    format!("{head}…{tail}")
}

fn taken(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

fn escaped(
    text: &str,
    kept: impl Fn(char) -> Option<&'static str>,
    escape: impl Fn(char) -> String,
) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if !is_dangerous(character) {
            safe.push(character);
        } else if let Some(instead) = kept(character) {
            safe.push_str(instead);
        } else {
            safe.push_str(&escape(character));
        }
    }
    Cow::Owned(safe)
}

/// Characters that act instead of being seen: controls (Unicode Cc), and of the format characters
/// (Cf) and their like those that reorder, join, hide or tag.
fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_passes_unchanged() {
        assert_eq!(line("prod-2026 ключ 鍵 é"), "prod-2026 ключ 鍵 é");
    }

    #[test]
    fn controls_and_bidi_become_escapes() {
        let text = "a\x1b]52;c;x\x07\u{9b}31m\r\n\t\u{202e}b\u{200b}\u{e0041}";
        assert_eq!(
            line(text),
            "a\\u{1b}]52;c;x\\u{7}\\u{9b}31m\\u{d}\\u{a}\\u{9}\\u{202e}b\\u{200b}\\u{e0041}"
        );
    }

    #[test]
    fn a_block_keeps_its_lines_and_only_them() {
        assert_eq!(block("a\n\tb\r\x1b"), "a\n    b\\u{d}\\u{1b}");
    }

    #[test]
    fn json_stays_json_of_the_same_value() {
        let value = serde_json::json!({"kid": "a\u{202e}\u{e0041}\u{9b}\u{7f}"});
        let text = format!("{value:#}");
        let safe = json(&text);
        assert!(safe.is_ascii(), "{safe}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&safe).unwrap(),
            value
        );
    }

    #[test]
    fn the_middle_is_cut_to_the_width() {
        let text = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(middle(text, 9), "NzbLs…9Xs");
        assert_eq!(middle("鍵鍵鍵鍵鍵", 6), "鍵鍵…");
        assert_eq!(middle("short", 9), "short");
        assert_eq!(middle("abc", 0), "");
    }

    proptest::proptest! {
        #[test]
        fn nothing_dangerous_passes(text: String, width in 0..40_usize) {
            proptest::prop_assert!(!line(&text).contains(is_dangerous));
            let cut = middle(&text, width);
            proptest::prop_assert!(cut.width() <= width.max(line(&text).width().min(width)));
        }
    }
}
