//! All keys at one endpoint: whose they are, and what can be done about each.

use std::sync::Arc;

use super::show;
use crate::{
    clipboard::Sensitivity,
    jose::thumbprint::Thumbprint,
    keystore::record::Record,
    registry::{
        book::SANDBOX,
        view::{Sight, Standing},
    },
    secret::Secret,
    tui::app::{
        activity::{Severity, shown},
        content,
        dialog::{Act, Failure},
        effect::{Effect, Source},
        keys_panel::Typing,
        msg::{Acted, Refusal},
        panel::Panel,
        register_panel::{EndpointView, Matrix, Standing as KeyStanding},
        state::State,
        task::TaskId,
    },
};

/// One act for the view of an endpoint, another for that of a key.
pub(super) fn or(
    state: &mut State,
    there: fn(&mut State) -> Vec<Effect>,
    here: fn(&mut State) -> Vec<Effect>,
) -> Vec<Effect> {
    if state.register.there.is_some() {
        there(state)
    } else {
        here(state)
    }
}

/// `v`: from the endpoints of the key to the keys of the endpoint under the cursor, and back.
pub(super) fn turn(state: &mut State) -> Vec<Effect> {
    if state.register.there.take().is_some() {
        return Vec::new();
    }
    let Some(endpoint) = state.endpoints().into_iter().nth(state.register.scroll.0) else {
        return Vec::new();
    };
    state.register.there = Some(EndpointView::new(endpoint));
    state.register.matrix = Matrix::Hidden;
    look(state)
}

/// Asks for the keys at the endpoint that is shown.
pub(super) fn look(state: &mut State) -> Vec<Effect> {
    let runs = state.sandbox.at_hand.is_some();
    let here: Vec<Arc<Record>> = state.keys.records().map(Arc::clone).collect();
    let Some(there) = &mut state.register.there else {
        return Vec::new();
    };
    let endpoint = there.endpoint.clone();
    if endpoint == SANDBOX && !runs {
        return Vec::new();
    }
    let label = format!("asking {endpoint} for its keys");
    let task = state.tasks.begin(label, state.now);
    there.looking = Some(task);
    vec![Effect::ListEndpoint {
        task,
        endpoint,
        here,
    }]
}

/// Something changed there: looks again where that is shown.
pub(super) fn look_again(state: &mut State, endpoint: &str) -> Vec<Effect> {
    let there = state.register.there.as_ref();
    if there.is_some_and(|there| there.endpoint == endpoint) {
        look(state)
    } else {
        Vec::new()
    }
}

/// What the keys there are to ours.
pub(in crate::tui::app::update) fn looked(
    state: &mut State,
    task: TaskId,
    result: Result<Vec<Sight>, Refusal>,
) {
    let now = state.now;
    let Some(there) = &mut state.register.there else {
        return;
    };
    if there.looking != Some(task) {
        return;
    }
    there.looking = None;
    match result {
        Ok(sights) => {
            let known: Vec<_> = sights
                .iter()
                .filter_map(|sight| Some((sight.ours?, sight.state()?)))
                .collect();
            there.saw(sights, now);
            let endpoint = there.endpoint.clone();
            for (thumbprint, seen) in known {
                state.register.saw(thumbprint, &endpoint, Ok(seen), now);
            }
        }
        Err(refusal) => {
            let (summary, exchanges) = (refusal.summary, refusal.exchanges);
            there.saw_nothing(Failure {
                summary: summary.clone(),
                lines: shown(&exchanges),
            });
            state.activity.add(now, Severity::Bad, summary, &exchanges);
        }
    }
}

/// `/`: what was looked for last can be changed. False where no keys of an endpoint are shown.
pub(in crate::tui::app::update) fn filter(state: &mut State) -> bool {
    let there = state.register.there.as_mut();
    let Some(there) = there.filter(|_| state.focus == Panel::Register) else {
        return false;
    };
    there.filter.get_or_insert_default().typing = Typing::UnderWay;
    true
}

/// Nobody waits for this look any more.
pub(super) fn cancelled(state: &mut State, task: TaskId) {
    if let Some(there) = &mut state.register.there
        && there.looking == Some(task)
    {
        there.looking = None;
    }
}

/// `Enter`: the request that mends what is missing or differs, else all about the key.
pub(super) fn enter(state: &mut State) -> Vec<Effect> {
    let Some(there) = &state.register.there else {
        return Vec::new();
    };
    let Some(sight) = there.selected() else {
        if let Some(failure) = there.failure.clone() {
            let body = content::sight::failure(&failure);
            crate::tui::app::update::text::show(state, "What came back", body, None);
        }
        return Vec::new();
    };
    let mends = matches!(sight.standing, Standing::Differs(_) | Standing::Missing);
    let endpoint = there.endpoint.clone();
    if let (Some(thumbprint), true) = (sight.ours, mends) {
        show(state, thumbprint, Act::Register, vec![endpoint], 0);
        return Vec::new();
    }
    let title = format!("{} at {endpoint}", name(sight));
    let body = content::sight::lines(sight, state);
    let copy = sight.jwk.as_ref().map(|jwk| jwk.to_json_pretty());
    crate::tui::app::update::text::show(state, &title, body, copy);
    Vec::new()
}

/// `d`: the request that removes the key under the cursor.
pub(super) fn unregister(state: &mut State) -> Vec<Effect> {
    let Some((endpoint, sight)) = selected(state) else {
        return Vec::new();
    };
    match sight.ours {
        Some(thumbprint) if is_noted(&sight) => {
            show(state, thumbprint, Act::Unregister, vec![endpoint], 0);
        }
        Some(_) => {
            let text = "it is not noted as registered there: A notes it, then d removes it";
            state.say(Severity::Care, text);
        }
        None => state.say(
            Severity::Care,
            "not one of your keys: keyfob removes none of others",
        ),
    }
    Vec::new()
}

/// `A`: notes the key under the cursor, which is ours and was found there.
pub(super) fn adopt(state: &mut State) -> Vec<Effect> {
    let found = match selected(state) {
        Some((endpoint, sight)) if is_adoptable(&sight) => {
            sight.ours.map(|ours| (endpoint, ours, sight.id))
        }
        Some(_) => None,
        None => adoptable_here(state),
    };
    let found = found.and_then(|(endpoint, ours, id)| {
        let record = state.keys.record(&ours).map(Arc::clone)?;
        Some((endpoint, record, id))
    });
    let Some((endpoint, record, id)) = found else {
        let text = "nothing to adopt: A notes a key of yours that was found there";
        state.say(Severity::Care, text);
        return Vec::new();
    };
    let label = format!("noting {} at {endpoint}", record.kid);
    let task = state.tasks.begin(label, state.now);
    vec![Effect::Adopt {
        task,
        endpoint,
        found: vec![(record, id)],
    }]
}

/// The selected key at the endpoint under the cursor, where it was seen there and is not noted.
pub(super) fn adoptable_here(state: &State) -> Option<(String, Thumbprint, String)> {
    let (thumbprint, record) = state.keys.selected()?;
    let endpoint = state.endpoints().into_iter().nth(state.register.scroll.0)?;
    let is_noted = |name: &str| {
        let mut noted = record.registrations.iter();
        noted.any(|place| place.endpoint == name)
    };
    if is_noted(&endpoint) {
        return None;
    }
    let standing = state.standing(thumbprint, record, &endpoint);
    let id = state.register.id(thumbprint, &endpoint)?;
    matches!(standing, KeyStanding::Registered(_)).then_some((endpoint, thumbprint, id))
}

/// Keys that were found are noted.
pub(in crate::tui::app::update) fn adopted(state: &mut State, acted: Vec<Acted>) {
    for each in acted {
        let (severity, what) = match each.result {
            Ok(record) => {
                let thumbprint = record.thumbprint();
                state.keys.put(&record, None);
                note(state, thumbprint, &record);
                (Severity::Good, format!("{}: noted as registered", each.kid))
            }
            Err(reason) => (Severity::Bad, format!("{}: {reason}", each.kid)),
        };
        state.activity.add(state.now, severity, what.clone(), &[]);
        state.say(severity, what);
    }
}

/// What is shown of the endpoint's keys knows it too.
fn note(state: &mut State, thumbprint: Thumbprint, record: &Record) {
    let Some(there) = &mut state.register.there else {
        return;
    };
    let noted: Vec<&str> = record
        .registrations
        .iter()
        .filter(|place| place.endpoint == there.endpoint)
        .map(|place| place.id.as_str())
        .collect();
    for sight in &mut there.sights {
        if sight.ours == Some(thumbprint) && noted.contains(&sight.id.as_str()) {
            sight.standing = Standing::Ours;
        }
    }
}

/// `i` on a key of others: its public half as one of the keystore's. None where there is none.
pub(in crate::tui::app::update) fn import(state: &mut State) -> Option<Vec<Effect>> {
    let (endpoint, sight) = selected(state)?;
    let jwk = sight.jwk.filter(|_| sight.ours.is_none())?;
    let label = format!("importing a key of {endpoint}");
    let task = state.tasks.begin(label, state.now);
    Some(vec![Effect::Import {
        task,
        source: Source::Pasted(Secret::new(jwk.to_json_pretty().into_bytes())),
        passphrase: None,
        kid: None,
    }])
}

/// `y`: the JWK of the key under the cursor.
pub(in crate::tui::app::update) fn jwk(
    state: &State,
) -> Option<crate::tui::app::update::copy::Copyable> {
    let there = state.register.there.as_ref()?;
    let jwk = there.selected()?.jwk.as_ref()?;
    Some(crate::tui::app::update::copy::Copyable {
        what: "JWK".to_owned(),
        text: jwk.to_json_pretty(),
        sensitivity: Sensitivity::Public,
    })
}

/// Whether it is ours and noted, whatever became of it.
pub(super) fn is_noted(sight: &Sight) -> bool {
    sight.ours.is_some() && !is_adoptable(sight)
}

pub(super) fn is_adoptable(sight: &Sight) -> bool {
    sight.standing == Standing::Adoptable
}

fn selected(state: &State) -> Option<(String, Sight)> {
    let there = state.register.there.as_ref()?;
    Some((there.endpoint.clone(), there.selected()?.clone()))
}

fn name(sight: &Sight) -> &str {
    if sight.kid.is_empty() {
        &sight.id
    } else {
        &sight.kid
    }
}
