//! `keyfob why`

mod asking;

use serde_json::{Value, json};

use self::asking::{Named, Saw, Sighting};
use super::{
    arguments::WhyOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
    token_source,
};
use crate::{
    config::own_files,
    jose::{
        template::Template,
        verdict::{Candidates, Expectations, Outcome, Verdict, VerificationKey},
        why::{self, Act, Case, Likelihood, Place, Reason, Source, Validity},
    },
    keystore::{
        record::{Entry, Record},
        store::Keystore,
    },
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
    let sightings = if options.online {
        asking::ask(&mut places, token.kid(), session, output)?
    } else {
        Vec::new()
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
    print(verdict.outcome, &reasons, (&places, &sightings), output)?;
    let mut sightings = sightings.iter();
    let is_silent = sightings.any(|sighting| matches!(sighting.saw, Saw::Nothing(_)));
    let refused = reasons
        .iter()
        .any(|reason| reason.likelihood != Likelihood::Possible);
    Ok(match (refused, is_silent) {
        (true, _) => Exit::No,
        (false, false) => Exit::Done,
        (false, true) => Exit::Remote,
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

fn print(
    outcome: Outcome,
    reasons: &[Reason],
    (places, sightings): (&[Place], &[Sighting]),
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
            let mut sightings = sightings.iter();
            let sighting = sightings.find(|sighting| sighting.endpoint == place.name);
            let (keys, has_kid, problem) = match sighting.map(|sighting| &sighting.saw) {
                Some(Saw::Keys { count, named }) => {
                    let has_kid = (*named != Named::NoKid).then_some(*named == Named::There);
                    (Some(*count), has_kid, None)
                }
                Some(Saw::Nothing(why)) => (None, None, Some(why)),
                Some(Saw::Blind) | None => (None, None, None),
            };
            json!({
                "keys": keys,
                "has_kid": has_kid,
                "problem": problem,
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
