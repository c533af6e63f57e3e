//! Keys that a person pastes into a web page.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob},
    services::web_root::WebRoot,
    terminal::Terminal,
};

const PAGE: &str = "https://console.example/keys";

/// A keystore with the key `k` and the endpoint `page` of that preset.
struct Console {
    keyfob: Keyfob,
}

impl Console {
    fn new(preset: &str, more: &[&str]) -> Self {
        let console = Self {
            keyfob: Keyfob::new(),
        };
        assert_eq!(console.run(&["keys", "new", "k", "--cert", "none"]).code, 0);
        let words = ["endpoints", "add", "page", "--preset", preset];
        let words = [&words[..], &["--url", PAGE, "--no-check"], more].concat();
        let added = console.run(&words);
        assert_eq!(added.code, 0, "{added:?}");
        console
    }

    fn run(&self, words: &[&str]) -> Ended {
        self.keyfob.run(words)
    }

    fn export(&self, form: &str) -> String {
        self.run(&["keys", "export", "k", "--as", form]).stdout
    }

    /// `registrations` as `state: detail`, and its exit code.
    fn states(&self, more: &[&str]) -> (i32, Vec<String>) {
        let seen = self.run(&[&["registrations", "--json"], more].concat());
        let rows: Vec<Value> = serde_json::from_str(&seen.stdout).unwrap();
        let line = |row: &Value| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            let line = format!("{}: {}: {}", text("kid"), text("state"), text("detail"));
            line.trim_end_matches(": ").to_owned()
        };
        (seen.code, rows.iter().map(line).collect())
    }
}

fn told(ended: &Ended) -> (i32, &str) {
    (ended.code, ended.stderr.as_str())
}

#[test]
fn what_nobody_can_look_at_is_noted_as_the_user_said_it_and_told_so() {
    let console = Console::new("manual", &[]);
    let pem = console.export("spki");
    let dry = console.run(&["register", "k", "--at", "page", "--dry-run"]);
    assert_eq!(dry.stdout, format!("at {PAGE}: paste the key k\n\n{pem}"));
    assert_eq!(
        dry.stderr,
        "dry run: this would be done by you, and nothing was\n"
    );

    let asked = console.run(&["register", "k", "--at", "page"]);
    assert_eq!(asked.stdout, pem);
    assert_eq!(
        told(&asked),
        (
            1,
            "keyfob: nothing is noted yet: at https://console.example/keys: paste the key k; then say \
             so with --done\n"
        )
    );
    assert_eq!(console.states(&[]), (0, Vec::new()));

    let said = console.run(&["register", "k", "--at", "page", "--done"]);
    assert_eq!(
        told(&said),
        (
            0,
            "k at page: registered, as you said; nobody can look there\n"
        )
    );
    for more in [&[][..], &["--refresh"], &["--refresh", "--at", "page"]] {
        let expected = (0, vec!["k: as_you_said".to_owned()]);
        assert_eq!(console.states(more), expected, "{more:?}");
    }
    let listed = console.run(&["registrations"]).stdout;
    assert!(
        listed.contains("as you said") && !listed.contains("registered"),
        "{listed}"
    );
    let file = fs::read_to_string(console.keyfob.key_file()).unwrap();
    assert!(file.contains("\"evidence\":\"said\""), "{file}");

    let asked = console.run(&["unregister", "k", "--at", "page"]);
    assert_eq!(
        told(&asked),
        (
            1,
            "keyfob: nothing is noted yet: at https://console.example/keys: remove the key k; then \
             say so with --done\n"
        )
    );
    let said = console.run(&["--json", "unregister", "k", "--at", "page", "--done"]);
    let expected = json!({
        "kid": "k", "endpoint": "page", "id": "k", "done": "removed", "evidence": "said",
        "remarks": [],
    });
    assert_eq!(
        serde_json::from_str::<Value>(&said.stdout).unwrap(),
        expected
    );
    assert_eq!(console.states(&[]), (0, Vec::new()));
}

#[test]
fn where_a_set_shows_the_key_nothing_counts_but_what_is_seen_there() {
    let root = WebRoot::start();
    let at = format!("jwks_url={}", root.url());
    let console = Console::new("manual", &["--set", &at]);
    let publish = |set: &str| fs::write(root.file(), set).unwrap();
    let named = |ended: &Ended| (ended.code, ended.stderr.replace(&root.url(), "URL"));
    publish(r#"{"keys":[]}"#);
    let check = console.run(&["endpoints", "check", "page"]);
    assert!(check.stdout.contains("shows 0 keys"), "{check:?}");

    // The word alone is not enough.
    let said = console.run(&["register", "k", "--at", "page", "--done"]);
    assert_eq!(
        named(&said),
        (
            5,
            "GET URL → 200\nkeyfob: page: URL does not show the key yet, so it is not noted: do it \
             again when it does\n"
                .to_owned()
        )
    );
    assert_eq!(console.states(&[]), (0, Vec::new()));

    publish(&console.run(&["jwks", "k"]).stdout);
    let seen = console.run(&["register", "k", "--at", "page"]);
    assert_eq!(
        told(&seen),
        (0, "k at page: already registered, read back as k\n")
    );
    assert_eq!(
        console.states(&["--refresh"]),
        (0, vec!["k: registered".to_owned()])
    );

    let renamed = console
        .export("jwk")
        .replace("\"kid\": \"k\"", "\"kid\": \"x\"");
    publish(&format!("{{\"keys\":[{renamed}]}}"));
    let seen = console.run(&["registrations", "--refresh", "--json"]);
    let rows: Value = serde_json::from_str(&seen.stdout).unwrap();
    assert_eq!(
        (seen.code, &rows[0]["state"], &rows[0]["detail"]),
        (1, &json!("differs"), &json!("kid"))
    );

    let still = console.run(&["unregister", "k", "--at", "page", "--done"]);
    assert_eq!(still.code, 5, "{still:?}");
    assert!(still.stderr.contains("still shows the key"), "{still:?}");
    publish(r#"{"keys":[]}"#);
    assert_eq!(
        console.states(&["--refresh"]),
        (1, vec!["k: not_there".to_owned()])
    );
    let gone = console.run(&["unregister", "k", "--at", "page", "--done"]);
    assert_eq!(told(&gone), (0, "k at page: is not there any more\n"));

    publish("<html>");
    let no_set = console.run(&["register", "k", "--at", "page"]);
    assert_eq!(no_set.code, 5);
    assert_eq!(no_set.stderr.lines().count(), 2, "{no_set:?}");
}

#[test]
fn every_form_of_a_key_can_be_pasted_and_what_it_needs_is_said_before() {
    let console = Console::new("manual", &["--set", "paste={jwk}"]);
    let asked = console.run(&["register", "k", "--at", "page"]);
    let own: Value = serde_json::from_str(&console.export("jwk")).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&asked.stdout).unwrap(),
        own,
        "{asked:?}"
    );

    let console = Console::new("manual", &["--set", "paste={certificate_pem}"]);
    let refused = console.run(&["register", "k", "--at", "page"]);
    assert_eq!(
        told(&refused),
        (
            1,
            "keyfob: a form of a web page takes no key without a certificate: make one with `keyfob \
             cert new`\n"
        )
    );
    let made = console.run(&["cert", "new", "k", "--profile", "minimal"]);
    assert_eq!(made.code, 0, "{made:?}");
    let asked = console.run(&["register", "k", "--at", "page"]);
    assert_eq!(asked.stdout, console.export("cert"));
}

#[test]
fn bcgov_takes_the_public_key_or_the_address_of_a_set() {
    let console = Console::new("bcgov", &[]);
    let asked = console.run(&["--json", "register", "k", "--at", "page"]);
    let told: Value = serde_json::from_str(&asked.stdout).unwrap();
    assert_eq!(told["text"], console.export("spki"));
    assert_eq!((asked.code, &told["what"]), (1, &json!("public key")));
    assert_eq!(console.run(&["keys", "new", "e", "--alg", "EdDSA"]).code, 0);
    let refused = console.run(&["register", "e", "--at", "page"]);
    assert!(
        refused.stderr.contains("takes RSA or EC keys"),
        "{refused:?}"
    );

    let root = WebRoot::start();
    let at = format!("jwks_url={}", root.url());
    let console = Console::new("bcgov", &["--set", &at]);
    fs::write(root.file(), r#"{"keys":[]}"#).unwrap();
    let asked = console.run(&["register", "k", "--at", "page"]);
    assert_eq!(asked.stdout, format!("{}\n", root.url()));
    fs::write(root.file(), console.run(&["jwks", "k"]).stdout).unwrap();
    assert_eq!(console.run(&["register", "k", "--at", "page"]).code, 0);
}

#[test]
fn a_rotation_waits_for_the_users_word_and_takes_it_for_one_step_alone() {
    let console = Console::new("bcgov", &[]);
    console.run(&["register", "k", "--at", "page", "--done"]);
    let rotate = |more: &[&str]| {
        let words = ["keys", "rotate", "k", "--token-life", "0s"];
        console.run(&[&words[..], more].concat())
    };
    let plan = rotate(&["--dry-run", "--new-kid", "n"]).stdout;
    assert!(
        plan.contains("2. put n in the place of k at page\n"),
        "no overlap: {plan}"
    );
    let waits = rotate(&["--new-kid", "n"]);
    assert_eq!(waits.code, 1);
    assert!(
        waits.stderr.ends_with(
            "! by hand: page: at https://console.example/keys: paste it as the public key of your \
             access (Update Public Key where it has one); then do this again with --done\n"
        ),
        "{waits:?}"
    );
    assert_eq!(console.states(&[]).1, ["k: as_you_said"]);
    let pasted = console.run(&["register", "n", "--at", "page", "--dry-run"]);
    assert!(pasted.stdout.contains("BEGIN PUBLIC KEY"));

    let done = rotate(&["--done"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(console.states(&[]).1, ["n: as_you_said"]);
}

#[test]
fn what_was_pasted_in_a_rotation_is_undone_by_hand_too() {
    let console = Console::new("bcgov", &[]);
    console.run(&["register", "k", "--at", "page", "--done"]);
    let rotate = |more: &[&str]| console.run(&[&["keys", "rotate", "k"], more].concat());
    rotate(&["--new-kid", "n"]);
    let waits = rotate(&["--done"]);
    assert_eq!(waits.code, 1);
    assert!(
        waits.stderr.contains("… wait for the last token"),
        "{waits:?}"
    );
    assert_eq!(console.states(&[]).1, ["n: as_you_said"]);
    let asked = rotate(&["--undo"]);
    assert_eq!(asked.code, 1);
    assert!(
        asked.stderr.contains("paste it as the public key"),
        "{asked:?}"
    );
    let undone = rotate(&["--undo", "--done"]);
    assert_eq!(told(&undone).0, 0, "{undone:?}");
    assert_eq!(console.states(&[]).1, ["k: as_you_said"]);
}

#[test]
fn pages_that_take_two_keys_are_waited_for_twice() {
    let console = Console::new("manual", &["--set", "beside=yes"]);
    console.run(&["register", "k", "--at", "page", "--done"]);
    let rotate = |more: &[&str]| {
        let words = [
            "keys",
            "rotate",
            "k",
            "--token-life",
            "0s",
            "--caches",
            "0s",
        ];
        console.run(&[&words[..], more].concat())
    };
    assert_eq!(rotate(&["--new-kid", "n"]).code, 1);
    // The word is for the key that comes, not for the one that goes.
    let next = rotate(&["--done"]);
    assert_eq!(next.code, 1);
    assert!(next.stderr.contains("remove the key k; then"), "{next:?}");
    assert_eq!(console.states(&[]).1.len(), 2);
    assert_eq!(rotate(&["--done"]).code, 0);
    assert_eq!(console.states(&[]).1, ["n: as_you_said"]);
}

#[test]
fn a_page_without_an_address_and_one_with_a_wrong_one() {
    let console = Console::new("manual", &[]);
    let add = |url: &str| {
        console.run(&[
            "endpoints",
            "add",
            "other",
            "--preset",
            "manual",
            "--url",
            url,
        ])
    };
    let wrong = add("console.example");
    assert_eq!(wrong.code, 5);
    assert!(
        wrong.stderr.contains("✗ rights     the page: "),
        "{wrong:?}"
    );
    assert_eq!(add("").code, 0);
    let asked = console.run(&["register", "k", "--at", "other"]);
    assert_eq!(
        told(&asked),
        (
            1,
            "keyfob: nothing is noted yet: paste the key k; then say so with --done\n"
        )
    );
}

/// A browser that notes the page it is to open.
fn browser(keyfob: &Keyfob) -> (String, impl Fn() -> String + use<>) {
    let (program, page) = (keyfob.path("browser"), keyfob.path("opened"));
    let script = format!("#!/bin/sh\nprintf %s \"$1\" > {}\n", page.display());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let opened = move || {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            match fs::read_to_string(&page) {
                Ok(text) if !text.is_empty() => return text,
                _ if Instant::now() > end => return "nothing was opened".to_owned(),
                _ => thread::yield_now(),
            }
        }
    };
    (program.to_str().unwrap().to_owned(), opened)
}

#[test]
fn at_a_terminal_the_page_opens_and_the_question_decides() {
    let console = Console::new("manual", &[]);
    let (program, opened) = browser(&console.keyfob);
    let words = ["register", "k", "--at", "page"];
    for (answer, code, state) in [("n\r", 1, 0), ("y\r", 0, 1)] {
        let size = (120, 36);
        let environment = [("BROWSER", program.as_str())];
        let mut asked = Terminal::start_with(&console.keyfob, size, &words, &environment);
        asked.wait("Done? [y/N]");
        asked.wait("key sent to the terminal's clipboard");
        assert_eq!(opened(), PAGE);
        asked.keys(answer);
        assert_eq!(asked.end().0, code);
        assert_eq!(console.states(&[]).1.len(), state);
    }
}

#[test]
fn the_app_copies_the_key_opens_the_page_and_then_takes_the_word() {
    let console = Console::new("manual", &[]);
    let (program, opened) = browser(&console.keyfob);
    let environment = [("BROWSER", program.as_str())];
    let mut app = Terminal::start_with(&console.keyfob, (120, 36), &[], &environment);
    app.wait("k ");
    app.keys("3jr");
    app.wait("Register k at");
    app.keys("\u{1b}[B");
    app.wait("at https://console.example/keys: paste the key k");
    app.wait("⏎ copies it and opens the page");
    app.keys("\r");
    app.wait("⏎ it is done");
    assert_eq!(opened(), PAGE);
    assert_eq!(
        console.states(&[]).1.len(),
        0,
        "nobody has said anything yet"
    );
    app.keys("\r");
    app.wait("k at page: registered, as you said");
    app.wait("◐ as you said");
    assert_eq!(console.states(&[]), (0, vec!["k: as_you_said".to_owned()]));
    app.keys("d");
    app.wait("remove the key k");
    app.keys("\r\r");
    app.wait("is not there any more, as you said");
    app.keys("q");
    assert_eq!(app.end().0, 0);
    assert_eq!(console.states(&[]).1.len(), 0);
}
