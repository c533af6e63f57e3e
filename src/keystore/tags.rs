//! The user's own marks on keys.

use super::error::KeystoreError;

/// The longest tag, in characters.
const LONGEST: usize = 64;

/// Tags as people write them: separated by spaces or commas, each once, in their order.
pub fn parse(text: &str) -> Result<Vec<String>, KeystoreError> {
    let separates = |character: char| character == ',' || character.is_whitespace();
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(separates).filter(|tag| !tag.is_empty()) {
        if tag.chars().count() > LONGEST || tag.chars().any(char::is_control) {
            return Err(KeystoreError::Name {
                what: "tag",
                name: tag.chars().take(40).collect(),
                reason: "write at most 64 characters, none of them a control character",
            });
        }
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_separated_by_spaces_and_commas_and_stand_once() {
        assert_eq!(
            parse(" prod, eu,, prod\tключ ").unwrap(),
            ["prod", "eu", "ключ"]
        );
        assert!(parse(" , ").unwrap().is_empty());
    }

    #[test]
    fn a_tag_is_short_and_printable() {
        assert!(parse(&"a".repeat(64)).is_ok());
        assert!(parse(&"a".repeat(65)).is_err());
        assert_eq!(
            parse("a\u{1b}b").unwrap_err().to_string(),
            "\"a\\u{1b}b\" is no tag: write at most 64 characters, none of them a control character"
        );
    }
}
