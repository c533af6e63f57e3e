use std::{fs, os::unix::fs::PermissionsExt};

use base64ct::{Base64, Encoding};

use crate::{
    keyfob::{Keyfob, vector},
    terminal::Terminal,
};

/// What gives the terminal back: mouse, bracketed paste and the alternate screen off, the cursor on.
const GIVEN_BACK: [&str; 4] = [
    "\u{1b}[?1000l",
    "\u{1b}[?2004l",
    "\u{1b}[?1049l",
    "\u{1b}[?25h",
];

fn given_back(raw: &str) {
    let last = raw.rfind("\u{1b}[?1049h").unwrap();
    for sequence in GIVEN_BACK {
        assert!(raw[last..].contains(sequence), "{sequence:?} is missing");
    }
}

#[test]
fn from_nothing_to_an_accepted_token_by_a_passphrase_and_six_keys() {
    let keyfob = Keyfob::empty();
    let mut app = Terminal::start(&keyfob, 120, 36, &[]);
    app.wait("A passphrase for your keys");
    app.keys("hunter2\thunter2\r");
    app.wait("keystore created");
    app.keys("n\rr\rmy");
    app.wait("token sent to the terminal's clipboard");
    let screen = app.wait("✓ 200 GET");
    assert!(screen.contains("● registered"), "{screen}");

    let raw = app.wait_raw("\u{1b}]52;c;");
    let copied = raw.rsplit("\u{1b}]52;c;").next().unwrap();
    let copied = &copied[..copied.find('\u{1b}').unwrap()];
    let token = String::from_utf8(Base64::decode_vec(copied).unwrap()).unwrap();
    let verified = keyfob.run_with(["verify", "-"], &token);
    assert_eq!(
        (verified.code, verified.stdout.lines().next()),
        (0, Some("valid"))
    );

    app.keys("6");
    app.wait("201 POST   /api/v1/entities/jwks");
    app.wait("200 GET    /api/v1/profile");
    app.keys("q");
    let (code, raw) = app.end();
    assert_eq!(code, 0);
    given_back(&raw);
    // The passphrase and the private half never reached the terminal.
    assert!(!raw.contains("hunter2"));
    // The sandbox ended with the app.
    assert!(!keyfob.home().join("state/sandbox.json").exists());
}

#[test]
fn a_wrong_passphrase_is_told_beside_the_question_and_asked_again() {
    let keyfob = Keyfob::empty();
    let file = keyfob.file("passphrase", "hunter2\n");
    let made = keyfob.run([
        "--passphrase-file",
        &file,
        "keys",
        "new",
        "k",
        "--alg",
        "ES256",
    ]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mut app = Terminal::start(&keyfob, 80, 24, &[]);
    app.wait("k ");
    app.keys("m");
    app.wait("Unlock the keys");
    app.keys("hunter3\r");
    app.wait("✗ wrong passphrase");
    app.keys("\u{15}hunter2\r");
    app.wait("minted with k");
    app.keys("q");
    assert_eq!(app.end().0, 0);
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    for (signal, code) in [(1, 129), (2, 130), (3, 131), (15, 143)] {
        let keyfob = Keyfob::new();
        let app = Terminal::start(&keyfob, 80, 24, &[]);
        app.wait("1 Keys");
        app.signal(signal);
        let (ended, raw) = app.end();
        assert_eq!(ended, code);
        given_back(&raw);
    }
}

#[test]
fn a_terminal_that_hangs_up_ends_the_app() {
    let keyfob = Keyfob::new();
    let mut app = Terminal::start(&keyfob, 80, 24, &[]);
    app.wait("1 Keys");
    app.hang_up();
    assert_eq!(app.end().0, 129);
}

#[test]
fn the_screen_follows_the_size_of_the_terminal() {
    let keyfob = Keyfob::new();
    let mut app = Terminal::start(&keyfob, 80, 24, &[]);
    app.wait("Keys stand here");
    app.resize(120, 36);
    app.wait("its certificate stands here");
    app.resize(60, 20);
    app.wait("keyfob needs 80×24, this terminal has 60×20");
    app.resize(200, 60);
    app.wait("3 Register");
    app.keys("q");
    assert_eq!(app.end().0, 0);
}

#[test]
fn the_first_key_after_a_change_of_size_counts() {
    let keyfob = Keyfob::new();
    let mut app = Terminal::start(&keyfob, 80, 24, &[]);
    let mut before = "Keys stand here";
    app.wait(before);
    for (key, shown) in [
        ("5", "There is no key yet"),
        ("6", "The sandbox does not run"),
        ("\u{1b}", "Keys stand here"),
        ("7", "What was done stands here"),
    ] {
        app.resize(60, 20);
        app.wait("this terminal has 60×20");
        app.resize(80, 24);
        app.wait(before);
        app.keys(key);
        app.wait(shown);
        before = shown;
    }
    app.keys("q");
    assert_eq!(app.end().0, 0);
}

#[test]
fn a_pasted_token_cannot_write_to_the_terminal() {
    let keyfob = Keyfob::new();
    let mut app = Terminal::start(&keyfob, 120, 36, &[]);
    app.wait("1 Keys");
    let header = Base64::encode_string(b"{\"alg\":\"\x1b]52;c;QQ==\x07\x1b[31m\"}");
    let header = header
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    app.keys(&format!("\u{1b}[200~Bearer {header}.e30.\u{1b}[201~"));
    app.wait("✗");
    app.keys("q");
    let (_, raw) = app.end();
    assert!(
        !raw.contains("\u{1b}]52;c;QQ=="),
        "the token wrote to the clipboard"
    );
}

#[test]
fn an_unreadable_key_file_is_listed_with_its_reason_and_hides_no_other() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "good", "--alg", "ES256"]);
    let open = keyfob
        .home()
        .join("keys")
        .join(format!("{}.key", "0".repeat(64)));
    fs::write(&open, "---\nkeyfob: 1\n").unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    let mut app = Terminal::start(&keyfob, 200, 60, &[]);
    let screen = app.wait("is open to others");
    assert!(screen.contains("good"), "{screen}");
    app.keys("q");
    assert_eq!(app.end().0, 0);
    assert!(open.exists());
}

#[test]
fn without_a_terminal_the_app_says_so_and_names_the_commands() {
    let keyfob = Keyfob::new();
    let ended = keyfob.run::<&str>([]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (
            2,
            "keyfob: the screen needs a terminal, and this is none: see keyfob --help for the \
             same acts as commands\n"
        )
    );
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_before_the_screen_is_taken() {
    let keyfob = Keyfob::new();
    fs::write(
        keyfob.home().join("config.yaml"),
        "defaults:\n  theme: neon\n",
    )
    .unwrap();
    let app = Terminal::start(&keyfob, 80, 24, &[]);
    let (code, raw) = app.end();
    assert_eq!(code, 2);
    assert!(raw.contains("neon"), "{raw}");
    assert!(!raw.contains("\u{1b}[?1049h"));
}

#[test]
fn what_another_process_does_appears_by_itself() {
    let keyfob = Keyfob::new();
    let app = Terminal::start(&keyfob, 120, 36, &[]);
    app.wait("Keys stand here");
    assert_eq!(
        keyfob.run(["keys", "new", "later", "--alg", "ES256"]).code,
        0
    );
    app.wait("later ");
    fs::write(
        keyfob.home().join("config.yaml"),
        "endpoints:\n  acme: {preset: gooddata, url: \"https://127.0.0.1:9\"}\n",
    )
    .unwrap();
    app.wait("acme ");
    // What cannot be read leaves the configuration before, and says so.
    fs::write(keyfob.home().join("config.yaml"), "endpoints: [\n").unwrap();
    let screen = app.wait("config.yaml");
    assert!(screen.contains("acme "), "{screen}");
}

#[test]
fn a_key_that_somebody_put_there_is_used_only_after_a_word() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    fs::remove_file(keyfob.home().join("state/known")).unwrap();
    let mut app = Terminal::start(&keyfob, 120, 36, &[]);
    app.wait("new here");
    app.keys("m");
    app.wait("This key is new here");
    app.keys("\r");
    app.wait("minted with k");
    let no_examples = [
        "--iss",
        "i",
        "--sub",
        "s",
        "--aud",
        "a",
        "--claim",
        "client_id=c",
    ];
    let ended = keyfob.run([&["mint", "--key", "k"][..], &no_examples].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn the_app_opens_on_a_key_or_a_token() {
    let keyfob = Keyfob::new();
    let key = keyfob.file("key.pem", vector("p256.pem"));
    let mut app = Terminal::start(&keyfob, 120, 36, &["open", &key]);
    app.wait("imported ");
    app.keys("q");
    assert_eq!(app.end().0, 0);

    let kids = keyfob.run(["keys", "list", "--json"]).stdout;
    let kids: serde_json::Value = serde_json::from_str(&kids).unwrap();
    let kid = kids[0]["kid"].as_str().unwrap();
    let token = keyfob.run(["mint", "--key", kid]).stdout;
    let token = keyfob.file("token", token);
    let mut app = Terminal::start(&keyfob, 120, 36, &["open", &token]);
    app.wait("✓ valid");
    app.keys("q");
    assert_eq!(app.end().0, 0);

    let missing = keyfob.run(["open", "no-such-file"]);
    assert_eq!(
        (missing.code, missing.stderr.as_str()),
        (3, "keyfob: there is no file no-such-file\n")
    );
}
