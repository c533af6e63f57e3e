use std::{fmt::Write, fs, path::Path};

use serde_json::{Value, json};

use crate::keyfob::{Ended, Keyfob, vector};

/// A copy of a vector as a file.
fn file(keyfob: &Keyfob, name: &str) -> String {
    keyfob.file(name, vector(name))
}

/// What was printed, the line of days taken out: it changes with the day.
fn shown(ended: &Ended) -> String {
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    let (bars, lines): (Vec<&str>, Vec<&str>) = ended
        .stdout
        .lines()
        .partition(|line| line.trim_start().starts_with('▕'));
    assert_eq!(bars.len(), 1);
    lines.iter().fold(String::new(), |mut text, line| {
        writeln!(text, "{line}").unwrap();
        text
    })
}

fn expected(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    fs::read_to_string(path).unwrap()
}

#[test]
fn every_extension_is_named_and_every_link_of_the_chain_checked() {
    let keyfob = Keyfob::empty();
    let chain = file(&keyfob, "chain.pem");
    assert_eq!(
        shown(&keyfob.run(["cert", "show", &chain])),
        expected("chain.txt")
    );
}

#[test]
fn a_negative_serial_sha_1_no_subject_and_a_hundred_names_are_shown() {
    let keyfob = Keyfob::empty();
    let odd = file(&keyfob, "odd.pem");
    assert_eq!(
        shown(&keyfob.run(["cert", "show", &odd])),
        expected("odd.txt")
    );
}

#[test]
fn a_certificate_without_an_end_is_shown() {
    let keyfob = Keyfob::empty();
    let endless = file(&keyfob, "endless.pem");
    let text = keyfob.run(["cert", "show", &endless]).stdout;
    assert_eq!(
        text.lines().nth(4),
        Some("valid       2020-01-01T00:00:00Z to 9999-12-31T23:59:59Z: without an end")
    );
}

#[test]
fn times_before_1970_without_seconds_and_away_from_utc_are_shown() {
    let keyfob = Keyfob::empty();
    let old = file(&keyfob, "old-times.pem");
    let text = keyfob.run(["cert", "show", &old]).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[4],
        "valid       1950-01-01T00:00:00Z to 2119-12-31T22:00:00Z"
    );
    assert_eq!(
        lines[12..],
        [
            "extensions",
            "  1.3.6.1.4.1.311.20.1, critical",
            "    04:02:68:69",
            "chain",
            "  1 CN=old times",
            "    ✓ signed by itself",
        ]
    );
}

#[test]
fn a_certificate_of_the_gooddata_profile_may_act_as_a_ca() {
    for alg in ["ES256", "ES384", "ES512", "EdDSA"] {
        let keyfob = Keyfob::new();
        keyfob.run(["keys", "new", "k", "--alg", alg, "--cert", "gooddata"]);
        let text = keyfob.run(["cert", "show", "k"]);
        assert_eq!(text.code, 0);
        for line in [
            "role        ! may act as a CA: it can issue certificates for others",
            "belongs to  ✓ the key k",
            "            ▕████████████████████▏ 364 of 365 d",
            "    ✓ signed by itself",
        ] {
            assert!(text.stdout.lines().any(|one| one == line), "{text:?}");
        }
    }
}

#[test]
fn a_minimal_certificate_as_json() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    let printed = keyfob.run(["--json", "cert", "show", "k"]);
    let mut value: Value = serde_json::from_str(&printed.stdout).unwrap();
    let jwk: Value =
        serde_json::from_str(&keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout).unwrap();
    assert_eq!(value["x5t"], jwk["x5t"]);
    assert_eq!(value["x5t#S256"], jwk["x5t#S256"]);
    assert_eq!(value["extensions"][1]["name"], "subjectKeyIdentifier");
    // What is another in each run.
    for changing in [
        "/serial",
        "/not_before",
        "/not_after",
        "/sha1",
        "/sha256",
        "/x5t",
        "/x5t#S256",
        "/extensions/1/meaning",
    ] {
        *value.pointer_mut(changing).unwrap() = Value::Null;
    }
    let name = json!({
        "text": "CN=k",
        "attributes": [{"name": "CN", "oid": "2.5.4.3", "value": "k"}],
    });
    assert_eq!(
        value,
        json!({
            "subject": name,
            "issuer": name,
            "serial": null,
            "version": 3,
            "not_before": null,
            "not_after": null,
            "validity": {"state": "good", "days_left": 364, "days": 365},
            "signature_algorithm": "ecdsa-with-SHA256",
            "weak": false,
            "public_key": "P-256",
            "ca": false,
            "belongs_to_key": true,
            "sha1": null,
            "sha256": null,
            "x5t": null,
            "x5t#S256": null,
            "extensions": [
                {
                    "name": "keyUsage",
                    "oid": "2.5.29.15",
                    "critical": true,
                    "meaning": ["digitalSignature: signs data, tokens among it"],
                },
                {
                    "name": "subjectKeyIdentifier",
                    "oid": "2.5.29.14",
                    "critical": false,
                    "meaning": null,
                },
                {
                    "name": "basicConstraints",
                    "oid": "2.5.29.19",
                    "critical": true,
                    "meaning": ["issues no certificates"],
                },
            ],
            "chain": [{
                "subject": "CN=k",
                "signature_algorithm": "ecdsa-with-SHA256",
                "weak": false,
                "state": "self_signed",
                "words": "✓ signed by itself",
            }],
        })
    );
}

#[test]
fn a_file_with_a_key_says_whether_the_certificate_is_for_it() {
    let keyfob = Keyfob::empty();
    let belongs = |key: &str| {
        let both = keyfob.file("both.pem", vector(key) + &vector("chain.pem"));
        let text = keyfob.run(["cert", "show", &both]).stdout;
        let line = text.lines().find(|line| line.starts_with("belongs"));
        line.map(str::to_owned)
    };
    assert_eq!(
        belongs("p256.pem").as_deref(),
        Some("belongs to  ✓ the key in the file")
    );
    assert_eq!(
        belongs("p384.pem").as_deref(),
        Some("belongs to  ✗ not to the key in the file: it is another's")
    );
}

#[test]
fn no_certificate_is_told() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256", "--cert", "none"]);
    let failed = |code: i32, stderr: String| Ended {
        code,
        stdout: String::new(),
        stderr,
    };
    assert_eq!(
        keyfob.run(["cert", "show", "k"]),
        failed(
            3,
            "keyfob: k has no certificate: keyfob cert new k makes one\n".to_owned()
        )
    );
    let pem = file(&keyfob, "p256.pem");
    assert_eq!(
        keyfob.run(["cert", "show", &pem]),
        failed(2, format!("keyfob: {pem}: there is no certificate in it\n"))
    );
    assert_eq!(
        keyfob.run(["cert", "show", "nobody"]),
        failed(
            3,
            "keyfob: no key nobody: keyfob keys list names them\n".to_owned()
        )
    );
}
