//! Claims to mint anew: what servers refuse a token for most often is put right.

use std::time::Duration;

use serde_json::Value;

use crate::jose::{claims::JsonObject, time};

/// `claims` with fresh times and a fresh `jti`, no longer valid than `most`, and a single audience
/// as text. What is not there is not added; the rest stays as it is.
pub fn mended(claims: &JsonObject, most: Duration) -> JsonObject {
    let date = |name: &str| {
        let date = claims.members().get(name).and_then(time::numeric_date);
        date.map(jiff::Timestamp::as_second)
    };
    let from = date("iat").or_else(|| date("nbf"));
    let most = i64::try_from(most.as_secs()).unwrap_or(i64::MAX).max(1);
    let lifetime = match (from, date("exp")) {
        (Some(from), Some(exp)) if exp > from => (exp - from).min(most),
        _ => most,
    };
    let aud = match claims.members().get("aud") {
        Some(Value::Array(all)) => match all.as_slice() {
            [one @ Value::String(_)] => Some(one.clone()),
            _ => None,
        },
        _ => None,
    };
    let new = [
        ("iat", Some("now".into())),
        ("nbf", Some("now".into())),
        ("exp", Some(format!("+{lifetime}s").into())),
        ("jti", Some("uuid".into())),
        ("aud", aud),
    ];
    let mut mended = claims.clone();
    for (name, value) in new {
        if let Some(value) = value.filter(|_| claims.members().contains_key(name)) {
            mended = mended.with(name, &value);
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_fresh_and_the_rest_stays_byte_for_byte() {
        for (claims, expected) in [
            (
                r#"{"b":1.0, "aud":["x"],"exp":1900,"iat":1000,"jti":"a"}"#,
                r#"{"b":1.0, "aud":"x","exp":"+300s","iat":"now","jti":"uuid"}"#,
            ),
            (
                r#"{"iat":1000,"exp":1060}"#,
                r#"{"iat":"now","exp":"+60s"}"#,
            ),
            (
                r#"{"exp":"soon","nbf":5}"#,
                r#"{"exp":"+300s","nbf":"now"}"#,
            ),
            (r#"{"aud":["x","y"]}"#, r#"{"aud":["x","y"]}"#),
            ("{}", "{}"),
        ] {
            let claims = JsonObject::parse(claims).unwrap();
            let mended = mended(&claims, Duration::from_secs(300));
            assert_eq!(mended.text(), expected);
        }
    }
}
