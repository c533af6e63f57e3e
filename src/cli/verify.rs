//! `keyfob verify`

use serde_json::{Value, json};

use super::{
    arguments::VerifyOptions,
    exit::Exit,
    failure::Failure,
    key_source,
    output::{Format, Output},
    session::Session,
    token_source,
};
use crate::{
    jose::{
        time,
        verdict::{self, CheckOutcome, Expectations, Outcome, Payload, Verdict, VerificationKey},
    },
    oauth::key_place::KeyPlace,
};

pub(super) fn run(
    options: &VerifyOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let expectations = expectations(options)?;
    let now = match &options.now {
        Some(text) => time::parse_instant(text).map_err(|error| in_option("--now", &error))?,
        None => session.now(),
    };
    let text = token_source::read(options.token.as_deref())?;
    let token = token_source::only(text.expose(), output)?;
    let candidates = match (&options.key, &options.issuer) {
        (Some(key), _) => key_source::verification_keys(key, session, output)?,
        (None, Some(issuer)) => key_source::published(&KeyPlace::Issuer(issuer.clone()), output)?,
        (None, None) => key_source::of_keystore(session, output)?,
    };
    let key = candidates.key_for(&token);
    let verdict = Verdict::of(&token, key, &expectations, now);
    print(&verdict, key, output)?;
    Ok(match verdict.outcome {
        Outcome::Valid => Exit::Done,
        Outcome::Invalid | Outcome::NotChecked => Exit::No,
    })
}

fn expectations(options: &VerifyOptions) -> Result<Expectations, Failure> {
    let duration = |name: &str, text: &str| {
        time::parse_duration(text).map_err(|error| in_option(name, &error))
    };
    let leeway = duration("--leeway", &options.leeway)?;
    if leeway > verdict::MAX_LEEWAY {
        return Err(Failure::usage(format!(
            "--leeway {}: at most {} s",
            options.leeway,
            verdict::MAX_LEEWAY.as_secs()
        )));
    }
    Ok(Expectations {
        algorithms: options.alg.clone(),
        iss: options.iss.clone().or_else(|| options.issuer.clone()),
        aud: options.aud.clone(),
        typ: options.typ.clone(),
        required: options.require.clone(),
        max_age: options
            .max_age
            .as_deref()
            .map(|text| duration("--max-age", text))
            .transpose()?,
        leeway,
        payload: if options.raw {
            Payload::Raw
        } else {
            Payload::Claims
        },
    })
}

fn print(
    verdict: &Verdict,
    key: Option<&VerificationKey>,
    output: &mut Output,
) -> Result<(), Failure> {
    if output.format() == Format::Json {
        return output.json(&verdict_json(verdict, key));
    }
    output.result(outcome(verdict.outcome))?;
    for check in &verdict.checks {
        let sign = match check.outcome {
            CheckOutcome::Passed => "✓",
            CheckOutcome::Failed => "✗",
            CheckOutcome::NotChecked => "○",
            CheckOutcome::Finding => "!",
        };
        output.result(&format!("{sign} {:<13}{}", check.name, check.told()))?;
    }
    Ok(())
}

fn verdict_json(verdict: &Verdict, key: Option<&VerificationKey>) -> Value {
    let checks = verdict.checks.iter().map(|check| {
        let outcome = match check.outcome {
            CheckOutcome::Passed => "passed",
            CheckOutcome::Failed => "failed",
            CheckOutcome::NotChecked => "not_checked",
            CheckOutcome::Finding => "finding",
        };
        json!({"name": check.name, "outcome": outcome, "detail": check.told()})
    });
    json!({
        "verdict": outcome(verdict.outcome).replace(' ', "_"),
        "key": key.map(|key| json!({
            "kid": key.kid(),
            "thumbprint": key.thumbprint().map(|thumbprint| thumbprint.to_string()),
        })),
        "checks": checks.collect::<Vec<_>>(),
    })
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Valid => "valid",
        Outcome::Invalid => "invalid",
        Outcome::NotChecked => "not checked",
    }
}

fn in_option(name: &str, error: &dyn std::error::Error) -> Failure {
    Failure::usage(format!("{name}: {error}"))
}
