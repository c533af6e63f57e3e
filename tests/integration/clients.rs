use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::mpsc::channel,
};

use base64ct::{Base64UrlUnpadded, Encoding};
use keyfob::{
    config::home::Home,
    jose::token::UnverifiedToken,
    sandbox::{options::Options, server::Sandbox},
};
use serde_json::{Value, json};

use crate::{
    keyfob::{Keyfob, vector},
    server::{Asked, Said, Server},
};

const TOKEN: &str = "POST /token";

/// A sandbox that the commands of `keyfob` find.
fn sandbox(keyfob: &Keyfob) -> Sandbox {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let options = Options {
        auth: any,
        api: any,
        home: Some(Home::at(&keyfob.home())),
        ..Options::default()
    };
    let (sender, log) = channel();
    // The log is kept for as long as the process lives.
    std::mem::forget(log);
    Sandbox::start(&options, sender).unwrap()
}

/// A keystore whose key `k` signs with ES256.
fn keyfob() -> Keyfob {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    keyfob
}

/// A keystore with the client `c` of `server`, by its issuer.
fn client_of(server: &Server, more: &[&str]) -> Keyfob {
    let keyfob = keyfob();
    let arguments = ["clients", "add", "c", "--client-id", "id", "--key", "k"];
    let issuer = ["--issuer", &server.url];
    let added = keyfob.run([&arguments[..], &issuer, more].concat());
    assert_eq!(added.code, 0, "{added:?}");
    keyfob
}

fn metadata(url: &str) -> Said {
    Said::json(json!({
        "issuer": url,
        "token_endpoint": format!("{url}/token"),
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
    }))
}

/// A server that answers token requests by `answer`.
fn granting(answer: impl Fn(&Asked) -> Said + Send + 'static) -> Server {
    Server::start(move |url, asked| match asked.line.as_str() {
        TOKEN => answer(asked),
        _ => metadata(url),
    })
}

/// The parameter `name` of a form.
fn parameter(asked: &Asked, name: &str) -> String {
    let mut pairs = asked
        .body
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    pairs.find(|(each, _)| *each == name).unwrap().1.to_owned()
}

fn claims(asked: &Asked) -> Value {
    let token = UnverifiedToken::decode(&parameter(asked, "client_assertion")).unwrap();
    Value::Object(token.claims().unwrap().members().clone())
}

#[test]
fn a_key_registered_at_the_sandbox_is_a_client() {
    let keyfob = keyfob();
    let sandbox = sandbox(&keyfob);
    let none = keyfob.run(["token", "sandbox"]);
    assert_eq!(
        (none.code, none.stderr.as_str()),
        (
            3,
            "keyfob: no key is registered at the sandbox that runs, so there is no client: keyfob \
             register KID --at sandbox\n"
        )
    );
    assert_eq!(keyfob.run(["register", "k", "--at", "sandbox"]).code, 0);
    let token = keyfob.run(["token", "sandbox"]);
    assert_eq!((token.code, token.stderr.as_str()), (0, ""));
    assert_eq!(token.stdout.trim().split('.').count(), 3);
    let shown = keyfob.run(["token", "sandbox", "--show"]);
    assert_eq!(shown.code, 0);
    assert!(
        shown.stdout.contains("valid: at+jwt, RS256"),
        "{}",
        shown.stdout
    );
    assert!(!shown.stdout.contains(token.stdout.trim()));
    let url = format!("{}/protected", sandbox.api_url());
    let called = keyfob.run(["call", "sandbox", &url]);
    assert_eq!(
        (called.code, called.stdout.as_str()),
        (0, r#"{"message":"Protected resource accessed","user":"k"}"#)
    );
    assert!(called.stderr.starts_with("HTTP 200\n"), "{}", called.stderr);
    let missing = keyfob.run(["call", "sandbox", &format!("{}/no", sandbox.api_url())]);
    assert_eq!(missing.code, 5);
}

#[test]
fn clients_are_added_listed_shown_and_removed() {
    let keyfob = keyfob();
    let add = |name: &str| {
        keyfob.run([
            "clients",
            "add",
            name,
            "--token-url",
            "https://idp.example/token",
            "--client-id",
            "7",
            "--key",
            "k",
            "--audience",
            "https://idp.example/",
            "--claim",
            "tenant=5",
        ])
    };
    assert_eq!(add("c").code, 0);
    assert!(add("c").stderr.contains("there is a client c already"));
    assert_eq!(add("sandbox").code, 2);
    let list = keyfob.run(["clients", "list"]).stdout;
    assert_eq!(
        list,
        "NAME     CLIENT ID           KEY                    SERVER\n\
         sandbox  the key's id there  registered there last  where the running sandbox is\n\
         c        7                   k                      https://idp.example/token\n"
    );
    let shown = keyfob.run(["--json", "clients", "show", "c"]).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["audience"], "https://idp.example/");
    assert_eq!(shown["claims"], json!({"tenant": 5}));
    assert_eq!(keyfob.run(["clients", "rm", "c"]).code, 0);
    assert_eq!(keyfob.run(["clients", "rm", "c"]).code, 3);
    let unknown = keyfob.run([
        "clients",
        "add",
        "d",
        "--issuer",
        "https://i.example",
        "--client-id",
        "d",
        "--key",
        "no",
    ]);
    assert_eq!(unknown.code, 3);
    assert_eq!(keyfob.run(["clients", "rm", "sandbox"]).code, 2);
    assert_eq!(keyfob.run(["clients", "show", "sandbox"]).code, 5);
}

#[test]
fn a_client_that_cannot_work_is_not_added() {
    let keyfob = keyfob();
    for (options, expected) in [
        (
            &["--issuer", "https://i.example", "--alg", "RS256"][..],
            "d signs with RS256, and its key k is P-256: choose another algorithm or key",
        ),
        (
            &["--issuer", "https://i.example?a"],
            "an issuer has no part after ?: write it as the server says it, or its token_url",
        ),
        (
            &[
                "--issuer",
                "https://i.example",
                "--header",
                "typ",
                "--header",
                "typ",
            ],
            "header: typ stands twice",
        ),
        (
            &["--issuer", "https://i.example", "--ca-file", "/no/ca.pem"],
            "--ca-file /no/ca.pem: No such file or directory (os error 2)",
        ),
        (
            &["--issuer", "https://i.example", "--extra", "scope=a"],
            "extra: scope is set by scope",
        ),
    ] {
        let add = ["clients", "add", "d", "--client-id", "d", "--key", "k"];
        let refused = keyfob.run([&add, options].concat());
        assert_eq!(
            (refused.code, refused.stderr),
            (2, format!("keyfob: {expected}\n"))
        );
    }
    let missing = keyfob.run(["clients", "add", "d", "--client-id", "d", "--key", "k"]);
    assert!(
        missing
            .stderr
            .contains("<--issuer <URL>|--token-url <URL>>"),
        "{}",
        missing.stderr
    );
    assert_eq!(keyfob.run(["clients", "show", "d"]).code, 3);
}

#[test]
fn a_server_that_wants_time_or_a_scope_is_understood() {
    for (status, wait, error, expected) in [
        (
            429,
            "120",
            "slow_down",
            "  the server takes no more requests for now: try again in 2 min",
        ),
        (
            503,
            "120",
            "temporarily_unavailable",
            "  the server takes no requests for now: try again in 2 min",
        ),
        (
            400,
            "",
            "invalid_scope",
            "  the client asks for no scope, and the server may want one: write scope, or the extra \
             parameter by which it goes there",
        ),
    ] {
        let server = granting(move |_| {
            let body = json!({ "error": error }).to_string();
            Said::of(status, &[("Retry-After", wait)], body)
        });
        let keyfob = client_of(&server, &[]);
        let refused = keyfob.run(["token", "c"]);
        assert_eq!(refused.code, 5);
        let cause = refused.stderr.lines().last();
        assert_eq!(cause, Some(expected), "{}", refused.stderr);
    }
}

#[test]
fn a_refusal_stands_beside_its_likely_causes() {
    let server = granting(|_| {
        let body = json!({"error": "invalid_client", "error_description": "go away"});
        let headers = [("Date", "Tue, 01 Jan 2030 00:00:00 GMT")];
        Said::of(401, &headers, body.to_string())
    });
    let keyfob = client_of(&server, &["--audience", "token_url", "--lifetime", "5m"]);
    let refused = keyfob.run(["token", "c"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (5, ""));
    let stderr = refused.stderr.replace(&server.url, "URL");
    let lines: Vec<&str> = stderr
        .lines()
        .skip_while(|line| !line.starts_with("keyfob: "))
        .collect();
    assert_eq!(
        lines[0],
        "keyfob: URL/token refused: 401 invalid_client: go away"
    );
    for (place, begin) in [
        (1, "  this machine's clock is "),
        (
            2,
            "  aud is the token endpoint: many servers take only their issuer, URL; write audience: \
             issuer",
        ),
        (
            3,
            "  the assertion lives 5 min: many servers take 60 s at most",
        ),
        (
            4,
            "  ES256 is not among the algorithms that the server takes: RS256",
        ),
        (
            5,
            "  check at the server: the client id is there and enabled, authenticates with private_key_jwt",
        ),
    ] {
        assert!(lines[place].starts_with(begin), "{stderr}");
    }
}

#[test]
fn the_state_of_the_key_and_its_kid_are_causes_too() {
    let keyfob = keyfob();
    let sandbox = sandbox(&keyfob);
    assert_eq!(keyfob.run(["register", "k", "--at", "sandbox"]).code, 0);
    let added = keyfob.run([
        "clients",
        "add",
        "c",
        "--issuer",
        sandbox.auth_url(),
        "--client-id",
        "other",
        "--key",
        "k",
        "--header",
        "typ",
    ]);
    assert_eq!(added.code, 0, "{added:?}");
    assert_eq!(keyfob.run(["unregister", "k", "--at", "sandbox"]).code, 0);
    let refused = keyfob.run(["token", "c"]);
    assert_eq!(refused.code, 5);
    let causes: Vec<&str> = refused
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with("keyfob: "))
        .skip(1)
        .collect();
    assert_eq!(
        causes[..2],
        [
            "  the key k is not registered at sandbox: keyfob register k --at sandbox",
            "  the assertion names no kid: a server that knows several keys of the client may not \
             guess; write header: [kid, typ]",
        ]
    );
}

#[test]
fn an_api_that_refuses_is_explained() {
    let server = granting(|_| {
        Said::json(json!({"access_token": "opaque", "expires_in": 60, "scope": "read"}))
    });
    let keyfob = client_of(&server, &[]);
    for (status, challenge, expected) in [
        (
            401,
            r#"Bearer error="invalid_token", error_description="unknown""#,
            "! the API says: unknown\n! the token is opaque: the API must ask the server that \
             issued it (RFC 7662), and it must be the server that the API knows\n",
        ),
        (
            403,
            r#"Bearer error="insufficient_scope", scope="write""#,
            "! the API asks for the scope \"write\", and the token has \"read\": write it as the \
             client's scope\n",
        ),
    ] {
        let api =
            Server::start(move |_, _| Said::of(status, &[("WWW-Authenticate", challenge)], "no"));
        let called = keyfob.run(["call", "c", &api.url]);
        assert_eq!((called.code, called.stdout.as_str()), (5, "no"));
        assert!(called.stderr.contains(expected), "{}", called.stderr);
    }
}

#[test]
fn every_try_has_a_fresh_jti_and_one_audience() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let server = granting(move |_| {
        if count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            return Said::of(429, &[("Retry-After", "0")], "");
        }
        Said::json(json!({"access_token": "opaque", "token_type": "Bearer", "expires_in": 60}))
    });
    let keyfob = client_of(
        &server,
        &["--resource", "https://api.example/", "--extra", "a=b c"],
    );
    let token = keyfob.run(["token", "c"]);
    assert_eq!((token.code, token.stdout.as_str()), (0, "opaque\n"));
    let asked: Vec<Asked> = server
        .asked()
        .into_iter()
        .filter(|asked| asked.line == TOKEN)
        .collect();
    let [first, second] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_ne!(claims(first)["jti"], claims(second)["jti"]);
    let claims = claims(second);
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("id"), &json!("id"))
    );
    assert_eq!(claims["aud"], json!(server.url));
    let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(life, 60);
    assert_eq!(
        parameter(second, "resource"),
        "https%3A%2F%2Fapi.example%2F"
    );
    assert_eq!(parameter(second, "a"), "b+c");
}

#[test]
fn the_articles_answer_is_taken_with_a_word() {
    let server = granting(|_| Said::json(json!({"token": "opaque"})));
    let keyfob = client_of(&server, &[]);
    let token = keyfob.run(["token", "c"]);
    assert_eq!((token.code, token.stdout.as_str()), (0, "opaque\n"));
    assert!(
        token
            .stderr
            .contains("! the answer has no access_token: its member token is taken"),
        "{}",
        token.stderr
    );
    let whole: Value = serde_json::from_str(&keyfob.run(["--json", "token", "c"]).stdout).unwrap();
    assert_eq!(whole, json!({"token": "opaque", "access_token": "opaque"}));
}

#[test]
fn a_token_that_cannot_be_verified_is_printed_with_a_word() {
    let set: Value = serde_json::from_str(&keyfob().run(["jwks", "k"]).stdout).unwrap();
    let no_uri = "was not verified: URL names no jwks_uri: it does not offer that, or not to \
                  everybody; signature: no key to check it with";
    for (keys, why) in [
        (None, no_uri),
        (
            Some(json!({"keys": []})),
            "was not verified: signature: no key to check it with",
        ),
        (
            Some(set),
            "did not pass verification: signature: it does not match: another key, or a changed token",
        ),
    ] {
        let server = Server::start(move |url, asked| match (asked.line.as_str(), &keys) {
            (TOKEN, _) => Said::json(json!({"access_token": unsigned(url)})),
            ("GET /jwks", Some(keys)) => Said::json(keys.clone()),
            (_, None) => Said::json(json!({
                "issuer": url,
                "token_endpoint": format!("{url}/token"),
            })),
            (_, Some(_)) => Said::json(json!({
                "issuer": url,
                "token_endpoint": format!("{url}/token"),
                "jwks_uri": format!("{url}/jwks"),
            })),
        });
        let token = client_of(&server, &[]).run(["token", "c"]);
        assert_eq!(
            (token.code, token.stdout),
            (0, format!("{}\n", unsigned(&server.url)))
        );
        let expected = format!(
            "! the answer names no token_type: Bearer is taken\n! the access token {}\n",
            why.replace("URL", &server.url)
        );
        assert_eq!(token.stderr, expected);
    }
}

/// An access token of `issuer` whose signature is nobody's.
fn unsigned(issuer: &str) -> String {
    let claims = json!({"iss": issuer, "exp": 4_102_444_800_i64}).to_string();
    let [header, claims] = [r#"{"alg":"ES256","kid":"k"}"#, &claims]
        .map(|part| Base64UrlUnpadded::encode_string(part.as_bytes()));
    format!("{header}.{claims}.{}", "A".repeat(86))
}

#[test]
fn a_proof_and_a_token_never_follow_a_redirect() {
    let other = Server::start(|_, _| Said::json(json!({"access_token": "stolen"})));
    let location = format!("{}/token", other.url);
    let server = granting(move |_| Said::of(307, &[("Location", &location)], ""));
    let keyfob = client_of(&server, &[]);
    let refused = keyfob.run(["token", "c"]);
    assert_eq!(refused.code, 5);
    let cause = format!(
        "it sends on to {}/token, and a proof is never sent",
        other.url
    );
    assert!(refused.stderr.contains(&cause), "{}", refused.stderr);
    let target = other.url.clone();
    let api = Server::start(move |_, _| Said::of(302, &[("Location", &target)], "moved"));
    let granted = granting(|_| Said::json(json!({"access_token": "opaque"})));
    let keyfob = client_of(&granted, &[]);
    let called = keyfob.run(["call", "c", &api.url, "-d", "{}"]);
    assert_eq!((called.code, called.stdout.as_str()), (0, "moved"));
    let asked = api.asked().remove(0);
    assert_eq!(asked.line, "POST /");
    assert_eq!(asked.header("authorization"), Some("Bearer opaque"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(other.lines(), Vec::<String>::new());
}

#[test]
fn an_old_answer_and_one_that_is_none_are_refused() {
    // {"alg":"none"} and {"exp":1000100}
    let old = "eyJhbGciOiJub25lIn0.eyJleHAiOjEwMDAxMDB9.";
    let server = granting(move |_| Said::json(json!({"access_token": old, "expires_in": 60})));
    let refused = client_of(&server, &[]).run(["token", "c"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (5, ""));
    assert!(
        refused.stderr.contains("an old answer was played back"),
        "{}",
        refused.stderr
    );
    let huge = granting(|_| Said::of(200, &[], vec![b' '; 5 << 20]));
    let refused = client_of(&huge, &[]).run(["token", "c"]);
    assert_eq!(refused.code, 5);
    assert!(
        refused.stderr.contains("more than 4 MiB"),
        "{}",
        refused.stderr
    );
}

#[test]
fn the_curl_commands_hold_no_secret_and_ask_for_no_token() {
    let server = granting(|_| Said::of(500, &[], ""));
    let keyfob = client_of(&server, &["--scope", "read"]);
    let printed = keyfob.run(["token", "c", "--curl"]);
    let url = &server.url;
    assert_eq!(printed.code, 0);
    assert_eq!(
        printed.stdout,
        format!(
            "ASSERTION=$(keyfob mint --key 'k' \\\n  --template client-assertion \\\n  --claim \
             'iss=id' \\\n  --claim 'sub=id' \\\n  --claim 'aud={url}' \\\n  --ttl 60s)\ncurl \
             '{url}/token' \\\n  --data-urlencode 'grant_type=client_credentials' \\\n  \
             --data-urlencode 'client_id=id' \\\n  --data-urlencode \
             'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer' \\\n  \
             --data-urlencode \"client_assertion=$ASSERTION\" \\\n  --data-urlencode \
             'scope=read'\n"
        )
    );
    let keyfob = client_of(&server, &["--header", "x5t#S256", "--header", "typ"]);
    let printed = keyfob.run(["token", "c", "--curl"]);
    assert!(
        printed
            .stdout
            .contains("--ttl 60s \\\n  --without kid \\\n  --header 'x5t#S256')\n"),
        "{}",
        printed.stdout
    );
    assert!(!server.lines().contains(&TOKEN.to_owned()));
}
