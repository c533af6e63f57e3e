//! Each refusal on purpose, seen by keyfob's own client: what it says, and what `why` says.

use keyfob::jose::token::UnverifiedToken;

use crate::{keyfob::Keyfob, served::Served};

/// A sandbox with this fault, and a keystore with a client of it.
fn with(fault: &str) -> (Keyfob, Served) {
    let keyfob = Keyfob::new();
    assert_eq!(keyfob.run(["sandbox", "bootstrap", "keys"]).code, 0);
    let free = ["--auth=127.0.0.1:0", "--api=127.0.0.1:0", "--keys=keys"];
    let served = Served::start(&keyfob, &[&free[..], &["--fault", fault]].concat());
    let line = format!("refuses on purpose                     {fault}");
    assert!(served.announced.contains(&line), "{:?}", served.announced);
    let import = [
        "keys",
        "import",
        "keys/private_key.pem",
        "--kid",
        "client-key",
    ];
    assert_eq!(keyfob.run(import).code, 0);
    let add = format!(
        "clients add c --issuer {} --client-id client --key client-key",
        served.auth()
    );
    assert_eq!(keyfob.run(add.split(' ')).code, 0);
    (keyfob, served)
}

#[test]
fn the_client_explains_each_fault() {
    for (fault, expected) in [
        (
            "expired",
            &["granted an access token that ended", "clock"][..],
        ),
        (
            "wrong-aud",
            &[
                "! the API says: aud: https://elsewhere.example/api, and",
                "for https://elsewhere.example/api: is that what the API",
            ],
        ),
        (
            "replay",
            &["the server counts the jti as used, and keyfob makes a fresh one for each try"],
        ),
        (
            "unknown-kid",
            &[
                "! the API says: kid: unknown-kid is none of the authorization server's keys",
                "! the token names the key unknown-kid: it must be in the JWK Set of the server",
            ],
        ),
        ("500", &["500 server_error", "the server itself failed"]),
        ("clock", &["this machine's clock is", "behind the server's"]),
    ] {
        let (keyfob, served) = with(fault);
        let called = keyfob.run(["call", "c", &format!("{}/protected", served.api())]);
        assert_eq!(called.code, 5, "{fault}: {called:?}");
        for words in expected {
            assert!(called.stderr.contains(words), "{fault}: {}", called.stderr);
        }
    }
}

#[test]
fn a_token_of_a_server_with_a_fault_is_explained_by_why() {
    for (fault, code, expected) in [
        (
            "wrong-aud",
            1,
            "it is for https://elsewhere.example/api: an API that calls itself otherwise refuses it",
        ),
        ("unknown-kid", 0, "no key unknown-kid is here"),
    ] {
        let (keyfob, _served) = with(fault);
        let token = keyfob.run(["token", "c"]);
        assert_eq!(token.code, 0, "{token:?}");
        let why = keyfob.run_with(["why", "-"], &token.stdout);
        assert_eq!(why.code, code, "{why:?}");
        assert!(why.stdout.contains(expected), "{}", why.stdout);
    }
}

#[test]
fn a_sandbox_that_runs_is_told_other_faults_and_to_sign_with_another_key() {
    let (keyfob, served) = with("500");
    let run = |line: &str| {
        let ran = keyfob.run(line.split(' '));
        (ran.code, ran.stdout + &ran.stderr)
    };
    assert_eq!(run("sandbox faults"), (0, "500\n".to_owned()));
    assert_eq!(run("token c").0, 5);
    // What turns a fault off is not refused by it.
    let told = run("sandbox faults wrong-aud 429");
    assert_eq!(told, (0, "wrong-aud, 429\n".to_owned()));
    assert_eq!(run("sandbox faults none"), (0, "none\n".to_owned()));
    assert_eq!(run("token c").0, 0);
    let json = keyfob.run(["sandbox", "faults", "slow", "--json"]);
    assert_eq!(json.stdout, "{\n  \"faults\": [\n    \"slow\"\n  ]\n}\n");
    assert_eq!(run("sandbox faults none").0, 0);
    let (code, kid) = run("sandbox rotate");
    let header = keyfob.run(["token", "c"]).stdout;
    let header = UnverifiedToken::decode(header.trim()).unwrap();
    assert_eq!((code, kid.trim()), (0, header.kid().unwrap()));
    let wrong = "keyfob: late is no fault: write expired, wrong-aud, replay, unknown-kid, 429, slow, 500 or \
                 clock; or none\n";
    assert_eq!(run("sandbox faults late"), (2, wrong.to_owned()));
    let (_, log) = served.end();
    let told = log.iter().filter(|line| line.contains("PUT "));
    let told: Vec<&str> = told.filter_map(|line| line.split("200  ").nth(1)).collect();
    assert_eq!(
        told,
        [
            "refuses on purpose now: wrong-aud, 429",
            "refuses nothing on purpose now",
            "refuses on purpose now: slow",
            "refuses nothing on purpose now"
        ]
    );
    let stopped = "keyfob: no sandbox is running: start one with `keyfob sandbox`\n";
    assert_eq!(run("sandbox rotate"), (5, stopped.to_owned()));
}
