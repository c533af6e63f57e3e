//! Keys to verify with, wherever they are, and the answer of `verify`.

use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob},
    server::{Said, Server},
};

/// An issuer that publishes the keys of a keystore, and the keystore.
fn issuer(kids: &[&str]) -> (Server, Keyfob) {
    let keyfob = Keyfob::new();
    for kid in kids {
        keyfob.run(["keys", "new", kid, "--alg", "ES256"]);
    }
    let set = keyfob.run(["jwks"]).stdout;
    let server = Server::start(move |own, asked| match asked.line.as_str() {
        "GET /.well-known/openid-configuration" => {
            Said::json(json!({"issuer": own, "jwks_uri": format!("{own}/keys")}))
        }
        "GET /keys" => Said::json(&set),
        _ => Said::of(404, &[], ""),
    });
    (server, keyfob)
}

fn mint(keyfob: &Keyfob, kid: &str, iss: &str) -> String {
    let minted = keyfob.run(["mint", "--key", kid, "--iss", iss]);
    assert_eq!(minted.code, 0, "{minted:?}");
    minted.stdout
}

/// One check of the answer as JSON.
fn check(ended: &Ended, name: &str) -> Option<(String, String)> {
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    let checks = answer["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name)?;
    let text = |member: &str| check[member].as_str().unwrap().to_owned();
    Some((text("outcome"), text("detail")))
}

#[test]
fn the_keys_of_an_issuer_are_found_and_the_issuer_is_expected() {
    let (server, keyfob) = issuer(&["a", "b"]);
    let stranger = Keyfob::empty();
    let verify =
        |token: &str| stranger.run_with(["--json", "verify", "-", "--issuer", &server.url], token);
    let good = verify(&mint(&keyfob, "b", &server.url));
    assert_eq!(good.code, 0, "{good:?}");
    let answer: Value = serde_json::from_str(&good.stdout).unwrap();
    assert_eq!(answer["key"]["kid"], "b");
    let other = verify(&mint(&keyfob, "b", "https://other.example"));
    assert_eq!(other.code, 1);
    let said = format!(
        r#""https://other.example", and {:?} was expected"#,
        server.url
    );
    assert_eq!(check(&other, "iss"), Some(("failed".to_owned(), said)));
    assert_eq!(
        server.lines()[..2],
        ["GET /.well-known/openid-configuration", "GET /keys"]
    );
}

#[test]
fn an_issuer_that_cannot_be_asked_exits_5_and_a_wrong_one_2() {
    let token = "eyJhbGciOiJSUzI1NiJ9.e30.AA";
    let keyfob = Keyfob::empty();
    let server = Server::start(|_, _| Said::of(404, &[], ""));
    let ended = keyfob.run(["verify", token, "--issuer", &server.url]);
    assert_eq!(ended.code, 5, "{ended:?}");
    let ended = keyfob.run(["verify", token, "--issuer", "http://idp.example"]);
    assert_eq!(ended.code, 5, "{ended:?}");
    assert!(ended.stderr.contains("plain http"), "{ended:?}");
    let ended = keyfob.run(["verify", token, "--issuer", "idp"]);
    assert_eq!(ended.code, 2, "{ended:?}");
}

#[test]
fn a_token_is_never_asked_where_its_keys_are() {
    let (server, _) = issuer(&["a"]);
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "mine", "--alg", "ES256"]);
    let keys = format!("{}/keys", server.url);
    let token = keyfob
        .run([
            "mint",
            "--key",
            "mine",
            "--iss",
            &server.url,
            "--header",
            &format!("jku={keys}"),
            "--header",
            &format!("x5u={keys}"),
            "--header",
            "kid=unknown",
        ])
        .stdout;
    for command in [&["verify", "-"][..], &["--json", "verify", "-"]] {
        assert_eq!(keyfob.run_with(command, &token).code, 1);
    }
    assert_eq!(server.lines(), Vec::<String>::new());
}

#[test]
fn a_key_that_was_chosen_checks_a_token_of_another_kid() {
    let keyfob = Keyfob::new();
    for kid in ["a", "b"] {
        keyfob.run(["keys", "new", kid, "--alg", "ES256"]);
    }
    let token = mint(&keyfob, "a", "i");
    let ended = keyfob.run_with(["--json", "verify", "-", "--key", "b"], &token);
    assert_eq!(ended.code, 1);
    let failed = |name: &str| check(&ended, name).unwrap();
    assert_eq!(
        failed("signature"),
        (
            "failed".to_owned(),
            "it does not match: another key, or a changed token".to_owned()
        )
    );
    assert_eq!(
        failed("kid"),
        (
            "failed".to_owned(),
            "the token says a, the key is b".to_owned()
        )
    );
}

#[test]
fn what_a_key_signed_under_a_former_kid_stays_valid() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "old", "--alg", "ES256"]);
    let named = mint(&keyfob, "old", "i");
    let nameless = keyfob
        .run(["mint", "--key", "old", "--header", "kid:=null"])
        .stdout;
    assert_eq!(keyfob.run(["keys", "rename", "old", "new"]).code, 0);
    assert_eq!(keyfob.run_with(["verify", "-"], &named).code, 0);
    let chosen = keyfob.run_with(["verify", "-", "--key", "new"], &named);
    assert_eq!(chosen.code, 0, "{chosen:?}");
    let ended = keyfob.run_with(["--json", "verify", "-"], &nameless);
    assert_eq!(check(&ended, "signature").unwrap().0, "passed");
}

#[test]
fn nothing_counts_that_a_revoked_key_signed() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    let token = mint(&keyfob, "k", "i");
    assert_eq!(keyfob.run(["keys", "status", "k", "revoked"]).code, 0);
    let ended = keyfob.run_with(["--json", "verify", "-"], &token);
    assert_eq!(ended.code, 1);
    assert_eq!(
        check(&ended, "key status"),
        Some((
            "failed".to_owned(),
            "the key is revoked: nothing that it signed counts".to_owned()
        ))
    );
}

#[test]
fn a_key_is_found_by_its_certificate() {
    let keyfob = Keyfob::new();
    for kid in ["a", "b"] {
        keyfob.run(["keys", "new", kid, "--alg", "ES256"]);
    }
    let shown = keyfob.run(["--json", "cert", "show", "b"]).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let text = shown.to_string();
    for member in ["x5t", "x5t#S256"] {
        let hash = find(&shown, member).unwrap_or_else(|| panic!("no {member} in {text}"));
        let claims = keyfob.file("claims", "{}");
        let token = keyfob
            .run([
                "mint",
                "--key",
                "b",
                "--claims",
                &claims,
                "--header",
                &format!("{member}={hash}"),
                "--header",
                "kid=unknown",
            ])
            .stdout;
        let ended = keyfob.run_with(["--json", "verify", "-"], &token);
        assert_eq!(check(&ended, "signature").unwrap().1, "matches the key b");
        assert_eq!(check(&ended, "kid").unwrap().0, "failed");
    }
}

#[test]
fn the_only_token_among_other_text_is_judged() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    let token = mint(&keyfob, "k", "i").trim().to_owned();
    for (text, place) in [
        (
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{{\"access_token\":\"{token}\",\"expires_in\":300}}\n"
            ),
            "access_token, line 4, column 18",
        ),
        (
            format!("GET / HTTP/1.1\nAuthorization: Bearer {token}\n"),
            "Authorization, line 2, column 23",
        ),
        (
            format!("https://app.example/cb#id_token={token}&state=1"),
            "id_token, line 1, column 33",
        ),
        (
            format!("Cookie: session={token}; theme=dark"),
            "session, line 1, column 17",
        ),
    ] {
        let ended = keyfob.run_with(["verify", "-"], &text);
        assert_eq!(
            (ended.code, ended.stderr),
            (0, format!("the token: {place}\n")),
            "{text}"
        );
        let ended = keyfob.run_with(["why", "-"], &text);
        assert_eq!(ended.stderr, format!("the token: {place}\n"), "{text}");
    }
    let both = format!(
        "{{\"id_token\":\"{token}\",\n\"access_token\":\"{}\"}}",
        mint(&keyfob, "k", "j").trim()
    );
    for command in ["verify", "why"] {
        let ended = keyfob.run_with([command, "-"], &both);
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (
                2,
                "keyfob: 2 tokens in the text, of which one can be judged: id_token, line 1, column 14; access_token, line 2, column 17\n"
            )
        );
    }
    for text in ["{\"error\":\"invalid_client\"}", "https://a.b/c?d=e"] {
        let ended = keyfob.run_with(["verify", "-"], text);
        let told = "keyfob: no token: nothing in the text looks like one\n";
        assert_eq!((ended.code, ended.stderr.as_str()), (2, told));
    }
}

#[test]
fn what_is_no_whole_token_is_told_alike_by_decode_verify_and_why() {
    let header = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0";
    let payload = "eyJzdWIiOiJhIiwiZXhwIjoxfQ";
    let cut_off = "cut off: 2 parts between dots; a JWS has three, a JWE five\n";
    for (text, told) in [
        (header.to_owned(), cut_off.replace("2 parts", "1 part")),
        (format!("{header}.{payload}"), cut_off.to_owned()),
        (
            format!("{header}.{}", &payload[..21]),
            format!("{cut_off}  payload: cut off: its last letter stands alone\n"),
        ),
        (
            format!("{header}.{}", &payload[..20]),
            format!(
                "{cut_off}  payload: no JSON object: line 1, column 12: this text has no end\n"
            ),
        ),
        (
            format!("{header}.{payload}.AAAAA"),
            "signature: cut off: its last letter stands alone\n".to_owned(),
        ),
        (
            format!("{header}.{payload}.AAB"),
            "signature: its last letter has bits left over: cut off, or changed (RFC 4648 section 3.5)\n"
                .to_owned(),
        ),
        (
            "nothing".to_owned(),
            "no token: nothing in the text looks like one\n".to_owned(),
        ),
    ] {
        let keyfob = Keyfob::new();
        for command in ["decode", "verify", "why"] {
            let ended = keyfob.run_with([command, "-"], &text);
            let said = ended.stderr.split_once("keyfob: ").unwrap_or_default().1;
            assert_eq!((ended.code, said), (2, told.as_str()), "{command} {text}");
        }
    }
}

#[test]
fn two_tokens_in_a_row_are_not_taken_for_an_encrypted_one() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    let [one, other] = ["a", "b"].map(|sub| mint(&keyfob, "k", sub));
    let ended = keyfob.run_with(["verify", "-"], &format!("{one}{other}"));
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (
            2,
            "keyfob: 2 tokens in the text, of which one can be judged: line 1, column 1; line 2, column 1\n"
        )
    );
    let ended = keyfob.run_with(["verify", "-"], &format!("{one}{one}"));
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (0, "the token: line 1, column 1\n")
    );
}

/// The first text under `member`, at any depth.
fn find(value: &Value, member: &str) -> Option<String> {
    match value {
        Value::Object(members) => members.get(member).and_then(Value::as_str).map_or_else(
            || members.values().find_map(|value| find(value, member)),
            |text| Some(text.to_owned()),
        ),
        Value::Array(values) => values.iter().find_map(|value| find(value, member)),
        _ => None,
    }
}
