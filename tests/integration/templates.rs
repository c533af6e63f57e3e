use jiff::Timestamp;
use serde_json::{Value, json};

use crate::keyfob::{Ended, Keyfob, vector};

fn with_rsa_key() -> Keyfob {
    let keyfob = Keyfob::new();
    let imported = keyfob.run_with(
        ["keys", "import", "-", "--kid", "k"],
        &vector("rsa2048.pem"),
    );
    assert_eq!(imported.code, 0);
    keyfob
}

fn minted(keyfob: &Keyfob, options: &[&str]) -> Value {
    let arguments = ["--json", "mint", "--key", "k"].iter().chain(options);
    let ended = keyfob.run(arguments.copied());
    assert_eq!(ended.code, 0, "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn a_template_is_shown_with_what_its_service_takes_and_its_fields() {
    let shown = Keyfob::new().run(["templates", "show", "snowflake"]);
    assert_eq!(
        shown,
        Ended {
            code: 0,
            stdout: "\
name          snowflake
description   A Snowflake user signs in with a key pair
from          keyfob
algorithms    RS256  (not confirmed)
lives         60 min at most  (not confirmed)
typ           JWT
needs         iss, sub, iat, exp
--set account=…  the account identifier, in capitals, without region; for example MYORG-ACCOUNT
--set user=…  the user's login name, in capitals; for example ALICE
{
  \"iss\": \"{account}.{user}.SHA256:{key.spki_sha256}\",
  \"sub\": \"{account}.{user}\",
  \"iat\": \"now\",
  \"exp\": \"+59m\"
}
"
            .to_owned(),
            stderr: String::new(),
        }
    );
}

#[test]
fn fields_fill_the_claims_and_an_example_left_in_is_told() {
    let keyfob = with_rsa_key();
    let fields = ["--template", "snowflake", "--set", "user=JANE"];
    let both = [&fields[..], &["--set", "account=A-B"]].concat();
    let whole = minted(&keyfob, &both);
    // The fingerprint is that of `openssl pkey -pubout -outform DER | openssl dgst -sha256 -binary`.
    let iss = "A-B.JANE.SHA256:+fMiYrap1aIxjC4YNSedBDeBz3ywjGwKBV5LhRYQkos=";
    assert_eq!(whole["claims"]["iss"], iss);
    assert_eq!(whole["findings"], json!([]));
    // Times stand there as they were signed, and as people read them.
    let dates = whole["dates"].as_object().unwrap();
    assert_eq!(dates.keys().collect::<Vec<_>>(), ["iat", "exp"]);
    let epoch = |name: &str| dates[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    for name in ["exp", "iat"] {
        assert_eq!(whole["claims"][name], epoch(name).as_second());
    }
    let example = minted(&keyfob, &fields);
    let text = "iss still holds the example MYORG-ACCOUNT: set account (the account identifier, in \
                capitals, without region)";
    assert_eq!(
        example["findings"],
        json!([{"code": "example_left", "refused": false, "text": text}])
    );
    // Somebody is called as the example is.
    let called = [&fields[..], &["--set", "account=MYORG-ACCOUNT"]].concat();
    assert_eq!(minted(&keyfob, &called)["findings"], json!([]));
}

#[test]
fn what_a_service_is_known_to_refuse_is_signed_only_by_force() {
    let keyfob = with_rsa_key();
    let options = [
        "mint",
        "--key",
        "k",
        "--template",
        "github-app",
        "--set",
        "client_id=x",
        "--ttl",
        "1h",
    ];
    let refused = keyfob.run(options);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    let lines: Vec<&str> = refused.stderr.lines().collect();
    assert!(lines[0].starts_with("✗ it lives 61 min: github-app takes at most 10 min"));
    assert_eq!(
        lines[lines.len() - 1],
        "keyfob: not minted: its service refuses such a token (--force mints it all the same)"
    );
    let forced = keyfob.run(options.iter().chain(&["--force"]));
    assert_eq!((forced.code, forced.stdout.lines().count()), (0, 1));
}

#[test]
fn header_members_are_filled_from_the_key_or_left_out() {
    let keyfob = Keyfob::new();
    assert_eq!(keyfob.run(["keys", "new", "k", "--alg", "ES256"]).code, 0);
    let token = minted(&keyfob, &["--header", "x5t#S256", "--header", "cty=5"]);
    let jwk: Value =
        serde_json::from_str(&keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout).unwrap();
    assert_eq!(
        token["header"],
        json!({"alg": "ES256", "typ": "at+jwt", "kid": "k", "x5t#S256": jwk["x5t#S256"], "cty": "5"})
    );
    let bare = minted(&keyfob, &["--without", "kid", "--without", "typ"]);
    assert_eq!(bare["header"], json!({"alg": "ES256"}));
}

#[test]
fn what_cannot_be_filled_or_found_is_named() {
    let keyfob = Keyfob::new();
    let new = ["keys", "new", "k", "--alg", "ES256", "--cert", "none"];
    assert_eq!(keyfob.run(new).code, 0);
    let told = |options: &[&str]| {
        let ended = keyfob.run(["mint", "--key", "k"].iter().chain(options));
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
        ended.stderr.lines().last().unwrap().to_owned()
    };
    assert_eq!(
        told(&["--header", "x5t"]),
        "keyfob: x5t: this key has no certificate to fill it from: keyfob cert new makes one"
    );
    assert_eq!(
        told(&["--template", "blank", "--set", "q=1"]),
        "keyfob: blank has no field q: it has none"
    );
    assert_eq!(
        told(&["--claim", "exp=someday"]),
        "keyfob: exp: \"someday\" is no time: write now, +5m, -30s, tomorrow 9:00, epoch seconds or \
         RFC 3339, 2026-11-23T14:00:00Z"
    );
    assert_eq!(
        told(&["--without", "alg"]),
        "keyfob: --without alg: every token has it"
    );
}
