//! The registered members of headers and claims sets: their names for people, and where each is
//! defined.

use serde_json::Value;

use super::claims::JsonObject;

/// A registered name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Registered {
    /// The member's name.
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// The document that defines it, with its section.
    pub source: &'static str,
    /// What its value is.
    pub kind: Kind,
}

/// What a registered value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A `NumericDate` (RFC 7519 section 2).
    Date,
    /// Anything else.
    Other,
}

macro_rules! names {
    ($($kind:ident $name:literal $title:literal $source:literal)*) => {
        &[$(Registered {
            name: $name,
            title: $title,
            source: $source,
            kind: Kind::$kind,
        }),*]
    };
}

/// Members of headers.
pub const HEADER: &[Registered] = names! {
    Other "alg" "algorithm" "RFC 7515 section 4.1.1"
    Other "apu" "who agrees on the key" "RFC 7518 section 4.6.1.2"
    Other "apv" "with whom the key is agreed" "RFC 7518 section 4.6.1.3"
    Other "aud" "audience, copied from the claims" "RFC 7519 section 5.3"
    Other "b64" "whether the payload is base64url" "RFC 7797 section 3"
    Other "crit" "members that must be understood" "RFC 7515 section 4.1.11"
    Other "cty" "content type" "RFC 7515 section 4.1.10"
    Other "enc" "content encryption" "RFC 7516 section 4.1.2"
    Other "epk" "ephemeral public key" "RFC 7518 section 4.6.1.1"
    Other "iss" "issuer, copied from the claims" "RFC 7519 section 5.3"
    Other "iv" "initialization vector of the key's wrapping" "RFC 7518 section 4.7.1.1"
    Other "jku" "URL of the key set" "RFC 7515 section 4.1.2"
    Other "jwk" "public key in the token" "RFC 7515 section 4.1.3"
    Other "kid" "key id" "RFC 7515 section 4.1.4"
    Other "nonce" "value that is used once" "RFC 8555 section 6.5.2"
    Other "p2c" "rounds of PBKDF2" "RFC 7518 section 4.8.1.2"
    Other "p2s" "salt of PBKDF2" "RFC 7518 section 4.8.1.1"
    Other "ppt" "extension of a PASSporT" "RFC 8225 section 8.1"
    Other "sub" "subject, copied from the claims" "RFC 7519 section 5.3"
    Other "svt" "signature validation token" "RFC 9321 section 4"
    Other "tag" "authentication tag of the key's wrapping" "RFC 7518 section 4.7.1.2"
    Other "trust_chain" "chain of trust" "OpenID Federation section 4.3"
    Other "typ" "type" "RFC 7515 section 4.1.9"
    Other "url" "URL that the request goes to" "RFC 8555 section 6.4.1"
    Other "x5c" "certificate chain" "RFC 7515 section 4.1.6"
    Other "x5t" "SHA-1 of the certificate" "RFC 7515 section 4.1.7"
    Other "x5t#S256" "SHA-256 of the certificate" "RFC 7515 section 4.1.8"
    Other "x5u" "URL of the certificate" "RFC 7515 section 4.1.5"
    Other "zip" "compression" "RFC 7516 section 4.1.3"
};

/// Claims.
pub const CLAIMS: &[Registered] = names! {
    Other "_sd" "hashes of claims that may be disclosed" "RFC 9901 section 4.2.4"
    Other "_sd_alg" "how those hashes are made" "RFC 9901 section 4.1.1"
    Other "acr" "class of the authentication" "OpenID Connect Core section 2"
    Other "act" "who acts for the subject" "RFC 8693 section 4.1"
    Other "address" "postal address" "OpenID Connect Core section 5.1"
    Other "amr" "methods of the authentication" "RFC 8176 section 1"
    Other "at_hash" "hash of the access token" "OpenID Connect Core section 3.1.3.6"
    Other "ath" "hash of the access token" "RFC 9449 section 4.2"
    Other "aud" "audience" "RFC 7519 section 4.1.3"
    Date "auth_time" "when the person signed in" "OpenID Connect Core section 2"
    Other "authorization_details" "what is allowed in detail" "RFC 9396 section 9.1"
    Other "azp" "client it was made for" "OpenID Connect Core section 2"
    Other "birthdate" "date of birth" "OpenID Connect Core section 5.1"
    Other "c_hash" "hash of the code" "OpenID Connect Core section 3.3.2.11"
    Other "client_id" "client" "RFC 8693 section 4.3"
    Other "cnf" "key that its holder must prove" "RFC 7800 section 3.1"
    Other "dest" "who is called" "RFC 8225 section 5.2.1"
    Other "email" "e-mail address" "OpenID Connect Core section 5.1"
    Other "email_verified" "whether that address was verified" "OpenID Connect Core section 5.1"
    Other "entitlements" "entitlements" "RFC 9068 section 2.2.3.1"
    Other "events" "security events" "RFC 8417 section 2.2"
    Date "exp" "expires" "RFC 7519 section 4.1.4"
    Other "family_name" "family name" "OpenID Connect Core section 5.1"
    Other "gender" "gender" "OpenID Connect Core section 5.1"
    Other "given_name" "given name" "OpenID Connect Core section 5.1"
    Other "groups" "groups" "RFC 9068 section 2.2.3.1"
    Other "htm" "method of the request" "RFC 9449 section 4.2"
    Other "htu" "URL of the request" "RFC 9449 section 4.2"
    Date "iat" "issued at" "RFC 7519 section 4.1.6"
    Other "iss" "issuer" "RFC 7519 section 4.1.1"
    Other "jti" "id of the token" "RFC 7519 section 4.1.7"
    Other "locale" "language and region" "OpenID Connect Core section 5.1"
    Other "may_act" "who may act for the subject" "RFC 8693 section 4.4"
    Other "middle_name" "middle name" "OpenID Connect Core section 5.1"
    Other "mky" "keys of the media" "RFC 8225 section 5.2.2"
    Other "name" "full name" "OpenID Connect Core section 5.1"
    Date "nbf" "not before" "RFC 7519 section 4.1.5"
    Other "nickname" "casual name" "OpenID Connect Core section 5.1"
    Other "nonce" "value of the client's request" "OpenID Connect Core section 2"
    Other "orig" "who calls" "RFC 8225 section 5.2.1"
    Other "phone_number" "phone number" "OpenID Connect Core section 5.1"
    Other "phone_number_verified" "whether that number was verified" "OpenID Connect Core section 5.1"
    Other "picture" "URL of a picture" "OpenID Connect Core section 5.1"
    Other "preferred_username" "user name" "OpenID Connect Core section 5.1"
    Other "profile" "URL of a profile" "OpenID Connect Core section 5.1"
    Other "roles" "roles" "RFC 9068 section 2.2.3.1"
    Other "scope" "scopes" "RFC 8693 section 4.2"
    Other "sid" "session" "OpenID Connect Front-Channel Logout section 3"
    Other "sub" "subject" "RFC 7519 section 4.1.2"
    Other "sub_id" "subject in another form" "RFC 9493 section 4.1"
    Other "sub_jwk" "public key of a self-issued token" "OpenID Connect Core section 7.4"
    Date "toe" "time of the event" "RFC 8417 section 2.2"
    Other "token_introspection" "answer of an introspection" "RFC 9701 section 5"
    Other "txn" "transaction" "RFC 8417 section 2.2"
    Date "updated_at" "when the profile changed" "OpenID Connect Core section 5.1"
    Other "vc" "verifiable credential" "W3C VC Data Model 1.1 section 6.3.1"
    Other "vot" "trust in the authentication" "RFC 8485 section 3"
    Other "vp" "verifiable presentation" "W3C VC Data Model 1.1 section 6.3.1"
    Other "vtm" "URL of the trustmark" "RFC 8485 section 3"
    Other "website" "URL of a page" "OpenID Connect Core section 5.1"
    Other "zoneinfo" "time zone" "OpenID Connect Core section 5.1"
};

/// Members of the claim `cnf`.
pub const CONFIRMATION: &[Registered] = names! {
    Other "jkt" "thumbprint of the key" "RFC 9449 section 6.1"
    Other "jku" "URL of the key set" "RFC 7800 section 3.5"
    Other "jwe" "encrypted key" "RFC 7800 section 3.3"
    Other "jwk" "public key" "RFC 7800 section 3.2"
    Other "kid" "key id" "RFC 7800 section 3.4"
    Other "x5t#S256" "SHA-256 of the certificate" "RFC 8705 section 3.1"
};

/// From here on a number of seconds lies beyond the year 5000, and milliseconds were meant.
const MILLISECONDS: f64 = 1e11;

/// The row of `name` in a table.
pub fn of(table: &'static [Registered], name: &str) -> Option<&'static Registered> {
    let place = table.binary_search_by(|row| row.name.cmp(name)).ok()?;
    table.get(place)
}

/// Whether a claim of this name holds a time.
pub fn is_date(name: &str) -> bool {
    of(CLAIMS, name).is_some_and(|row| row.kind == Kind::Date)
}

/// Dates of `claims` that are no dates or look wrong, a line each.
pub fn oddities(claims: &JsonObject) -> Vec<String> {
    let odd = |(name, value): (&String, &Value)| match value {
        Value::Number(number) if number.as_f64().is_some_and(|it| it.abs() >= MILLISECONDS) => {
            Some(format!(
                "{name} {number} looks like milliseconds: a NumericDate counts seconds (RFC 7519 \
                 section 2)"
            ))
        }
        Value::Number(_) => None,
        _ => Some(format!(
            "{name} is no number: a NumericDate is one (RFC 7519 section 2)"
        )),
    };
    claims
        .members()
        .iter()
        .filter(|(name, _)| is_date(name))
        .filter_map(odd)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::time::DATES;

    #[test]
    fn the_tables_are_sorted_and_name_nothing_twice() {
        for table in [HEADER, CLAIMS, CONFIRMATION] {
            assert!(table.is_sorted_by(|one, other| one.name < other.name));
            assert!(table.iter().all(|row| row.source.contains(" section ")));
        }
    }

    #[test]
    fn a_name_is_told_with_its_source() {
        let cnf = of(CLAIMS, "cnf").unwrap();
        assert_eq!(
            (cnf.title, cnf.source),
            ("key that its holder must prove", "RFC 7800 section 3.1")
        );
        assert_eq!(of(HEADER, "cnf"), None);
        assert!(DATES.iter().all(|name| is_date(name)));
    }

    #[test]
    fn dates_that_are_none_are_told() {
        let claims =
            JsonObject::parse(r#"{"exp":1795637916000,"iat":"1795637916","nbf":1,"a":"b"}"#);
        assert_eq!(
            oddities(&claims.unwrap()),
            [
                "exp 1795637916000 looks like milliseconds: a NumericDate counts seconds (RFC 7519 \
                 section 2)",
                "iat is no number: a NumericDate is one (RFC 7519 section 2)"
            ]
        );
    }
}
