//! A stop between any two steps of an act: the process is aborted there, and started anew.

use std::{
    env,
    process::{Command, Stdio, abort},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use keyfob::{
    config::{home::Home, settings::Settings},
    keystore::store::Keystore,
    registry::{
        book::Endpoints,
        journal::Journal,
        registration,
        rotation::{self, Advance, Guide, Wishes},
    },
};

use crate::{keyfob::Keyfob, registration::Sandbox};

/// What the child does, and at which step it is aborted.
const ACT: &str = "KEYFOB_TEST_ACT";
const KID: &str = "KEYFOB_TEST_KID";
const STOP_AT: &str = "KEYFOB_TEST_STOP_AT";
/// More steps than any act has.
const MANY: u32 = 200;

#[test]
fn child() {
    let Ok(act) = env::var(ACT) else {
        return;
    };
    let at: u32 = env::var(STOP_AT).unwrap().parse().unwrap();
    let told = AtomicU32::new(0);
    let journal = Journal::of(move |_| {
        if told.fetch_add(1, Ordering::SeqCst) + 1 == at {
            abort();
        }
    });
    let home = Home::from_environment().unwrap();
    let keystore = Keystore::open(&home).unwrap();
    let record = keystore.find(&env::var(KID).unwrap()).unwrap();
    let endpoints = Endpoints::load(&home, &Settings::load(&home).unwrap()).unwrap();
    let now = Timestamp::now();
    if act == "rotate" {
        let wishes = Wishes {
            kid: None,
            caches: Some(Duration::ZERO),
            token_life: Some(Duration::ZERO),
        };
        let begun = rotation::begin(&keystore, &record, &endpoints, &wishes, now);
        let mut rotation = begun.unwrap();
        let guide = Guide {
            keystore: &keystore,
            endpoint: &|name| endpoints.resolved(name, &home, None),
            journal,
        };
        loop {
            match guide.advance(&mut rotation, Timestamp::now()).unwrap() {
                Advance::Did(_) => {}
                Advance::Finished => return,
                other => panic!("{other:?}"),
            }
        }
    }
    let sandbox = endpoints.resolved("sandbox", &home, None).unwrap();
    let sandbox = sandbox.told(journal);
    match act.as_str() {
        "register" => registration::register(&keystore, &record, &sandbox, now).unwrap(),
        "unregister" => registration::unregister(&keystore, &record, &sandbox, now).unwrap(),
        other => panic!("{other}"),
    };
}

/// Runs `act` on a key in a process that is aborted at its step `at`; whether it was.
fn is_stopped(keyfob: &Keyfob, act: &str, kid: &str, at: u32) -> bool {
    let own = env::current_exe().unwrap();
    let status = Command::new(own)
        .args(["--exact", "stops::child"])
        .env_clear()
        .env("KEYFOB_HOME", keyfob.home())
        .env(ACT, act)
        .env(KID, kid)
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
            let stopped = is_stopped(&keyfob, act, "k", *at);

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

/// What `keyfob --json` prints.
fn json(keyfob: &Keyfob, arguments: &[&str]) -> serde_json::Value {
    let told = keyfob.run([&["--json"], arguments].concat());
    serde_json::from_str(&told.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {told:?}"))
}

/// The kid, status and places of every key whose kid begins so.
fn keys(keyfob: &Keyfob, begin: &str) -> Vec<(String, String, usize)> {
    let all = json(keyfob, &["keys", "list"]);
    let keys = all.as_array().unwrap().iter().map(|key| {
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        let places = key["registrations"].as_array().unwrap().len();
        (text("kid"), text("status"), places)
    });
    keys.filter(|(kid, ..)| kid.starts_with(begin)).collect()
}

#[test]
fn a_rotation_that_is_stopped_at_any_step_goes_on_to_its_end_or_back_to_its_beginning() {
    let keyfob = Keyfob::new();
    let sandbox = Sandbox::of(&keyfob);
    let key = |kid: &str, status: &str, places| (kid.to_owned(), status.to_owned(), places);
    let stop = |word: &str, at: u32| {
        let (old, new) = (format!("{word}{at}-1"), format!("{word}{at}-2"));
        keyfob.run(["keys", "new", &old, "--alg", "EdDSA"]);
        assert_eq!(keyfob.run(["register", &old, "--at", "sandbox"]).code, 0);
        let client = [
            "clients",
            "add",
            &old,
            "--issuer",
            &sandbox.auth,
            "--client-id",
            &old,
            "--key",
            &old,
        ];
        assert_eq!(keyfob.run(client).code, 0);
        let stopped = is_stopped(&keyfob, "rotate", &old, at);
        for kid in [&old, &new] {
            let rows = states(&keyfob, &[]);
            let said = rows.iter().find(|(each, _)| each == kid);
            match said.map(|(_, state)| state.as_str()) {
                Some("unknown") => {}
                Some("registered") => assert!(is_there(&sandbox, kid), "{kid} {at}"),
                None => assert!(!is_there(&sandbox, kid), "{kid} {at}"),
                Some(state) => panic!("{kid} {at}: {state}"),
            }
        }
        (old, new, stopped)
    };

    let mut undone = 0;
    let stops = (1..MANY).take_while(|at| {
        let (old, new, stopped) = stop("on", *at);
        let prefix = format!("on{at}-");
        let done = keyfob.run(["keys", "rotate", "--all"]);
        assert_eq!(done.code, 0, "{at}: {done:?}");
        let expected = [key(&old, "retired", 0), key(&new, "active", 1)];
        assert_eq!(keys(&keyfob, &prefix), expected, "{at}");
        assert!(
            !is_there(&sandbox, &old) && is_there(&sandbox, &new),
            "{at}"
        );
        let client = json(&keyfob, &["clients", "show", &old]);
        assert_eq!(
            (&client["key"], &client["client_id"]),
            (&new.clone().into(), &new.into())
        );
        assert_eq!(keyfob.run(["token", &old]).code, 0);

        let (old, new, _) = stop("back", *at);
        // The last step is told of when the old key is retired and the rotation over.
        let under_way = json(&keyfob, &["keys", "rotate", "--all", "--dry-run"]);
        if under_way != serde_json::json!([]) {
            undone += 1;
            let back = keyfob.run(["keys", "rotate", &old, "--undo"]);
            assert_eq!(back.code, 0, "{at}: {back:?}");
            assert_eq!(
                keys(&keyfob, &format!("back{at}-")),
                [key(&old, "active", 1)],
                "{at}"
            );
            assert!(
                is_there(&sandbox, &old) && !is_there(&sandbox, &new),
                "{at}"
            );
            let client = json(&keyfob, &["clients", "show", &old]);
            assert_eq!(
                (&client["key"], &client["client_id"]),
                (&old.clone().into(), &old.into())
            );
            let again = keyfob.run(["keys", "rotate", "--all"]);
            assert_eq!(again.stderr, "no rotation is under way\n", "{at}");
        }
        stopped
    });
    let stops = stops.count();
    assert!(stops > 20 && undone + 1 >= stops, "{stops}, {undone}");
}
