//! Form bodies and query strings.

use std::fmt;

/// Parameters of `application/x-www-form-urlencoded`, in their order. One without a value counts
/// as left out (RFC 6749 section 3.2).
pub(super) struct Form(Vec<(String, String)>);

/// Why parameters cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum FormError {
    NotEncoded,
    Repeated(String),
}

impl Form {
    pub(super) fn parse(text: &str) -> Result<Self, FormError> {
        text.split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decoded(name)?, decoded(value)?))
            })
            .filter(|pair| !matches!(pair, Ok((_, value)) if value.is_empty()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The value of `name`, which must not be there twice.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, FormError> {
        let mut values = self
            .0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(FormError::Repeated(name.to_owned())),
        }
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEncoded => f.write_str("the parameters are not percent-encoded UTF-8"),
            Self::Repeated(name) => write!(f, "{name} is there more than once"),
        }
    }
}

fn decoded(text: &str) -> Result<String, FormError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, tail) = tail.split_at_checked(2).ok_or(FormError::NotEncoded)?;
                bytes.push(hex(digits[0])? << 4 | hex(digits[1])?);
                rest = tail;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| FormError::NotEncoded)
}

fn hex(digit: u8) -> Result<u8, FormError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(FormError::NotEncoded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_empty_ones_left_out() {
        let form = Form::parse("a=1+2&b=%C3%A4%2B&empty=&flag&&c==x").unwrap();
        assert_eq!(form.one("a"), Ok(Some("1 2")));
        assert_eq!(form.one("b"), Ok(Some("ä+")));
        assert_eq!(form.one("empty"), Ok(None));
        assert_eq!(form.one("flag"), Ok(None));
        assert_eq!(form.one("c"), Ok(Some("=x")));
    }

    #[test]
    fn a_parameter_twice_is_refused_where_one_is_wanted() {
        let form = Form::parse("r=1&r=2").unwrap();
        assert_eq!(form.one("r"), Err(FormError::Repeated("r".to_owned())));
        assert_eq!(form.all("r").collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn broken_encoding_is_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%ff", "%e4=1"] {
            assert_eq!(
                Form::parse(text).err(),
                Some(FormError::NotEncoded),
                "{text}"
            );
        }
    }
}
