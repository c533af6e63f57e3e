//! For which service a token was made, told from its claims alone.

use serde_json::Value;

use super::{Given, Template, draft::holes};
use crate::jose::claims::JsonObject;

/// What is shorter than this tells no service from another.
const TELLING: usize = 8;

impl Template {
    /// Whether `aud` or `iss` of a token are such as tokens for this service have: what the template
    /// fixes, or a value that is its service's own.
    pub fn made(&self, claims: &JsonObject) -> bool {
        ["aud", "iss"].into_iter().any(|name| {
            match (self.claims.get(name), claims.members().get(name)) {
                (Some(Value::String(pattern)), Some(Value::String(text))) => {
                    self.fits(pattern, text)
                }
                _ => false,
            }
        })
    }

    fn fits(&self, pattern: &str, text: &str) -> bool {
        let holes = holes(pattern);
        if let [(name, range)] = holes.as_slice()
            && range.len() == pattern.len()
        {
            return text.len() >= TELLING && self.names(name, text);
        }
        let mut literals = Vec::new();
        let mut end = 0;
        for (_, range) in &holes {
            literals.push(&pattern[end..range.start]);
            end = range.end;
        }
        let last = &pattern[end..];
        let told: usize = literals.iter().map(|literal| literal.len()).sum();
        if told + last.len() < TELLING {
            return false;
        }
        let mut rest = text;
        for (place, literal) in literals.into_iter().enumerate() {
            match rest.find(literal) {
                Some(at) if place > 0 || at == 0 => rest = &rest[at + literal.len()..],
                _ => return false,
            }
        }
        if holes.is_empty() {
            rest == last
        } else {
            rest.ends_with(last)
        }
    }

    /// Whether a field begins with `text`, or its help names it. Examples are nobody's.
    fn names(&self, field: &str, text: &str) -> bool {
        let mut fields = self.fields.iter();
        fields.find(|each| each.name == field).is_some_and(|field| {
            let is_default = matches!(&field.given, Given::Default(value) if value == text);
            let is_told = field.help.split_whitespace().any(|word| word == text);
            (is_default || is_told) && !text.contains("example")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_of_a_token_is_told_from_its_audience_or_issuer() {
        let templates = Template::builtin().unwrap();
        for (claims, expected) in [
            (
                r#"{"aud":"https://appleid.apple.com"}"#,
                &["apple-client-secret"][..],
            ),
            (
                r#"{"aud":"https://oauth2.googleapis.com/token"}"#,
                &["google-jwt-bearer"],
            ),
            (r#"{"aud":"account.docusign.com"}"#, &["docusign"]),
            (r#"{"aud":"account-d.docusign.com"}"#, &["docusign"]),
            (
                r#"{"aud":"https://login.salesforce.com"}"#,
                &["salesforce-jwt-bearer"],
            ),
            (
                r#"{"aud":"https://test.salesforce.com"}"#,
                &["salesforce-jwt-bearer"],
            ),
            (r#"{"iss":"ACME.BOB.SHA256:abc="}"#, &["snowflake"]),
            (r#"{"iss":"ACME.BOB"}"#, &[]),
            (r#"{"aud":"https://appleid.apple.com.evil.example"}"#, &[]),
            (
                r#"{"iss":"https://issuer.example","aud":"https://api.example"}"#,
                &[],
            ),
            (r#"{"aud":["https://appleid.apple.com"]}"#, &[]),
            ("{}", &[]),
        ] {
            let object = JsonObject::parse(claims).unwrap();
            let made = templates.iter().filter(|template| template.made(&object));
            let names: Vec<&str> = made.map(|template| template.name.as_str()).collect();
            assert_eq!(names, expected, "{claims}");
        }
    }
}
