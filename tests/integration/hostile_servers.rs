//! Authorization servers that are not what they say: refused in words, and nothing that proves the
//! client reaches anybody else.

use serde_json::{Value, json};

use crate::{
    keyfob::{Keyfob, vector},
    server::{Said, Server},
};

const METADATA: &str = "GET /.well-known/openid-configuration";

/// A keystore with the key `k` and the client `c` of an issuer.
fn client_of(issuer: &str) -> Keyfob {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    let added = keyfob.run([
        "clients",
        "add",
        "c",
        "--issuer",
        issuer,
        "--client-id",
        "id",
        "--key",
        "k",
    ]);
    assert_eq!(added.code, 0, "{added:?}");
    keyfob
}

/// What `token` says when it refuses, and what the server was asked.
fn refused(server: &Server) -> (String, Vec<String>) {
    let ended = client_of(&server.url).run(["token", "c"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (5, ""), "{ended:?}");
    (ended.stderr.replace(&server.url, "URL"), server.lines())
}

#[test]
fn the_metadata_of_another_issuer_get_no_proof() {
    let server = Server::start(|url, _| {
        let endpoint = format!("{url}/token");
        Said::json(json!({"issuer": "https://idp.example", "token_endpoint": endpoint}))
    });
    let (said, asked) = refused(&server);
    assert_eq!(
        said,
        "keyfob: URL describes itself as the issuer \"https://idp.example\": that is another one, \
         and its word does not count here; check the URL\n"
    );
    assert_eq!(asked, [METADATA]);
}

#[test]
fn a_token_endpoint_behind_plain_http_elsewhere_gets_no_proof() {
    let server = Server::start(|url, _| {
        Said::json(json!({"issuer": url, "token_endpoint": "http://idp.example/token"}))
    });
    let (said, asked) = refused(&server);
    assert!(
        said.starts_with("keyfob: idp.example would be reached over plain http"),
        "{said}"
    );
    assert_eq!(asked, [METADATA]);
}

#[test]
fn an_endless_set_of_metadata_is_left() {
    let server = Server::start(|_, _| Said::of(200, &[], vec![b' '; 5 << 20]));
    let (said, asked) = refused(&server);
    assert!(said.contains("more than 4 MiB"), "{said}");
    assert_eq!(asked, [METADATA]);
}

#[test]
fn a_key_that_the_server_publishes_whole_verifies_nothing() {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "own"]).code, 0);
    let token = keyfob.run(["mint", "--key", "own", "--sub", "id"]).stdout;
    let arguments = ["keys", "export", "own", "--as", "jwk", "--private"];
    let whole = keyfob.run([&arguments[..], &["--out", "-"]].concat());
    let whole: Value = serde_json::from_str(&whole.stdout).unwrap();
    let server = Server::start(move |url, asked| match asked.line.as_str() {
        METADATA => Said::json(json!({
            "issuer": url,
            "token_endpoint": format!("{url}/token"),
            "jwks_uri": format!("{url}/jwks"),
        })),
        "GET /jwks" => Said::json(json!({"keys": [whole]})),
        _ => Said::json(json!({"access_token": token.trim(), "token_type": "Bearer"})),
    });
    let shown = client_of(&server.url).run(["--json", "token", "c", "--show"]);
    let steps: Value = serde_json::from_str(&shown.stdout).unwrap();
    let last = steps.as_array().unwrap().last().unwrap();
    assert_eq!(last["step"], "access_token");
    assert_ne!(last["outcome"], "good");
    let finding = format!(
        "{}/jwks publishes the private half of the key \"own\": anybody can sign with it, so it is \
         not used; its owner must replace it",
        server.url
    );
    assert_eq!(last["findings"][0], finding);
}
