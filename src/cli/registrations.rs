//! `keyfob registrations`

use jiff::Timestamp;
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
    keystore::{
        record::{Entry, Record},
        store::{Act, Keystore},
    },
    registry::{answer::State, registration},
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
    let acts = keystore.acts()?;
    for entry in keystore.list()? {
        match entry {
            Entry::Key(record) => {
                rows.extend(rows_of(&record, &acts, options, (&keystore, session)));
            }
            Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
        }
    }
    print(&rows, output)?;
    let drift = rows
        .iter()
        .any(|row| !matches!(row.state, State::Registered { .. }));
    Ok(if drift { Exit::No } else { Exit::Done })
}

fn rows_of(
    record: &Record,
    acts: &[Act],
    options: &RegistrationsOptions,
    (keystore, session): (&Keystore, &Session),
) -> Vec<Row> {
    let wanted = |name: &str| options.at.as_deref().is_none_or(|at| at == name);
    let thumbprint = record.thumbprint().to_string();
    let of_key = |act: &&Act| act.thumbprint == thumbprint && wanted(&act.endpoint);
    let acts: Vec<&Act> = acts.iter().filter(of_key).collect();
    let recorded = record.registrations.iter();
    let recorded = recorded.filter(|place| wanted(&place.endpoint));
    let mut places: Vec<(&str, State, Timestamp)> = recorded
        .map(|place| {
            let id = place.id.clone();
            (place.endpoint.as_str(), State::Registered { id }, place.at)
        })
        .collect();
    for act in acts {
        places.retain(|(endpoint, ..)| *endpoint != act.endpoint);
        let why = format!("{}: --refresh asks there", act.kind.unknown());
        places.push((&act.endpoint, State::Unknown { why }, act.since));
    }
    if options.refresh {
        for (name, state, at) in &mut places {
            let asked = remote::endpoint(name, session).and_then(|endpoint| {
                let now = session.now();
                Ok(registration::state(keystore, record, &endpoint, now)?)
            });
            *state = asked.unwrap_or_else(|failure| State::Unknown {
                why: failure.message().unwrap_or_default().to_owned(),
            });
            *at = session.now();
        }
    }
    places
        .into_iter()
        .map(|(endpoint, state, at)| Row {
            kid: record.kid.clone(),
            endpoint: endpoint.to_owned(),
            id: registration::remote_id(record, endpoint),
            state,
            at: at.to_string(),
        })
        .collect()
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
