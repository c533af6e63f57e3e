//! `keyfob endpoints list|show|check|rm`

use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    remote,
    session::Session,
    table::Table,
};
use crate::{
    keystore::store::Keystore,
    registry::{
        checkup::{Finding, Verdict},
        preset::Preset,
        saving,
    },
};

pub(super) fn list(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let endpoints = session.endpoints()?;
    let all = endpoints.summaries();
    if output.format() == Format::Json {
        let rows = all
            .iter()
            .map(|one| json!({"name": one.name, "preset": one.preset, "url": one.url}));
        output.json(&Value::Array(rows.collect()))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["NAME", "PRESET", "URL"]);
    for one in all {
        table.row(vec![one.name, one.preset, one.url]);
    }
    output.result(&table.to_string())?;
    Ok(Exit::Done)
}

pub(super) fn presets(session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let endpoints = session.endpoints()?;
    let presets = endpoints.presets();
    if output.format() == Format::Json {
        let rows = presets.iter().map(|preset| {
            json!({
                "name": preset.name,
                "title": preset.title,
                "description": preset.description,
                "url": preset.url.help,
                "values": values_json(preset),
                "token": preset.authentication.token_help(),
            })
        });
        output.json(&Value::Array(rows.collect()))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["PRESET", "SERVICE", "WHAT FOR"]);
    for preset in presets {
        let cells = [&preset.name, &preset.title, &preset.description];
        table.row(cells.map(String::clone).to_vec());
    }
    output.result(&table.to_string())?;
    Ok(Exit::Done)
}

/// The values that a preset needs, in the order in which they are asked for.
fn values_json(preset: &Preset) -> Value {
    let rows = preset.values.iter().map(|value| {
        json!({
            "name": value.name,
            "help": value.help,
            "example": value.example,
            "default": value.default,
            "one_of": value.one_of,
        })
    });
    Value::Array(rows.collect())
}

pub(super) fn show(name: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let description = session.endpoints()?.describe(name)?;
    if output.format() == Format::Json {
        let members = description
            .into_iter()
            .map(|(label, value)| (label.replace(' ', "_"), json!(value)));
        output.json(&Value::Object(members.collect()))?;
        return Ok(Exit::Done);
    }
    for (label, value) in description {
        output.result(&format!("{label:<14}{value}"))?;
    }
    Ok(Exit::Done)
}

pub(super) fn check(name: &str, session: &Session, output: &mut Output) -> Result<Exit, Failure> {
    let findings = remote::endpoint(name, session)?.check();
    if output.format() == Format::Json {
        output.json(&json!({"name": name, "check": findings_json(&findings)}))?;
    } else {
        for line in lines(&findings) {
            output.result(&line)?;
        }
    }
    let bad = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Bad);
    Ok(if bad { Exit::Remote } else { Exit::Done })
}

pub(super) fn remove(
    name: &str,
    force: bool,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let settings = session.settings()?;
    let is_configured = settings.endpoints.contains_key(name);
    let keystore = Keystore::exists(session.home())
        .then(|| session.keystore())
        .transpose()?;
    let rest = match &keystore {
        Some(keystore) if !is_configured => saving::rest(&settings, name, keystore)?,
        _ => Vec::new(),
    };
    if !is_configured && rest.is_empty() {
        return Err(Failure::new(
            Exit::NotFound,
            format!("no endpoint {name}: keyfob endpoints list names them"),
        ));
    }
    let registered = match &keystore {
        Some(keystore) => saving::registered(keystore, name)?,
        None => Vec::new(),
    };
    if !registered.is_empty() && !force {
        let kids: Vec<&str> = registered.iter().map(|(kid, _)| kid.as_str()).collect();
        let kids = kids.join(", ");
        return Err(Failure::usage(format!(
            "at {name} is registered: {kids}: keyfob unregister KID --at {name}, or say --force"
        )));
    }
    let file = match &keystore {
        Some(keystore) if !is_configured => {
            saving::remove_rest(&settings, name, keystore)?;
            output.say(&format!(
                "removed what was left of {name}: {}",
                rest.join(", ")
            ));
            None
        }
        _ => {
            let file = saving::remove(session.home(), &settings, name, keystore.as_ref())?;
            output.say(&format!("removed {name}: {} is gone", file.display()));
            Some(file.display().to_string())
        }
    };
    if output.format() == Format::Json {
        output.json(&json!({"name": name, "file": file}))?;
    }
    Ok(Exit::Done)
}

/// The findings on stderr, where the result is something else.
pub(super) fn say_findings(findings: &[Finding], output: &mut Output) {
    for line in lines(findings) {
        output.say(&line);
    }
}

pub(super) fn findings_json(findings: &[Finding]) -> Value {
    let rows = findings.iter().map(|finding| {
        json!({
            "subject": finding.subject.name(),
            "verdict": finding.verdict.name(),
            "text": finding.text,
        })
    });
    Value::Array(rows.collect())
}

fn lines(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        let sign = match finding.verdict {
            Verdict::Bad => '✗',
            Verdict::Good => '✓',
            Verdict::Unknown => '○',
        };
        format!("{sign} {:<11}{}", finding.subject.name(), finding.text)
    };
    findings.iter().map(line).collect()
}
