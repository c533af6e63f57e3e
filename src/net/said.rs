//! What a service says of itself, to be repeated.

/// The most characters that are repeated.
const LONGEST: usize = 400;

/// `text` as a part of one line: what it breaks into lines could pass for words of keyfob.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_says_stays_one_line_and_short() {
        assert_eq!(one_line(" a\nkeyfob: b\r\n\tc"), "a keyfob: b c");
        let cut = one_line(&"é".repeat(1000));
        assert_eq!(cut.chars().count(), 401);
    }
}
