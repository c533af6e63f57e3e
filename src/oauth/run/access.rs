//! The access token that was granted: taken apart, and verified.

use std::time::Instant;

use jiff::Timestamp;

use super::{Depth, Run, failed, lines};
use crate::{
    jose::{
        time,
        token::{Body, UnverifiedToken},
        verdict::{self, CheckOutcome, Expectations, Outcome, Verdict, VerificationKey},
    },
    net::{exchange::Exchange, policy::Policy},
    oauth::{
        access_token::AccessToken,
        binding,
        error::OauthError,
        metadata::Place,
        server::Server,
        step::{Step, StepName, StepOutcome},
    },
};

impl Run<'_> {
    /// The access token taken apart and, where asked for, verified with the server's keys.
    pub(super) fn look_at(
        &self,
        access: &AccessToken,
        server: &Server,
        policy: &Policy,
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
        let bound = binding::look(self.client, self.keys, access);
        let bound = bound.map_err(|why| {
            let url = server.token_url.as_str().to_owned();
            failed(tell, StepName::AccessToken, OauthError::Answer { url, why })
        })?;
        let Some(decoded) = access.decoded() else {
            let step = Step::good(StepName::AccessToken, "opaque: only the server can read it");
            tell(step.with_findings(bound).with_secret(access.token()));
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
            Depth::Signature => self.verified(&decoded, server, policy, now),
        };
        let step = step.with_findings(bound).with_details(contents(&decoded));
        tell(step.with_secret(access.token()));
        Ok(())
    }

    fn verified(
        &self,
        token: &UnverifiedToken,
        server: &Server,
        policy: &Policy,
        now: Timestamp,
    ) -> Step {
        let kind = kind(token);
        let started = Instant::now();
        let mut trace = Vec::new();
        let (keys, mut findings) = match self.server_keys(token, server, policy, &mut trace) {
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
            verdict: Some(verdict.outcome),
            ..Step::good(StepName::AccessToken, format!("{word}: {kind}"))
        }
        .with_findings(findings)
        .with_exchanges(&trace)
        .took(elapsed)
    }

    /// The server's keys, and what is to be said of them.
    fn server_keys(
        &self,
        token: &UnverifiedToken,
        server: &Server,
        policy: &Policy,
        trace: &mut Vec<Exchange>,
    ) -> Result<(Vec<VerificationKey>, Vec<String>), OauthError> {
        let Some(metadata) = &server.metadata else {
            let remark = "no issuer is named whose keys could verify it".to_owned();
            return Ok((Vec::new(), vec![remark]));
        };
        let url = metadata.url(Place::Jwks)?;
        let mut set = self.discovery.keys(&url, policy, trace)?;
        let is_unknown = token.kid().is_some_and(|kid| !set.has_kid(kid));
        if is_unknown && trace.is_empty() {
            set = self.discovery.fresh_keys(&url, policy, trace)?;
        }
        Ok((set.verification_keys(), set.remarks()))
    }
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
