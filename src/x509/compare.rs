//! Two keys, certificates or tokens beside each other, member by member.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    certificate::Certificate,
    details::{Criticality, Details},
};
use crate::jose::{
    jwk::PublicJwk,
    key::PublicKey,
    token::{Body, UnverifiedToken},
};

/// Members that the key itself consists of (RFC 7638 section 3.2, RFC 8037).
const KEY_MEMBERS: [&str; 6] = ["kty", "crv", "n", "e", "x", "y"];

/// What a side is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A certificate.
    Certificate,
    /// A key, alone or with its JWK and its certificate.
    Key,
    /// A token.
    Token,
}

/// One of the two.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Side {
    /// What it is.
    pub kind: Kind,
    members: Vec<Member>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Member {
    part: Part,
    name: String,
    value: String,
}

/// Where a member stands. A part that only one side can have tells nothing of the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    Key,
    Jwk,
    Certificate,
    Token,
}

/// A member of one side or both. The texts are raw: they pass the display gate before they are
/// shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// `kty`, `certificate.subject`, `claims.sub`, …
    pub name: String,
    /// What the first says, as text or JSON.
    pub a: Option<String>,
    /// What the second says.
    pub b: Option<String>,
}

impl Row {
    /// Whether both say the same.
    pub fn is_equal(&self) -> bool {
        self.a == self.b
    }
}

impl Side {
    /// A key by its JWK, with the certificate of its `x5c`.
    pub fn of_jwk(jwk: &PublicJwk) -> Self {
        let mut side = Self::of_key(&jwk.key);
        for (name, value) in jwk.to_value() {
            if !KEY_MEMBERS.contains(&name.as_str()) {
                side.put(Part::Jwk, name, text(&value));
            }
        }
        if let Some(leaf) = jwk
            .x5c
            .first()
            .and_then(|der| Certificate::from_der(der).ok())
        {
            side.put_certificate(&leaf);
        }
        side
    }

    /// A key alone.
    pub fn of_key(key: &PublicKey) -> Self {
        let mut side = Self {
            kind: Kind::Key,
            members: Vec::new(),
        };
        side.put_key(key);
        side
    }

    /// The key with a certificate that stands beside it.
    #[must_use]
    pub fn with_certificate(mut self, certificate: &Certificate) -> Self {
        if !self.has_part(Part::Certificate) {
            self.put_certificate(certificate);
        }
        self
    }

    /// A certificate and the key it was made for.
    pub fn of_certificate(certificate: &Certificate) -> Self {
        let mut side = Self {
            kind: Kind::Certificate,
            members: Vec::new(),
        };
        if let Ok(key) = certificate.public_key() {
            side.put_key(&key);
        }
        side.put_certificate(certificate);
        side
    }

    /// A token, as it stands.
    pub fn of_token(token: &UnverifiedToken) -> Self {
        let mut side = Self {
            kind: Kind::Token,
            members: Vec::new(),
        };
        side.put_object("header", token.header.members());
        let signature = match &token.body {
            Body::Claims { claims, signature } => {
                side.put_object("claims", claims.members());
                Some(signature)
            }
            Body::Payload { payload, signature } => {
                let payload = String::from_utf8_lossy(payload).into_owned();
                side.put(Part::Token, "payload".to_owned(), payload);
                Some(signature)
            }
            Body::Encrypted => None,
        };
        let last = token.text.rsplit('.').next().unwrap_or_default();
        if signature.is_some_and(|signature| !signature.is_empty()) {
            side.put(Part::Token, "signature".to_owned(), last.to_owned());
        }
        side
    }

    /// Every member of the two, in the order of the first; none where a token stands beside what is
    /// none. Of a key and a certificate what both can have is compared.
    pub fn compare(&self, other: &Self) -> Option<Vec<Row>> {
        if (self.kind == Kind::Token) != (other.kind == Kind::Token) {
            return None;
        }
        let both =
            |part: Part| self.kind == other.kind || self.has_part(part) && other.has_part(part);
        let (ours, theirs) = (self.by_name(), other.by_name());
        let mut rows: Vec<Row> = Vec::new();
        for member in self.members.iter().filter(|member| both(member.part)) {
            rows.push(Row {
                name: member.name.clone(),
                a: Some(member.value.clone()),
                b: theirs.get(member.name.as_str()).map(|b| (*b).to_owned()),
            });
        }
        for member in other.members.iter().filter(|member| both(member.part)) {
            if !ours.contains_key(member.name.as_str()) {
                rows.push(Row {
                    name: member.name.clone(),
                    a: None,
                    b: Some(member.value.clone()),
                });
            }
        }
        Some(rows)
    }

    fn has_part(&self, part: Part) -> bool {
        self.members.iter().any(|member| member.part == part)
    }

    /// Each name with the first value that it has.
    fn by_name(&self) -> HashMap<&str, &str> {
        let members = self.members.iter().rev();
        members
            .map(|member| (member.name.as_str(), member.value.as_str()))
            .collect()
    }

    fn put(&mut self, part: Part, name: String, value: String) {
        self.members.push(Member { part, name, value });
    }

    fn put_key(&mut self, key: &PublicKey) {
        let thumbprint = key.thumbprint().to_string();
        self.put(Part::Key, "thumbprint".to_owned(), thumbprint);
        self.put(Part::Key, "key".to_owned(), key.label());
        let bare = PublicJwk {
            key: key.clone(),
            kid: None,
            usage: None,
            alg: None,
            x5c: Vec::new(),
            x5t: None,
            x5t_s256: None,
            other: Map::new(),
        };
        for (name, value) in bare.to_value() {
            self.put(Part::Key, name, text(&value));
        }
    }

    fn put_certificate(&mut self, certificate: &Certificate) {
        let details = Details::of(certificate);
        let mut say = |name: &str, value: String| {
            self.put(Part::Certificate, format!("certificate.{name}"), value);
        };
        say("subject", details.subject.text);
        say("issuer", details.issuer.text);
        say("serial", details.serial);
        say("version", details.version.to_string());
        say("not before", details.not_before.to_string());
        say("not after", details.not_after.to_string());
        say("signature algorithm", details.signature.name);
        say("public key", details.public_key);
        for extension in details.extensions {
            let mut value = extension.meaning.join("; ");
            if extension.critical == Criticality::Critical {
                value.insert_str(0, "critical: ");
            }
            say(&extension.name, value);
        }
        say("SHA-256", details.sha256);
    }

    fn put_object(&mut self, part: &str, members: &Map<String, Value>) {
        for (name, value) in members {
            // Whether "1" or 1 stands there is a difference.
            self.put(Part::Token, format!("{part}.{name}"), value.to_string());
        }
    }
}

/// A text as it is, all else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
