//! Each refusal on purpose, seen by keyfob's own client: what it says, and what `why` says.

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
