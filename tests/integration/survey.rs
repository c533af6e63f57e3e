//! `registrations --refresh`: all endpoints at once.

use std::{
    fmt::Write,
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, routing::get};
use serde_json::Value;
use tokio::sync::Barrier;

use crate::{
    keyfob::Keyfob,
    services::{
        Service,
        gooddata::{GoodData, TOKEN},
    },
};

/// A published set whose answer waits, where `meets` says so, until the others were asked too.
fn publishing(set: &str, meets: &Arc<AtomicBool>, barrier: &Arc<Barrier>) -> Service {
    let (set, meets, barrier) = (set.to_owned(), Arc::clone(meets), Arc::clone(barrier));
    let answer = move || {
        let (set, meets, barrier) = (set.clone(), Arc::clone(&meets), Arc::clone(&barrier));
        async move {
            if meets.load(Ordering::Relaxed) {
                barrier.wait().await;
            }
            set
        }
    };
    Service::start(Router::new().route("/set.json", get(answer)))
}

fn rows(keyfob: &Keyfob, code: i32) -> Vec<(String, String, String)> {
    let asked = keyfob.run(["--json", "registrations", "--refresh"]);
    assert_eq!(asked.code, code, "{}", asked.stderr);
    let rows: Vec<Value> = serde_json::from_str(&asked.stdout).unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| (text(row, "kid"), text(row, "endpoint"), text(row, "state")))
        .collect()
}

#[test]
fn an_endpoint_that_waits_for_another_to_be_asked_is_answered() {
    let keyfob = Keyfob::new();
    assert_eq!(keyfob.run(["keys", "new", "k", "--alg", "ES256"]).code, 0);
    let set = keyfob.run(["jwks"]).stdout;
    let (meets, barrier) = (Arc::new(AtomicBool::new(false)), Arc::new(Barrier::new(3)));
    let services = [(); 3].map(|()| publishing(&set, &meets, &barrier));
    let names = ["a", "b", "c"];
    let mut config = "endpoints:\n".to_owned();
    for (name, service) in names.iter().zip(&services) {
        let url = format!("{}/set.json", service.url);
        writeln!(config, "  {name}: {{preset: jwks-file, url: \"{url}\"}}").unwrap();
    }
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();
    for name in names {
        let adopted = keyfob.run(["registrations", "--at", name, "--refresh", "--adopt"]);
        assert_eq!(adopted.code, 0, "{}", adopted.stderr);
    }
    meets.store(true, Ordering::Relaxed);
    let expected = names.map(|name| ("k".to_owned(), name.to_owned(), "registered".to_owned()));
    assert_eq!(rows(&keyfob, 0), expected);
}

#[test]
fn many_keys_are_asked_for_by_one_list() {
    let service = GoodData::start();
    let keyfob = Keyfob::new();
    for kid in ["k1", "k2", "k3", "k4"] {
        assert_eq!(keyfob.run(["keys", "new", kid]).code, 0);
    }
    let config = format!(
        "endpoints:\n  acme: {{preset: gooddata, url: \"{}\", token: {{command: [echo, {TOKEN}]}}}}\n",
        service.service.url
    );
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();
    for kid in ["k1", "k2", "k3", "k4"] {
        let registered = keyfob.run(["register", kid, "--at", "acme"]);
        assert_eq!(registered.code, 0, "{}", registered.stderr);
    }
    service.take("k3");
    service.service.requests();
    let states = |states: [&str; 4]| {
        let kids = ["k1", "k2", "k3", "k4"].into_iter().zip(states);
        let row = |(kid, state): (&str, &str)| (kid.into(), "acme".into(), state.into());
        kids.map(row).collect::<Vec<_>>()
    };
    let expected = states(["registered", "registered", "not_there", "registered"]);
    assert_eq!(rows(&keyfob, 1), expected);
    let asked = service.service.requests();
    assert!(
        asked.iter().all(|request| request.contains("/jwks?")),
        "{asked:?}"
    );
}
