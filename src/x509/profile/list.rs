//! Values written one behind the other.

use std::str::FromStr;

/// Values between commas or spaces; `none` is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct List<T>(pub Vec<T>);

impl<T: FromStr> FromStr for List<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        let values = text.split([',', ' ']).filter(|value| !value.is_empty());
        values.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_spaces_stand_between_the_values_of_a_list() {
        let read = |text: &str| text.parse::<List<u8>>().ok().map(|list| list.0);
        assert_eq!(read("1, 2 3,"), Some(vec![1, 2, 3]));
        assert_eq!(read("none"), Some(Vec::new()));
        assert_eq!(read("1,x"), None);
    }
}
