//! `keyfob registrations`

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

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
    registry::{
        answer::State,
        endpoint::Endpoint,
        registration,
        survey::{Question, survey},
    },
};

/// A key at an endpoint, as recorded or as seen.
struct Place {
    question: Question,
    state: State,
    at: Timestamp,
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
    let mut places = Vec::new();
    let acts = keystore.acts()?;
    for entry in keystore.list()? {
        match entry {
            Entry::Key(record) => places.extend(places_of(Arc::new(*record), &acts, options)),
            Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
        }
    }
    if options.refresh {
        refresh(&mut places, &keystore, session);
    }
    print(&places, output)?;
    let in_step = places.iter().all(Place::is_in_step);
    Ok(if in_step { Exit::Done } else { Exit::No })
}

/// Where a key is, as far as it is recorded and wanted.
fn places_of(record: Arc<Record>, acts: &[Act], options: &RegistrationsOptions) -> Vec<Place> {
    let wanted = |name: &str| options.at.as_deref().is_none_or(|at| at == name);
    let thumbprint = record.thumbprint().to_string();
    let of_key = |act: &&Act| act.thumbprint == thumbprint && wanted(&act.endpoint);
    let place = |endpoint: &str, state, at| Place {
        question: Question {
            record: Arc::clone(&record),
            endpoint: endpoint.to_owned(),
        },
        state,
        at,
    };
    let recorded = record.registrations.iter();
    let mut places: Vec<Place> = recorded
        .filter(|each| wanted(&each.endpoint))
        .map(|each| place(&each.endpoint, registration::noted_state(each), each.at))
        .collect();
    for act in acts.iter().filter(of_key) {
        places.retain(|each| each.question.endpoint != act.endpoint);
        let why = format!("{}: --refresh asks there", act.kind.unknown());
        places.push(place(&act.endpoint, State::Unknown { why }, act.since));
    }
    places
}

/// Asks all endpoints at once. What their tokens need of a person is asked for before, one by one.
fn refresh(places: &mut [Place], keystore: &Keystore, session: &Session) {
    let mut endpoints: BTreeMap<String, Result<Endpoint, String>> = BTreeMap::new();
    let questions: Vec<Question> = places.iter().map(|place| place.question.clone()).collect();
    for question in &questions {
        let name = &question.endpoint;
        endpoints.entry(name.clone()).or_insert_with(|| {
            remote::endpoint(name, session)
                .map_err(|failure| failure.message().unwrap_or_default().to_owned())
        });
    }
    let resolve = |name: &str| {
        let unknown = || Err(format!("no endpoint {name}"));
        endpoints.get(name).cloned().unwrap_or_else(unknown)
    };
    let now = session.now();
    // As key files note it.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    survey(keystore, &questions, &resolve, now, &mut |answer| {
        let place = &mut places[answer.question];
        place.state = answer.state.unwrap_or_else(|why| State::Unknown { why });
        // Nobody saw it anew.
        if !matches!(place.state, State::Said { .. }) {
            place.at = now;
        }
        ControlFlow::Continue(())
    });
}

impl Place {
    /// Whether it is there and recorded, or neither: after an act whose end was not seen.
    fn is_in_step(&self) -> bool {
        let recorded = &self.question.record.registrations;
        let is_recorded = recorded
            .iter()
            .any(|each| each.endpoint == self.question.endpoint);
        match self.state {
            State::Registered { .. } | State::Said { .. } => true,
            State::NotThere => !is_recorded,
            State::Differs { .. } | State::Unknown { .. } => false,
        }
    }

    fn id(&self) -> String {
        registration::remote_id(&self.question.record, &self.question.endpoint)
    }
}

fn print(places: &[Place], output: &mut Output) -> Result<(), Failure> {
    if output.format() == Format::Json {
        let all = places.iter().map(|place| {
            let (state, detail) = described(&place.state);
            json!({
                "kid": place.question.record.kid,
                "endpoint": place.question.endpoint,
                "id": place.id(),
                "state": state,
                "detail": detail,
                "at": place.at.to_string(),
            })
        });
        return output.json(&Value::Array(all.collect()));
    }
    if places.is_empty() {
        output.say("no key is registered: keyfob register KID --at NAME");
        return Ok(());
    }
    let mut table = Table::new(&["KID", "ENDPOINT", "ID", "STATE", "SEEN"]);
    for place in places {
        let (state, detail) = described(&place.state);
        let state = state.replace('_', " ");
        let state = if detail.is_empty() {
            state
        } else {
            format!("{state}: {detail}")
        };
        table.row(vec![
            place.question.record.kid.clone(),
            place.question.endpoint.clone(),
            place.id(),
            state,
            place.at.to_string(),
        ]);
    }
    output.result(&table.to_string())
}

fn described(state: &State) -> (&'static str, String) {
    match state {
        State::NotThere => ("not_there", String::new()),
        State::Registered { .. } => ("registered", String::new()),
        State::Said { .. } => ("as_you_said", String::new()),
        State::Differs { what, .. } => ("differs", what.join(", ")),
        State::Unknown { why } => ("unknown", why.clone()),
    }
}
