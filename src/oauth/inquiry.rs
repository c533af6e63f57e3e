//! What a server is asked of a token that it granted: whether it still counts (RFC 7662), or that it
//! does not any more (RFC 7009).

use jiff::Timestamp;
use serde_json::Value;

use super::{
    access_token::AccessToken, client::Client, error::OauthError, metadata::Place, step::StepName,
    token_request,
};
use crate::{
    jose::{claims::JsonObject, time},
    net::request::Response,
};

/// What stands in the shown request for the token.
pub const PLACEHOLDER: &str = "$TOKEN";

/// What is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Inquiry {
    /// What the server knows of the token.
    Introspect,
    /// That the server forgets it.
    Revoke,
}

/// What a server says of a token (RFC 7662 section 2.2).
#[derive(Clone, Debug)]
pub struct Introspection {
    pub is_active: bool,
    /// Everything it says, as it stood.
    pub document: JsonObject,
}

impl Inquiry {
    /// Where it goes.
    pub(super) fn place(self) -> Place {
        match self {
            Self::Introspect => Place::Introspection,
            Self::Revoke => Place::Revocation,
        }
    }

    /// The step that it is.
    pub(super) fn step(self) -> StepName {
        match self {
            Self::Introspect => StepName::Introspection,
            Self::Revoke => StepName::Revocation,
        }
    }

    /// The parameters in their order, what is secret as placeholders.
    pub fn parameters(client: &Client) -> Vec<(&str, &str)> {
        let mut parameters = vec![("token", PLACEHOLDER), ("token_type_hint", "access_token")];
        parameters.extend(token_request::authentication(client));
        parameters
    }
}

impl Introspection {
    /// Reads what `url` answered.
    pub(super) fn read(url: &str, response: &Response) -> Result<Self, OauthError> {
        let wrong = |why: String| OauthError::Inquiry {
            url: url.to_owned(),
            why,
        };
        let document = JsonObject::parse(&response.text());
        let document =
            document.map_err(|error| wrong(format!("it is no JSON object ({error})")))?;
        match document.members().get("active") {
            Some(Value::Bool(is_active)) => Ok(Self {
                is_active: *is_active,
                document,
            }),
            Some(_) => Err(wrong("its active is neither true nor false".to_owned())),
            None => Err(wrong(
                "it has no active: is this an introspection endpoint?".to_owned(),
            )),
        }
    }

    /// `active, ends in 4 min, scope read`.
    pub(super) fn summary(&self, now: Timestamp) -> String {
        if !self.is_active {
            return "not active".to_owned();
        }
        let members = self.document.members();
        let exp = members.get("exp").and_then(time::numeric_date);
        let end = exp.map(|exp| format!(", ends {}", time::relative(exp, now)));
        let scope = members.get("scope").and_then(Value::as_str);
        let scope = scope.map(|scope| format!(", scope {scope}"));
        format!(
            "active{}{}",
            end.unwrap_or_default(),
            scope.unwrap_or_default()
        )
    }

    /// What is worth a word: of a token that does not count, why; else where it disagrees with the
    /// token itself.
    pub(super) fn findings(&self, access: Option<&AccessToken>, now: Timestamp) -> Vec<String> {
        if !self.is_active {
            return vec![
                "the server does not say why: it has ended, was revoked, is another server's, or \
                 this client may not see it (RFC 7662 section 2.2)"
                    .to_owned(),
            ];
        }
        let said = self.document.members();
        let mut findings = Vec::new();
        if let Some(exp) = said.get("exp").and_then(time::numeric_date)
            && exp <= now
        {
            findings.push(format!(
                "it is active, and its exp is {}: this machine's clock and the server's differ",
                time::relative(exp, now)
            ));
        }
        let decoded = access.and_then(AccessToken::decoded);
        let Some(claims) = decoded.as_ref().and_then(|token| token.claims()) else {
            return findings;
        };
        for name in ["iss", "sub", "aud", "exp", "client_id", "cnf"] {
            if let (Some(own), Some(theirs)) = (claims.members().get(name), said.get(name))
                && own != theirs
            {
                findings.push(format!(
                    "{name} is {own} in the token, and {theirs} to the server"
                ));
            }
        }
        findings
    }
}
