//! Why a server may refuse a token, as the command line tells it.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob},
    server::{Said, Server},
};

fn minted(keyfob: &Keyfob, options: &[&str]) -> String {
    let minted = keyfob.run(["mint", "--key", "a"].iter().chain(options));
    assert_eq!(minted.code, 0, "{minted:?}");
    minted.stdout
}

fn keystore() -> Keyfob {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "a", "--alg", "RS256"]);
    keyfob
}

/// Likelihood, cause and command of each reason.
fn reasons(ended: &Ended) -> Vec<(String, String, Option<String>)> {
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let reasons = answer["reasons"].as_array().unwrap().iter().map(|reason| {
        (
            text(&reason["likelihood"]).unwrap(),
            text(&reason["cause"]).unwrap(),
            text(&reason["command"]),
        )
    });
    reasons.collect()
}

fn reason(likelihood: &str, cause: &str, command: &str) -> (String, String, Option<String>) {
    (
        likelihood.to_owned(),
        cause.to_owned(),
        Some(command.to_owned()),
    )
}

/// A GoodData host with these keys, whose clock says `date`.
fn gooddata(keyfob: &Keyfob, keys: Vec<Value>, date: &'static str) -> Server {
    let server = Server::start(move |_, asked| {
        let first = asked.line.contains("page=0");
        let all = if first { keys.as_slice() } else { &[] };
        let body = json!({"data": all}).to_string();
        Said::of(200, &[("Date", date)], body)
    });
    let added = keyfob.run([
        "endpoints",
        "add",
        "gd",
        "--preset",
        "gooddata",
        "--url",
        &server.url,
        "--no-check",
    ]);
    assert_eq!(added.code, 0, "{added:?}");
    server
}

#[test]
fn reasons_come_with_their_remedies_and_the_likeliest_first() {
    let keyfob = keystore();
    let token = minted(&keyfob, &["--claim", "exp:=1", "--claim", "iat:=0"]);
    let ended = keyfob.run_with(["why", "-"], &token);
    assert_eq!(ended.code, 1, "{ended:?}");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "invalid: why a server may refuse it");
    assert!(
        lines[1].starts_with("certain  exp          expired 1970-01-01T00:00:01Z, "),
        "{ended:?}"
    );
    assert_eq!(
        lines[2..].join("\n"),
        "                      → mint it anew, and send it before it expires: keyfob mint --key a\n\
         likely   registration a is not known to be registered anywhere\n\
         \u{20}                     → register it where the token goes: keyfob register a --at NAME"
    );
}

#[test]
fn what_the_endpoints_have_is_asked_only_where_it_was_said() {
    let keyfob = keystore();
    let server = gooddata(&keyfob, Vec::new(), "Thu, 01 Jan 1970 00:00:00 GMT");
    let token = minted(&keyfob, &["--sub", "x", "--claim", "name=X"]);
    let offline = keyfob.run_with(["--json", "why", "-"], &token);
    assert_eq!(offline.code, 1, "{offline:?}");
    assert_eq!(server.lines(), Vec::<String>::new());
    let online = keyfob.run_with(["--json", "why", "-", "--online"], &token);
    assert_eq!(online.code, 1, "{online:?}");
    assert_eq!(
        reasons(&online),
        [
            reason("likely", "registration", "keyfob register a --at gd"),
            reason("likely", "clock", "keyfob mint --key a"),
        ]
    );
    assert!(server.lines().iter().all(|line| line.starts_with("GET ")));
}

#[test]
fn another_key_under_the_name_at_an_endpoint_is_certain() {
    let keyfob = keystore();
    let other = Keyfob::new();
    other.run(["keys", "new", "a", "--alg", "RS256"]);
    let set: Value = serde_json::from_str(&other.run(["jwks"]).stdout).unwrap();
    let entity = json!({"id": "a", "attributes": {"content": set["keys"][0]}});
    let _server = gooddata(&keyfob, vec![entity], "");
    let token = minted(&keyfob, &["--sub", "x", "--claim", "name=X"]);
    let ended = keyfob.run_with(["--json", "why", "-", "--online"], &token);
    assert_eq!(
        reasons(&ended),
        [reason(
            "certain",
            "registration",
            "keyfob register a --at gd"
        )]
    );
}

#[test]
fn a_good_token_of_a_registered_key_exits_0_and_an_endpoint_that_is_silent_5() {
    let keyfob = keystore();
    let set: Value = serde_json::from_str(&keyfob.run(["jwks"]).stdout).unwrap();
    let entity = json!({"id": "a", "attributes": {"content": set["keys"][0]}});
    let _server = gooddata(&keyfob, vec![entity], "");
    let token = minted(&keyfob, &["--sub", "x", "--claim", "name=X"]);
    let ended = keyfob.run_with(["why", "-", "--online"], &token);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "valid: nothing known speaks against it\n"),
        "{ended:?}"
    );
    let silent = Server::start(|_, _| Said::of(500, &[], ""));
    keyfob.run([
        "endpoints",
        "add",
        "silent",
        "--preset",
        "gooddata",
        "--url",
        &silent.url,
        "--no-check",
    ]);
    let ended = keyfob.run_with(["why", "-", "--online"], &token);
    assert_eq!(ended.code, 5, "{ended:?}");
    assert_eq!(
        ended.stderr,
        "✓ gd: 1 key is there, a among them\n! silent (GoodData) refused with 500: the service itself \
         failed: try again, or ask its operator\n"
    );
}

#[test]
fn what_each_endpoint_said_is_told_with_what_to_do_about_it() {
    let keyfob = keystore();
    let _empty = gooddata(&keyfob, Vec::new(), "");
    let busy = Server::start(|_, _| Said::of(429, &[("Retry-After", "120")], ""));
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let slow_url = format!("http://{}", slow.local_addr().unwrap());
    for (name, url) in [("busy", &busy.url), ("slow", &slow_url)] {
        let words = [
            "endpoints",
            "add",
            name,
            "--preset",
            "gooddata",
            "--url",
            url,
        ];
        let added = keyfob.run(words.iter().chain(&["--timeout", "1s", "--no-check"]));
        assert_eq!(added.code, 0, "{added:?}");
    }
    let by_hand = ["endpoints", "add", "page", "--preset", "manual"];
    keyfob.run(by_hand);
    assert_eq!(
        keyfob.run(["register", "a", "--at", "page", "--done"]).code,
        0
    );
    let token = minted(&keyfob, &["--sub", "x", "--claim", "name=X"]);
    let ended = keyfob.run_with(["why", "-", "--online"], &token);
    assert_eq!(ended.code, 5, "{ended:?}");
    let host = slow_url.trim_start_matches("http://");
    assert_eq!(
        ended.stderr,
        format!(
            "! busy (GoodData) refused with 429: it takes no more requests for now: try again in 2 min\n\
             ○ gd: 0 keys are there, and none of the kid a\n\
             ○ page: nobody can look there; what you said of it counts\n\
             ! slow: no whole answer from {host} in 1 s: try again; an endpoint may have a longer \
             `timeout`\n"
        )
    );
    let ended = keyfob.run_with(["--json", "why", "-", "--online"], &token);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    let places = told["endpoints"].as_array().unwrap();
    let shown = |name: &str| {
        let place = places
            .iter()
            .find(|place| place["endpoint"] == name)
            .unwrap();
        json!([
            place["keys"],
            place["has_kid"],
            place["problem"].is_string()
        ])
    };
    assert_eq!(shown("gd"), json!([0, false, false]));
    assert_eq!(shown("slow"), json!([null, null, true]));
    assert_eq!(shown("page"), json!([null, null, false]));
}

#[test]
fn a_url_that_only_the_token_names_is_never_asked() {
    let keyfob = keystore();
    let server = Server::start(|_, _| Said::json(json!({"keys": []})));
    let jku = format!("jku={}/keys", server.url);
    let token = minted(&keyfob, &["--header", &jku, "--iss", &server.url]);
    let ended = keyfob.run_with(["why", "-", "--online"], &token);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(server.lines(), Vec::<String>::new());
}

/// What is minted, and the reason that is told of it: its likelihood, cause and beginning.
const TOLD: [(&[&str], &str, &str, &str); 12] = [
    (
        &["--claim", "iat=-20m", "--claim", "exp=-15m"],
        "certain",
        "exp",
        "expired ",
    ),
    (
        &["--claim", "nbf=+10m"],
        "certain",
        "nbf",
        "not valid before ",
    ),
    (
        &["--claim", "iat=+10m"],
        "certain",
        "iat",
        "issued in the future, ",
    ),
    (
        &["--header", "x5t=AAAAAAAAAAAAAAAAAAAAAAAAAAA"],
        "certain",
        "certificate",
        "x5t is not the hash",
    ),
    (
        &["--header", "kid=other"],
        "possible",
        "kid",
        "no key other is here",
    ),
    (
        &[
            "--template",
            "snowflake",
            "--set",
            "account=A",
            "--set",
            "user=B",
            "--ttl",
            "2h",
        ],
        "possible",
        "service",
        "it lives 2 h: snowflake takes at most 60 min",
    ),
    (
        &["--template", "apple-client-secret"],
        "likely",
        "service",
        "apple-client-secret takes ES256, not RS256",
    ),
    (
        &["--claim", "nonce=n"],
        "likely",
        "kind",
        "it has nonce: this is an id token",
    ),
    (
        &["--claim", "typ=ID"],
        "likely",
        "kind",
        "it has typ ID: this is an id token",
    ),
    (
        &["--aud", "a", "--aud", "b"],
        "possible",
        "aud",
        "aud is an array",
    ),
    (
        &[
            "--template",
            "client-assertion",
            "--aud",
            "https://idp.example/token",
        ],
        "likely",
        "aud",
        "aud is https://idp.example/token, a token endpoint",
    ),
    (
        &["--template", "client-assertion", "--set", "client_id=c"],
        "possible",
        "jti",
        "jti ",
    ),
];

#[test]
fn every_reason_that_a_token_holds_is_told_of_it() {
    let keyfob = keystore();
    for (options, likelihood, cause, beginning) in TOLD {
        let token = minted(&keyfob, &[&["--force"], options].concat());
        let ended = keyfob.run_with(["--json", "why", "-"], &token);
        let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
        let reasons = answer["reasons"].as_array().unwrap();
        let is_told = reasons.iter().any(|reason| {
            let text = |member: &str| reason[member].as_str().unwrap();
            text("likelihood") == likelihood
                && text("cause") == cause
                && text("reason").starts_with(beginning)
                && !text("remedy").is_empty()
        });
        assert!(is_told, "{options:?}: {answer:#}");
    }
    let quoted = format!("\"{}\"", minted(&keyfob, &[]).trim());
    let ended = keyfob.run_with(["why", "-"], &quoted);
    assert!(
        ended
            .stdout
            .contains("the paste has quotes beside the token"),
        "{ended:?}"
    );
}
