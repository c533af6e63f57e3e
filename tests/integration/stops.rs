//! A stop between any two steps of an act: the process is aborted there, and started anew.

use std::{
    env,
    process::{Command, Stdio, abort},
    sync::atomic::{AtomicU32, Ordering},
};

use jiff::Timestamp;
use keyfob::{
    config::{home::Home, settings::Settings},
    keystore::store::Keystore,
    registry::{book::Endpoints, journal::Journal, registration},
};

use crate::{keyfob::Keyfob, registration::Sandbox};

/// What the child does, and at which step it is aborted.
const ACT: &str = "KEYFOB_TEST_ACT";
const STOP_AT: &str = "KEYFOB_TEST_STOP_AT";
/// More steps than any act has.
const MANY: u32 = 200;

#[test]
fn child() {
    let (Ok(act), Ok(at)) = (env::var(ACT), env::var(STOP_AT)) else {
        return;
    };
    let (at, told) = (at.parse::<u32>().unwrap(), AtomicU32::new(0));
    let journal = Journal::of(move |_| {
        if told.fetch_add(1, Ordering::SeqCst) + 1 == at {
            abort();
        }
    });
    let home = Home::from_environment().unwrap();
    let keystore = Keystore::open(&home).unwrap();
    let record = keystore.find("k").unwrap();
    let endpoints = Endpoints::load(&home, &Settings::load(&home).unwrap()).unwrap();
    let sandbox = endpoints.resolved("sandbox", &home, None).unwrap();
    let (sandbox, now) = (sandbox.told(journal), Timestamp::now());
    match act.as_str() {
        "register" => registration::register(&keystore, &record, &sandbox, now).unwrap(),
        "unregister" => registration::unregister(&keystore, &record, &sandbox, now).unwrap(),
        other => panic!("{other}"),
    };
}

/// Runs `act` in a process that is aborted at its step `at`; whether it was.
fn is_stopped(keyfob: &Keyfob, act: &str, at: u32) -> bool {
    let own = env::current_exe().unwrap();
    let status = Command::new(own)
        .args(["--exact", "stops::child"])
        .env_clear()
        .env("KEYFOB_HOME", keyfob.home())
        .env(ACT, act)
        .env(STOP_AT, at.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(
        status.success() || status.code().is_none(),
        "{act} failed before its step {at}"
    );
    !status.success()
}

fn is_there(sandbox: &Sandbox, id: &str) -> bool {
    let read = ureq::get(format!("{}/api/v1/entities/jwks/{id}", sandbox.auth))
        .header("Authorization", "Bearer sandbox")
        .call();
    match read {
        Ok(_) => true,
        Err(ureq::Error::StatusCode(404)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// The states of the keys as `keyfob registrations` tells them.
fn states(keyfob: &Keyfob, arguments: &[&str]) -> Vec<(String, String)> {
    let all = [&["--json", "registrations"], arguments].concat();
    let told = keyfob.run(all).stdout;
    let rows: serde_json::Value = serde_json::from_str(&told).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (text(&row["kid"]), text(&row["state"])))
        .collect()
}

#[test]
fn a_stop_at_any_step_of_an_act_leaves_its_state_known_or_said_to_be_unknown() {
    for (act, other) in [("register", "unregister"), ("unregister", "register")] {
        let mut unknown = 0;
        let stops = (1..MANY).take_while(|at| {
            let keyfob = Keyfob::new();
            keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
            let key = std::fs::read(keyfob.key_file()).unwrap();
            let sandbox = Sandbox::of(&keyfob);
            if act == "unregister" {
                assert_eq!(keyfob.run(["register", "k", "--at", "sandbox"]).code, 0);
            }
            let stopped = is_stopped(&keyfob, act, *at);

            let there = is_there(&sandbox, "k");
            let said = states(&keyfob, &[]);
            match said.first().map(|(_, state)| state.as_str()) {
                Some("unknown") => unknown += 1,
                Some("registered") => assert!(there, "{act} {at}"),
                None => assert!(!there, "{act} {at}"),
                Some(state) => panic!("{act} {at}: {state}"),
            }
            states(&keyfob, &["--refresh"]);
            let known = vec![("k".to_owned(), "registered".to_owned())];
            let expected = if there { known.clone() } else { Vec::new() };
            assert_eq!(states(&keyfob, &[]), expected, "{act} {at}");

            for (next, after) in [(act, act == "register"), (other, other == "register")] {
                let done = keyfob.run([next, "k", "--at", "sandbox"]);
                assert_eq!(done.code, 0, "{act} {at}: {done:?}");
                assert_eq!(is_there(&sandbox, "k"), after);
                let expected = if after { known.clone() } else { Vec::new() };
                assert_eq!(states(&keyfob, &[]), expected, "{act} {at}");
            }
            if !there {
                // What it signs with is as it was.
                let now = std::fs::read(keyfob.key_file()).unwrap();
                let end = |bytes: &[u8]| bytes[bytes.len() - 200..].to_vec();
                assert_eq!(end(&now), end(&key));
            }
            stopped
        });
        let stops = stops.count();
        assert!(stops > 4 && unknown >= 4, "{act}: {stops}, {unknown}");
    }
}
