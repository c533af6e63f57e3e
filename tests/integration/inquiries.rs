//! What a server is asked of a token that it granted (RFC 7662, RFC 7009).

use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob, vector},
    server::{Asked, Said, Server},
};

/// A keystore with the client `c` of `server`.
fn client_of(server: &Server) -> Keyfob {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    let arguments = ["clients", "add", "c", "--client-id", "id", "--key", "k"];
    let added = keyfob.run([&arguments[..], &["--issuer", &server.url]].concat());
    assert_eq!(added.code, 0, "{added:?}");
    keyfob
}

/// A server that names every endpoint, grants `opaque`, and answers the rest by `answer`.
fn server(answer: impl Fn(&Asked) -> Said + Send + 'static) -> Server {
    Server::start(move |url, asked| match asked.line.as_str() {
        "GET /.well-known/openid-configuration" => Said::json(json!({
            "issuer": url,
            "token_endpoint": format!("{url}/token"),
            "introspection_endpoint": format!("{url}/introspect"),
            "revocation_endpoint": format!("{url}/revoke"),
        })),
        "POST /token" => Said::json(json!({
            "access_token": "opaque", "token_type": "Bearer", "expires_in": 300,
        })),
        _ => answer(asked),
    })
}

fn ended(code: i32, stdout: &str, stderr: &str) -> Ended {
    Ended {
        code,
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    }
}

#[test]
fn a_server_says_what_it_knows_of_a_token() {
    let server =
        server(|_| Said::json(json!({"active": true, "scope": "read", "exp": 4_000_000_000_u32})));
    let keyfob = client_of(&server);
    let said = "{\n  \"active\": true,\n  \"scope\": \"read\",\n  \"exp\": 4000000000\n}\n";
    assert_eq!(
        keyfob.run(["token", "c", "--introspect"]),
        ended(0, said, "")
    );
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.line, "POST /introspect");
    let form = "token=opaque&token_type_hint=access_token&client_id=id&client_assertion_type=urn%3A\
                ietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=ey";
    assert!(asked.body.starts_with(form), "{}", asked.body);

    // One that was named, on stdin; none is asked for then.
    let given = ["token", "c", "--introspect", "--of", "-"];
    let ended = keyfob.run_with(given, "mine\n");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, said));
    let bodies: Vec<String> = server.asked().into_iter().map(|asked| asked.body).collect();
    assert!(bodies.last().unwrap().starts_with("token=mine&"));
    assert_eq!(
        server
            .lines()
            .iter()
            .filter(|line| *line == "POST /token")
            .count(),
        1
    );

    let shown = keyfob.run(["--json", "token", "c", "--introspect", "--show"]);
    let steps: Value = serde_json::from_str(&shown.stdout).unwrap();
    let last = steps.as_array().unwrap().last().unwrap();
    assert_eq!(last["step"], "introspection");
    let raw = last["raw"].to_string();
    assert!(
        raw.contains("token=$TOKEN&") && !raw.contains("opaque"),
        "{raw}"
    );
    assert!(
        last["summary"].as_str().unwrap().ends_with(", scope read"),
        "{last}"
    );
}

#[test]
fn a_token_that_counts_no_more_is_no_and_what_cannot_be_read_is_told() {
    let body = std::sync::Mutex::new(vec![
        r#"{"active": "yes"}"#,
        r"{}",
        "<html>",
        r#"{"active": false}"#,
    ]);
    let server = server(move |_| Said::json(body.lock().unwrap().pop().unwrap()));
    let keyfob = client_of(&server);
    assert_eq!(
        keyfob.run(["token", "c", "--introspect", "--of", "t"]),
        ended(
            1,
            "{\n  \"active\": false\n}\n",
            "! the server does not say why: it has ended, was revoked, is another server's, or this \
             client may not see it (RFC 7662 section 2.2)\n"
        )
    );
    for why in [
        "it is no JSON object (line 1, column 1: expected value)",
        "it has no active: is this an introspection endpoint?",
        "its active is neither true nor false",
    ] {
        let told = format!(
            "keyfob: {}/introspect said nothing of the token that can be used: {why}\n",
            server.url
        );
        let said = keyfob.run(["token", "c", "--introspect", "--of", "t"]);
        assert_eq!(said, ended(5, "", &told));
    }
}

#[test]
fn a_server_forgets_a_token() {
    let server = server(|asked| match asked.line.as_str() {
        "POST /revoke" => Said::of(200, &[], ""),
        _ => Said::of(500, &[], ""),
    });
    let keyfob = client_of(&server);
    let said = "the server of c does not know the token any more\n";
    assert_eq!(
        keyfob.run(["token", "c", "--revoke", "t"]),
        ended(0, "", said)
    );
    let asked = server.asked().pop().unwrap();
    assert!(
        asked
            .body
            .starts_with("token=t&token_type_hint=access_token&client_id=id&")
    );
    let empty = keyfob.run_with(["token", "c", "--revoke", "-"], "\n");
    let told = "keyfob: there is no token: write it, or - and stdin\n";
    assert_eq!(empty, ended(2, "", told));
    assert_eq!(keyfob.run(["token", "c", "--of", "t"]).code, 2);
}

#[test]
fn an_endpoint_that_is_not_there_and_a_refusal_are_told() {
    let refusing = server(|_| Said::of(401, &[], r#"{"error": "invalid_client"}"#));
    let keyfob = client_of(&refusing);
    let refused = keyfob.run(["token", "c", "--introspect", "--of", "t"]);
    let first = format!(
        "keyfob: {}/introspect refused: 401 invalid_client\n",
        refusing.url
    );
    assert!(
        refused.code == 5 && refused.stderr.starts_with(&first),
        "{refused:?}"
    );
    assert!(
        refused
            .stderr
            .contains("check at the server: the client id is there"),
        "{refused:?}"
    );

    let silent = Server::start(|url, _| {
        Said::json(json!({"issuer": url, "token_endpoint": format!("{url}/token")}))
    });
    let keyfob = client_of(&silent);
    for (asked, member) in [
        (&["--introspect", "--of", "t"][..], "introspection_endpoint"),
        (&["--revoke", "t"], "revocation_endpoint"),
    ] {
        let told = format!(
            "keyfob: {} names no {member}: it does not offer that, or not to everybody\n",
            silent.url
        );
        let said = keyfob.run([&["token", "c"][..], asked].concat());
        assert_eq!(said, ended(5, "", &told));
    }
    let by_url = [
        "--token-url",
        "https://i.example/t",
        "--client-id",
        "id",
        "--key",
        "k",
    ];
    assert_eq!(
        keyfob
            .run(
                [
                    &["clients", "add", "d"][..],
                    &by_url,
                    &["--audience", "token_url"]
                ]
                .concat()
            )
            .code,
        0
    );
    let told = "keyfob: no metadata name the revocation_endpoint of d: write its issuer in place of \
                token_url\n";
    assert_eq!(
        keyfob.run(["token", "d", "--revoke", "t"]),
        ended(2, "", told)
    );
}
