//! The assertion by which a client proves itself (RFC 7523 section 3, RFC 7521 section 5.1, OpenID
//! Connect Core 1.0 section 9).

use aws_lc_rs::rand::SystemRandom;
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{client::Client, error::OauthError, metadata::Metadata, proof};
use crate::{
    config::settings::{AssertionHeader, Grant},
    jose::{
        algorithm::{Algorithm, MacAlgorithm, SignatureAlgorithm},
        claims::JsonObject,
        header::header_for,
        jwk::PublicJwk,
        key::Signer,
        time, token,
    },
    keystore::record::{Record, Status},
    secret::Secret,
};

/// The longest lifetime that strict servers take.
const STRICT_LIFETIME: u64 = 60;

/// A signed assertion.
#[derive(Debug)]
pub struct Assertion {
    pub header: JsonObject,
    pub claims: JsonObject,
    token: Secret<String>,
}

impl Assertion {
    /// Signs one for the server whose token endpoint is `token_url`, valid from `now`, with a fresh
    /// `jti`.
    pub fn new(
        client: &Client,
        record: &Record,
        private: &dyn Signer,
        token_url: &str,
        now: Timestamp,
    ) -> Result<Self, OauthError> {
        let algorithm = algorithm(client, record)?;
        let header = header(&client.settings.header, algorithm, &record.jwk())?;
        let claims = claims(client, client.audience(token_url), now, &fresh()?)?;
        let token = token::mint(&header, &claims, algorithm, private, &SystemRandom::new())?;
        Ok(Self {
            header,
            claims,
            token: Secret::new(token),
        })
    }

    /// One by a `secret` that the server has too (OpenID Connect Core 1.0 section 9).
    pub(super) fn by_secret(
        client: &Client,
        secret: &Secret<String>,
        token_url: &str,
        now: Timestamp,
    ) -> Result<Self, OauthError> {
        let mac = MacAlgorithm::Hs256;
        let header = header_for(SignatureAlgorithm::Mac(mac), "JWT", None);
        let claims = claims(client, client.audience(token_url), now, &fresh()?)?;
        let bytes = Secret::new(secret.expose().as_bytes().to_vec());
        let token = token::mint_with_secret(&header, &claims, mac, &bytes)?;
        Ok(Self {
            header,
            claims,
            token: Secret::new(token),
        })
    }

    /// Header and claims of one that is not signed yet, for the audience `audience`; words stand
    /// where something is fresh on each try.
    pub fn preview(
        client: &Client,
        record: &Record,
        audience: &str,
        now: Timestamp,
    ) -> Result<(JsonObject, JsonObject), OauthError> {
        let algorithm = algorithm(client, record)?;
        let header = header(&client.settings.header, algorithm, &record.jwk())?;
        Ok((
            header,
            claims(client, audience, now, "‹fresh on each try›")?,
        ))
    }

    /// The signed text.
    pub fn token(&self) -> &Secret<String> {
        &self.token
    }

    /// The signed text with a word in place of the signature, without which it proves nothing.
    pub fn masked(&self) -> String {
        token::masked(self.token.expose())
    }

    /// A claim that is text.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.members().get(name).and_then(Value::as_str)
    }
}

/// A `jti` that nobody had before.
fn fresh() -> Result<String, OauthError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| OauthError::Randomness(error.to_string()))?;
    Ok(Base64UrlUnpadded::encode_string(&random))
}

/// The algorithm that `client` signs with.
pub fn algorithm(client: &Client, record: &Record) -> Result<Algorithm, OauthError> {
    let algorithm = client.settings.algorithm.unwrap_or(record.alg);
    if record.public.supports(algorithm) {
        return Ok(algorithm);
    }
    Err(OauthError::DoesNotFit(format!(
        "{} signs with {algorithm}, and its key {} is {}: choose another algorithm or key",
        client.name,
        record.kid,
        record.public.label()
    )))
}

/// What is worth a word before it is sent; nothing is refused for it.
pub fn findings(
    client: &Client,
    record: &Record,
    assertion: &Assertion,
    metadata: Option<&Metadata>,
    now: Timestamp,
) -> Vec<String> {
    let mut findings = Vec::new();
    match record.status {
        Status::Active => {}
        Status::Retired => findings.push(format!("the key {} is retired", record.kid)),
        Status::Revoked => findings.push(format!("the key {} is revoked", record.kid)),
    }
    if let Some(leaf) = record.leaf()
        && leaf.not_after() < now
        && client
            .settings
            .header
            .iter()
            .any(|member| !matches!(member, AssertionHeader::Kid | AssertionHeader::Typ))
    {
        let ended = time::relative(leaf.not_after(), now);
        findings.push(format!(
            "the certificate of {} has expired, {ended}",
            record.kid
        ));
    }
    let lifetime = client.settings.lifetime.as_secs();
    // What an authorization server takes for a grant, it says elsewhere.
    let is_grant = client.settings.grant == Grant::JwtBearer;
    if lifetime > STRICT_LIFETIME && !is_grant {
        findings.push(format!(
            "it lives {}: strict servers take {STRICT_LIFETIME} s at most",
            time::span(lifetime)
        ));
    }
    if !client.settings.header.contains(&AssertionHeader::Kid) {
        findings.push(
            "it names no kid: a server that knows several keys of the client has to guess"
                .to_owned(),
        );
    }
    let Some(metadata) = metadata.filter(|_| !is_grant) else {
        return findings;
    };
    let alg = assertion
        .header
        .members()
        .get("alg")
        .and_then(Value::as_str);
    if let (Some(alg), Some(taken)) = (
        alg,
        metadata.texts("token_endpoint_auth_signing_alg_values_supported"),
    ) && !taken.contains(&alg)
    {
        findings.push(format!(
            "{alg} is not among the algorithms that the server takes: {}",
            taken.join(", ")
        ));
    }
    findings.extend(proof::not_offered(client, metadata));
    findings
}

fn header(
    members: &[AssertionHeader],
    algorithm: Algorithm,
    jwk: &PublicJwk,
) -> Result<JsonObject, OauthError> {
    let b64 = Base64UrlUnpadded::encode_string;
    let mut header = Map::new();
    header.insert("alg".to_owned(), algorithm.name().into());
    for member in AssertionHeader::ALL {
        if !members.contains(&member) {
            continue;
        }
        let value: Option<Value> = match member {
            AssertionHeader::Kid => jwk.kid.clone().map(Value::from),
            AssertionHeader::Typ => Some("JWT".into()),
            AssertionHeader::X5t => jwk.x5t.map(|hash| b64(&hash).into()),
            AssertionHeader::X5tS256 => jwk.x5t_s256.map(|hash| b64(&hash).into()),
            AssertionHeader::X5c if jwk.x5c.is_empty() => None,
            AssertionHeader::X5c => {
                let chain = jwk.x5c.iter().map(|der| Base64::encode_string(der).into());
                Some(Value::Array(chain.collect()))
            }
        };
        let kid = jwk.kid.as_deref().unwrap_or_default();
        let value = value.ok_or_else(|| {
            OauthError::DoesNotFit(format!(
                "the header {} comes from a certificate, and {kid} has none: keyfob cert new {kid}",
                member.name()
            ))
        })?;
        header.insert(member.name().to_owned(), value);
    }
    Ok(JsonObject::from_members(header))
}

fn claims(
    client: &Client,
    audience: &str,
    now: Timestamp,
    jti: &str,
) -> Result<JsonObject, OauthError> {
    let lifetime = SignedDuration::try_from(client.settings.lifetime).unwrap_or_default();
    let exp = now.checked_add(lifetime).map_err(|_| {
        OauthError::DoesNotFit("this machine's clock stands at the end of time: set it".to_owned())
    })?;
    let mut claims = Map::new();
    for (name, value) in [
        ("iss", json!(client.settings.client_id)),
        ("sub", json!(client.subject())),
        ("aud", json!(audience)),
        ("iat", json!(now.as_second())),
        ("exp", json!(exp.as_second())),
        ("jti", json!(jti)),
    ] {
        claims.insert(name.to_owned(), value);
    }
    claims.extend(client.settings.claims.clone());
    Ok(JsonObject::from_members(claims))
}
