//! `keyfob registrations`

use serde_json::{Value, json};

use super::{
    arguments::RegistrationsOptions,
    endpoint_view,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    remote,
    session::Session,
    table::Table,
};
use crate::{
    keystore::record::{Entry, Record},
    registry::answer::State,
};

/// A key at an endpoint, as recorded or as seen.
struct Row {
    kid: String,
    endpoint: String,
    id: String,
    state: State,
    at: String,
}

pub(super) fn run(
    options: &RegistrationsOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let keystore = session.keystore()?;
    if let Some(name) = &options.at {
        session.endpoints()?.describe(name)?;
        if options.refresh
            && let Some(exit) = endpoint_view::run(name, options, session, output)?
        {
            return Ok(exit);
        }
    }
    let mut rows = Vec::new();
    for entry in keystore.list()? {
        match entry {
            Entry::Key(record) => rows.extend(rows_of(&record, options, session)),
            Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
        }
    }
    print(&rows, output)?;
    let drift = rows
        .iter()
        .any(|row| !matches!(row.state, State::Registered { .. }));
    Ok(if drift { Exit::No } else { Exit::Done })
}

fn rows_of(record: &Record, options: &RegistrationsOptions, session: &Session) -> Vec<Row> {
    let wanted = |name: &str| options.at.as_deref().is_none_or(|at| at == name);
    let mut rows = Vec::new();
    for place in record
        .registrations
        .iter()
        .filter(|place| wanted(&place.endpoint))
    {
        let (state, at) = if options.refresh {
            let endpoint = remote::endpoint(&place.endpoint, session);
            let state = match endpoint {
                Ok(endpoint) => endpoint
                    .state(&record.jwk(), Some(&place.id))
                    .unwrap_or_else(|error| State::Unknown {
                        why: error.to_string(),
                    }),
                Err(failure) => State::Unknown {
                    why: failure.message().unwrap_or_default().to_owned(),
                },
            };
            (state, session.now())
        } else {
            (
                State::Registered {
                    id: place.id.clone(),
                },
                place.at,
            )
        };
        rows.push(Row {
            kid: record.kid.clone(),
            endpoint: place.endpoint.clone(),
            id: place.id.clone(),
            state,
            at: at.to_string(),
        });
    }
    rows
}

fn print(rows: &[Row], output: &mut Output) -> Result<(), Failure> {
    if output.format() == Format::Json {
        let all = rows.iter().map(|row| {
            let (state, detail) = described(&row.state);
            json!({
                "kid": row.kid,
                "endpoint": row.endpoint,
                "id": row.id,
                "state": state,
                "detail": detail,
                "at": row.at,
            })
        });
        return output.json(&Value::Array(all.collect()));
    }
    if rows.is_empty() {
        output.say("no key is registered: keyfob register KID --at NAME");
        return Ok(());
    }
    let mut table = Table::new(&["KID", "ENDPOINT", "ID", "STATE", "SEEN"]);
    for row in rows {
        let (state, detail) = described(&row.state);
        let state = state.replace('_', " ");
        let state = if detail.is_empty() {
            state
        } else {
            format!("{state}: {detail}")
        };
        let cells = [&row.kid, &row.endpoint, &row.id, &state, &row.at];
        table.row(cells.map(String::clone).to_vec());
    }
    output.result(&table.to_string())
}

fn described(state: &State) -> (&'static str, String) {
    match state {
        State::NotThere => ("not_there", String::new()),
        State::Registered { .. } => ("registered", String::new()),
        State::Differs { what, .. } => ("differs", what.join(", ")),
        State::Unknown { why } => ("unknown", why.clone()),
    }
}
