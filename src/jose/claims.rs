//! Claims sets and headers: JSON objects whose text is kept as written and whose members are unique.

#[cfg(test)]
pub(crate) mod fixture;

use std::{collections::HashSet, fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::json_text;

/// A JSON object whose members are unique at every depth (RFC 7515 section 4, RFC 7519 section 4)
/// and whose text is kept as written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JsonObject {
    text: String,
    members: Map<String, Value>,
}

/// Where and why a text is no JSON object; line and column (in characters) count from 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct JsonError {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

impl JsonObject {
    /// Reads an object; numbers keep their digits and members their order.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        let wrong = |error: serde_json::Error| json_error(text, &error);
        serde_json::from_str::<Unique>(text).map_err(wrong)?;
        let members = serde_json::from_str(text).map_err(wrong)?;
        Ok(Self {
            text: text.to_owned(),
            members,
        })
    }

    /// An object of members, written on one line.
    pub fn from_members(members: Map<String, Value>) -> Self {
        Self {
            text: one_line(&members),
            members,
        }
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its members in order.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// Indented by two spaces; nothing but white space is another than in the text.
    pub fn pretty(&self) -> String {
        json_text::indented(&self.text)
    }

    /// Without white space; every other byte as in the text.
    pub fn compact(&self) -> String {
        json_text::compact(&self.text)
    }

    /// The same object with [`Self::compact`] as its text.
    #[must_use]
    pub fn compacted(self) -> Self {
        Self {
            text: json_text::compact(&self.text),
            members: self.members,
        }
    }

    /// The object with a member that has this value: where it stood, else as the last one. The rest
    /// of the text stays byte for byte.
    #[must_use]
    pub fn with(&self, name: &str, value: &Value) -> Self {
        if self.members.get(name) == Some(value) {
            return self.clone();
        }
        let mut members = self.members.clone();
        members.insert(name.to_owned(), value.clone());
        let text = match self.span(name) {
            Some((_, value_range)) => replaced(&self.text, value_range, &value.to_string()),
            None => {
                let member = format!("{}:{value}", Value::String(name.to_owned()));
                let last = json_text::members(&self.text).pop();
                match last {
                    Some((_, last)) => {
                        replaced(&self.text, last.end..last.end, &format!(",{member}"))
                    }
                    None => format!("{{{member}}}"),
                }
            }
        };
        Self { text, members }
    }

    /// The object with other values at some of its places, counted from 0 and rising; the rest of
    /// the text stays byte for byte.
    #[must_use]
    pub fn with_values(&self, values: Vec<(usize, Value)>) -> Self {
        if values.is_empty() {
            return self.clone();
        }
        let spans = json_text::members(&self.text);
        let mut members = self.members.clone();
        let mut text = String::with_capacity(self.text.len() + 64);
        let mut end = 0;
        for (place, value) in values {
            let (Some((_, span)), Some(member)) =
                (spans.get(place), members.values_mut().nth(place))
            else {
                continue;
            };
            text.push_str(&self.text[end..span.start]);
            text.push_str(&value.to_string());
            end = span.end;
            *member = value;
        }
        text.push_str(&self.text[end..]);
        Self { text, members }
    }

    /// The object without a member; the rest of the text stays byte for byte, but for the comma.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let spans = json_text::members(&self.text);
        let Some(place) = self.members.keys().position(|each| each == name) else {
            return self.clone();
        };
        let cut = match (place, spans.get(place + 1)) {
            (_, Some((next, _))) => spans[place].0.start..next.start,
            (0, None) => spans[0].0.start..spans[0].1.end,
            (_, None) => spans[place - 1].1.end..spans[place].1.end,
        };
        let mut members = self.members.clone();
        members.shift_remove(name);
        Self {
            text: replaced(&self.text, cut, ""),
            members,
        }
    }

    /// Where the value of a member begins: its line and column, counted from 1.
    pub fn place_of(&self, name: &str) -> Option<(usize, usize)> {
        let (_, value) = self.span(name)?;
        Some(json_text::place(&self.text, value.start))
    }

    /// Name and value of a member in the text. Its members are unique and in the same order there.
    fn span(&self, name: &str) -> Option<(Range<usize>, Range<usize>)> {
        let place = self.members.keys().position(|each| each == name)?;
        json_text::members(&self.text).into_iter().nth(place)
    }
}

fn replaced(text: &str, range: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..range.start], &text[range.end..])
}

fn one_line(members: &Map<String, Value>) -> String {
    // Names are text and every value is JSON already, so that writing cannot fail.
    serde_json::to_string(members).unwrap_or_default()
}

fn json_error(source: &str, error: &serde_json::Error) -> JsonError {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let line = source.split('\n').nth(error.line().saturating_sub(1));
    let before = line.unwrap_or_default().char_indices();
    let column = before.take_while(|(byte, _)| *byte < error.column());
    let here = (error.line().max(1), column.count().max(1));
    let said = text.strip_suffix(&place).unwrap_or(&text);
    let (reason, place) = match said {
        "EOF while parsing a string" => ("this text has no end", json_text::unended(source)),
        "EOF while parsing an object" => ("this object has no end", json_text::unclosed(source)),
        "EOF while parsing a list" => ("this array has no end", json_text::unclosed(source)),
        "EOF while parsing a value" if source.trim().is_empty() => ("nothing stands here", None),
        "EOF while parsing a value" => ("a value is missing at the end", None),
        "expected ident" => ("expected true, false or null", None),
        "key must be a string" => ("expected a name in quotes", None),
        "trailing characters" => ("something stands behind the end", None),
        _ if said.starts_with("control character") => match json_text::unended(source) {
            Some(place) => ("this text does not end on its line", Some(place)),
            None => ("a control character in a text: write it as an escape", None),
        },
        other => (other, None),
    };
    let (line, column) = place.unwrap_or(here);
    JsonError {
        line,
        column,
        reason: reason.to_owned(),
    }
}

/// Proof that an object's members are unique at every depth.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnyValue)?;
        Ok(Self)
    }
}

/// Walks any value; an object refuses a name that it has seen.
struct AnyValue;

impl<'de> DeserializeSeed<'de> for AnyValue {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(AnyValue)?;
            if seen.contains(&name) {
                return Err(A::Error::custom(format_args!(
                    "the member {name:?} stands twice"
                )));
            }
            seen.insert(name);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element_seed(AnyValue)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_digits_are_kept() {
        let text = r#"{"z":1.10,"a":123456789012345678901234567890,"m":[{"b":1}]}"#;
        let object = JsonObject::parse(text).unwrap();
        assert_eq!(object.text(), text);
        assert_eq!(object.compact(), text);
    }

    #[test]
    fn a_member_changes_and_the_rest_stays_byte_for_byte() {
        let object = JsonObject::parse("{ \"a\" : 1.0 ,\n \"b\":[2, \"\\/\"]\t}").unwrap();
        for (name, value, expected) in [
            ("a", "1.0", "{ \"a\" : 1.0 ,\n \"b\":[2, \"\\/\"]\t}"),
            ("a", "\"x\"", "{ \"a\" : \"x\" ,\n \"b\":[2, \"\\/\"]\t}"),
            ("b", "{}", "{ \"a\" : 1.0 ,\n \"b\":{}\t}"),
            ("c", "3", "{ \"a\" : 1.0 ,\n \"b\":[2, \"\\/\"],\"c\":3\t}"),
        ] {
            let changed = object.with(name, &serde_json::from_str(value).unwrap());
            assert_eq!(changed.text(), expected);
            assert_eq!(JsonObject::parse(expected).unwrap(), changed);
        }
        let empty = JsonObject::parse("{ }").unwrap();
        assert_eq!(empty.with("a", &Value::Null).text(), "{\"a\":null}");
    }

    #[test]
    fn a_member_goes_with_its_comma() {
        let object = JsonObject::parse("{ \"a\":1, \"b\":2 , \"c\": 3 }").unwrap();
        for (name, expected) in [
            ("a", "{ \"b\":2 , \"c\": 3 }"),
            ("b", "{ \"a\":1, \"c\": 3 }"),
            ("c", "{ \"a\":1, \"b\":2 }"),
            ("d", "{ \"a\":1, \"b\":2 , \"c\": 3 }"),
        ] {
            let changed = object.without(name);
            assert_eq!(changed.text(), expected);
            assert_eq!(JsonObject::parse(expected).unwrap(), changed);
        }
        let one = JsonObject::parse("{ \"a\":1 }").unwrap();
        assert_eq!(one.without("a").text(), "{  }");
    }

    #[test]
    fn duplicate_members_are_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            let error = JsonObject::parse(text).unwrap_err();
            assert_eq!(error.reason, "the member \"a\" stands twice", "{text}");
        }
    }

    #[test]
    fn an_error_names_line_and_column() {
        let error = JsonObject::parse("{\n  \"a\": ,\n}").unwrap_err();
        assert_eq!(error.to_string(), "line 2, column 8: expected value");
        let error = JsonObject::parse("{\"schlüssel\": x}").unwrap_err();
        assert_eq!(error.to_string(), "line 1, column 15: expected value");
        for (text, told) in [
            ("", "line 1, column 1: nothing stands here"),
            ("{\"a\":", "line 1, column 5: a value is missing at the end"),
            ("{} x", "line 1, column 4: something stands behind the end"),
            ("{\"a\":1", "line 1, column 1: this object has no end"),
            (
                "{\"a\":\n[1,",
                "line 2, column 3: a value is missing at the end",
            ),
            ("{\"a\":\n[1", "line 2, column 1: this array has no end"),
            ("{\"a\": \"x", "line 1, column 7: this text has no end"),
            (
                "{\"a\": \"x,\n\"b\": 1}",
                "line 1, column 7: this text does not end on its line",
            ),
            (
                "{\"a\": \"x\u{1}\"}",
                "line 1, column 9: a control character in a text: write it as an escape",
            ),
            (
                "{\"a\": tru}",
                "line 1, column 10: expected true, false or null",
            ),
            ("{a: 1}", "line 1, column 2: expected a name in quotes"),
        ] {
            assert_eq!(
                JsonObject::parse(text).unwrap_err().to_string(),
                told,
                "{text}"
            );
        }
        for text in ["[]", "1"] {
            assert!(JsonObject::parse(text).is_err(), "{text}");
        }
    }
}
