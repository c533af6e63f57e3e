//! The proof that whoever sends a request has the key that its access token is bound to (`DPoP`,
//! RFC 9449).

use aws_lc_rs::{digest, rand::SystemRandom};
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    access_token::AccessToken,
    error::OauthError,
    metadata::Metadata,
    step::{Step, StepName},
};
use crate::{
    jose::{
        claims::JsonObject,
        header::HeaderMember,
        key::{PrivateKey, PublicKey},
        token,
    },
    keystore::record::Record,
    net::{
        request::{HeaderValue, Method, Response},
        url::Url,
    },
    secret::Secret,
};

/// `typ` of a proof.
const TYPE: &str = "dpop+jwt";

/// What a server answers that wants a nonce in the proof (RFC 9449 sections 8 and 9).
pub(super) const USE_NONCE: &str = "use_dpop_nonce";

/// Further tries with the nonce that was given; the first one may have ended meanwhile.
pub(super) const NONCES: u32 = 2;

/// The header that a proof goes in, and the scheme of a token that it goes with.
pub(super) const SCHEME: &str = "DPoP";

/// The key that signs proofs.
#[derive(Debug)]
pub struct Prover {
    pub record: Record,
    pub private: PrivateKey,
}

/// The request that a proof is for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    pub method: Method,
    pub url: &'a Url,
    /// What the server gave for it.
    pub nonce: Option<&'a str>,
    /// The token that goes with it; none where one is asked for.
    pub access: Option<&'a AccessToken>,
}

/// A signed proof, for one request.
#[derive(Debug)]
pub struct Dpop {
    pub header: JsonObject,
    pub claims: JsonObject,
    token: Secret<String>,
}

impl Dpop {
    /// Signs one at `now`, with a fresh `jti`.
    pub fn new(prover: &Prover, purpose: Purpose<'_>, now: Timestamp) -> Result<Self, OauthError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| OauthError::Randomness(error.to_string()))?;
        let jti = Base64UrlUnpadded::encode_string(&random);
        let header = header(&prover.record);
        let claims = claims(purpose, now, &jti);
        let token = token::mint(
            &header,
            &claims,
            prover.record.alg,
            &prover.private,
            &SystemRandom::new(),
        )?;
        Ok(Self {
            header,
            claims,
            token: Secret::new(token),
        })
    }

    /// Header and claims of one by `record` that asks `url` for a token.
    pub fn preview(record: &Record, url: &str, now: Timestamp) -> (JsonObject, JsonObject) {
        let claims = members(Method::Post, url, now, "‹fresh on each try›");
        (header(record), JsonObject::from_members(claims))
    }

    /// The signed text.
    pub fn token(&self) -> &Secret<String> {
        &self.token
    }

    /// The step that tells of it, signed by `prover` for `purpose`.
    pub(super) fn step(&self, prover: &Prover, purpose: Purpose<'_>) -> Step {
        let record = &prover.record;
        let target = target(purpose.url.as_str());
        let nonce = match purpose.nonce {
            Some(_) => ", with the nonce of the server",
            None => "",
        };
        let summary = format!(
            "{} by {}: {} {target}{nonce}",
            record.alg, record.kid, purpose.method
        );
        let parts = [&self.header, &self.claims].map(JsonObject::pretty);
        let lines = parts.iter().flat_map(|part| part.lines());
        Step::good(StepName::Dpop, summary)
            .with_details(lines.map(str::to_owned))
            .with_raw([self.masked()])
            .with_secret(&self.token)
    }

    /// The signed text with a word in place of the signature, without which it proves nothing.
    pub fn masked(&self) -> String {
        token::masked(self.token.expose())
    }
}

/// The signed `proof` as it goes out.
pub(super) fn as_header(proof: Secret<String>) -> (String, HeaderValue) {
    let value = HeaderValue::Secret {
        scheme: String::new(),
        value: proof,
    };
    (SCHEME.to_owned(), value)
}

/// What is worth a word of a proof by `record` before a server with these metadata has it.
pub(super) fn findings(record: &Record, metadata: &Metadata) -> Vec<String> {
    let (kid, alg) = (&record.kid, record.alg.name());
    let member = "dpop_signing_alg_values_supported";
    match metadata.texts(member) {
        None => vec![format!(
            "the server does not say that it takes proofs ({member}): it may bind nothing to the key"
        )],
        Some(taken) if !taken.contains(&alg) => vec![format!(
            "{kid} signs with {alg}, and the server takes proofs by {}: name a key for one of them \
             as dpop_key",
            taken.join(", ")
        )],
        Some(_) => Vec::new(),
    }
}

/// Whether `response` asks for another proof, with a nonce that it gives: of a token endpoint its
/// body says so (RFC 9449 section 8), of an API its challenge (section 9).
pub(super) fn asks_for_nonce(response: &Response) -> bool {
    let is_asked = match response.status {
        400 => error_of(response).as_deref() == Some(USE_NONCE),
        401 => response
            .header("www-authenticate")
            .is_some_and(|challenge| challenge.contains(USE_NONCE)),
        _ => false,
    };
    is_asked && response.header("dpop-nonce").is_some()
}

fn error_of(response: &Response) -> Option<String> {
    let body: Map<String, Value> = serde_json::from_slice(&response.body).ok()?;
    Some(body.get("error")?.as_str()?.to_owned())
}

/// `jkt` of an access token that is bound to `key` (RFC 9449 section 6.1).
pub(super) fn confirmation(key: &PublicKey) -> String {
    key.thumbprint().to_string()
}

/// `url` without query and fragment, as `htu` has it (RFC 9449 section 4.2).
pub(super) fn target(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

fn header(record: &Record) -> JsonObject {
    let mut header = Map::new();
    header.insert("typ".to_owned(), TYPE.into());
    header.insert("alg".to_owned(), record.alg.name().into());
    let jwk = HeaderMember::Jwk.filled(&record.header_source());
    // Every record has a public key.
    header.insert("jwk".to_owned(), jwk.unwrap_or_default());
    JsonObject::from_members(header)
}

fn claims(purpose: Purpose<'_>, now: Timestamp, jti: &str) -> JsonObject {
    let mut claims = members(purpose.method, purpose.url.as_str(), now, jti);
    if let Some(access) = purpose.access {
        let hash = digest::digest(&digest::SHA256, access.token().expose().as_bytes());
        let hash = Base64UrlUnpadded::encode_string(hash.as_ref());
        claims.insert("ath".to_owned(), hash.into());
    }
    if let Some(nonce) = purpose.nonce {
        claims.insert("nonce".to_owned(), nonce.into());
    }
    JsonObject::from_members(claims)
}

fn members(method: Method, url: &str, now: Timestamp, jti: &str) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("jti".to_owned(), jti.into());
    members.insert("htm".to_owned(), method.name().into());
    members.insert("htu".to_owned(), target(url).into());
    members.insert("iat".to_owned(), now.as_second().into());
    members
}
