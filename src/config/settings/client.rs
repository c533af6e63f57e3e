//! One entry of `clients:`.

use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Map, Value};

use super::{
    client_auth::{Binding, ClientAuth},
    grant::Grant,
    scalar::{Plain, Text},
    secret_source::SecretSource,
    token_kind::TokenKind,
};
use crate::{
    jose::algorithm::Algorithm,
    net::url::{Scheme, Url},
};

/// The lifetime of an assertion where nothing is said.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// The longest lifetime that can be asked for.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Form parameters that have fields of their own, or that the grant itself sets.
const OWN_PARAMETERS: [(&str, &str); 8] = [
    ("assertion", "key"),
    ("audience", "request_audience"),
    ("client_assertion", "key"),
    ("client_assertion_type", "auth"),
    ("client_id", "client_id"),
    ("grant_type", "grant"),
    ("resource", "resource"),
    ("scope", "scope"),
];

/// Claims of an assertion that have fields of their own, or that are fresh each time.
const OWN_CLAIMS: [(&str, &str); 6] = [
    ("aud", "audience"),
    ("exp", "lifetime"),
    ("iat", "nothing: it is the time of each try"),
    ("iss", "client_id"),
    ("jti", "nothing: it is fresh on each try"),
    ("sub", "client_id, and by subject for grant: jwt_bearer"),
];

/// An OAuth client that proves itself with a key (RFC 7523, RFC 8705).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientSettings {
    pub server: ClientServer,
    pub client_id: String,
    /// The kid of the key that signs, or whose certificate is shown; none where a secret is all that
    /// proves the client.
    pub key: Option<String>,
    /// The algorithm, where it is not the key's own.
    pub algorithm: Option<Algorithm>,
    /// `aud` of the assertion.
    pub audience: Audience,
    /// From `iat` to `exp` of the assertion.
    pub lifetime: Duration,
    pub scope: Option<String>,
    /// RFC 8707.
    pub resource: Option<String>,
    /// The form parameter `audience`, which some servers want.
    pub request_audience: Option<String>,
    /// Further form parameters.
    pub extra: BTreeMap<String, String>,
    /// Members of the assertion's header beside `alg`.
    pub header: Vec<AssertionHeader>,
    /// Further claims of the assertion.
    pub claims: Map<String, Value>,
    pub auth: ClientAuth,
    /// Where the secret of `auth` comes from, where it needs one.
    pub secret: Option<SecretSource>,
    pub grant: Grant,
    /// `sub` of the assertion of [`Grant::JwtBearer`], where it is not `client_id`.
    pub subject: Option<String>,
    /// What its access tokens are to be bound to, beyond what `auth` binds them to.
    pub bind: Option<Binding>,
    /// The `kid` of the key that signs the proofs of [`Binding::Dpop`], where it is another one.
    pub dpop_key: Option<String>,
    /// Roots that replace the system's for it (PEM).
    pub ca_file: Option<PathBuf>,
    /// Whether plain http to another machine is allowed.
    pub allow_http: bool,
}

/// Where the token endpoint is known from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientServer {
    /// Its metadata name it.
    Issuer(String),
    /// The user does.
    TokenUrl(String),
}

/// Whom an assertion is for: always one text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Audience {
    Issuer,
    Text(String),
    TokenUrl,
}

/// A member of an assertion's header that can be left out or added (RFC 7515 section 4.1).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum AssertionHeader {
    Kid,
    Typ,
    X5c,
    X5t,
    X5tS256,
}

impl ClientSettings {
    /// A client with everything else as it is where nothing is said; an empty `key` is none.
    pub fn new(server: ClientServer, client_id: &str, key: &str) -> Self {
        let audience = match server {
            ClientServer::Issuer(_) => Audience::Issuer,
            ClientServer::TokenUrl(_) => Audience::TokenUrl,
        };
        Self {
            server,
            client_id: client_id.to_owned(),
            key: Some(key.to_owned()).filter(|kid| !kid.is_empty()),
            algorithm: None,
            audience,
            lifetime: DEFAULT_LIFETIME,
            scope: None,
            resource: None,
            request_audience: None,
            extra: BTreeMap::new(),
            header: AssertionHeader::DEFAULT.to_vec(),
            claims: Map::new(),
            auth: ClientAuth::default(),
            secret: None,
            grant: Grant::default(),
            subject: None,
            bind: None,
            dpop_key: None,
            ca_file: None,
            allow_http: false,
        }
    }

    /// The same client as it exchanges a token of that kind (RFC 8693).
    #[must_use]
    pub fn exchanging(&self, kind: TokenKind) -> Self {
        Self {
            grant: Grant::TokenExchange(kind),
            subject: None,
            ..self.clone()
        }
    }

    /// Whether its key signs an assertion.
    pub fn signs(&self) -> bool {
        self.auth == ClientAuth::PrivateKeyJwt || self.grant == Grant::JwtBearer
    }

    /// Whether the key `kid` signs anything for it, assertions or proofs.
    pub fn uses(&self, kid: &str) -> bool {
        [&self.key, &self.dpop_key]
            .map(Option::as_deref)
            .contains(&Some(kid))
    }

    /// Whether it can do nothing without a key of its own.
    pub fn needs_key(&self) -> bool {
        let proves = self.bind == Some(Binding::Dpop) && self.dpop_key.is_none();
        self.signs() || self.shows_certificate() || proves
    }

    /// Whether it shows its key's certificate to its server and to APIs.
    pub fn shows_certificate(&self) -> bool {
        self.auth.is_mutual_tls() || self.bind == Some(Binding::Certificate)
    }

    /// Whether its access tokens are presented with its key.
    pub fn is_bound(&self) -> bool {
        self.auth.is_mutual_tls() || self.bind.is_some()
    }

    /// The `kid` of the key that signs proofs, where it signs any.
    pub fn proof_key(&self) -> Option<&str> {
        let is_own = self.bind == Some(Binding::Dpop);
        let kid = self.dpop_key.as_deref().or(self.key.as_deref());
        kid.filter(|_| is_own)
    }

    fn check_secret(&self) -> Result<(), String> {
        let auth = self.auth.name();
        match (&self.secret, self.auth.needs_secret()) {
            (None, true) => Err(format!(
                "{auth} needs secret: write {{env: NAME}}, {{sealed: NAME}} or {{command: [PROGRAM, \
                 ARGUMENT, …]}}"
            )),
            (Some(SecretSource::Client(_)), true) => {
                Err("secret: an access token is none; write env, sealed or command".to_owned())
            }
            (Some(_), false) => Err(format!(
                "{auth} needs no secret: leave it out, or write auth: client_secret_basic"
            )),
            (Some(_), true)
                if self.auth == ClientAuth::ClientSecretJwt && self.grant == Grant::JwtBearer =>
            {
                Err(
                    "jwt_bearer and client_secret_jwt are two assertions: write auth: \
                     client_secret_basic"
                        .to_owned(),
                )
            }
            (Some(_), true) | (None, false) => Ok(()),
        }
    }

    /// What its fields say together: what cannot be, and what to write instead.
    pub fn check(&self) -> Result<(), String> {
        let (ClientServer::Issuer(url) | ClientServer::TokenUrl(url)) = &self.server;
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        if matches!(self.server, ClientServer::Issuer(_)) && url.after_origin().contains('?') {
            return Err(
                "an issuer has no part after ?: write it as the server says it, or its token_url"
                    .to_owned(),
            );
        }
        if url.scheme() == Scheme::Http && !url.is_loopback() && !self.allow_http {
            return Err(
                "its server is plain http, where anybody on the way can take the access token: \
                 write https, or allow_http: true"
                    .to_owned(),
            );
        }
        // What an issuer names may be https although it is not itself.
        let is_asked_there = matches!(self.server, ClientServer::TokenUrl(_));
        if is_asked_there && url.scheme() == Scheme::Http && self.shows_certificate() {
            let what = match self.bind {
                Some(Binding::Certificate) => "bind: certificate",
                Some(Binding::Dpop) | None => self.auth.name(),
            };
            return Err(format!(
                "{what} needs https: over plain http no certificate is shown"
            ));
        }
        if self.client_id.is_empty() {
            return Err("client_id is empty: write what the server calls the client".to_owned());
        }
        if self.key.is_none() && self.needs_key() {
            return Err(
                "key is empty: write the kid of the key that signs, or whose certificate is shown; \
                 only a client with a shared secret goes without"
                    .to_owned(),
            );
        }
        self.check_secret()?;
        if self.subject.is_some() && self.grant != Grant::JwtBearer {
            return Err(
                "subject is of grant: jwt_bearer: write that too, else sub is client_id".to_owned(),
            );
        }
        if self.dpop_key.is_some() && self.bind != Some(Binding::Dpop) {
            return Err("dpop_key signs the proofs of bind: dpop: write that too".to_owned());
        }
        match (&self.server, &self.audience) {
            (ClientServer::TokenUrl(_), Audience::Issuer) => {
                return Err(
                    "audience: issuer, and no issuer is named: write it as a text, or token_url"
                        .to_owned(),
                );
            }
            (_, Audience::Text(text)) if text.is_empty() => {
                return Err("audience is empty: write issuer, token_url or a text".to_owned());
            }
            _ => {}
        }
        if self.lifetime.is_zero() || self.lifetime > LONGEST_LIFETIME {
            return Err("lifetime: write 1s to 24h; many servers take 60s at most".to_owned());
        }
        for (place, member) in self.header.iter().enumerate() {
            if self.header[..place].contains(member) {
                return Err(format!("header: {} stands twice", member.name()));
            }
        }
        let own = |name: &str, table: &[(&'static str, &'static str)]| {
            table.iter().find(|(own, _)| *own == name).copied()
        };
        for name in self.extra.keys() {
            if let Some((name, field)) = own(name, &OWN_PARAMETERS) {
                return Err(format!("extra: {name} is set by {field}"));
            }
        }
        for name in self.claims.keys() {
            if let Some((name, field)) = own(name, &OWN_CLAIMS) {
                return Err(format!("claims: {name} is set by {field}"));
            }
        }
        Ok(())
    }
}

impl AssertionHeader {
    /// Every member, in the order in which a header lists them.
    pub const ALL: [Self; 5] = [Self::Kid, Self::Typ, Self::X5t, Self::X5tS256, Self::X5c];

    /// What stands there where nothing is said.
    pub const DEFAULT: [Self; 2] = [Self::Kid, Self::Typ];

    /// Its name in the header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kid => "kid",
            Self::Typ => "typ",
            Self::X5c => "x5c",
            Self::X5t => "x5t",
            Self::X5tS256 => "x5t#S256",
        }
    }
}

impl FromStr for AssertionHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|member| member.name() == text)
            .ok_or_else(|| format!("{text:?}: write kid, typ, x5t, x5t#S256 or x5c"))
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issuer => "issuer",
            Self::Text(text) => text,
            Self::TokenUrl => "token_url",
        })
    }
}

impl From<&str> for Audience {
    fn from(text: &str) -> Self {
        match text {
            "issuer" => Self::Issuer,
            "token_url" => Self::TokenUrl,
            text => Self::Text(text.to_owned()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientFile {
    #[serde(default)]
    issuer: Option<Text<Url>>,
    #[serde(default)]
    token_url: Option<Text<Url>>,
    client_id: Plain,
    #[serde(default)]
    key: Option<Plain>,
    #[serde(default)]
    algorithm: Option<Text<Algorithm>>,
    #[serde(default)]
    audience: Option<String>,
    #[serde(default)]
    lifetime: Option<Text<Duration>>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    resource: Option<Text<Url>>,
    #[serde(default)]
    request_audience: Option<String>,
    #[serde(default)]
    extra: BTreeMap<String, Plain>,
    #[serde(default)]
    header: Option<Vec<Text<AssertionHeader>>>,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default)]
    auth: Option<Text<ClientAuth>>,
    #[serde(default)]
    secret: Option<SecretSource>,
    #[serde(default)]
    grant: Option<Text<Grant>>,
    #[serde(default)]
    subject: Option<Plain>,
    #[serde(default)]
    bind: Option<Text<Binding>>,
    #[serde(default)]
    dpop_key: Option<Plain>,
    #[serde(default)]
    ca_file: Option<PathBuf>,
    #[serde(default)]
    allow_http: bool,
}

/// By hand, so that what its fields say together is checked where it stands.
impl<'de> Deserialize<'de> for ClientSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;
        impl<'de> Visitor<'de> for OfMap {
            type Value = ClientSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a client: {issuer: URL, client_id: ID, key: KID, …}")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ClientSettings, A::Error> {
                ClientFile::deserialize(MapAccessDeserializer::new(map))?
                    .checked()
                    .map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(OfMap)
    }
}

impl ClientFile {
    fn checked(self) -> Result<ClientSettings, String> {
        let server = match (self.issuer, self.token_url) {
            (Some(issuer), None) => ClientServer::Issuer(issuer.0.as_str().to_owned()),
            (None, Some(url)) => ClientServer::TokenUrl(url.0.as_str().to_owned()),
            (None, None) => return Err("write its issuer, or its token_url".to_owned()),
            (Some(_), Some(_)) => {
                return Err(
                    "issuer and token_url: write one; of an issuer, its token_url is found"
                        .to_owned(),
                );
            }
        };
        let key = self.key.map_or_else(String::new, |kid| kid.0);
        let of_server = ClientSettings::new(server, &self.client_id.0, &key);
        let client = ClientSettings {
            algorithm: self.algorithm.map(|text| text.0),
            audience: self
                .audience
                .as_deref()
                .map_or(of_server.audience, Audience::from),
            lifetime: self.lifetime.map_or(DEFAULT_LIFETIME, |text| text.0),
            scope: self.scope,
            resource: self.resource.map(|url| url.0.as_str().to_owned()),
            request_audience: self.request_audience,
            extra: self
                .extra
                .into_iter()
                .map(|(name, value)| (name, value.0))
                .collect(),
            header: self.header.map_or(of_server.header, |members| {
                members.into_iter().map(|member| member.0).collect()
            }),
            claims: self.claims,
            auth: self.auth.map_or(ClientAuth::default(), |text| text.0),
            secret: self.secret,
            grant: self.grant.map_or(Grant::default(), |text| text.0),
            subject: self.subject.map(|text| text.0),
            bind: self.bind.map(|text| text.0),
            dpop_key: self.dpop_key.map(|kid| kid.0),
            ca_file: self.ca_file,
            allow_http: self.allow_http,
            ..of_server
        };
        client.check()?;
        Ok(client)
    }
}
