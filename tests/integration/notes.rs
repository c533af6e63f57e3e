//! Tags, status and former names, without a screen.

use serde_json::{Value, json};

use crate::keyfob::{Ended, Keyfob};

fn done(stdout: &str, stderr: &str) -> Ended {
    Ended {
        code: 0,
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    }
}

/// Two keys, `a` and `b`.
fn keyfob() -> Keyfob {
    let keyfob = Keyfob::new();
    for kid in ["a", "b"] {
        keyfob.run(["keys", "new", kid, "--alg", "ES256", "--cert", "none"]);
    }
    keyfob
}

#[test]
fn tags_are_given_listed_asked_for_and_taken() {
    let keyfob = keyfob();
    assert_eq!(
        keyfob.run(["keys", "tag", "a", "prod", "eu,west"]),
        done("a\n", "a is tagged prod, eu, west\n")
    );
    assert_eq!(
        keyfob.run(["keys", "tag", "a", "eu"]),
        done("a\n", "already there\n")
    );
    assert_eq!(
        keyfob.run(["keys", "list"]).stdout,
        "KID  ALG    KEY    CERTIFICATE  STATUS  TAGS            REGISTERED AT\n\
         a    ES256  P-256  —            active  prod, eu, west  —\n\
         b    ES256  P-256  —            active  —               —\n"
    );
    let kids = |arguments: &[&str]| {
        let listed = keyfob.run([&["--json", "keys", "list"], arguments].concat());
        let keys: Value = serde_json::from_str(&listed.stdout).unwrap();
        let keys = keys.as_array().unwrap().iter();
        keys.map(|key| json!([key["kid"], key["tags"]]))
            .collect::<Value>()
    };
    assert_eq!(
        kids(&["--tag", "eu", "--tag", "prod"]),
        json!([["a", ["prod", "eu", "west"]]])
    );
    assert_eq!(kids(&["--tag", "us"]), json!([]));
    assert_eq!(
        keyfob.run(["keys", "list", "--tag", "us"]),
        done("", "no such key\n")
    );
    assert_eq!(
        keyfob.run(["keys", "tag", "a", "--remove", "prod", "eu", "west"]),
        done("a\n", "a has no tags now\n")
    );
    assert_eq!(
        keyfob.run(["keys", "tag", "a", "--remove", "eu"]),
        done("a\n", "not there already\n")
    );
}

#[test]
fn a_retired_key_is_listed_as_such_and_signs_with_a_word() {
    let keyfob = keyfob();
    assert_eq!(
        keyfob.run(["keys", "status", "b", "retired"]),
        done("b\n", "b is retired now: kept to verify what it signed\n")
    );
    assert_eq!(
        keyfob.run(["keys", "status", "b", "retired"]),
        done("b\n", "already retired\n")
    );
    assert_eq!(
        keyfob.run(["keys", "list", "--status", "retired"]).stdout,
        "KID  ALG    KEY    CERTIFICATE  STATUS   TAGS  REGISTERED AT\n\
         b    ES256  P-256  —            retired  —     —\n"
    );
    let minted = keyfob.run(["mint", "--key", "b", "--template", "blank"]);
    assert_eq!(
        (minted.code, minted.stderr.lines().next()),
        (0, Some("! b is retired: kept to verify what it signed"))
    );
    let minted = keyfob.run(["mint", "--key", "a", "--template", "blank"]);
    assert!(!minted.stderr.contains("a is"), "{}", minted.stderr);
    let wrong = keyfob.run(["keys", "status", "b", "gone"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong
            .stderr
            .contains("gone is no status: there are active, retired and revoked"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn the_old_kid_of_a_renamed_key_stays_known() {
    let keyfob = keyfob();
    keyfob.run(["keys", "rename", "a", "c"]);
    assert_eq!(
        keyfob.run(["keys", "show", "a"]),
        Ended {
            code: 3,
            stdout: String::new(),
            stderr: "keyfob: no key a: it is called c now\n".to_owned(),
        }
    );
    let shown = keyfob.run(["--json", "keys", "show", "c"]).stdout;
    let key: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(key["former_kids"], json!(["a"]));
    let shown = keyfob.run(["keys", "show", "c"]).stdout;
    assert!(shown.contains("\nformerly     a\n"), "{shown}");
}
