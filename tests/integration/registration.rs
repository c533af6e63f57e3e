use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::{Child, Stdio},
    thread,
};

use crate::keyfob::{Ended, Keyfob};

/// `keyfob sandbox` as a process of its own.
pub(crate) struct Sandbox {
    process: Child,
    pub(crate) auth: String,
}

impl Sandbox {
    pub(crate) fn of(keyfob: &Keyfob) -> Self {
        let mut process = keyfob
            .command()
            .args([
                "--json",
                "sandbox",
                "--auth",
                "127.0.0.1:0",
                "--api",
                "127.0.0.1:0",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let auth = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some(url) = line.trim().strip_prefix("\"auth\": \"") {
                break url.trim_end_matches("\",").to_owned();
            }
        };
        // The log goes on: somebody has to read it.
        thread::spawn(move || lines.for_each(drop));
        Self { process, auth }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A server on loopback that answers every request alike.
fn answering(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut sent = vec![0; length];
            reader.read_exact(&mut sent).unwrap();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/problem+json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
        }
    });
    format!("http://{address}")
}

fn with_key(alg: &str) -> Keyfob {
    let keyfob = Keyfob::new();
    assert_eq!(keyfob.run(["keys", "new", "k", "--alg", alg]).code, 0);
    keyfob
}

fn with_gooddata(url: &str) -> Keyfob {
    let keyfob = Keyfob::new();
    let pem = crate::keyfob::vector("rsa2048.pem");
    assert_eq!(
        keyfob
            .run_with(["keys", "import", "-", "--kid", "k"], &pem)
            .code,
        0
    );
    let config = format!(
        "endpoints:\n  acme: {{preset: gooddata, url: {url}, token: {{command: [echo, secret]}}}}\n"
    );
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();
    keyfob
}

fn said(code: i32, stderr: &str) -> Ended {
    Ended {
        code,
        stdout: String::new(),
        stderr: format!("{stderr}\n"),
    }
}

#[test]
fn a_keystore_can_be_made_where_a_sandbox_ran_first() {
    let keyfob = Keyfob::empty();
    let _sandbox = Sandbox::of(&keyfob);
    let init = keyfob.run(["init", "--no-passphrase"]);
    assert_eq!(
        (init.code, init.stdout.as_str()),
        (0, ""),
        "{}",
        init.stderr
    );
    assert_eq!(keyfob.run(["doctor"]).code, 0);
}

#[test]
fn a_key_is_registered_its_token_accepted_and_the_key_removed() {
    for alg in ["ES256", "EdDSA"] {
        let keyfob = with_key(alg);
        let sandbox = Sandbox::of(&keyfob);
        let register = ["register", "k", "--at", "sandbox"];
        assert_eq!(
            keyfob.run(register),
            said(0, "k at sandbox: registered, read back as k")
        );
        assert_eq!(
            keyfob.run(register),
            said(0, "k at sandbox: already registered, read back as k")
        );
        let token = keyfob
            .run(["mint", "--key", "k", "--sub", "john.doe"])
            .stdout;
        let mut response = ureq::get(format!("{}/api/v1/profile", sandbox.auth))
            .header("Authorization", format!("Bearer {}", token.trim()))
            .call()
            .unwrap();
        let profile: serde_json::Value =
            serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
        assert_eq!(profile["userId"], "john.doe");
        let seen = keyfob.run(["registrations", "--refresh"]);
        assert_eq!(seen.code, 0);
        assert!(
            seen.stdout.contains("k    sandbox   k   registered"),
            "{}",
            seen.stdout
        );
        assert_eq!(keyfob.run(["keys", "rm", "k"]).code, 2, "it is registered");
        assert_eq!(
            keyfob.run(["unregister", "k", "--at", "sandbox"]),
            said(0, "k at sandbox: is not there any more")
        );
        assert_eq!(keyfob.run(["keys", "rm", "k"]).code, 0);
    }
}

#[test]
fn what_changed_there_is_drift_and_registering_mends_it() {
    let keyfob = with_key("ES256");
    let sandbox = Sandbox::of(&keyfob);
    keyfob.run(["register", "k", "--at", "sandbox"]);
    let other = with_key("ES256");
    let jwk = other.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    let body = format!(
        r#"{{"data":{{"id":"k","type":"jwk","attributes":{{"content":{}}}}}}}"#,
        jwk.trim()
    );
    ureq::put(format!("{}/api/v1/entities/jwks/k", sandbox.auth))
        .header("Authorization", "Bearer sandbox")
        .header("Content-Type", "application/json")
        .send(&body)
        .unwrap();
    let drift = keyfob.run(["registrations", "--refresh"]);
    assert_eq!(drift.code, 1);
    assert!(
        drift.stdout.contains("differs: x, y, x5t, x5t#S256, x5c"),
        "{}",
        drift.stdout
    );
    assert_eq!(
        keyfob.run(["register", "k", "--at", "sandbox"]),
        said(
            0,
            "k at sandbox: registered: what was there differed and was replaced, read back as k"
        )
    );
}

#[test]
fn a_dry_run_shows_the_request_with_the_token_masked_and_sends_nothing() {
    let keyfob = with_gooddata("http://127.0.0.1:1");
    let shown = keyfob.run(["register", "k", "--at", "acme", "--dry-run"]);
    assert_eq!(
        (shown.code, shown.stderr.as_str()),
        (0, "dry run: this would be sent, and nothing was\n")
    );
    let lines: Vec<&str> = shown.stdout.lines().take(9).collect();
    assert_eq!(
        lines,
        [
            "POST http://127.0.0.1:1/api/v1/entities/jwks",
            "Accept: application/vnd.gooddata.api+json",
            "Content-Type: application/vnd.gooddata.api+json",
            "Authorization: Bearer ••••",
            "",
            "{",
            "  \"data\": {",
            "    \"id\": \"k\",",
            "    \"type\": \"jwk\",",
        ]
    );
    assert!(!shown.stdout.contains("secret"));
}

#[test]
fn a_key_that_does_not_fit_is_refused_before_anything_is_sent() {
    let keyfob = with_gooddata("http://127.0.0.1:1");
    keyfob.run(["keys", "new", "ec", "--alg", "ES256"]);
    assert_eq!(
        keyfob.run(["register", "ec", "--at", "acme"]),
        said(
            1,
            "keyfob: GoodData takes RS256, RS384 or RS512; this key is ES256"
        )
    );
    keyfob.run_with(["keys", "new", "a~b"], "");
    assert_eq!(
        keyfob.run(["register", "a~b", "--at", "acme"]),
        said(
            1,
            "keyfob: GoodData takes ids of 1 to 255 characters of A-Z a-z 0-9 . _ -, not beginning \
             with .; this key's kid is a~b: rename it"
        )
    );
}

#[test]
fn each_refusal_of_the_service_is_one_clear_sentence() {
    let make = "make one in GoodData under Settings, Personal access tokens";
    let token = "the API token from the command echo";
    for (status, body, expected) in [
        (
            "401 Unauthorized",
            "",
            format!("401: it does not accept {token}; {make}"),
        ),
        (
            "403 Forbidden",
            "",
            format!(
                "403: {token} may not manage keys; its owner needs the organisation permission \
                 MANAGE"
            ),
        ),
        (
            "404 Not Found",
            r#"{"detail":"The requested endpoint does not exist."}"#,
            format!(
                "404: not there, or {token} may not see it (its owner needs the organisation \
                 permission MANAGE): The requested endpoint does not exist."
            ),
        ),
        (
            "400 Bad Request",
            r#"{"detail":"no"}"#,
            "400: it does not take this key: no".to_owned(),
        ),
        (
            "503 Service Unavailable",
            "x\u{1b}[2J",
            "503: it takes no requests for now: try again later".to_owned(),
        ),
    ] {
        let url = answering(Box::leak(status.to_owned().into_boxed_str()), body);
        let keyfob = with_gooddata(&url);
        let refused = keyfob.run(["register", "k", "--at", "acme"]);
        let last = refused.stderr.lines().last().unwrap();
        assert_eq!(refused.code, 5, "{refused:?}");
        assert_eq!(
            last,
            format!("keyfob: acme (GoodData) refused with {expected}")
        );
        let recorded = keyfob.run(["registrations"]);
        assert_eq!(recorded.stdout, "", "nothing is recorded that was not seen");
    }
}

#[test]
fn nobody_there_no_sandbox_and_no_such_endpoint_are_told() {
    let keyfob = with_gooddata("http://127.0.0.1:1");
    let refused = keyfob.run(["register", "k", "--at", "acme"]);
    assert_eq!(refused.code, 5);
    assert!(
        refused
            .stderr
            .starts_with("keyfob: acme: could not connect to 127.0.0.1"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        keyfob.run(["register", "k", "--at", "sandbox"]),
        said(
            5,
            "keyfob: no sandbox is running: start one with `keyfob sandbox`"
        )
    );
    assert_eq!(
        keyfob.run(["register", "k", "--at", "nowhere"]),
        said(3, "keyfob: no endpoint nowhere: known are sandbox, acme")
    );
}

#[test]
fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    let keyfob = with_gooddata("http://gooddata.example");
    let config = keyfob.home().join("config.yaml");
    assert_eq!(
        keyfob.run(["register", "k", "--at", "acme"]),
        said(
            2,
            &format!(
                "keyfob: {}: endpoints.acme: its url is plain http, which anybody on the way can \
                 read: write https, or allow_http: true at line 2 column 9",
                config.display()
            )
        )
    );
}

#[test]
fn endpoints_are_listed_and_described() {
    let keyfob = with_gooddata("https://acme.example");
    assert_eq!(
        keyfob.run(["endpoints", "list"]).stdout,
        "NAME     PRESET    URL\n\
         sandbox  sandbox   where the running sandbox is\n\
         acme     gooddata  https://acme.example\n"
    );
    let shown = keyfob.run(["endpoints", "show", "acme"]).stdout;
    assert!(
        shown.contains("token         from the command echo\n"),
        "{shown}"
    );
}
