//! What the commands that talk to endpoints share.

use serde_json::{Map, Value, json};

use super::{
    failure::Failure,
    output::{Format, Output},
    session::Session,
};
use crate::{
    net::request::HeaderValue,
    registry::{
        endpoint::Endpoint,
        error::RegistryError,
        plan::{Handed, Intent},
    },
};

/// The endpoint `name`, its API token resolved; the passphrase is asked for where it is sealed.
pub(super) fn endpoint(name: &str, session: &Session) -> Result<Endpoint, Failure> {
    let endpoints = session.endpoints()?;
    if !endpoints.is_sealed(name)? {
        return Ok(endpoints.resolved(name, session.home(), None)?);
    }
    let keystore = session.keystore()?;
    let unlocked = session.unlock(&keystore)?;
    Ok(endpoints.resolved(name, session.home(), Some((&keystore, &unlocked)))?)
}

/// What would be done, one part after the other.
pub(super) fn show_plan(plan: &[Intent], output: &mut Output) -> Result<(), Failure> {
    let done = match plan.first() {
        Some(Intent::ByHand(_)) => "done by you",
        Some(Intent::Write { .. }) => "written",
        _ => "sent",
    };
    output.say(&format!("dry run: this would be {done}, and nothing was"));
    if output.format() == Format::Json {
        return match plan {
            [one] => output.json(&intent_json(one)),
            all => output.json(&Value::Array(all.iter().map(intent_json).collect())),
        };
    }
    for (place, intent) in plan.iter().enumerate() {
        let about = intent.about().unwrap_or_default();
        let number = place + 1;
        match plan.len() {
            1 => {}
            count => {
                output.result(format!("# {number} of {count}: {about}").trim_end_matches(": "))?;
            }
        }
        output.result(&intent.shown().join("\n"))?;
        if number < plan.len() {
            output.result("")?;
        }
    }
    Ok(())
}

/// A part of a plan as `--json` prints it: secrets are masked.
fn intent_json(intent: &Intent) -> Value {
    match intent {
        Intent::ByHand(handed) => handed_json(handed),
        Intent::Send { about, request } => json!({
            "about": about,
            "method": request.method.name(),
            "url": request.url,
            "headers": request.headers.iter().map(header_json).collect::<Map<_, _>>(),
            "body": request.body.as_deref().map(body_json),
            "curl": request.curl(),
        }),
        Intent::Write { file, text } => json!({
            "file": file.display().to_string(),
            "body": body_json(text),
        }),
    }
}

/// What a person does, as `--json` prints it.
pub(super) fn handed_json(handed: &Handed) -> Value {
    json!({
        "by_hand": handed.act,
        "page": Some(&handed.page).filter(|page| !page.is_empty()),
        "what": Some(&handed.what).filter(|what| !what.is_empty()),
        "text": Some(&handed.text).filter(|text| !text.is_empty()),
    })
}

/// Shows what a service answered before its refusal becomes the failure.
pub(super) fn refused(error: RegistryError, output: &mut Output) -> Failure {
    if let Some(last) = error.exchanges().last() {
        let (request, response) = (&last.request, &last.response);
        output.say(&format!(
            "{} {} → {}",
            request.method, request.url, response.status
        ));
    }
    Failure::from(error)
}

fn header_json((name, value): &(String, HeaderValue)) -> (String, Value) {
    let value = match value {
        HeaderValue::Plain(value) => value.clone(),
        HeaderValue::Secret { scheme, .. } => format!("{scheme} [masked]"),
    };
    (name.clone(), Value::String(value))
}

fn body_json(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()))
}
