//! Clients that share a secret with the server, for comparison (RFC 6749 section 2.3.1, OpenID
//! Connect Core 1.0 section 9).

use std::fs;

use keyfob::jose::{algorithm::MacAlgorithm, claims::JsonObject, token, token::UnverifiedToken};
use keyfob::secret::Secret;
use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob, vector},
    server::{Asked, Said, Server},
};

const SECRET: &str = "a secret: 32 octets and a % more";

/// A keystore whose key is `k`.
fn keyfob() -> Keyfob {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    keyfob
}

/// A server that answers token requests by `answer`.
fn server(answer: impl Fn(&Asked) -> Said + Send + 'static) -> Server {
    Server::start(move |url, asked| match asked.line.as_str() {
        "POST /token" => answer(asked),
        _ => Said::json(json!({
            "issuer": url, "token_endpoint": format!("{url}/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_jwt"],
        })),
    })
}

fn granted() -> Said {
    Said::json(json!({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300}))
}

/// Adds the client `c`, whose secret a variable holds.
fn add(keyfob: &Keyfob, server: &Server, auth: &str) {
    let add = ["clients", "add", "c", "--client-id", "id:1", "--key", "k"];
    let how = [
        "--issuer",
        &server.url,
        "--auth",
        auth,
        "--secret-env",
        "C_SECRET",
    ];
    let added = keyfob.run([&add[..], &how].concat());
    assert_eq!(added.code, 0, "{added:?}");
}

/// Runs with `secret` in the variable.
fn run(keyfob: &Keyfob, secret: &str, arguments: &[&str]) -> Ended {
    let mut command = keyfob.command();
    let output = command
        .args(arguments)
        .env("C_SECRET", secret)
        .output()
        .unwrap();
    Ended {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_secret_goes_in_a_header_alone() {
    let server = server(|_| granted());
    let keyfob = keyfob();
    add(&keyfob, &server, "client_secret_basic");
    let token = run(&keyfob, SECRET, &["token", "c"]);
    assert_eq!(
        (token.code, token.stdout.as_str(), token.stderr.as_str()),
        (0, "opaque\n", "")
    );
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.body, "grant_type=client_credentials");
    // Both halves are encoded as in a form first (RFC 6749 section 2.3.1).
    let basic = "Basic aWQlM0ExOmErc2VjcmV0JTNBKzMyK29jdGV0cythbmQrYSslMjUrbW9yZQ==";
    assert_eq!(asked.header("authorization"), Some(basic));

    let shown = run(&keyfob, SECRET, &["token", "c", "--show"]);
    assert!(
        !shown.stdout.contains("secret:") && !shown.stdout.contains("aWQl"),
        "{shown:?}"
    );
    let json = run(&keyfob, SECRET, &["--json", "token", "c", "--show"]).stdout;
    assert!(
        json.contains("Authorization: Basic ••••") && !json.contains("aWQl"),
        "{json}"
    );
    let printed = run(&keyfob, SECRET, &["token", "c", "--curl"]).stdout;
    assert!(
        printed.contains("-u 'id:1':\"$CLIENT_SECRET\" \\\n"),
        "{printed}"
    );
}

#[test]
fn a_secret_signs_an_assertion() {
    let server = server(|_| granted());
    let keyfob = keyfob();
    add(&keyfob, &server, "client_secret_jwt");
    assert_eq!(run(&keyfob, SECRET, &["token", "c"]).code, 0);
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.header("authorization"), None);
    let pairs = asked
        .body
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let (_, text) = pairs
        .clone()
        .find(|(name, _)| *name == "client_assertion")
        .unwrap();
    let assertion = UnverifiedToken::decode(text).unwrap();
    assert_eq!(assertion.header.text(), r#"{"alg":"HS256","typ":"JWT"}"#);
    let claims: &JsonObject = assertion.claims().unwrap();
    let secret = Secret::new(SECRET.as_bytes().to_vec());
    let again =
        token::mint_with_secret(&assertion.header, claims, MacAlgorithm::Hs256, &secret).unwrap();
    assert_eq!(text, again);
    assert_eq!(claims.members()["aud"], json!(server.url));

    let short = run(&keyfob, "short", &["token", "c"]);
    assert_eq!(short.code, 2);
    assert!(
        short.stderr.contains("5 bytes; HS256 needs 32 at least"),
        "{short:?}"
    );
    assert!(!short.stderr.contains("short\""), "{short:?}");
}

#[test]
fn a_refusal_and_a_secret_that_is_not_there_are_told() {
    let server = server(|_| Said::of(401, &[], r#"{"error": "invalid_client"}"#));
    let keyfob = keyfob();
    add(&keyfob, &server, "client_secret_basic");
    let refused = run(&keyfob, SECRET, &["token", "c"]);
    assert_eq!(
        (refused.code, refused.stderr),
        (
            5,
            format!(
                "keyfob: {}/token refused: 401 invalid_client\n  check at the server: the client \
                 id:1 is there and enabled, authenticates with client_secret_basic, and has this \
                 secret, which may have ended there\n",
                server.url
            )
        )
    );
    let none = keyfob.run(["token", "c"]);
    assert!(
        none.code != 0 && none.stderr.contains("C_SECRET is not set"),
        "{none:?}"
    );
}

#[test]
fn a_secret_is_never_written_and_fits_its_method() {
    let keyfob = keyfob();
    let add = |more: &[&str]| {
        let arguments = ["clients", "add", "d", "--client-id", "id", "--key", "k"];
        let issuer = ["--issuer", "https://i.example"];
        let ended = keyfob.run([&arguments[..], &issuer, more].concat());
        (ended.code, ended.stderr)
    };
    for (more, expected) in [
        (
            &["--auth", "client_secret_jwt"][..],
            "client_secret_jwt needs secret: write {env: NAME}, {sealed: NAME} or {command: \
             [PROGRAM, ARGUMENT, …]}",
        ),
        (
            &["--secret-env", "X"],
            "private_key_jwt needs no secret: leave it out, or write auth: client_secret_basic",
        ),
        (
            &[
                "--auth",
                "client_secret_jwt",
                "--secret-env",
                "X",
                "--grant",
                "jwt_bearer",
            ],
            "jwt_bearer and client_secret_jwt are two assertions: write auth: client_secret_basic",
        ),
    ] {
        assert_eq!(add(more), (2, format!("keyfob: {expected}\n")), "{more:?}");
    }
    let config = keyfob.home().join("config.yaml");
    let client = |secret: &str| {
        format!(
            "clients:\n  c: {{issuer: https://i.example, client_id: c, key: k, auth: \
             client_secret_basic, secret: {secret}}}\n"
        )
    };
    fs::write(&config, client("{command: [pass, show, c]}")).unwrap();
    let shown = keyfob.run(["--json", "clients", "show", "c"]).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["secret"], json!({"command": ["pass", "show", "c"]}));
    fs::write(&config, client("s3cret")).unwrap();
    let refused = keyfob.run(["clients", "list"]);
    assert_eq!(refused.code, 2);
    assert!(!refused.stderr.contains("s3cret"), "{refused:?}");
}
