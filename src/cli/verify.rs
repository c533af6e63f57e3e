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
        token::UnverifiedToken,
        verdict::{self, CheckOutcome, Expectations, Outcome, Payload, Verdict, VerificationKey},
    },
    keystore::{record::Entry, store::Keystore},
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
    let token = UnverifiedToken::decode(text.expose())?;
    let keys = match &options.key {
        Some(key) => key_source::verification_keys(key, session, output)?,
        None => of_keystore(session, output)?,
    };
    let verdict = Verdict::of(&token, verdict::choose(&token, &keys), &expectations, now);
    print(&verdict, output)?;
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
        iss: options.iss.clone(),
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

/// Every key of the keystore; none where there is no keystore, which leaves tokens unchecked.
fn of_keystore(session: &Session, output: &mut Output) -> Result<Vec<VerificationKey>, Failure> {
    if !Keystore::exists(session.home()) {
        return Ok(Vec::new());
    }
    let mut keys = Vec::new();
    for entry in session.keystore()?.list()? {
        match entry {
            Entry::Key(record) => keys.push(record.verification_key()),
            Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
        }
    }
    Ok(keys)
}

fn print(verdict: &Verdict, output: &mut Output) -> Result<(), Failure> {
    if output.format() == Format::Json {
        return output.json(&verdict_json(verdict));
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

fn verdict_json(verdict: &Verdict) -> Value {
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
