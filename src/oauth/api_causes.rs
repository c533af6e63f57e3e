//! Why an API likely refused an access token: its challenge (RFC 6750 section 3) beside the token.

use jiff::Timestamp;
use serde_json::Value;

use super::{access_token::AccessToken, call::Call, causes, dpop};
use crate::{jose::time, net::request::Response};

/// The likely causes with what to do, likeliest first; `now` is when the answer came.
pub fn of(call: &Call, access: &AccessToken, response: &Response, now: Timestamp) -> Vec<String> {
    let challenge = response.header("www-authenticate").unwrap_or_default();
    let said = |name: &str| parameter(challenge, name);
    let url = call.url().as_str();
    let mut causes = Vec::new();
    match response.status {
        401 => {
            let words = said("error_description").or_else(|| said("error"));
            let key = words.as_deref().and_then(|words| key(words, access));
            causes.extend(words.map(|words| format!("the API says: {words}")));
            causes.extend(key);
            causes.extend(possession(challenge, call, access));
            causes.extend(ended(access, now));
            causes.extend(causes::clock(response, now));
            causes.push(audience(call, access));
        }
        403 => {
            let granted = access.scope.as_deref().unwrap_or("none that is told");
            causes.push(match said("scope") {
                Some(scope) => format!(
                    "the API asks for the scope {scope:?}, and the token has {granted:?}: write it \
                     as the client's scope"
                ),
                None => format!(
                    "the token is taken, and may not do this: its scope is {granted:?}; ask for \
                     more, or have the client allowed it"
                ),
            });
        }
        404 | 405 => causes.push(format!(
            "nothing answers {} at {url}: check path and method",
            call.method
        )),
        429 | 503 => causes.push(format!(
            "the API takes no more requests for now: {}",
            causes::try_again(response)
        )),
        500.. => causes.push("the API itself failed: try again, or ask its operator".to_owned()),
        _ => {}
    }
    causes
}

fn ended(access: &AccessToken, now: Timestamp) -> Option<String> {
    let end = access.expires_at.filter(|end| *end <= now)?;
    Some(format!(
        "the access token has ended, {}: ask for a new one",
        time::relative(end, now)
    ))
}

/// Where the API speaks of the key: which one the token names, and what tells whether it is there.
fn key(words: &str, access: &AccessToken) -> Option<String> {
    let words = words.to_ascii_lowercase();
    let speaks = ["kid", "key", "signature"];
    let decoded = access.decoded()?;
    let kid = decoded.kid()?;
    speaks.iter().any(|word| words.contains(word)).then(|| {
        format!(
            "the token names the key {kid}: it must be in the JWK Set of the server that issued it, \
             and the API's copy of that set may be old; keyfob verify --issuer says whether it is \
             there"
        )
    })
}

/// What the API says of the proof that goes with a token (RFC 9449 section 7.1).
fn possession(challenge: &str, call: &Call, access: &AccessToken) -> Option<String> {
    if !challenge.to_ascii_lowercase().contains("dpop ") {
        return None;
    }
    if !access.needs_proof() {
        return Some(
            "the API takes tokens with a proof (DPoP), and this is a bearer token: write bind: dpop"
                .to_owned(),
        );
    }
    match parameter(challenge, "error").as_deref() {
        Some(dpop::USE_NONCE) => Some(
            "it takes none of the nonces that it gives itself, or gives none: its operator must \
             mend that"
                .to_owned(),
        ),
        Some("invalid_dpop_proof") => Some(format!(
            "htu of the proof is {}: behind a proxy the API may call itself otherwise",
            dpop::target(call.url().as_str())
        )),
        _ => None,
    }
}

/// Whom the token is for, as far as it can be read.
fn audience(call: &Call, access: &AccessToken) -> String {
    let Some(decoded) = access.decoded() else {
        return "the token is opaque: the API must ask the server that issued it (RFC 7662), and it \
                must be the server that the API knows"
            .to_owned();
    };
    let claim = |name: &str| {
        let claims = decoded.claims()?;
        match claims.members().get(name)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    };
    let authority = call.url().authority();
    match (claim("aud"), claim("iss")) {
        (Some(aud), Some(iss)) => format!(
            "the token is from {iss} for {aud}: is that what the API at {authority} takes? resource \
             or request_audience of the client asks for another audience"
        ),
        (None, _) => format!(
            "the token names no audience, and the API at {authority} may want its own: write it as \
             the client's resource or request_audience"
        ),
        (Some(_), None) => "the token names no issuer: the API cannot know whose it is".to_owned(),
    }
}

/// A parameter of a challenge: `name="value"` or `name=value`.
fn parameter(challenge: &str, name: &str) -> Option<String> {
    let start = challenge.match_indices(name).find_map(|(place, _)| {
        let before = challenge[..place].chars().next_back();
        let value = challenge[place + name.len()..]
            .trim_start()
            .strip_prefix('=')?;
        before
            .is_none_or(|before| before == ' ' || before == ',')
            .then(|| value.trim_start())
    })?;
    let value = match start.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => start.split([',', ' ']).next()?,
    };
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_by_its_parameters() {
        let challenge = r#"Bearer realm="api", error="invalid_token", error_description="it has expired", scope=read"#;
        for (name, expected) in [
            ("error", Some("invalid_token")),
            ("error_description", Some("it has expired")),
            ("scope", Some("read")),
            ("realm", Some("api")),
            ("description", None),
        ] {
            assert_eq!(parameter(challenge, name).as_deref(), expected, "{name}");
        }
        assert_eq!(parameter("Bearer", "error"), None);
    }
}
