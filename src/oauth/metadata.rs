//! What an authorization server says of itself.

use serde_json::{Map, Value};

use super::error::OauthError;
use crate::{
    jose::claims::JsonObject,
    net::url::{Scheme, Url},
};

/// An address that metadata can name (RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    Introspection,
    Jwks,
    Registration,
    Revocation,
    Token,
}

/// The metadata of one authorization server, under the issuer that was asked for.
#[derive(Clone, Debug)]
pub struct Metadata {
    issuer: String,
    is_https: bool,
    document: JsonObject,
}

impl Place {
    /// Every address.
    pub const ALL: [Self; 5] = [
        Self::Introspection,
        Self::Jwks,
        Self::Registration,
        Self::Revocation,
        Self::Token,
    ];

    /// Its member in the metadata.
    pub fn member(self) -> &'static str {
        match self {
            Self::Introspection => "introspection_endpoint",
            Self::Jwks => "jwks_uri",
            Self::Registration => "registration_endpoint",
            Self::Revocation => "revocation_endpoint",
            Self::Token => "token_endpoint",
        }
    }
}

impl Metadata {
    /// Reads the `document` found for `issuer`: it must name that very issuer, character for
    /// character (RFC 8414 section 3.3).
    pub(super) fn of(issuer: &Url, url: &str, document: &str) -> Result<Self, OauthError> {
        let document = JsonObject::parse(document).map_err(|why| OauthError::NotMetadata {
            url: url.to_owned(),
            why,
        })?;
        let said = match document.members().get("issuer") {
            Some(Value::String(said)) => said.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        if said != issuer.as_str() {
            return Err(OauthError::Issuer {
                asked: issuer.as_str().to_owned(),
                said,
            });
        }
        Ok(Self {
            issuer: issuer.as_str().to_owned(),
            is_https: issuer.scheme() == Scheme::Https,
            document,
        })
    }

    /// The issuer, as asked for and as it says itself.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Everything it says, as it stood.
    pub fn document(&self) -> &JsonObject {
        &self.document
    }

    /// The address of `place`. A server that is https itself may name https only; which plain http
    /// may be used at all, the policy of the request says.
    pub fn url(&self, place: Place) -> Result<Url, OauthError> {
        self.address(place, self.document.members())
    }

    /// As [`Self::url`], for a client that shows a certificate: the address may be another one
    /// (`mtls_endpoint_aliases`, RFC 8705 section 5).
    pub fn mtls_url(&self, place: Place) -> Result<Url, OauthError> {
        let aliases = self.document.members().get("mtls_endpoint_aliases");
        match aliases.and_then(Value::as_object) {
            Some(aliases) if aliases.contains_key(place.member()) => self.address(place, aliases),
            _ => self.url(place),
        }
    }

    /// The texts of an array, `token_endpoint_auth_methods_supported` for example; `None` where the
    /// server says nothing of it.
    pub fn texts(&self, member: &str) -> Option<Vec<&str>> {
        let array = self.document.members().get(member)?.as_array()?;
        Some(array.iter().filter_map(Value::as_str).collect())
    }

    /// A truth value; `None` where the server says nothing of it.
    pub fn is_true(&self, member: &str) -> Option<bool> {
        self.document.members().get(member)?.as_bool()
    }

    fn address(&self, place: Place, members: &Map<String, Value>) -> Result<Url, OauthError> {
        let member = place.member();
        let wrong = |why: String| OauthError::Member {
            issuer: self.issuer.clone(),
            member,
            why,
        };
        let text = match members.get(member) {
            None | Some(Value::Null) => {
                return Err(OauthError::NotNamed {
                    issuer: self.issuer.clone(),
                    member,
                });
            }
            Some(Value::String(text)) => text,
            Some(_) => return Err(wrong("it is no text".to_owned())),
        };
        let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
        if self.is_https && url.scheme() == Scheme::Http {
            return Err(OauthError::Downgrade {
                issuer: self.issuer.clone(),
                member,
                url: text.clone(),
            });
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(issuer: &str, document: &str) -> Result<Metadata, String> {
        Metadata::of(&Url::parse(issuer).unwrap(), "https://where", document)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn only_the_issuer_itself_is_believed() {
        let said = |document| metadata("https://idp.example", document).unwrap_err();
        assert_eq!(
            said(r#"{"issuer": "https://evil.example"}"#),
            "https://idp.example describes itself as the issuer \"https://evil.example\": that is \
             another one, and its word does not count here; check the URL"
        );
        assert_eq!(
            said(r#"{"issuer": "https://idp.example/"}"#),
            "https://idp.example describes itself as the issuer \"https://idp.example/\": write it \
             so, https://idp.example/"
        );
        assert!(said("{}").contains("the issuer \"\""));
        assert!(said(r#"{"issuer": 7}"#).contains("the issuer \"7\""));
        assert_eq!(
            said("<html>"),
            "https://where answered with something that is no metadata: line 1, column 1: expected \
             value; check the issuer"
        );
    }

    #[test]
    fn an_https_server_names_https_only() {
        let document = r#"{"issuer": "https://idp.example", "token_endpoint": "http://idp.example/t",
            "jwks_uri": "https://keys.example/set", "registration_endpoint": 7,
            "revocation_endpoint": "https://a@b/"}"#;
        let metadata = metadata("https://idp.example", document).unwrap();
        let refused = |place| metadata.url(place).unwrap_err().to_string();
        assert_eq!(
            refused(Place::Token),
            "https://idp.example names http://idp.example/t as its token_endpoint, over plain http, \
             although it is https itself: nothing is sent there; its operator must mend that"
        );
        assert_eq!(
            metadata.url(Place::Jwks).unwrap().as_str(),
            "https://keys.example/set"
        );
        assert_eq!(
            refused(Place::Registration),
            "the registration_endpoint that https://idp.example names cannot be used: it is no text"
        );
        assert!(refused(Place::Revocation).contains("user name or password"));
        assert_eq!(
            refused(Place::Introspection),
            "https://idp.example names no introspection_endpoint: it does not offer that, or not to \
             everybody"
        );
    }

    #[test]
    fn a_client_that_shows_a_certificate_asks_where_it_is_asked_for_one() {
        let document = r#"{"issuer": "https://idp.example", "token_endpoint": "https://idp.example/t",
            "revocation_endpoint": "https://idp.example/r", "mtls_endpoint_aliases":
            {"token_endpoint": "https://mtls.example/t", "jwks_uri": "http://mtls.example/"}}"#;
        let metadata = metadata("https://idp.example", document).unwrap();
        let at = |place| metadata.mtls_url(place).map(|url| url.as_str().to_owned());
        assert_eq!(at(Place::Token).unwrap(), "https://mtls.example/t");
        assert_eq!(at(Place::Revocation).unwrap(), "https://idp.example/r");
        assert!(matches!(at(Place::Jwks), Err(OauthError::Downgrade { .. })));
        assert!(matches!(
            at(Place::Introspection),
            Err(OauthError::NotNamed { .. })
        ));
    }

    #[test]
    fn a_server_on_loopback_may_name_plain_http() {
        let document = r#"{"issuer": "http://127.0.0.1:1", "jwks_uri": "http://127.0.0.1:1/jwks"}"#;
        let metadata = metadata("http://127.0.0.1:1", document).unwrap();
        assert!(metadata.url(Place::Jwks).is_ok());
    }
}
