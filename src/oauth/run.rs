//! The way from a key to an access token, step by step.

mod access;
mod inquiry;

use std::{
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use zeroize::Zeroize;

use super::{
    access_token::{AccessToken, Answer},
    assertion::{self, Assertion},
    causes::Refusal,
    certificate,
    client::Client,
    commands::Commands,
    discovery::Discovery,
    dpop::{self, Dpop, NONCES, Purpose},
    error::OauthError,
    keys::Keys,
    metadata::Metadata,
    proof::{self, Proof},
    server::Server,
    step::{Step, StepName, StepOutcome},
    token_request,
};
use crate::{
    config::settings::ClientAuth,
    jose::time,
    net::{exchange::Exchange, http, policy::Policy, request::Method, url::Scheme},
    secret::Secret,
};

/// Tries with a fresh assertion where the server asks to wait.
const TRIES: u32 = 4;

/// How long it waits before it asks again whether it is wanted.
const LOOK_UP: Duration = Duration::from_millis(200);

/// Many clients wait no longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// How far an access token is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Depth {
    /// Its end only.
    Expiry,
    /// With the server's keys, which are fetched for it.
    Signature,
}

/// What one exchange is made with.
pub struct Run<'a> {
    pub client: &'a Client,
    pub keys: &'a Keys,
    /// The token that is exchanged for another one (RFC 8693).
    pub subject: Option<&'a Secret<String>>,
    pub discovery: &'a Discovery,
    pub depth: Depth,
    pub clock: &'a dyn Fn() -> Timestamp,
    /// Asked after a refusal: what is known of the key at the server, in words.
    pub key_state: &'a dyn Fn() -> Option<String>,
    /// Asked before anything is sent, and while it waits: whether anybody still wants the token.
    pub is_wanted: &'a dyn Fn() -> bool,
}

impl Run<'_> {
    /// Runs the exchange up to the access token. Every step is told when it is over, the one that
    /// failed too.
    pub fn access_token(&self, tell: &mut dyn FnMut(Step)) -> Result<AccessToken, OauthError> {
        let policy = self.keys.policy(self.client);
        let policy = policy.map_err(|error| failed(tell, StepName::Certificate, error))?;
        let server = self.discover(&policy, tell)?;
        if self.client.settings.shows_certificate() {
            self.show_certificate(&server, tell)?;
        }
        let access = self.ask(&server, &policy, tell)?;
        self.look_at(&access, &server, &policy, tell)?;
        Ok(access)
    }

    fn discover(&self, policy: &Policy, tell: &mut dyn FnMut(Step)) -> Result<Server, OauthError> {
        self.still_wanted()?;
        let mut trace = Vec::new();
        let found = Server::find(self.client, policy, self.discovery, &mut trace);
        let step = match &found {
            Err(error) => Step::bad(StepName::Discovery, error),
            Ok(server) => match &server.metadata {
                None => Step::good(
                    StepName::Discovery,
                    format!("none: token_url is {}", server.token_url.as_str()),
                ),
                Some(metadata) => {
                    let kept = if trace.is_empty() {
                        ", known already"
                    } else {
                        ""
                    };
                    let found = format!("{}{kept}", metadata.issuer());
                    Step::good(StepName::Discovery, found)
                        .with_details(told(metadata))
                        .with_findings(
                            proof::not_granted(self.client, metadata)
                                .into_iter()
                                .collect(),
                        )
                }
            },
        };
        tell(step.with_exchanges(&trace));
        found
    }

    /// The certificate that the connection to the token endpoint is made with.
    fn show_certificate(
        &self,
        server: &Server,
        tell: &mut dyn FnMut(Step),
    ) -> Result<(), OauthError> {
        let name = StepName::Certificate;
        let own = self.keys.own();
        let (record, _) = own.map_err(|error| failed(tell, name, error))?;
        let leaf = certificate::leaf(record).map_err(|error| failed(tell, name, error))?;
        if server.token_url.scheme() == Scheme::Http {
            let error = OauthError::NoTls {
                url: server.token_url.as_str().to_owned(),
            };
            return Err(failed(tell, name, error));
        }
        let now = (self.clock)();
        let metadata = server.metadata.as_deref();
        let mut findings = certificate::findings(self.client, record, leaf, metadata, now);
        if self.client.settings.auth.is_mutual_tls() {
            findings.extend(metadata.and_then(|told| proof::not_offered(self.client, told)));
        }
        tell(
            Step::good(name, certificate::summary(leaf, now))
                .with_details(certificate::contents(leaf))
                .with_findings(findings)
                .with_raw(leaf.pem().lines().map(str::to_owned)),
        );
        Ok(())
    }

    /// Proves who the client is and asks for a token; asked to wait, it tries again with a fresh
    /// proof.
    fn ask(
        &self,
        server: &Server,
        policy: &Policy,
        tell: &mut dyn FnMut(Step),
    ) -> Result<AccessToken, OauthError> {
        let url = &server.token_url;
        let (mut tries, mut nonces) = (0, 0);
        loop {
            self.still_wanted()?;
            let proof = self.prove(server, tell)?;
            let dpop = self.show_possession(server, tell)?;
            let shown = token_request::shown(self.client, url);
            tell(
                Step::good(StepName::TokenRequest, format!("POST {}", url.as_str()))
                    .with_findings(self.not_offered(&proof, server))
                    .with_details(parameters(self.client))
                    .with_raw(shown.shown())
                    .with_curl(Commands::of(self.client, self.keys.kid(), url.as_str()).text()),
            );
            let mut request =
                token_request::sent(self.client, url, &proof, dpop.as_ref(), self.subject);
            let sent = http::send(&request, policy);
            request.body.zeroize();
            let mut response =
                sent.map_err(|error| failed(tell, StepName::Answer, error.into()))?;
            self.keys.nonces.keep(url, &response);
            if nonces < NONCES && dpop.is_some() && dpop::asks_for_nonce(&response) {
                nonces += 1;
                let status = response.status;
                let exchange = Exchange {
                    request: shown,
                    response,
                };
                let summary = format!(
                    "{status} {}: again, with the nonce it gave",
                    dpop::USE_NONCE
                );
                tell(Step::good(StepName::Answer, summary).with_exchanges(&[exchange]));
                continue;
            }
            tries += 1;
            if tries < TRIES
                && let Some(wait) = http::retry_after(&response)
            {
                let summary = format!("{}: again in {} s", response.status, wait.as_secs());
                let exchange = Exchange {
                    request: shown,
                    response,
                };
                tell(Step {
                    outcome: StepOutcome::Care,
                    ..Step::good(StepName::Answer, summary).with_exchanges(&[exchange])
                });
                self.wait(wait)?;
                continue;
            }
            let now = (self.clock)();
            let scope = self.client.settings.scope.as_deref();
            let answer = Answer::read(url.as_str(), &mut response, scope, now);
            let exchange = Exchange {
                request: shown,
                response,
            };
            return self.judge(answer, &proof, server, exchange, now, tell);
        }
    }

    /// What discovery says of a secret in a header; of other proofs their own steps tell.
    fn not_offered(&self, proof: &Proof, server: &Server) -> Vec<String> {
        let metadata = server.metadata.as_deref();
        let metadata = metadata.filter(|_| matches!(proof, Proof::Basic(_)));
        let finding = metadata.and_then(|told| proof::not_offered(self.client, told));
        finding.into_iter().collect()
    }

    fn wait(&self, wait: Duration) -> Result<(), OauthError> {
        let until = Instant::now() + wait;
        loop {
            self.still_wanted()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK_UP));
        }
    }

    fn still_wanted(&self) -> Result<(), OauthError> {
        if (self.is_wanted)() {
            Ok(())
        } else {
            Err(OauthError::Cancelled)
        }
    }

    fn prove(&self, server: &Server, tell: &mut dyn FnMut(Step)) -> Result<Proof, OauthError> {
        let settings = &self.client.settings;
        match (&self.keys.secret, settings.auth) {
            _ if settings.signs() => {
                let assertion = self.assert(server, tell)?;
                Ok(Proof::Assertion(Box::new(assertion)))
            }
            (Some(secret), ClientAuth::ClientSecretJwt) => {
                let assertion = self.assert_by(secret, server, tell)?;
                Ok(Proof::Assertion(Box::new(assertion)))
            }
            (Some(secret), _) => Ok(Proof::basic(&settings.client_id, secret)),
            (None, _) => Ok(Proof::Certificate),
        }
    }

    /// An assertion by the `secret` that the server has too.
    fn assert_by(
        &self,
        secret: &Secret<String>,
        server: &Server,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Assertion, OauthError> {
        let url = server.token_url.as_str();
        let made = Assertion::by_secret(self.client, secret, url, (self.clock)());
        let assertion = made.map_err(|error| failed(tell, StepName::Assertion, error))?;
        let findings = server.metadata.as_deref();
        let findings = findings.and_then(|told| proof::not_offered(self.client, told));
        let summary = format!(
            "HS256 by the secret: iss = sub = {}, aud {}",
            self.client.settings.client_id,
            self.client.audience(url)
        );
        tell(
            Step::good(StepName::Assertion, summary)
                .with_details(lines(&assertion.header.pretty()))
                .with_details(lines(&assertion.claims.pretty()))
                .with_findings(findings.into_iter().collect())
                .with_raw([assertion.masked()])
                .with_secret(assertion.token()),
        );
        Ok(assertion)
    }

    /// The proof that its key is at hand, where tokens are to be bound to it.
    fn show_possession(
        &self,
        server: &Server,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Option<Dpop>, OauthError> {
        let Some(prover) = self.keys.prover() else {
            return Ok(None);
        };
        let nonce = self.keys.nonces.of(&server.token_url);
        let purpose = Purpose {
            method: Method::Post,
            url: &server.token_url,
            nonce: nonce.as_deref(),
            access: None,
        };
        let metadata = server.metadata.as_deref();
        let findings = metadata.map(|told| dpop::findings(&prover.record, told));
        let dpop = Dpop::new(prover, purpose, (self.clock)());
        let dpop = dpop.map_err(|error| failed(tell, StepName::Dpop, error))?;
        tell(
            dpop.step(prover, purpose)
                .with_findings(findings.unwrap_or_default()),
        );
        Ok(Some(dpop))
    }

    fn assert(&self, server: &Server, tell: &mut dyn FnMut(Step)) -> Result<Assertion, OauthError> {
        let own = self.keys.own();
        let (record, private) = own.map_err(|error| failed(tell, StepName::Assertion, error))?;
        let started = Instant::now();
        let now = (self.clock)();
        let url = server.token_url.as_str();
        let assertion = Assertion::new(self.client, record, private, url, now)
            .map_err(|error| failed(tell, StepName::Assertion, error))?;
        let elapsed = started.elapsed();
        let metadata = server.metadata.as_deref();
        let findings = assertion::findings(self.client, record, &assertion, metadata, now);
        let settings = &self.client.settings;
        let whose = match &settings.subject {
            Some(subject) => format!("iss {}, sub {subject}", settings.client_id),
            None => format!("iss = sub = {}", settings.client_id),
        };
        let summary = format!(
            "{} by {}: {whose}, aud {}, {}",
            assertion::algorithm(self.client, record)?,
            record.kid,
            self.client.audience(url),
            time::span(settings.lifetime.as_secs()),
        );
        tell(
            Step::good(StepName::Assertion, summary)
                .took(elapsed)
                .with_details(lines(&assertion.header.pretty()))
                .with_details(lines(&assertion.claims.pretty()))
                .with_findings(findings)
                .with_raw([assertion.masked()])
                .with_secret(assertion.token()),
        );
        Ok(assertion)
    }

    fn judge(
        &self,
        answer: Result<Answer, OauthError>,
        proof: &Proof,
        server: &Server,
        exchange: Exchange,
        now: Timestamp,
        tell: &mut dyn FnMut(Step),
    ) -> Result<AccessToken, OauthError> {
        let url = server.token_url.as_str();
        let error = match answer {
            Ok(Answer::Granted(access)) => {
                let end = match access.expires_at {
                    Some(end) => format!("ends {}", time::relative(end, now)),
                    None => "no end is told".to_owned(),
                };
                let kind = access.token_type.as_deref().unwrap_or("no token_type");
                let scope = match &access.scope {
                    Some(scope) => format!(", scope {scope}"),
                    None => String::new(),
                };
                let status = exchange.response.status;
                let step = Step::good(StepName::Answer, format!("{status}, {kind}, {end}{scope}"));
                let slow = slow(exchange.response.elapsed);
                tell(
                    step.with_findings(access.remarks.clone())
                        .with_findings(slow.into_iter().collect())
                        .with_exchanges(&[exchange])
                        .with_secret(access.answer()),
                );
                return Ok(access);
            }
            Ok(Answer::Refused {
                status,
                error,
                description,
            }) => {
                let refusal = Refusal {
                    client: self.client,
                    record: self.keys.record(),
                    proof,
                    prover: self.keys.prover().map(|prover| &prover.record),
                    token_url: url,
                    metadata: server.metadata.as_deref(),
                    response: &exchange.response,
                    error: error.as_deref(),
                    description: description.as_deref(),
                    now,
                    key_state: (self.key_state)(),
                    subject: self.subject,
                };
                let causes = refusal.causes();
                OauthError::Refused {
                    url: url.to_owned(),
                    status,
                    error,
                    description,
                    causes,
                }
            }
            Err(error) => error,
        };
        tell(Step::bad(StepName::Answer, &error).with_exchanges(&[exchange]));
        Err(error)
    }
}

/// An answer that many clients do not wait for.
fn slow(elapsed: Duration) -> Option<String> {
    (elapsed > PATIENCE).then(|| {
        let took = time::span(elapsed.as_secs());
        format!("the server took {took}: a client that waits less gives up")
    })
}

/// Tells that the step failed, and hands the error back.
fn failed(tell: &mut dyn FnMut(Step), name: StepName, error: OauthError) -> OauthError {
    tell(Step::bad(name, &error));
    error
}

/// The addresses and rules that metadata name.
fn told(metadata: &Metadata) -> Vec<String> {
    const MEMBERS: [&str; 8] = [
        "token_endpoint",
        "mtls_endpoint_aliases",
        "jwks_uri",
        "grant_types_supported",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "tls_client_certificate_bound_access_tokens",
        "dpop_signing_alg_values_supported",
    ];
    let members = metadata.document().members();
    MEMBERS
        .iter()
        .filter_map(|name| {
            let value = members.get(*name)?;
            let text = match metadata.texts(name) {
                Some(texts) => texts.join(" "),
                None => value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            };
            Some(format!("{name}: {text}"))
        })
        .collect()
}

fn parameters(client: &Client) -> Vec<String> {
    token_request::parameters(client)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}
