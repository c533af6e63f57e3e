use serde_json::{Value, json};

use crate::keyfob::{Ended, Keyfob, vector};

fn with_keys() -> Keyfob {
    let keyfob = Keyfob::new();
    for kid in ["a", "b"] {
        keyfob.run(["keys", "new", kid, "--alg", "ES256", "--cert", "none"]);
    }
    keyfob
}

/// The names of the members that differ.
fn differing(keyfob: &Keyfob, a: &str, b: &str) -> (i32, Vec<String>) {
    let ended = keyfob.run(["--json", "diff", a, b]);
    let value: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    let members = value["members"].as_array().unwrap().iter();
    let names = members
        .filter(|member| member["equal"] == false)
        .map(|member| member["name"].as_str().unwrap().to_owned());
    (ended.code, names.collect())
}

#[test]
fn a_key_is_equal_to_itself_as_kid_thumbprint_and_file() {
    let keyfob = with_keys();
    let jwk = keyfob.run(["keys", "export", "a", "--as", "jwk"]).stdout;
    let (file, spki) = (
        keyfob.file("a.jwk", &jwk),
        keyfob.file(
            "a.pem",
            keyfob.run(["keys", "export", "a", "--as", "spki"]).stdout,
        ),
    );
    for other in ["a", &file] {
        assert_eq!(differing(&keyfob, "a", other), (0, Vec::new()));
    }
    // A bare public key says nothing of a name, an algorithm or a use.
    let names = ["use", "alg", "kid"].map(str::to_owned).to_vec();
    assert_eq!(differing(&keyfob, "a", &spki), (1, names));
}

#[test]
fn two_keys_differ_in_what_they_are() {
    let keyfob = with_keys();
    let names = ["thumbprint", "x", "y", "kid"].map(str::to_owned).to_vec();
    assert_eq!(differing(&keyfob, "a", "b"), (1, names));
    let ended = keyfob.run(["diff", "a", "b"]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (1, "4 of 9 members differ\n")
    );
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "≠ thumbprint");
    assert_eq!(lines[3], "  key         P-256");
    assert_eq!(lines[lines.len() - 3..], ["≠ kid", "    a  a", "    b  b"]);
}

#[test]
fn a_key_is_compared_with_its_certificate_by_what_both_have() {
    let keyfob = with_keys();
    keyfob.run(["cert", "new", "a"]);
    let cert = |kid: &str| {
        let pem = keyfob.run(["keys", "export", kid, "--as", "cert"]).stdout;
        keyfob.file(&format!("{kid}.crt"), pem)
    };
    let before = cert("a");
    assert_eq!(differing(&keyfob, "a", &before), (0, Vec::new()));
    keyfob.run(["cert", "renew", "a"]);
    let (code, names) = differing(&keyfob, "a", &before);
    assert_eq!(code, 1);
    for name in &names {
        assert!(name.starts_with("certificate."), "{names:?}");
    }
    assert!(names.contains(&"certificate.serial".to_owned()));
}

#[test]
fn two_tokens_differ_in_header_claims_and_signature() {
    let keyfob = with_keys();
    let mint = |key: &str, claim: &str| {
        let claims = keyfob.file(
            "claims.json",
            format!("{{\"sub\": {claim}, \"iss\": \"i\"}}"),
        );
        let minted = keyfob.run(["mint", "--key", key, "--claims", &claims]);
        minted.stdout.trim().to_owned()
    };
    let (one, other) = (mint("a", "\"1\""), mint("b", "1"));
    let file = keyfob.file("token", format!("Bearer {one}\n"));
    assert_eq!(differing(&keyfob, &one, &file), (0, Vec::new()));
    let names = ["header.kid", "claims.sub", "signature"].map(str::to_owned);
    assert_eq!(differing(&keyfob, &one, &other), (1, names.to_vec()));
    let ended = keyfob.run(["--json", "diff", &one, &other]);
    let value: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&value["equal"], &value["a"]),
        (&json!(false), &json!("token"))
    );
}

#[test]
fn what_cannot_be_compared_is_told() {
    let keyfob = with_keys();
    let token = "eyJhbGciOiJub25lIn0.e30.";
    let failed = |code: i32, stderr: &str| Ended {
        code,
        stdout: String::new(),
        stderr: format!("keyfob: {stderr}\n"),
    };
    assert_eq!(
        keyfob.run(["diff", "a", token]),
        failed(
            2,
            "a token and a key have nothing to compare: keyfob verify judges them"
        )
    );
    assert_eq!(
        keyfob.run(["diff", "a", "nobody"]),
        failed(3, "no key nobody: keyfob keys list names them")
    );
    let jwk = keyfob.run(["keys", "export", "a", "--as", "jwk"]).stdout;
    let set = format!(r#"{{"keys": [{{"kty": "XX"}}, {jwk}, {jwk}]}}"#);
    let set = keyfob.file("set.jwks", set);
    assert_eq!(
        keyfob.run(["diff", "a", &set]),
        failed(
            2,
            &format!("{set}: it holds 2 keys: one beside one can be compared")
        )
    );
    let both = keyfob.file("both.pem", vector("p256.pem") + &vector("p384.pem"));
    assert_eq!(
        keyfob.run(["diff", "a", &both]),
        failed(
            2,
            &format!("{both}: it holds 2 keys: one beside one can be compared")
        )
    );
}
