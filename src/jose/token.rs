//! JWS compact tokens: minted and taken apart (RFC 7515 section 3.1, RFC 7519).

use aws_lc_rs::{hmac, rand::SecureRandom};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use super::{
    algorithm::{Algorithm, MacAlgorithm},
    base64url,
    claims::JsonObject,
    key::{KeyError, Signer},
};
use crate::secret::Secret;

/// The largest token that is read, in octets.
pub const TOKEN_LIMIT: usize = 1 << 20;
/// The largest header that is read, in octets of JSON.
pub const HEADER_LIMIT: usize = 16 << 10;

/// A token that was taken apart and not verified.
#[derive(Clone, Debug)]
pub struct UnverifiedToken {
    /// The token itself, cleaned of `Bearer `, quotes and line breaks.
    pub text: String,
    /// The header as it stood.
    pub header: JsonObject,
    /// What follows it.
    pub body: Body,
    /// What the clean-up took away, a short remark each.
    pub remarks: Vec<String>,
}

/// What follows the header.
#[derive(Clone, Debug)]
pub enum Body {
    /// A JWS whose payload is a claims set.
    Claims {
        /// The claims.
        claims: JsonObject,
        /// The signature's octets; none for an unsigned token.
        signature: Vec<u8>,
    },
    /// A JWS whose payload is no JSON object.
    Payload {
        /// The payload's octets.
        payload: Vec<u8>,
        /// The signature's octets.
        signature: Vec<u8>,
    },
    /// A JWE (RFC 7516): only the header can be read.
    Encrypted,
}

/// Why a text is no token.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// Nothing was given.
    #[error("no token: the text is empty")]
    Empty,
    /// A part is not base64url.
    #[error("{part}: {fault}")]
    Encoding {
        /// `header`, `payload` or `signature`.
        part: &'static str,
        /// What is wrong with it, and where.
        fault: String,
    },
    /// The header is no JSON object.
    #[error("header: no JSON object: {0}")]
    Header(super::claims::JsonError),
    /// The header is no text.
    #[error("header: no UTF-8 text from byte {0} on")]
    HeaderText(usize),
    /// The header is over its limit.
    #[error("header: {0} bytes: at most 16 KiB are read")]
    HeaderTooLong(usize),
    /// Nothing in the text looks like a token.
    #[error("no token: nothing in the text looks like one")]
    NotFound,
    /// Not the three parts of a JWS or five of a JWE.
    #[error("no token: {}; a JWS has three, a JWE five", between_dots(*.0))]
    Parts(usize),
    /// The token is over its limit.
    #[error("the token has {0} bytes: at most 1 MiB are read")]
    TooLong(usize),
}

impl UnverifiedToken {
    /// Takes a token apart: whatever its `alg`, signed or not; at most 1 MiB with a header of
    /// 16 KiB. `Bearer `, quotes and white space around and in it are taken away and remarked.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        if text.len() > TOKEN_LIMIT {
            return Err(DecodeError::TooLong(text.len()));
        }
        let (text, remarks) = cleaned(text);
        if text.is_empty() {
            return Err(DecodeError::Empty);
        }
        let parts: Vec<&str> = text.split('.').collect();
        if parts.len() != 3 && parts.len() != 5 {
            return Err(DecodeError::Parts(parts.len()));
        }
        let header = header(parts[0])?;
        let body = if parts.len() == 5 {
            Body::Encrypted
        } else {
            let payload = part("payload", parts[1])?;
            let signature = part("signature", parts[2])?;
            match std::str::from_utf8(&payload)
                .ok()
                .and_then(|text| JsonObject::parse(text).ok())
            {
                Some(claims) => Body::Claims { claims, signature },
                None => Body::Payload { payload, signature },
            }
        };
        Ok(Self {
            text,
            header,
            body,
            remarks,
        })
    }

    /// `alg`, where it is text.
    pub fn alg(&self) -> Option<&str> {
        self.header_text("alg")
    }

    /// `kid`, where it is text.
    pub fn kid(&self) -> Option<&str> {
        self.header_text("kid")
    }

    /// A header member that is text.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        self.header.members().get(name).and_then(Value::as_str)
    }

    /// The claims, where the payload is a claims set.
    pub fn claims(&self) -> Option<&JsonObject> {
        match &self.body {
            Body::Claims { claims, .. } => Some(claims),
            Body::Payload { .. } | Body::Encrypted => None,
        }
    }

    /// The octets of the signature; none for a JWE.
    pub fn signature(&self) -> Option<&[u8]> {
        match &self.body {
            Body::Claims { signature, .. } | Body::Payload { signature, .. } => Some(signature),
            Body::Encrypted => None,
        }
    }

    /// What was signed: header and payload as they stand, with the dot between them.
    pub fn signing_input(&self) -> &str {
        self.text.rsplit_once('.').map_or("", |(input, _)| input)
    }
}

impl DecodeError {
    /// Why there is no token in a text where none was found.
    pub fn nothing_in(text: &str) -> Self {
        if text.trim().is_empty() {
            Self::Empty
        } else if text.len() > TOKEN_LIMIT {
            Self::TooLong(text.len())
        } else {
            Self::NotFound
        }
    }
}

/// Signs exactly the bytes of `header` and `claims` (RFC 7515 section 5.1).
pub fn mint(
    header: &JsonObject,
    claims: &JsonObject,
    algorithm: Algorithm,
    signer: &dyn Signer,
    rng: &dyn SecureRandom,
) -> Result<String, KeyError> {
    let mut token = signing_input(header, claims);
    let signature = signer.sign(algorithm, token.as_bytes(), rng)?;
    token.push('.');
    token.push_str(&Base64UrlUnpadded::encode_string(&signature));
    Ok(token)
}

/// The same with a shared secret (RFC 7518 section 3.2), which must be as long as the hash.
pub fn mint_with_secret(
    header: &JsonObject,
    claims: &JsonObject,
    algorithm: MacAlgorithm,
    secret: &Secret<Vec<u8>>,
) -> Result<String, KeyError> {
    let bytes = secret.expose();
    if bytes.len() < algorithm.least_secret() {
        return Err(KeyError::Malformed {
            form: "secret",
            reason: format!(
                "{} bytes; {} needs {} at least (RFC 7518 section 3.2)",
                bytes.len(),
                algorithm.name(),
                algorithm.least_secret()
            ),
        });
    }
    let key = hmac::Key::new(
        match algorithm {
            MacAlgorithm::Hs256 => hmac::HMAC_SHA256,
            MacAlgorithm::Hs384 => hmac::HMAC_SHA384,
            MacAlgorithm::Hs512 => hmac::HMAC_SHA512,
        },
        bytes,
    );
    let mut token = signing_input(header, claims);
    let tag = hmac::sign(&key, token.as_bytes());
    token.push('.');
    token.push_str(&Base64UrlUnpadded::encode_string(tag.as_ref()));
    Ok(token)
}

/// The bytes that are signed: header and claims in base64url, with a dot between them (RFC 7515
/// section 5.1).
pub fn signing_input(header: &JsonObject, claims: &JsonObject) -> String {
    let b64 = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    format!("{}.{}", b64(header.text()), b64(claims.text()))
}

/// A signed `token` with a word in place of its signature, without which it proves nothing.
pub fn masked(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').unwrap_or_default();
    format!("{input}.‹signature, {} characters›", signature.len())
}

/// `1 part between dots`, `4 parts between dots`.
pub(super) fn between_dots(parts: usize) -> String {
    let plural = if parts == 1 { "" } else { "s" };
    format!("{parts} part{plural} between dots")
}

fn header(encoded: &str) -> Result<JsonObject, DecodeError> {
    let bytes = part("header", encoded)?;
    if bytes.len() > HEADER_LIMIT {
        return Err(DecodeError::HeaderTooLong(bytes.len()));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| DecodeError::HeaderText(error.valid_up_to() + 1))?;
    JsonObject::parse(text).map_err(DecodeError::Header)
}

fn part(part: &'static str, encoded: &str) -> Result<Vec<u8>, DecodeError> {
    base64url::read(encoded).map_err(|misread| DecodeError::Encoding {
        part,
        fault: misread.fault,
    })
}

fn cleaned(text: &str) -> (String, Vec<String>) {
    let mut remarks = Vec::new();
    let mut rest = text.trim();
    if let Some(after) = without_prefix(rest, "authorization:") {
        remarks.push("header name taken away".to_owned());
        rest = after;
    }
    rest = unquoted(rest, &mut remarks);
    if let Some(after) = without_prefix(rest, "bearer ") {
        remarks.push("Bearer taken away".to_owned());
        rest = unquoted(after, &mut remarks);
    }
    let folded: String = rest.split_whitespace().collect();
    if folded.len() != rest.len() {
        remarks.push("white space inside taken away".to_owned());
    }
    (folded, remarks)
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| text[prefix.len()..].trim_start())
}

fn unquoted<'a>(text: &'a str, remarks: &mut Vec<String>) -> &'a str {
    let inner = text.trim_matches(|character| matches!(character, '"' | '\'' | '`' | ',' | ';'));
    if inner.len() != text.len() {
        remarks.push("quotes taken away".to_owned());
    }
    inner.trim()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;

    use super::*;
    use crate::jose::pem::fixture;

    /// RFC 7515 appendix A.1.
    const RFC_7515_A1: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_token_of_rfc_7515_appendix_a_1_is_taken_apart() {
        let token = UnverifiedToken::decode(RFC_7515_A1).unwrap();
        assert_eq!(token.alg(), Some("HS256"));
        assert_eq!(
            token.claims().unwrap().compact(),
            r#"{"iss":"joe","exp":1300819380,"http://example.com/is_root":true}"#
        );
        assert_eq!(token.signature().map(<[u8]>::len), Some(32));
        assert_eq!(token.remarks, Vec::<String>::new());
    }

    #[test]
    fn the_token_of_rfc_7515_appendix_a_1_is_minted_again() {
        let k = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret = Secret::new(Base64UrlUnpadded::decode_vec(k).unwrap());
        let token = UnverifiedToken::decode(RFC_7515_A1).unwrap();
        let (header, claims) = (&token.header, token.claims().unwrap());
        let again = mint_with_secret(header, claims, MacAlgorithm::Hs256, &secret);
        assert_eq!(again.unwrap(), RFC_7515_A1);
    }

    #[test]
    fn what_stands_around_a_token_is_taken_away_and_remarked() {
        let broken = RFC_7515_A1.replace('.', ".\n  ");
        let pasted = format!("Authorization: Bearer \"{broken}\"\n");
        let token = UnverifiedToken::decode(&pasted).unwrap();
        assert_eq!(token.text, RFC_7515_A1);
        assert_eq!(
            token.remarks,
            [
                "header name taken away",
                "quotes taken away",
                "Bearer taken away",
                "quotes taken away",
                "white space inside taken away"
            ]
        );
    }

    #[test]
    fn unsigned_encrypted_and_unknown_tokens_are_shown() {
        let none = UnverifiedToken::decode("eyJhbGciOiJub25lIn0.e30.").unwrap();
        assert_eq!(
            (none.alg(), none.signature()),
            (Some("none"), Some(&[][..]))
        );
        let jwe = UnverifiedToken::decode("eyJhbGciOiJkaXIifQ....").unwrap();
        assert!(matches!(jwe.body, Body::Encrypted));
        let text = UnverifiedToken::decode("eyJhbGciOiJYIn0.aGk.AA").unwrap();
        assert!(matches!(text.body, Body::Payload { payload, .. } if payload == b"hi"));
    }

    #[test]
    fn what_is_no_token_says_why() {
        for (text, expected) in [
            ("", "no token: the text is empty"),
            (
                "a.b",
                "no token: 2 parts between dots; a JWS has three, a JWE five",
            ),
            (
                "e30=.e30.",
                "header: padded with =, which base64url in tokens leaves out (RFC 7515 section 2)",
            ),
            (
                "e31.e30.",
                "header: its last letter has bits left over: cut off, or changed (RFC 4648 section 3.5)",
            ),
            (
                "e30.!.",
                "payload: character 1 is '!', no base64url; read up to there",
            ),
            (
                "e30.e30ge.",
                "payload: cut off: its last letter stands alone",
            ),
            (
                "W10.e30.",
                "header: no JSON object: line 1, column 1: \
                 invalid type: sequence, expected a JSON object",
            ),
        ] {
            assert_eq!(
                UnverifiedToken::decode(text).unwrap_err().to_string(),
                expected,
                "{text}"
            );
        }
        let long = "a".repeat(TOKEN_LIMIT + 1);
        assert_eq!(
            UnverifiedToken::decode(&long).unwrap_err(),
            DecodeError::TooLong(1_048_577)
        );
    }

    #[test]
    fn minting_signs_exactly_the_bytes_given() {
        let key = fixture::private(fixture::P256);
        let header = JsonObject::parse(r#"{ "alg": "ES256" }"#).unwrap();
        let claims = JsonObject::parse("{\n \"sub\": \"a\" }").unwrap();
        let token = mint(
            &header,
            &claims,
            Algorithm::Es256,
            &key,
            &SystemRandom::new(),
        )
        .unwrap();
        let again = UnverifiedToken::decode(&token).unwrap();
        assert_eq!(again.header.text(), header.text());
        assert_eq!(again.claims().unwrap().text(), claims.text());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_decoding_panic(text: String) {
            let _ = UnverifiedToken::decode(&text);
        }
    }
}
