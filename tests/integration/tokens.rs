use crate::keyfob::{Ended, Keyfob, vector};

fn with_key(alg: &str) -> Keyfob {
    let keyfob = Keyfob::new();
    assert_eq!(keyfob.run(["keys", "new", "k", "--alg", alg]).code, 0);
    keyfob
}

#[test]
fn mint_prints_only_the_token_and_verify_calls_it_valid() {
    for alg in ["ES256", "ES384", "ES512", "EdDSA", "Ed25519"] {
        let keyfob = with_key(alg);
        let minted = keyfob.run(["mint", "--key", "k"]);
        let told = "! examples of the template are left: iss https://issuer.example, sub alice, \
            aud https://api.example, client_id keyfob; set issuer, subject, audience, client_id\n";
        assert_eq!((minted.code, minted.stderr.as_str()), (0, told), "{alg}");
        assert_eq!(minted.stdout.lines().count(), 1);
        let verdict = keyfob.run_with(["verify", "-"], &minted.stdout);
        assert_eq!(verdict.code, 0, "{verdict:?}");
        assert!(
            verdict
                .stdout
                .starts_with("valid\n✓ signature    matches the key k\n")
        );
    }
}

#[test]
fn a_template_that_nobody_named_tells_which_examples_are_left() {
    let keyfob = with_key("ES256");
    assert_eq!(keyfob.run(["keys", "new", "r"]).code, 0);
    let told = |sub: &[&str]| keyfob.run([&["mint", "--key", "r"], sub].concat()).stderr;
    assert_eq!(
        told(&[]),
        "! examples of the template are left: sub john.doe, name John Doe; set login, full_name\n"
    );
    assert_eq!(
        told(&["--sub", "jane"]),
        "! name still holds the example John Doe: set full_name (the name that is shown)\n"
    );
    let all = ["--set", "login=jane", "--set", "full_name=Jane"];
    assert_eq!(told(&all), "");
}

#[test]
fn every_rsa_algorithm_signs_with_a_key_of_a_file() {
    let keyfob = Keyfob::new();
    for alg in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        keyfob.run_with(
            ["keys", "import", "-", "--kid", "k"],
            &vector("rsa2048.pem"),
        );
        let jwk = keyfob.run([
            "keys",
            "export",
            "k",
            "--as",
            "jwk",
            "--private",
            "--out",
            "-",
        ]);
        let file = keyfob.file("key.jwk", jwk.stdout.replace("RS256", alg));
        let minted = keyfob.run(["mint", "--key", &file, "--claims", "-"].map(String::from));
        assert_eq!(minted.code, 2, "empty claims are no object");
        let minted = keyfob.run_with(["mint", "--key", &file, "--claims", "-"], "{\"a\":1}");
        let verdict = keyfob.run_with(
            ["verify", "-", "--key", &file, "--alg", alg],
            &minted.stdout,
        );
        assert_eq!(verdict.code, 0, "{alg}: {verdict:?}");
    }
}

#[test]
fn the_gooddata_token_has_its_claims_in_order() {
    let keyfob = Keyfob::new();
    keyfob.run_with(
        ["keys", "import", "-", "--kid", "k"],
        &vector("rsa2048.pem"),
    );
    let token = keyfob
        .run(["mint", "--key", "k", "--claim", "name=Jane Roe"])
        .stdout;
    let decoded = keyfob.run(["--json", "decode", token.trim()]);
    let decoded: serde_json::Value = serde_json::from_str(&decoded.stdout).unwrap();
    assert_eq!(
        decoded["header"],
        serde_json::json!({"alg": "RS256", "typ": "JWT", "kid": "k"})
    );
    let claims = decoded["claims"].as_object().unwrap();
    let names: Vec<&str> = claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["sub", "name", "iat", "jti", "exp"]);
    assert_eq!(claims["name"], "Jane Roe");
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 3600);
}

#[test]
fn many_tokens_have_a_jti_each() {
    let keyfob = with_key("ES256");
    let tokens = keyfob.run(["mint", "--key", "k", "--count", "5"]).stdout;
    let mut jtis: Vec<String> = tokens
        .lines()
        .map(|token| {
            let decoded = keyfob.run(["--json", "decode", token]).stdout;
            let decoded: serde_json::Value = serde_json::from_str(&decoded).unwrap();
            decoded["claims"]["jti"].to_string()
        })
        .collect();
    jtis.sort();
    jtis.dedup();
    assert_eq!(jtis.len(), 5);
}

#[test]
fn claims_given_without_placeholders_are_signed_byte_for_byte() {
    let keyfob = with_key("ES256");
    let claims = "{ \"n\" : 1.00 }";
    let token = keyfob
        .run_with(["mint", "--key", "k", "--claims", "-"], claims)
        .stdout;
    let payload = token.split('.').nth(1).unwrap();
    assert_eq!(payload, "eyAibiIgOiAxLjAwIH0");
}

#[test]
fn the_verdict_tells_by_its_exit_code() {
    let keyfob = with_key("ES256");
    let token = keyfob.run(["mint", "--key", "k", "--aud", "a"]).stdout;
    let code = |arguments: &[&str]| {
        let arguments = [&["verify", "-"], arguments].concat();
        keyfob.run_with(arguments, &token).code
    };
    assert_eq!(code(&["--aud", "a"]), 0);
    assert_eq!(code(&["--aud", "b"]), 1);
    assert_eq!(code(&["--now", "2100-01-01T00:00:00Z"]), 1);
    assert_eq!(code(&["--leeway", "301s"]), 2);
    assert_eq!(code(&["--key", "nobody"]), 3);
    let stranger = Keyfob::new();
    let verdict = stranger.run_with(["verify", "-"], &token);
    assert_eq!(
        (verdict.code, verdict.stdout.lines().next()),
        (1, Some("not checked"))
    );
}

#[test]
fn a_token_with_escape_sequences_moves_no_cursor() {
    let keyfob = Keyfob::new();
    // {"alg":"\u001b]52;c;eA==\u0007","kid":"\u202e"}
    let token =
        "eyJhbGciOiJcdTAwMWJdNTI7YztlQT09XHUwMDA3Iiwia2lkIjoiXHUwMDFiWzJKXHUyMDJlIn0.e30.AA";
    for command in [
        &["decode", token][..],
        &["verify", token],
        &["--json", "verify", token],
    ] {
        let ended = keyfob.run(command);
        for text in [&ended.stdout, &ended.stderr] {
            let dangerous = |character: char| {
                character != '\n' && character.is_control() || character == '\u{202e}'
            };
            assert!(!text.contains(dangerous), "{command:?}: {text:?}");
        }
    }
}

#[test]
fn a_token_of_more_than_a_mebibyte_is_refused_in_one_line() {
    let keyfob = Keyfob::new();
    let token = "a".repeat((1 << 20) + 1);
    assert_eq!(
        keyfob.run_with(["decode"], &token),
        Ended {
            code: 2,
            stdout: String::new(),
            stderr: "keyfob: the token has 1048577 bytes: at most 1 MiB are read\n".to_owned()
        }
    );
}

#[test]
fn what_is_written_wrong_is_told_in_one_line() {
    let keyfob = with_key("ES256");
    let file = keyfob.file("claims", "{\n  \"sub\": \"ann,\n  \"n\": 1\n}");
    for (options, told) in [
        (["--claim", "a:={\"b\":1"], "a: this object has no end"),
        (["--claim", "a:=\"x"], "a: this text has no end"),
        (["--claim", "a:=tru"], "a: expected true, false or null"),
        (["--claim", "a:=1,\"b\":2"], "a: it is more than one value"),
        (["--claim", "a"], "\"a\": write NAME=VALUE, or NAME:=JSON"),
        (
            ["--claim", ":=1"],
            "\":=1\": write NAME=VALUE, or NAME:=JSON",
        ),
        (
            ["--claim", "exp=2026-02-30T10:00:00Z"],
            "exp: \"2026-02-30T10:00:00Z\": there is no such day or time of day",
        ),
        (
            ["--claim", "nbf=tomorrow 25:00"],
            "nbf: \"tomorrow 25:00\" is no time: write now, +5m, -30s, tomorrow 9:00, epoch seconds \
             or RFC 3339, 2026-11-23T14:00:00Z",
        ),
        (
            ["--ttl", "-5m"],
            "--ttl: \"-5m\" is no duration: write 90s, 5m, 1h30m or 2d",
        ),
        (
            ["--claims", "-"],
            "stdin: line 1, column 1: nothing stands here",
        ),
        (
            ["--claims", &file],
            &format!("{file}: line 2, column 10: this text does not end on its line"),
        ),
        (
            ["--header", "alg=none"],
            "the key signs with ES256: leave alg away",
        ),
    ] {
        let ended = keyfob.run(["mint", "--key", "k"].into_iter().chain(options));
        let told = format!("keyfob: {told}\n");
        assert_eq!((ended.code, ended.stderr), (2, told), "{options:?}");
        assert_eq!(ended.stdout, "", "{options:?}");
    }
    assert_eq!(keyfob.run(["mint", "--key", "k", "--count", "0"]).code, 2);
}

#[test]
fn nothing_more_is_minted_once_nobody_reads_on() {
    use std::{
        io::{BufRead, BufReader},
        process::Stdio,
    };
    let keyfob = with_key("ES256");
    let most = u32::MAX.to_string();
    let mut child = keyfob
        .command()
        .args(["mint", "--key", "k", "--count", &most])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    drop(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let verdict = keyfob.run_with(["verify", "-"], &first);
    assert_eq!(verdict.code, 0, "{verdict:?}");
}
