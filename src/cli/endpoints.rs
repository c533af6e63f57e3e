//! `keyfob endpoints list|show`

use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
    table::Table,
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
