//! Panel 5 in a real terminal, against real servers.

use std::fs;

use base64ct::{Base64, Encoding};
use serde_json::json;

use crate::{
    keyfob::{Keyfob, vector},
    server::{Said, Server},
    terminal::Terminal,
};

/// A keystore whose key `k` signs with ES256, and the app on it.
fn app(keyfob: &Keyfob) -> Terminal {
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    let app = Terminal::start(keyfob, 100, 30, &[]);
    app.wait("ES256");
    app
}

#[test]
fn from_a_key_to_the_answer_of_an_api_in_the_sandbox() {
    let keyfob = Keyfob::new();
    let mut app = app(&keyfob);
    app.keys("r\r");
    app.wait("registered, read back");
    app.keys("5\r");
    let screen = app.wait("✓ sandbox has an access token");
    assert!(screen.contains("valid: at+jwt, RS256"), "{screen}");
    app.keys("C\r");
    let screen = app.wait("✓ sandbox: called http://");
    assert!(screen.contains("✓ its answer"), "{screen}");
    assert!(screen.contains("Protected resource accessed"), "{screen}");
    app.keys("y");
    app.wait("access token sent to the terminal's clipboard");
    let raw = app.wait_raw("\u{1b}]52;c;");
    let copied = raw.rsplit("\u{1b}]52;c;").next().unwrap();
    let copied = &copied[..copied.find('\u{1b}').unwrap()];
    let token = String::from_utf8(Base64::decode_vec(copied).unwrap()).unwrap();
    assert_eq!(token.split('.').count(), 3);
    app.keys("q");
    let (code, raw) = app.end();
    assert_eq!(code, 0);
    // It went to the clipboard, and never to the screen.
    let signature = token.rsplit('.').next().unwrap();
    assert!(!raw.contains(&signature[..20]));
}

#[test]
fn a_refusal_is_shown_beside_its_step_and_moves_nothing() {
    let server = Server::start(|url, asked| match asked.line.as_str() {
        "POST /token" => {
            let body = json!({"error": "invalid_client", "error_description": "go\u{1b}[2Jaway"});
            Said::of(401, &[], body.to_string())
        }
        _ => Said::json(json!({"issuer": url, "token_endpoint": format!("{url}/token")})),
    });
    let keyfob = Keyfob::new();
    let mut app = app(&keyfob);
    app.keys("5a");
    app.wait("New client");
    app.keys(&format!("c\t{}\t\tid\r", server.url));
    app.wait("the client c is written to");
    app.keys("\r");
    let screen = app.wait("client_assertion=‹the assertion below, signed›");
    assert!(
        screen.contains(&format!(
            "GET {}/.well-known/openid-configuration",
            server.url
        )),
        "{screen}"
    );
    assert_eq!(server.lines(), Vec::<String>::new());
    app.keys("\r");
    let screen = app.wait("✗ no token");
    let cause = "check at the server: the client id is there and enabled";
    assert!(screen.contains(cause), "{screen}");
    assert!(screen.contains("✗ answer"), "{screen}");
    assert!(screen.contains("go\\u{1b}[2Jaway"), "{screen}");
    assert_eq!(
        server.lines(),
        ["GET /.well-known/openid-configuration", "POST /token"]
    );
    let file = keyfob.home().join("config.d/client-c.yaml");
    assert!(fs::read_to_string(&file).unwrap().contains("client_id: id"));
    app.keys("\u{1b}");
    app.wait("⏎ run");
    app.keys("d");
    app.wait("Remove the client c");
    app.keys("\r");
    app.wait("the client c is removed");
    assert!(!file.exists());
    app.keys("q");
    assert_eq!(app.end().0, 0);
}
