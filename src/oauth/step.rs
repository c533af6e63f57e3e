//! The exchange as steps, each with what it did, how long it took and what was sent and received.

use std::{fmt, time::Duration};

use jiff::Timestamp;

use crate::{jose::verdict::Outcome, net::exchange::Exchange, secret::Secret};

/// A part of the way from a key to an API's answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StepName {
    Discovery,
    Assertion,
    /// That of the client's key, shown to the server.
    Certificate,
    /// That the key is at hand which the access token is bound to.
    Dpop,
    TokenRequest,
    Answer,
    AccessToken,
    Call,
    CallAnswer,
    /// What the server knows of the token.
    Introspection,
    /// The server forgets the token.
    Revocation,
}

/// How a step went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StepOutcome {
    /// It failed: the way ends here.
    Bad,
    /// It went, and something is worth a word.
    Care,
    Good,
}

/// One step, secrets masked.
#[derive(Clone, Debug)]
pub struct Step {
    pub name: StepName,
    pub outcome: StepOutcome,
    /// One line.
    pub summary: String,
    /// What it is made of: JSON, parameters, checks.
    pub details: Vec<String>,
    /// What is worth a word, and what to do; of a failure the likely causes, likeliest first.
    pub findings: Vec<String>,
    /// What verifying the access token came to, where that was tried.
    pub verdict: Option<Outcome>,
    /// How long it took, where it took anything.
    pub elapsed: Option<Duration>,
    /// What was sent and received, or signed, as text.
    pub raw: Vec<String>,
    /// The commands that do the same, with placeholders for secrets.
    pub curl: Option<String>,
    /// What is masked elsewhere, whole: the signed assertion, the answer, the access token.
    pub secret: Option<Secret<String>>,
}

impl StepName {
    /// `token_request`: as JSON names it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Assertion => "assertion",
            Self::Certificate => "certificate",
            Self::Dpop => "dpop_proof",
            Self::TokenRequest => "token_request",
            Self::Answer => "answer",
            Self::AccessToken => "access_token",
            Self::Call => "call",
            Self::CallAnswer => "call_answer",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
        }
    }
}

/// `token request`.
impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery",
            Self::Assertion => "assertion",
            Self::Certificate => "certificate",
            Self::Dpop => "dpop proof",
            Self::TokenRequest => "token request",
            Self::Answer => "answer",
            Self::AccessToken => "access token",
            Self::Call => "call",
            Self::CallAnswer => "its answer",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
        })
    }
}

impl Step {
    /// A step that went well.
    pub fn good(name: StepName, summary: impl Into<String>) -> Self {
        Self {
            name,
            outcome: StepOutcome::Good,
            summary: summary.into(),
            details: Vec::new(),
            findings: Vec::new(),
            verdict: None,
            elapsed: None,
            raw: Vec::new(),
            curl: None,
            secret: None,
        }
    }

    /// A step that failed; the first line of `error` is its summary, the others are its findings.
    pub fn bad(name: StepName, error: &impl fmt::Display) -> Self {
        let text = error.to_string();
        let mut lines = text.lines();
        let summary = lines.next().unwrap_or_default().to_owned();
        Self {
            outcome: StepOutcome::Bad,
            findings: lines.map(|line| line.trim().to_owned()).collect(),
            ..Self::good(name, summary)
        }
    }

    /// The end of the token that it took apart.
    pub fn exp(&self) -> Option<Timestamp> {
        let lines = self.details.iter();
        let mut values = lines.filter_map(|line| line.trim().strip_prefix("\"exp\": "));
        let seconds = values.next()?.trim_end_matches(',').parse().ok()?;
        Timestamp::from_second(seconds).ok()
    }

    /// With findings: care where there are any.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<String>) -> Self {
        if !findings.is_empty() && self.outcome == StepOutcome::Good {
            self.outcome = StepOutcome::Care;
        }
        self.findings.extend(findings);
        self
    }

    #[must_use]
    pub fn with_details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    #[must_use]
    pub fn took(mut self, elapsed: Duration) -> Self {
        self.elapsed = Some(elapsed);
        self
    }

    /// With what was sent and received; its time is theirs.
    #[must_use]
    pub fn with_exchanges(mut self, exchanges: &[Exchange]) -> Self {
        let elapsed: Duration = exchanges.iter().map(|one| one.response.elapsed).sum();
        if !exchanges.is_empty() {
            self.elapsed = Some(elapsed);
        }
        for exchange in exchanges {
            if !self.raw.is_empty() {
                self.raw.push(String::new());
            }
            self.raw.extend(exchange.request.shown());
            self.raw.push(String::new());
            self.raw.extend(exchange.response.shown());
        }
        self
    }

    #[must_use]
    pub fn with_curl(mut self, curl: String) -> Self {
        self.curl = Some(curl);
        self
    }

    #[must_use]
    pub fn with_secret(mut self, secret: &Secret<String>) -> Self {
        self.secret = Some(secret.clone());
        self
    }

    #[must_use]
    pub fn with_raw(mut self, raw: impl IntoIterator<Item = String>) -> Self {
        self.raw.extend(raw);
        self
    }
}
