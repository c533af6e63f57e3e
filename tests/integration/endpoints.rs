//! Endpoints added, checked and removed on the command line.

use std::fs;

use crate::{
    keyfob::{Ended, Keyfob, vector},
    services::gooddata::{GoodData, READER, TOKEN},
};

fn with_key() -> Keyfob {
    let keyfob = Keyfob::new();
    let pem = vector("rsa2048.pem");
    let imported = keyfob.run_with(["keys", "import", "-", "--kid", "k"], &pem);
    assert_eq!(imported.code, 0);
    keyfob
}

/// `endpoints add acme` for GoodData, its token given on stdin to be sealed.
fn add(keyfob: &Keyfob, url: &str, token: &str, more: &[&str]) -> Ended {
    let words = ["endpoints", "add", "acme", "--preset", "gooddata", "--url"];
    let words = words.iter().chain([&url, &"--token-sealed"]).chain(more);
    keyfob.run_with(words, &format!("{token}\n"))
}

/// The words of `ended`, what took how long left out.
fn words(ended: &Ended) -> String {
    let lines = ended
        .stderr
        .lines()
        .map(|line| match line.split_once("answered in ") {
            Some((before, _)) => format!("{before}answered"),
            None => line.to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_command_that_gives_a_token_is_kept_from_the_terminal_and_its_complaint_is_told() {
    let keyfob = Keyfob::new();
    let config = "endpoints:\n  acme: {preset: gooddata, url: 'https://acme.example', token: \
                  {command: [sh, -c, 'printf \"tty ${GPG_TTY-none} \\033[31m\" >&2; exit 2']}}\n";
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();
    let mut command = keyfob.command();
    command.env("GPG_TTY", "/dev/pts/0");
    let ended = command
        .args(["endpoints", "check", "acme"])
        .output()
        .unwrap();
    assert_eq!(
        (
            ended.status.code(),
            String::from_utf8(ended.stderr).unwrap().as_str()
        ),
        (
            Some(2),
            "keyfob: the command sh gave no secret: it ended with exit status: 2, saying: tty none \
             \\u{1b}[31m\n"
        )
    );
}

#[test]
fn an_endpoint_is_checked_added_used_and_removed_with_its_token() {
    let service = GoodData::start();
    let keyfob = with_key();
    let url = &service.service.url;
    let added = add(&keyfob, url, TOKEN, &[]);
    let file = keyfob.home().join("config.d/endpoint-acme.yaml");
    assert_eq!(added.code, 0, "{added:?}");
    assert_eq!(
        words(&added),
        format!(
            "✓ reachable  answered\n\
             ✓ secure     plain http that stays on this machine\n\
             ✓ token      accepted, from the sealed secret endpoint-acme\n\
             ✓ rights     may list keys: none is there\n\
             added acme in {}",
            file.display()
        )
    );
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(
        written,
        format!(
            "# keyfob wrote this file. Change it by hand, and keyfob leaves it alone.\n\
             endpoints:\n  acme:\n    preset: gooddata\n    url: {url}\n    token:\n      \
             sealed: endpoint-acme\n"
        )
    );
    let registered = keyfob.run(["register", "k", "--at", "acme"]);
    assert_eq!(registered.code, 0, "{registered:?}");
    assert_eq!(service.keys().keys().collect::<Vec<_>>(), ["k"]);
    let refused = keyfob.run(["endpoints", "rm", "acme"]);
    assert_eq!(
        (refused.code, refused.stderr.as_str()),
        (
            2,
            "keyfob: at acme is registered: k: keyfob unregister KID --at acme, or say --force\n"
        )
    );
    assert_eq!(keyfob.run(["unregister", "k", "--at", "acme"]).code, 0);
    let removed = keyfob.run(["endpoints", "rm", "acme"]);
    assert_eq!(
        (removed.code, removed.stderr),
        (0, format!("removed acme: {} is gone\n", file.display()))
    );
    assert!(!file.exists());
    assert_eq!(
        fs::read_dir(keyfob.home().join("secrets")).unwrap().count(),
        0
    );
}

#[test]
fn an_endpoint_that_cannot_be_used_is_not_saved() {
    let service = GoodData::start();
    let not_saved = "keyfob: acme was not saved: mend what is told, or say --no-check";
    let secret = "from the sealed secret endpoint-acme";
    for (url, token, expected) in [
        (
            service.service.url.as_str(),
            "stranger",
            format!(
                "✓ reachable  answered\n\
                 ✓ secure     plain http that stays on this machine\n\
                 ✗ token      acme (GoodData) refused with 401: it does not accept the API token \
                 {secret}; make one in GoodData under Settings, Personal access tokens: The token \
                 is not valid.\n\
                 ○ rights     could not be looked at\n{not_saved}"
            ),
        ),
        (
            service.service.url.as_str(),
            READER,
            format!(
                "✓ reachable  answered\n\
                 ✓ secure     plain http that stays on this machine\n\
                 ○ token      could not be looked at\n\
                 ✗ rights     acme (GoodData) refused with 404: not there, or the API token \
                 {secret} may not see it (its owner needs the organisation permission MANAGE): The \
                 requested endpoint does not exist or you do not have permission to access it.\n\
                 {not_saved}"
            ),
        ),
        (
            "http://127.0.0.1:1",
            TOKEN,
            format!(
                "✗ reachable  could not connect to 127.0.0.1:1 (connection refused): check that it \
                 runs there, and the URL\n\
                 ○ secure     could not be looked at\n\
                 ○ token      could not be looked at\n\
                 ○ rights     could not be looked at\n{not_saved}"
            ),
        ),
    ] {
        let keyfob = Keyfob::new();
        let refused = add(&keyfob, url, token, &[]);
        assert_eq!(refused.code, 5);
        assert_eq!(words(&refused), expected);
        assert!(!keyfob.home().join("config.d").exists());
        assert_eq!(
            fs::read_dir(keyfob.home().join("secrets")).unwrap().count(),
            0
        );
        let unchecked = add(&keyfob, url, token, &["--no-check"]);
        assert_eq!(unchecked.code, 0, "{unchecked:?}");
        let again = keyfob.run(["endpoints", "check", "acme"]);
        assert_eq!(again.code, 5);
        assert_eq!(again.stderr, "");
        assert!(
            again.stdout.starts_with(&expected[..12]),
            "{}",
            again.stdout
        );
    }
}

#[test]
fn what_add_cannot_take_is_said_before_anything_is_asked() {
    let keyfob = Keyfob::new();
    let own = "endpoints:\n  mine: {preset: gooddata, url: https://acme.example}\n";
    fs::write(keyfob.home().join("config.yaml"), own).unwrap();
    let own = keyfob.home().join("config.yaml").display().to_string();
    let add = |name: &str, more: &[&str]| {
        let words = ["endpoints", "add", name, "--no-check"];
        keyfob.run(words.iter().chain(more))
    };
    let gooddata = ["--preset", "gooddata", "--url", "https://acme.example"];
    for (name, more, expected) in [
        (
            "mine",
            gooddata.to_vec(),
            format!(
                "there is an endpoint mine already, in {own}: choose another name, or remove it"
            ),
        ),
        (
            "sandbox",
            gooddata.to_vec(),
            "the endpoint sandbox is always there: choose another name".to_owned(),
        ),
        (
            "a/b",
            gooddata.to_vec(),
            "\"a/b\" is no name for an endpoint: write 1 to 100 of A–Z a–z 0–9 . _ -, not \
             beginning with . or -"
                .to_owned(),
        ),
        (
            "a",
            [gooddata.as_slice(), &["--set", "x"]].concat(),
            "--set x: write NAME=VALUE".to_owned(),
        ),
    ] {
        let refused = add(name, &more);
        assert_eq!(
            (refused.code, refused.stderr),
            (2, format!("keyfob: {expected}\n"))
        );
    }
    let theirs = keyfob.run(["endpoints", "rm", "mine"]);
    assert_eq!(
        (theirs.code, theirs.stderr),
        (
            3,
            format!(
                "keyfob: {} holds no mine that keyfob added: change it where it stands\n",
                keyfob.home().join("config.d").display()
            )
        )
    );
}

#[test]
fn a_sealed_token_needs_the_keystore_open() {
    let service = GoodData::start();
    let keyfob = with_key();
    assert_eq!(add(&keyfob, &service.service.url, TOKEN, &[]).code, 0);
    let passphrase = keyfob.file("passphrase", "correct horse");
    let sealed = keyfob.run(["passwd", "--new-passphrase-file", &passphrase]);
    assert_eq!(sealed.code, 0, "{sealed:?}");
    let locked = keyfob.run(["register", "k", "--at", "acme"]);
    assert_eq!(
        (locked.code, locked.stderr.as_str()),
        (
            4,
            "keyfob: a passphrase is needed and nobody is here to be asked: say --passphrase-file \
             FILE or set KEYFOB_PASSPHRASE_FILE\n"
        )
    );
    let opened = [
        "--passphrase-file",
        &passphrase,
        "register",
        "k",
        "--at",
        "acme",
    ];
    assert_eq!(keyfob.run(opened).code, 0);
}

#[test]
fn another_key_under_the_same_id_is_replaced_and_read_back() {
    let service = GoodData::start();
    let keyfob = with_key();
    assert_eq!(add(&keyfob, &service.service.url, TOKEN, &[]).code, 0);
    assert_eq!(
        service.service.requests(),
        ["GET /api/v1/entities/jwks?page=0&size=100"]
    );
    let other = serde_json::json!({"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig", "n": "x", "e": "AQAB"});
    service.put("k", other);
    let registered = keyfob.run(["register", "k", "--at", "acme"]);
    assert_eq!(registered.code, 0, "{registered:?}");
    assert_eq!(
        service.service.requests(),
        [
            "POST /api/v1/entities/jwks",
            "GET /api/v1/entities/jwks/k",
            "PUT /api/v1/entities/jwks/k",
            "GET /api/v1/entities/jwks/k",
        ]
    );
    let ours = keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    let ours: serde_json::Value = serde_json::from_str(&ours).unwrap();
    assert_eq!(service.keys()["k"]["n"], ours["n"]);
}

#[test]
fn every_key_at_an_endpoint_is_ours_foreign_different_or_missing_and_ours_is_adopted() {
    let service = GoodData::start();
    let keyfob = with_key();
    assert_eq!(add(&keyfob, &service.service.url, TOKEN, &[]).code, 0);
    let view = ["registrations", "--at", "acme", "--refresh"];
    let seen = |words: &[&str]| {
        let seen = keyfob.run(words);
        (seen.code, seen.stdout, seen.stderr)
    };
    let nothing = "no key is at acme: keyfob register KID --at acme\n";
    assert_eq!(seen(&view), (0, String::new(), nothing.to_owned()));
    keyfob.run(["register", "k", "--at", "acme"]);
    let ours = "KID  ID  STATE\nk    k   ours\n";
    assert_eq!(seen(&view), (0, ours.to_owned(), String::new()));

    let mut content = service.keys()["k"].clone();
    content["alg"] = "RS512".into();
    service.put("k", content.clone());
    let differs = "KID  ID  STATE\nk    k   differs: alg\n";
    assert_eq!(seen(&view), (1, differs.to_owned(), String::new()));

    // Taken away there, and put back under an id that nobody noted.
    content["alg"] = "RS256".into();
    service.take("k");
    service.put("other", content.clone());
    let moved = "KID  ID     STATE\n\
                 k    other  ours, not noted: say --adopt\n\
                 k    k      missing\n";
    assert_eq!(seen(&view), (1, moved.to_owned(), String::new()));
    let adopt = [view.as_slice(), &["--adopt"]].concat();
    let adopted = "KID  ID     STATE\nk    other  ours\n";
    let noted = "k at acme: noted as other\n";
    assert_eq!(seen(&adopt), (0, adopted.to_owned(), noted.to_owned()));
    assert_eq!(seen(&view), (0, adopted.to_owned(), String::new()));

    // Others' keys are no drift, whether they can be read or not.
    let stranger = Keyfob::new();
    stranger.run(["keys", "new", "s", "--alg", "RS256"]);
    let jwk = stranger.run(["keys", "export", "s", "--as", "jwk"]).stdout;
    service.put("z", serde_json::from_str(&jwk).unwrap());
    let foreign = "KID  ID     STATE\nk    other  ours\ns    z      foreign\n";
    assert_eq!(seen(&view), (0, foreign.to_owned(), String::new()));
    content["n"] = "AQAB".into();
    service.put("bad", content);
    let json = seen(&[&["--json"], view.as_slice()].concat());
    let rows: serde_json::Value = serde_json::from_str(&json.1).unwrap();
    assert_eq!(json.0, 0);
    let states: Vec<_> = (0..3)
        .map(|at| (rows[at]["id"].as_str(), rows[at]["state"].as_str()))
        .collect();
    assert_eq!(
        states,
        [
            (Some("bad"), Some("unreadable")),
            (Some("other"), Some("registered")),
            (Some("z"), Some("foreign")),
        ]
    );
    let stopped = seen(&["registrations", "--at", "sandbox", "--refresh"]);
    assert_eq!(stopped.0, 5);

    // Without the list, the keys noted there are asked for one by one.
    drop(service);
    let alone = seen(&[&["--json"], view.as_slice()].concat());
    let rows: serde_json::Value = serde_json::from_str(&alone.1).unwrap();
    let told = alone.2.ends_with("; its keys are asked for one by one\n");
    let row = (
        &rows[0]["id"],
        &rows[0]["state"],
        rows.as_array().unwrap().len(),
    );
    assert_eq!((alone.0, told), (1, true));
    assert_eq!(row, (&"other".into(), &"unknown".into(), 1));
    assert_eq!(seen(&["registrations", "--at", "acme", "--adopt"]).0, 2);
}

#[test]
fn what_a_removal_left_that_was_stopped_is_named_and_goes_with_the_next() {
    let keyfob = with_key();
    let added = add(&keyfob, "http://127.0.0.1:9", TOKEN, &["--no-check"]);
    assert_eq!(added.code, 0, "{added:?}");
    fs::remove_file(keyfob.home().join("config.d/endpoint-acme.yaml")).unwrap();
    let secret = keyfob.home().join("secrets/endpoint-acme.age");
    let found = keyfob.run(["doctor"]);
    assert_eq!(
        (found.code, found.stdout),
        (
            1,
            format!(
                "! {}: is of the endpoint acme, which is not configured any more\n  keyfob endpoints \
                 rm acme\n",
                secret.display()
            )
        )
    );
    let removed = keyfob.run(["endpoints", "rm", "acme"]);
    let told = "removed what was left of acme: endpoint-acme\n";
    assert_eq!((removed.code, removed.stderr.as_str()), (0, told));
    assert!(!secret.exists());
    assert_eq!(keyfob.run(["doctor"]).code, 0);
    assert_eq!(keyfob.run(["endpoints", "rm", "acme"]).code, 3);
}
