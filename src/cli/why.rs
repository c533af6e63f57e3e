//! `keyfob why`

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    arguments::WhyOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    remote,
    session::Session,
    token_source,
};
use crate::{
    config::own_files,
    jose::{
        template::Template,
        verdict::{Candidates, Expectations, Outcome, Verdict, VerificationKey},
        why::{self, Act, Case, Likelihood, Place, PlacedKey, Reason, Source, Validity},
    },
    keystore::{
        record::{Entry, Record},
        store::Keystore,
    },
    registry::{answer::RemoteKey, book::SANDBOX},
    sandbox::server::Sandbox,
};

pub(super) fn run(
    options: &WhyOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let text = token_source::read(Some(&options.token))?;
    let token = token_source::only(text.expose(), output)?;
    let records = records(session, output)?;
    let mut places = session.endpoints()?.recorded(records.iter());
    let silent = if options.online {
        ask(&mut places, session, output)?
    } else {
        0
    };
    let keys: Vec<VerificationKey> = records.iter().flat_map(Record::verification_keys).collect();
    let candidates = Candidates::Among(keys.clone());
    let key = candidates.key_for(&token);
    let thumbprint = key.and_then(VerificationKey::thumbprint);
    let record = records
        .iter()
        .find(|record| Some(record.thumbprint()) == thumbprint);
    let templates = Template::all(&own_files::templates(session.home())?)?;
    let settings = session.settings()?;
    let clients: Vec<&str> = settings
        .clients
        .values()
        .map(|client| client.client_id.as_str())
        .collect();
    let now = session.now();
    let verdict = Verdict::of(&token, key, &Expectations::default(), now);
    let reasons = why::reasons(&Case {
        token: &token,
        verdict: &verdict,
        key,
        certificate: record.and_then(Record::leaf).map(|leaf| Validity {
            from: leaf.not_before(),
            until: leaf.not_after(),
        }),
        keys: &keys,
        places: &places,
        clients: &clients,
        templates: &templates,
        template: record.and_then(|record| record.template.as_deref()),
        now,
    });
    print(verdict.outcome, &reasons, &places, output)?;
    let refused = reasons
        .iter()
        .any(|reason| reason.likelihood != Likelihood::Possible);
    Ok(match (refused, silent) {
        (true, _) => Exit::No,
        (false, 0) => Exit::Done,
        (false, _) => Exit::Remote,
    })
}

fn records(session: &Session, output: &mut Output) -> Result<Vec<Record>, Failure> {
    let mut records = Vec::new();
    if Keystore::exists(session.home()) {
        for entry in session.keystore()?.list()? {
            match entry {
                Entry::Key(record) => records.push(*record),
                Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
            }
        }
    }
    Ok(records)
}

/// Asks every endpoint for its keys and its clock; the number of those that did not tell. A sandbox
/// that does not run is none.
fn ask(places: &mut Vec<Place>, session: &Session, output: &mut Output) -> Result<usize, Failure> {
    if Sandbox::running(session.home()).is_none() {
        places.retain(|place| place.name != SANDBOX || place.preset != SANDBOX);
    }
    let mut silent = 0;
    for place in places {
        if let Err(failure) = asked(place, session) {
            if failure.exit() == Exit::Locked {
                return Err(failure);
            }
            let why = failure.message().unwrap_or_default();
            output.say(&format!("! {} was not asked: {why}", place.name));
            silent += 1;
        }
    }
    Ok(silent)
}

fn asked(place: &mut Place, session: &Session) -> Result<(), Failure> {
    let endpoint = remote::endpoint(&place.name, session)?;
    let keys = endpoint.list()?;
    let there = endpoint.server_time()?;
    place.ahead = there.map(|there| {
        let seconds = Timestamp::from_second(session.now().as_second()).unwrap_or(there);
        there.duration_since(seconds)
    });
    place.keys = keys.into_iter().map(placed).collect();
    place.source = Source::Asked;
    Ok(())
}

fn placed(key: RemoteKey) -> PlacedKey {
    match key.jwk {
        Ok(jwk) => PlacedKey {
            thumbprint: Some(jwk.key.thumbprint()),
            id: jwk.kid.unwrap_or(key.id),
        },
        Err(_) => PlacedKey {
            id: key.id,
            thumbprint: None,
        },
    }
}

fn print(
    outcome: Outcome,
    reasons: &[Reason],
    places: &[Place],
    output: &mut Output,
) -> Result<(), Failure> {
    let verdict = match outcome {
        Outcome::Valid => "valid",
        Outcome::Invalid => "invalid",
        Outcome::NotChecked => "not checked",
    };
    if output.format() == Format::Json {
        let reasons = reasons.iter().map(|reason| {
            json!({
                "likelihood": reason.likelihood.name(),
                "cause": reason.cause,
                "reason": reason.text,
                "remedy": reason.remedy,
                "command": reason.act.as_ref().and_then(command),
            })
        });
        let places = places.iter().map(|place| {
            json!({
                "endpoint": place.name,
                "source": match place.source {
                    Source::Asked => "asked",
                    Source::Recorded => "recorded",
                },
                "clock_ahead_seconds": place.ahead.map(|ahead| ahead.as_secs()),
            })
        });
        return output.json(&json!({
            "verdict": verdict.replace(' ', "_"),
            "reasons": reasons.collect::<Vec<Value>>(),
            "endpoints": places.collect::<Vec<Value>>(),
        }));
    }
    if reasons.is_empty() {
        return output.result(&format!("{verdict}: nothing known speaks against it"));
    }
    output.result(&format!("{verdict}: why a server may refuse it"))?;
    for reason in reasons {
        let likelihood = reason.likelihood.name();
        output.result(&format!(
            "{likelihood:<9}{:<13}{}",
            reason.cause, reason.text
        ))?;
        let how = match reason.act.as_ref().and_then(command) {
            Some(command) => format!("{}: {command}", reason.remedy),
            None => reason.remedy.clone(),
        };
        output.result(&format!("{:<22}→ {how}", ""))?;
    }
    Ok(())
}

/// The command that does it, where one does.
fn command(act: &Act) -> Option<String> {
    Some(match act {
        Act::Copy => return None,
        Act::Import => "keyfob keys import FILE".to_owned(),
        Act::Mint(kid) => format!("keyfob mint --key {}", word(kid.as_deref(), "KID")),
        Act::Register { kid, place } => format!(
            "keyfob register {} --at {}",
            word(Some(kid), "KID"),
            word(place.as_deref(), "NAME")
        ),
        Act::Template { kid, template } => format!(
            "keyfob mint --key {} --template {}",
            word(kid.as_deref(), "KID"),
            word(Some(template), "NAME")
        ),
        Act::Renew(kid) => format!("keyfob cert renew {}", word(Some(kid), "KID")),
    })
}

/// `text` as one word of a shell, `unknown` where there is none: kids of imported keys may hold
/// anything.
fn word(text: Option<&str>, unknown: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._~:@-".contains(c);
    match text {
        None => unknown.to_owned(),
        Some(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Some(text) => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
