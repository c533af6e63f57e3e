//! The one gate that text from outside passes before a terminal sees it.

use std::borrow::Cow;

/// `text` as one line that cannot move the cursor, change colours or reorder what is around it:
/// control (C0, DEL, C1), bidi and other invisible format characters, line breaks included, are
/// written as `\u{…}` escapes.
pub fn line(text: &str) -> Cow<'_, str> {
    unimplemented!("{text}")
}

/// Like [`line`], but line feeds stay and tabs become spaces.
pub fn block(text: &str) -> Cow<'_, str> {
    unimplemented!("{text}")
}

/// `text` through [`line`], cut in the middle to at most `width` columns: `NzbLs…qKw`.
pub fn middle(text: &str, width: usize) -> String {
    unimplemented!("{text} {width}")
}
