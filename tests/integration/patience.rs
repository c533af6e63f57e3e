//! A service that takes its time, and a person at a terminal.

use std::sync::{Mutex, mpsc::channel};

use serde_json::json;

use crate::{
    keyfob::{Keyfob, vector},
    server::{Said, Server},
    services::faulty::{Fault, Faulty, Struck},
    terminal::Terminal,
};

#[test]
fn who_waits_at_a_terminal_is_told_for_whom_after_a_moment() {
    let (answer, wanted) = channel();
    let wanted = Mutex::new(wanted);
    let server = Server::start(move |_, asked| {
        wanted.lock().unwrap().recv().unwrap();
        match asked.line.as_str() {
            "POST /token" => Said::json(json!({"access_token": "opaque", "token_type": "Bearer"})),
            _ => Said::json(json!({"hello": "there"})),
        }
    });
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    let add = format!(
        "clients add c --token-url {}/token --audience token_url --client-id c --key k",
        server.url
    );
    assert_eq!(keyfob.run(add.split(' ')).code, 0);

    let url = format!("{}/hello", server.url);
    let app = Terminal::start(&keyfob, 100, 30, &["call", "c", &url]);
    app.wait(&format!(
        "waiting for {}/token… Ctrl-C gives up",
        server.url
    ));
    answer.send(()).unwrap();
    let authority = server.url.strip_prefix("http://").unwrap();
    app.wait(&format!("waiting for {authority}… Ctrl-C gives up"));
    answer.send(()).unwrap();
    app.wait(r#"{"hello":"there"}"#);
    assert_eq!(app.end().0, 0);

    // Nothing is said where nobody looks.
    answer.send(()).unwrap();
    let token = keyfob.run(["token", "c"]);
    assert_eq!(
        (token.stdout.as_str(), token.stderr.as_str()),
        ("opaque\n", "")
    );
}

#[test]
fn an_answer_whose_rest_does_not_come_is_told() {
    let server = Server::start(|_, asked| match asked.line.as_str() {
        "POST /token" => Said::json(json!({"access_token": "opaque", "token_type": "Bearer"})),
        _ => Said::json(json!({"hello": "there"})),
    });
    let faulty = Faulty::before(&server.url);
    faulty.strike(Fault::SilentAfterHead, Struck::All);
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    let add = format!(
        "clients add c --token-url {}/token --audience token_url --client-id c --key k",
        server.url
    );
    assert_eq!(keyfob.run(add.split(' ')).code, 0);
    let url = format!("{}/hello", faulty.url);
    let app = Terminal::start(&keyfob, 100, 30, &["call", "c", &url]);
    let authority = faulty.url.strip_prefix("http://").unwrap();
    let word = format!("waiting for the rest from {authority}… Ctrl-C gives up");
    let screen = app.wait(&word);
    assert!(screen.starts_with("HTTP 200"), "{screen}");
    app.signal(2);
    assert_ne!(app.end().0, 0);
}
