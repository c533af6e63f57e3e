//! The way from a key to an access token, step by step.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use zeroize::Zeroize;

use super::{
    access_token::{AccessToken, Answer},
    assertion::{self, Assertion},
    causes::Refusal,
    client::Client,
    commands::Commands,
    discovery::Discovery,
    error::OauthError,
    metadata::{Metadata, Place},
    step::{Step, StepName, StepOutcome},
    token_request,
};
use crate::{
    config::settings::ClientServer,
    jose::{
        key::PrivateKey,
        time,
        token::{Body, UnverifiedToken},
        verdict::{self, CheckOutcome, Expectations, Outcome, Verdict, VerificationKey},
    },
    keystore::record::Record,
    net::{exchange::Exchange, http, url::Url},
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
    pub record: &'a Record,
    pub private: &'a PrivateKey,
    pub discovery: &'a Discovery,
    pub depth: Depth,
    pub clock: &'a dyn Fn() -> Timestamp,
    /// Asked after a refusal: what is known of the key at the server, in words.
    pub key_state: &'a dyn Fn() -> Option<String>,
    /// Asked before anything is sent, and while it waits: whether anybody still wants the token.
    pub is_wanted: &'a dyn Fn() -> bool,
}

/// A server whose token endpoint is known.
#[derive(Clone, Debug)]
pub struct Server {
    pub token_url: Url,
    pub metadata: Option<Arc<Metadata>>,
}

impl Server {
    /// Finds the token endpoint of `client`; what was asked joins `trace`.
    pub fn find(
        client: &Client,
        discovery: &Discovery,
        trace: &mut Vec<Exchange>,
    ) -> Result<Self, OauthError> {
        match &client.settings.server {
            ClientServer::TokenUrl(url) => Ok(Self {
                token_url: Url::parse(url)?,
                metadata: None,
            }),
            ClientServer::Issuer(issuer) => {
                let metadata = discovery.metadata(issuer, &client.policy(), trace)?;
                Ok(Self {
                    token_url: metadata.url(Place::Token)?,
                    metadata: Some(metadata),
                })
            }
        }
    }
}

impl Run<'_> {
    /// Runs the exchange up to the access token. Every step is told when it is over, the one that
    /// failed too.
    pub fn access_token(&self, tell: &mut dyn FnMut(Step)) -> Result<AccessToken, OauthError> {
        let server = self.discover(tell)?;
        let access = self.ask(&server, tell)?;
        self.look_at(&access, &server, tell)?;
        Ok(access)
    }

    fn discover(&self, tell: &mut dyn FnMut(Step)) -> Result<Server, OauthError> {
        self.still_wanted()?;
        let mut trace = Vec::new();
        let found = Server::find(self.client, self.discovery, &mut trace);
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
                    Step::good(StepName::Discovery, found).with_details(told(metadata))
                }
            },
        };
        tell(step.with_exchanges(&trace));
        found
    }

    /// Proves who the client is and asks for a token; asked to wait, it tries again with a fresh
    /// proof.
    fn ask(&self, server: &Server, tell: &mut dyn FnMut(Step)) -> Result<AccessToken, OauthError> {
        let url = &server.token_url;
        let policy = self.client.policy();
        let mut tries = 0;
        loop {
            tries += 1;
            self.still_wanted()?;
            let assertion = self.prove(server, tell)?;
            let shown = token_request::shown(self.client, url);
            tell(
                Step::good(StepName::TokenRequest, format!("POST {}", url.as_str()))
                    .with_details(parameters(self.client))
                    .with_raw(shown.shown())
                    .with_curl(Commands::of(self.client, &self.record.kid, url.as_str()).text()),
            );
            let mut request = token_request::sent(self.client, url, &assertion);
            let sent = http::send(&request, &policy);
            request.body.zeroize();
            let mut response =
                sent.map_err(|error| failed(tell, StepName::Answer, error.into()))?;
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
            return self.judge(answer, &assertion, server, exchange, now, tell);
        }
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

    fn prove(&self, server: &Server, tell: &mut dyn FnMut(Step)) -> Result<Assertion, OauthError> {
        let started = Instant::now();
        let now = (self.clock)();
        let url = server.token_url.as_str();
        let assertion = Assertion::new(self.client, self.record, self.private, url, now)
            .map_err(|error| failed(tell, StepName::Assertion, error))?;
        let elapsed = started.elapsed();
        let metadata = server.metadata.as_deref();
        let findings = assertion::findings(self.client, self.record, &assertion, metadata, now);
        let settings = &self.client.settings;
        let summary = format!(
            "{} by {}: iss = sub = {}, aud {}, {}",
            assertion::algorithm(self.client, self.record)?,
            self.record.kid,
            settings.client_id,
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
        assertion: &Assertion,
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
                    record: self.record,
                    assertion,
                    token_url: url,
                    metadata: server.metadata.as_deref(),
                    response: &exchange.response,
                    error: error.as_deref(),
                    description: description.as_deref(),
                    now,
                    key_state: (self.key_state)(),
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

    /// The access token taken apart and, where asked for, verified with the server's keys.
    fn look_at(
        &self,
        access: &AccessToken,
        server: &Server,
        tell: &mut dyn FnMut(Step),
    ) -> Result<(), OauthError> {
        let now = (self.clock)();
        if access.expires_at.is_some_and(|end| end <= now) {
            let ended = access
                .expires_at
                .map_or_else(String::new, |end| time::relative(end, now));
            let error = OauthError::Ended {
                url: server.token_url.as_str().to_owned(),
                ended,
            };
            return Err(failed(tell, StepName::AccessToken, error));
        }
        let Some(decoded) = access.decoded() else {
            let text = "opaque: only the server can read it";
            tell(Step::good(StepName::AccessToken, text).with_secret(access.token()));
            return Ok(());
        };
        let exp = decoded
            .claims()
            .and_then(|claims| time::numeric_date(claims.members().get("exp")?));
        if let Some(exp) = exp.filter(|exp| *exp <= now) {
            let error = OauthError::Ended {
                url: server.token_url.as_str().to_owned(),
                ended: time::relative(exp, now),
            };
            return Err(failed(tell, StepName::AccessToken, error));
        }
        let step = match self.depth {
            Depth::Expiry => Step::good(StepName::AccessToken, kind(&decoded)),
            Depth::Signature => self.verified(&decoded, server, now),
        };
        let step = step.with_details(contents(&decoded));
        tell(step.with_secret(access.token()));
        Ok(())
    }

    fn verified(&self, token: &UnverifiedToken, server: &Server, now: Timestamp) -> Step {
        let kind = kind(token);
        let started = Instant::now();
        let mut trace = Vec::new();
        let (keys, mut findings) = match self.keys(token, server, &mut trace) {
            Ok((keys, remarks)) => (keys, remarks),
            Err(error) => (Vec::new(), vec![error.to_string()]),
        };
        let settings = &self.client.settings;
        let expectations = Expectations {
            iss: server
                .metadata
                .as_ref()
                .map(|metadata| metadata.issuer().to_owned()),
            aud: settings
                .request_audience
                .clone()
                .or_else(|| settings.resource.clone()),
            ..Expectations::default()
        };
        let verdict = Verdict::of(token, verdict::choose(token, &keys), &expectations, now);
        let (outcome, word) = match verdict.outcome {
            Outcome::Valid => (StepOutcome::Good, "valid"),
            Outcome::NotChecked => (StepOutcome::Care, "not checked"),
            Outcome::Invalid => (StepOutcome::Bad, "invalid"),
        };
        for check in &verdict.checks {
            let is_why = check.outcome == CheckOutcome::NotChecked && check.name == "signature";
            if is_why || matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::Finding) {
                findings.push(format!("{}: {}", check.name, check.detail));
            }
        }
        findings.extend(replayed(token, now));
        let elapsed = started.elapsed();
        Step {
            outcome,
            ..Step::good(StepName::AccessToken, format!("{word}: {kind}"))
        }
        .with_findings(findings)
        .with_exchanges(&trace)
        .took(elapsed)
    }

    /// The server's keys, and what is to be said of them.
    fn keys(
        &self,
        token: &UnverifiedToken,
        server: &Server,
        trace: &mut Vec<Exchange>,
    ) -> Result<(Vec<VerificationKey>, Vec<String>), OauthError> {
        let Some(metadata) = &server.metadata else {
            let remark = "no issuer is named whose keys could verify it".to_owned();
            return Ok((Vec::new(), vec![remark]));
        };
        let url = metadata.url(Place::Jwks)?;
        let policy = self.client.policy();
        let mut set = self.discovery.keys(&url, &policy, trace)?;
        let is_unknown = token.kid().is_some_and(|kid| !set.has_kid(kid));
        if is_unknown && trace.is_empty() {
            set = self.discovery.fresh_keys(&url, &policy, trace)?;
        }
        Ok((set.verification_keys(), set.remarks()))
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

/// A token that is older than the question was made for somebody else, or for an earlier time.
fn replayed(token: &UnverifiedToken, now: Timestamp) -> Option<String> {
    let iat = time::numeric_date(token.claims()?.members().get("iat")?)?;
    let age = now.duration_since(iat).as_secs();
    (age > 60).then(|| {
        format!(
            "it was issued {}, before it was asked for: something on the way plays back old \
             answers, or the server hands out kept ones",
            time::relative(iat, now)
        )
    })
}

/// The addresses and rules that metadata name.
fn told(metadata: &Metadata) -> Vec<String> {
    const MEMBERS: [&str; 5] = [
        "token_endpoint",
        "jwks_uri",
        "grant_types_supported",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
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

fn kind(token: &UnverifiedToken) -> String {
    let alg = token.alg().unwrap_or("no alg");
    match (&token.body, token.header_text("typ")) {
        (Body::Encrypted, _) => "an encrypted JWT".to_owned(),
        (_, Some(typ)) => format!("{typ}, {alg}"),
        (_, None) => format!("a JWT, {alg}"),
    }
}

fn contents(token: &UnverifiedToken) -> Vec<String> {
    let mut contents = lines(&token.header.pretty());
    if let Some(claims) = token.claims() {
        contents.extend(lines(&claims.pretty()));
    }
    contents
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}
