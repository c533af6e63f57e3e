//! Why a token endpoint likely said no: the assertion compared with what the server says of itself.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use serde_json::Value;

use super::{
    asked_wait,
    assertion::Assertion,
    certificate,
    client::Client,
    dpop,
    metadata::Metadata,
    proof::{self, Proof},
};
use crate::{
    config::settings::{Audience, ClientAuth, Grant},
    jose::{time, token::UnverifiedToken},
    keystore::record::Record,
    net::request::Response,
    secret::Secret,
    x509,
};

/// A clock that differs by more than this is worth a word.
const CLOCK_TOLERANCE: u64 = 10;

/// What to do where a server wants proofs.
const NO_PROOF: &str = "the server wants a proof with each request (DPoP): write bind: dpop";

/// What was sent, to whom, and what came back.
pub(super) struct Refusal<'a> {
    pub(super) client: &'a Client,
    /// The client's own key, where it has one.
    pub(super) record: Option<&'a Record>,
    pub(super) proof: &'a Proof,
    /// The key that signs proofs, where the client's tokens are bound to one.
    pub(super) prover: Option<&'a Record>,
    pub(super) token_url: &'a str,
    pub(super) metadata: Option<&'a Metadata>,
    pub(super) response: &'a Response,
    pub(super) error: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    /// When the answer came.
    pub(super) now: Timestamp,
    /// What is known of the key at the server, in words.
    pub(super) key_state: Option<String>,
    /// The token that was to be exchanged.
    pub(super) subject: Option<&'a Secret<String>>,
}

impl Refusal<'_> {
    /// The likely causes with what to do, likeliest first.
    pub(super) fn causes(&self) -> Vec<String> {
        if let Some(cause) = self.not_shown() {
            return vec![cause];
        }
        let of_error = match (self.error, self.response.status) {
            (Some("invalid_scope"), _) => match &self.client.settings.scope {
                Some(scope) => format!(
                    "the client may not ask for the scope {scope:?}: ask for less, or allow it there"
                ),
                None => "the client asks for no scope, and the server may want one: write scope, \
                         or the extra parameter by which it goes there"
                    .to_owned(),
            },
            (Some("invalid_target"), _) => format!(
                "the server knows no resource {:?}: write its identifier as the server has it",
                self.client.settings.resource.as_deref().unwrap_or_default()
            ),
            (Some(error @ ("invalid_dpop_proof" | dpop::USE_NONCE)), _) => {
                return self.of_possession(error);
            }
            (Some("unauthorized_client"), _) => format!(
                "the client {} may not use {}: allow the grant there",
                self.client.settings.client_id,
                self.client.settings.grant.kind(),
            ),
            (Some("unsupported_token_type"), _) => {
                "the server does not do that with tokens of this kind: a JWT is verified with its \
                 keys, and counts until its exp"
                    .to_owned()
            }
            (Some("unsupported_grant_type"), _) => format!(
                "the server does not grant {}: is this its token endpoint?",
                self.client.settings.grant.kind()
            ),
            (Some("invalid_grant" | "invalid_request"), 400) if self.subject.is_some() => {
                return self.of_the_exchange();
            }
            (Some("invalid_client" | "invalid_grant"), _)
            | (Some(_), 400 | 401 | 403)
            | (None, 401) => {
                return match self.proof {
                    _ if self.client.settings.auth.needs_secret() => self.of_the_secret(),
                    Proof::Basic(_) => self.of_the_secret(),
                    Proof::Assertion(assertion) => self.of_the_assertion(assertion),
                    Proof::Certificate => self.of_the_certificate(),
                };
            }
            (_, 404 | 405) => format!(
                "no token endpoint answers at {}: check the URL",
                self.token_url
            ),
            (_, 429) => format!(
                "the server takes no more requests for now: {}",
                try_again(self.response)
            ),
            (_, 503) => format!(
                "the server takes no requests for now: {}",
                try_again(self.response)
            ),
            (_, 500..) => "the server itself failed: try again, or ask its operator".to_owned(),
            (_, 300..=399) => format!(
                "it sends on to {}, and a proof is never sent to another address: check the URL",
                self.response.header("location").unwrap_or("nowhere")
            ),
            _ => return Vec::new(),
        };
        vec![of_error]
    }

    /// Everything in the assertion that the server may have disliked.
    fn of_the_assertion(&self, assertion: &Assertion) -> Vec<String> {
        // What the server itself says comes first, then what was looked up there; the rest is likely.
        let mut causes: Vec<String> = self.replay().into_iter().collect();
        let clock = clock(self.response, self.now);
        let is_told = self.speaks_of(&[
            "exp:",
            "expired",
            "iat",
            "nbf",
            "clock",
            "not valid yet",
            "future",
        ]);
        causes.extend(clock.clone().filter(|_| is_told));
        causes.extend(self.key_state.clone());
        causes.extend(clock.filter(|_| !is_told));
        causes.extend(self.audience(assertion));
        if self.client.settings.grant != Grant::JwtBearer {
            causes.extend(self.lifetime());
            causes.extend(self.algorithm(assertion));
        }
        causes.extend(self.subject());
        causes.extend(self.kid(assertion));
        causes.extend(self.unbound());
        let id = &self.client.settings.client_id;
        if causes.is_empty() {
            causes.push(
                "nothing in the assertion disagrees with what the server says of itself".to_owned(),
            );
        }
        let kid = match assertion.header.members().get("kid") {
            Some(Value::String(kid)) => format!("under kid {kid}"),
            _ => "under any kid, for the assertion names none".to_owned(),
        };
        let whose = match self.client.settings.grant {
            Grant::ClientCredentials | Grant::TokenExchange(_) => {
                format!("authenticates with {}", self.client.settings.auth.name())
            }
            Grant::JwtBearer => format!("may act for {}", self.client.subject()),
        };
        let key = self.record.map_or_else(String::new, |record| {
            format!(
                ", and has the key with the thumbprint {} {kid}",
                record.thumbprint()
            )
        });
        causes.push(format!(
            "check at the server: the client {id} is there and enabled, {whose}{key}"
        ));
        causes
    }

    /// What the server may have disliked of the certificate, or not have seen of it.
    fn of_the_certificate(&self) -> Vec<String> {
        let mut causes: Vec<String> = self.key_state.clone().into_iter().collect();
        let shown = self
            .record
            .and_then(|record| Some((record, record.leaf()?)));
        let Some((record, leaf)) = shown else {
            return causes;
        };
        let findings = certificate::findings(self.client, record, leaf, None, self.now);
        causes.extend(findings);
        causes.extend(clock(self.response, self.now));
        causes.extend(self.subject());
        let (kid, settings) = (&record.kid, &self.client.settings);
        let expected = if settings.auth == ClientAuth::TlsClientAuth {
            format!(
                "expects the subject {} by a CA that it trusts",
                x509::details::subject(leaf)
            )
        } else {
            format!(
                "has this very certificate, x5t#S256 {}, among its keys: keyfob keys export {kid} \
                 --as jwk prints the JWK with it",
                certificate::confirmation(leaf)
            )
        };
        causes.push(format!(
            "check at the server: the client {} is there and enabled, authenticates with {}, and \
             {expected}",
            settings.client_id,
            settings.auth.name(),
        ));
        causes.push(
            "where a proxy ends TLS before the server, it must ask for the certificate and pass it \
             on"
            .to_owned(),
        );
        causes
    }

    /// What the server may have disliked of the token that was to be exchanged (RFC 8693 section
    /// 2.2.2).
    fn of_the_exchange(&self) -> Vec<String> {
        let text = self.subject.map(|subject| subject.expose().as_str());
        let decoded = text.and_then(|text| UnverifiedToken::decode(text).ok());
        let claim = |name: &str| decoded.as_ref()?.claims()?.members().get(name);
        let mut causes = Vec::new();
        if let Some(exp) = claim("exp").and_then(time::numeric_date)
            && exp <= self.now
        {
            let ended = time::relative(exp, self.now);
            causes.push(format!(
                "the token to exchange has ended, {ended}: get a new one"
            ));
        }
        if let (Some(iss), Some(metadata)) = (claim("iss").and_then(Value::as_str), self.metadata)
            && iss != metadata.issuer()
        {
            causes.push(format!(
                "the token to exchange is from {iss}: does {} trust that issuer?",
                metadata.issuer()
            ));
        }
        causes.push(format!(
            "check at the server: the client {} may exchange tokens, and this one is of the kind \
             {}, for this client, and not revoked",
            self.client.settings.client_id,
            match self.client.settings.grant {
                Grant::TokenExchange(kind) => kind.name(),
                Grant::ClientCredentials | Grant::JwtBearer => "that was said",
            }
        ));
        causes
    }

    /// What the server asks for in its own words, and the client does not show.
    fn not_shown(&self) -> Option<String> {
        let said = self.description?.to_ascii_lowercase();
        if said.contains("dpop") && self.prover.is_none() {
            return Some(NO_PROOF.to_owned());
        }
        let wants = said.contains("certificate") && !self.client.settings.shows_certificate();
        wants.then(|| {
            "the server wants the client's certificate: write bind: certificate".to_owned()
        })
    }

    /// A client that proved itself is refused the grant where its tokens must be bound.
    fn unbound(&self) -> Option<String> {
        let metadata = self
            .metadata
            .filter(|_| self.error == Some("invalid_grant"))?;
        if self.client.settings.is_bound() {
            return None;
        }
        let proofs = metadata.texts("dpop_signing_alg_values_supported");
        let certificates = metadata.is_true("tls_client_certificate_bound_access_tokens");
        let ways = match (proofs, certificates == Some(true)) {
            (Some(_), true) => "bind: dpop, or certificate",
            (Some(_), false) => "bind: dpop",
            (None, true) => "bind: certificate",
            (None, false) => return None,
        };
        Some(format!(
            "the server may want this client's tokens bound to a key: write {ways}"
        ))
    }

    /// What the server may have disliked of the proof that the key is at hand.
    fn of_possession(&self, error: &str) -> Vec<String> {
        let Some(prover) = self.prover else {
            return vec![NO_PROOF.to_owned()];
        };
        if error == dpop::USE_NONCE {
            return vec![match self.response.header("dpop-nonce") {
                None => {
                    "it wants a nonce in the proof, and gives none in its header DPoP-Nonce: its \
                         operator must mend that"
                        .to_owned()
                }
                Some(_) => {
                    "it takes none of the nonces that it gives itself: several servers behind \
                            one address may not know each other's"
                        .to_owned()
                }
            }];
        }
        let mut causes: Vec<String> = clock(self.response, self.now).into_iter().collect();
        causes.extend(
            self.metadata
                .iter()
                .flat_map(|told| dpop::findings(prover, told)),
        );
        causes.push(format!(
            "htu of the proof is {}: behind a proxy the server may call itself otherwise",
            dpop::target(self.token_url)
        ));
        causes
    }

    /// What the server may have disliked of the secret.
    fn of_the_secret(&self) -> Vec<String> {
        let settings = &self.client.settings;
        let mut causes: Vec<String> = clock(self.response, self.now).into_iter().collect();
        let offered = self
            .metadata
            .and_then(|told| proof::not_offered(self.client, told));
        causes.extend(offered);
        causes.push(format!(
            "check at the server: the client {} is there and enabled, authenticates with {}, and has \
             this secret, which may have ended there",
            settings.client_id,
            settings.auth.name(),
        ));
        causes
    }

    /// What the server itself says of the `jti`.
    fn replay(&self) -> Option<String> {
        self.speaks_of(&["jti", "replay", "already used", "used before"])
            .then(|| {
                "the server counts the jti as used, and keyfob makes a fresh one for each try: \
                 something on the way sends requests twice, or the server remembers wrongly"
                    .to_owned()
            })
    }

    fn speaks_of(&self, words: &[&str]) -> bool {
        let said = self.description.unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| said.contains(word))
    }

    fn audience(&self, assertion: &Assertion) -> Option<String> {
        let aud = assertion.claim("aud")?;
        let Some(metadata) = self.metadata else {
            return (aud == self.token_url).then(|| {
                format!(
                    "aud is the token endpoint, {aud}: many servers take only their issuer; write \
                     it as audience"
                )
            });
        };
        let issuer = metadata.issuer();
        if aud == issuer {
            return None;
        }
        Some(if aud == self.token_url {
            format!(
                "aud is the token endpoint: many servers take only their issuer, {issuer}; write \
                 audience: issuer"
            )
        } else {
            format!(
                "aud is {aud:?}, and the server calls itself {issuer:?}{}",
                match self.client.settings.audience {
                    Audience::Text(_) => "; write audience: issuer",
                    Audience::Issuer | Audience::TokenUrl => "",
                }
            )
        })
    }

    /// Neither can differ from `client_id` here; an empty one, or one with a space around it, is
    /// likely a slip.
    fn subject(&self) -> Option<String> {
        let id = &self.client.settings.client_id;
        (id.trim() != id).then(|| {
            format!("iss and sub are {id:?}, with a space around: write client_id without it")
        })
    }

    /// What the server may miss in the header to find the key by.
    fn kid(&self, assertion: &Assertion) -> Option<String> {
        let kid = assertion.header.members().get("kid");
        let former = self
            .record
            .and_then(|record| Some((record, record.former.last()?)));
        match (kid, former) {
            (None, _) => Some(
                "the assertion names no kid: a server that knows several keys of the client may \
                 not guess; write header: [kid, typ]"
                    .to_owned(),
            ),
            (Some(_), Some((record, former))) => Some(format!(
                "kid is {}, and the key was called {former} before: the server may know it by that \
                 name",
                record.kid
            )),
            (Some(_), None) => None,
        }
    }

    fn lifetime(&self) -> Option<String> {
        let lifetime = self.client.settings.lifetime;
        (lifetime > Duration::from_secs(60)).then(|| {
            format!(
                "the assertion lives {}: many servers take 60 s at most; write lifetime: 60s",
                time::span(lifetime.as_secs())
            )
        })
    }

    fn algorithm(&self, assertion: &Assertion) -> Option<String> {
        let alg = assertion.header.members().get("alg")?.as_str()?;
        let taken = self
            .metadata?
            .texts("token_endpoint_auth_signing_alg_values_supported")?;
        (!taken.contains(&alg)).then(|| {
            format!(
                "{alg} is not among the algorithms that the server takes: {}",
                taken.join(", ")
            )
        })
    }
}

/// `try again in 2 min`, as the server says it.
pub(super) fn try_again(response: &Response) -> String {
    match asked_wait::words(response) {
        Some(wait) => format!("try again {wait}"),
        None => "wait, and try again".to_owned(),
    }
}

/// How far this machine's clock is from the server's, where that is worth a word.
pub(super) fn clock(response: &Response, now: Timestamp) -> Option<String> {
    let theirs = http_date(response.header("date")?)?;
    let ahead = now.duration_since(theirs).as_secs();
    if ahead.unsigned_abs() <= CLOCK_TOLERANCE {
        return None;
    }
    let word = if ahead > 0 { "ahead of" } else { "behind" };
    Some(format!(
        "this machine's clock is {} {word} the server's, so iat and exp are wrong there: set the \
         clock",
        time::nearly(ahead.unsigned_abs())
    ))
}

/// `Date` of RFC 9110 section 6.6.1.
fn http_date(text: &str) -> Option<Timestamp> {
    let zoned = rfc2822::DateTimeParser::new().parse_timestamp(text);
    zoned.ok()
}
