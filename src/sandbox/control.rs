//! What a running sandbox is told: its faults (`/faults`), and that another key signs (`/rotate`).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};

use super::{
    answer::Answer,
    auth::Auth,
    bearer::{Bearer, bearer},
    fault::{Fault, Faults},
    server::TOKEN,
};

/// Where it is told; faults leave these paths alone.
pub(super) const PATHS: [&str; 2] = ["/faults", "/rotate"];

/// The faults that are on.
pub(super) async fn faults(State(auth): State<Arc<Auth>>) -> Answer {
    Answer::json(StatusCode::OK, shown(auth.switchboard.faults()))
}

/// From the next request on the faults of the body are on, and no others:
/// `{"faults": ["expired", "429"]}`.
pub(super) async fn set_faults(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Answer> {
    check(&headers)?;
    let faults = named(&body).map_err(|reason| {
        let body = json!({ "error": reason });
        Answer::json(StatusCode::BAD_REQUEST, body).note(reason)
    })?;
    auth.switchboard.set(faults);
    let note = if faults.is_empty() {
        "refuses nothing on purpose now".to_owned()
    } else {
        format!("refuses on purpose now: {faults}")
    };
    Ok(Answer::json(StatusCode::OK, shown(faults)).note(note))
}

/// Another key signs from now on, as servers change theirs now and then; the old one stays in the
/// set.
pub(super) async fn rotate(
    State(auth): State<Arc<Auth>>,
    headers: HeaderMap,
) -> Result<Answer, Answer> {
    check(&headers)?;
    let key = auth.access_keys.rotate().await.map_err(|reason| {
        Answer::json(StatusCode::INTERNAL_SERVER_ERROR, json!({"error": reason}))
    })?;
    let kid = key.kid().unwrap_or_default().to_owned();
    Ok(Answer::json(StatusCode::OK, json!({"kid": kid})).note(format!("signs with {kid} now")))
}

/// Only who knows the registry's token tells it anything.
fn check(headers: &HeaderMap) -> Result<(), Answer> {
    match bearer(headers) {
        Bearer::Token(TOKEN) => Ok(()),
        _ => {
            let error = format!("send 'Authorization: Bearer {TOKEN}'");
            let answer = Answer::json(StatusCode::UNAUTHORIZED, json!({"error": error}));
            Err(answer.note("no registry token").challenge(None))
        }
    }
}

fn shown(faults: Faults) -> Value {
    let names: Vec<_> = faults.iter().map(Fault::name).collect();
    json!({ "faults": names })
}

fn named(body: &[u8]) -> Result<Faults, String> {
    let wrong = || r#"send {"faults": ["expired", …]}"#.to_owned();
    let body: Value = serde_json::from_slice(body).map_err(|_| wrong())?;
    let names = body.get("faults").and_then(Value::as_array);
    let names = names.ok_or_else(wrong)?.iter();
    names
        .map(|name| {
            let fault = name.as_str().ok_or_else(wrong)?.parse::<Fault>();
            fault.map_err(|error| error.to_string())
        })
        .collect()
}
