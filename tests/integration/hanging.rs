//! What is under way while a service hangs: the screen stays alive, it can be left at any time, and
//! what is recorded stays true.

use std::{
    fs,
    process::{Command, Stdio},
};

use crate::{
    keyfob::{Keyfob, vector},
    services::{
        faulty::{Fault, Faulty, Struck},
        gooddata::{GoodData, TOKEN},
    },
    terminal::Terminal,
};

/// A keystore with the key `k` and an endpoint that is waited for longer than any test.
struct Hanging {
    service: GoodData,
    faulty: Faulty,
    keyfob: Keyfob,
}

impl Hanging {
    fn new() -> Self {
        let service = GoodData::start();
        let faulty = Faulty::before(&service.service.url);
        let keyfob = Keyfob::new();
        let import = ["keys", "import", "-", "--kid", "k"];
        assert_eq!(keyfob.run_with(import, &vector("rsa2048.pem")).code, 0);
        let url = &faulty.url;
        let config = format!(
            "endpoints:\n  acme: {{preset: gooddata, url: \"{url}\", timeout: 1h, token: {{command: \
             [echo, {TOKEN}]}}}}\nclients:\n  c: {{token_url: \"{url}/token\", client_id: c, key: \
             k}}\ndefaults: {{endpoint: acme}}\n"
        );
        fs::write(keyfob.home().join("config.yaml"), config).unwrap();
        Self {
            service,
            faulty,
            keyfob,
        }
    }

    fn app(&self) -> Terminal {
        let app = Terminal::start(&self.keyfob, 120, 36, &[]);
        app.wait("RS256");
        app
    }

    /// The state that is recorded of the key; none where none is.
    fn recorded(&self) -> Option<String> {
        let told = self.keyfob.run(["--json", "registrations"]);
        let rows: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        rows[0]["state"].as_str().map(str::to_owned)
    }
}

#[test]
fn a_registration_that_hangs_is_left_with_esc_and_asked_after_with_ctrl_r() {
    for (struck, seen, recorded) in [
        (Struck::Changes, "● registered", Some("registered")),
        (Struck::ChangesUndone, "○ not there", None),
    ] {
        let hanging = Hanging::new();
        hanging.faulty.strike(Fault::Silent, struck);
        let mut app = hanging.app();
        app.keys("r");
        app.wait("POST http://");
        app.keys("\r");
        app.wait("registering k at acme…  Esc cancels");
        hanging.faulty.wait(1);
        app.resize(60, 20);
        app.wait("keyfob needs 80×24, this terminal has 60×20");
        app.resize(120, 36);
        app.wait("3 Register");
        assert_eq!(hanging.recorded().as_deref(), Some("unknown"));
        app.keys("\u{1b}");
        app.wait("registering k at acme: cancelled, its answer will be dropped");
        app.wait("cancelled: Ctrl-R asks what became of it");
        app.keys("?");
        app.wait("Esc close");
        app.keys("\u{1b}");
        app.wait("n new");
        assert_eq!(hanging.recorded().as_deref(), Some("unknown"));

        hanging.faulty.heal();
        app.keys("3\u{12}");
        app.wait(seen);
        assert_eq!(hanging.recorded().as_deref(), recorded);
        // The first request hangs still, and holds up nothing.
        app.keys("q");
        assert_eq!(app.end().0, 0);
        assert_eq!(
            hanging.service.keys().len(),
            usize::from(recorded.is_some())
        );
    }
}

#[test]
fn looking_at_an_endpoint_that_hangs_is_left_with_esc() {
    let hanging = Hanging::new();
    let register = ["register", "k", "--at", "acme"];
    assert_eq!(hanging.keyfob.run(register).code, 0);
    hanging.faulty.strike(Fault::Silent, Struck::Reads);
    let mut app = hanging.app();
    let (asking, left) = (
        "asking the endpoints…  Esc cancels",
        "not asking any more: what",
    );
    app.keys("3j\u{12}");
    app.wait(asking);
    app.keys("\u{1b}");
    app.wait(left);
    app.keys("v");
    app.wait("asking acme for its keys…");
    app.keys("\u{1b}");
    app.wait("asking acme for its keys: cancelled");
    app.keys("o\u{12}");
    app.wait(asking);
    app.keys("\u{1b}");
    app.wait(left);
    app.keys("q");
    assert_eq!(app.end().0, 0);
    assert_eq!(hanging.recorded().as_deref(), Some("registered"));
}

#[test]
fn a_client_whose_server_hangs_is_left_with_esc() {
    let hanging = Hanging::new();
    hanging.faulty.strike(Fault::SilentAfterHead, Struck::All);
    let mut app = hanging.app();
    app.keys("5j\r");
    app.wait("client_assertion=");
    app.keys("\r");
    hanging.faulty.wait(1);
    app.keys("\u{1b}");
    app.wait("c: cancelled, what still comes is dropped");
    app.keys("q");
    assert_eq!(app.end().0, 0);
}

#[test]
fn a_command_that_hangs_is_ended_by_any_signal_and_its_record_is_true() {
    for (signal, code) in [("INT", Some(130)), ("TERM", Some(143)), ("KILL", None)] {
        let hanging = Hanging::new();
        hanging.faulty.strike(Fault::Silent, Struck::Changes);
        let mut child = hanging
            .keyfob
            .command()
            .args(["register", "k", "--at", "acme"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        hanging.faulty.wait(1);
        let kill = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!(status.code().or(code), code, "{signal}: {status}");
        assert_eq!(hanging.recorded().as_deref(), Some("unknown"));
        hanging.faulty.heal();
        let seen = hanging.keyfob.run(["registrations", "--refresh"]);
        assert_eq!(seen.code, 0, "{seen:?}");
        assert_eq!(hanging.recorded().as_deref(), Some("registered"));
    }
}
