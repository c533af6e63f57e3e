//! `keyfob decode`: tokens in whatever was pasted.

use serde_json::{Value, json};

use crate::keyfob::{Ended, Keyfob};

/// RFC 7519 section 6.1 without its `exp`.
const NONE: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ.";
/// `{"alg":"HS256"}.{"a":1}.sig`
const SHORT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln";
/// `{"alg":"dir","enc":"A128GCM"}`
const JWE: &str =
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA";

fn decoded(text: &str) -> Value {
    let ended = Keyfob::empty().run_with(["--json", "decode"], text);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{text}");
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn every_token_of_a_response_is_shown_and_what_was_skipped_is_said() {
    let response = format!(
        "HTTP/1.1 200 OK\r\nAuthorization: Bearer {NONE}\r\n\r\n\
         {{\"access_token\": \"{SHORT}\", \"jwe\": \"{JWE}\", \"x\": \"eyJhbGciOiJIUzI1NiJ9\"}}"
    );
    assert_eq!(
        Keyfob::empty().run_with(["decode", "-"], &response),
        Ended {
            code: 0,
            stdout: "{\n  \"alg\": \"none\"\n}\n{\n  \"iss\": \"joe\"\n}\n\
                     {\n  \"alg\": \"HS256\"\n}\n{\n  \"a\": 1\n}\n\
                     {\n  \"alg\": \"dir\",\n  \"enc\": \"A128GCM\"\n}\n"
                .to_owned(),
            stderr: "token 1 of 3: Authorization, line 2, column 23\n\
                     note: Bearer taken away\n\
                     registered: iss issuer\n\
                     signature: none\n\
                     JWS, 39 bytes\n\
                     token 2 of 3: access_token, line 4, column 19\n\
                     note: quotes taken away\n\
                     signature: 3 bytes\n\
                     JWS, 36 bytes\n\
                     token 3 of 3: jwe, line 4, column 66\n\
                     note: quotes taken away\n\
                     encrypted: the content cannot be read without its key\n\
                     encrypted key: none\n\
                     initialization vector: 12 bytes\n\
                     ciphertext: 3 bytes\n\
                     authentication tag: 16 bytes\n\
                     JWE, 85 bytes\n\
                     skipped: x, line 4, column 160: it begins like a token and has no second part\n\
                     skipped: 70 bytes that belong to no token\n\
                     not verified: keyfob verify judges it\n"
                .to_owned(),
        }
    );
}

#[test]
fn a_token_is_found_in_whatever_is_around_it() {
    let keyfob = Keyfob::empty();
    for text in [
        NONE.to_owned(),
        format!("Bearer {NONE}"),
        format!("'{NONE}'"),
        format!("https://app.example/cb?id_token={NONE}&state=1"),
        format!(
            "https://app.example/cb#id_token={}",
            NONE.replace('.', "%2E")
        ),
        NONE.replace('.', "\n."),
        format!("Cookie: a=b; session={NONE}; c=d"),
    ] {
        let ended = keyfob.run(["decode", text.as_str()]);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (0, "{\n  \"alg\": \"none\"\n}\n{\n  \"iss\": \"joe\"\n}\n"),
            "{text}: {}",
            ended.stderr
        );
    }
    let ended = keyfob.run(["decode", "folder/token"]);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (3, "keyfob: there is no file folder/token\n")
    );
}

#[test]
fn json_gives_a_token_with_its_place_dates_and_names() {
    // {"alg":"none"}.{"iss":"joe","exp":1300819380}.
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLCJleHAiOjEzMDA4MTkzODB9.";
    assert_eq!(
        decoded(&format!("a\n jwt: {token}")),
        json!({
            "header": {"alg": "none"},
            "claims": {"iss": "joe", "exp": 1_300_819_380},
            "signature_bytes": 0,
            "kind": "JWS",
            "bytes": 61,
            "dates": {"exp": "2011-03-22T18:43:00Z"},
            "registered": {
                "header": [{"name": "alg", "title": "algorithm", "source": "RFC 7515 section 4.1.1"}],
                "claims": [
                    {"name": "iss", "title": "issuer", "source": "RFC 7519 section 4.1.1"},
                    {"name": "exp", "title": "expires", "source": "RFC 7519 section 4.1.4"},
                ],
            },
            "faults": [],
            "findings": [],
            "verified": false,
            "remarks": [],
            "place": {"line": 2, "column": 7, "name": "jwt"},
            "times": 1,
            "others": [],
            "passed": [],
            "skipped_bytes": 5,
        })
    );
}

#[test]
fn a_date_of_the_past_is_told_so() {
    let ended = Keyfob::empty().run(["decode", "eyJhbGciOiJub25lIn0.eyJleHAiOjEzMDA4MTkzODB9."]);
    let line = ended.stderr.lines().next().unwrap();
    assert!(
        line.starts_with("exp: expires, 2011-03-22T18:43:00Z, expired ") && line.ends_with(" ago"),
        "{line}"
    );
}

#[test]
fn json_forms_show_every_signature_and_recipient() {
    let signed = decoded(
        r#"{"payload":"eyJhIjoxfQ","signatures":[
            {"protected":"eyJhbGciOiJIUzI1NiJ9","header":{"kid":"k"},"signature":"c2ln"},
            {"protected":"eyJhbGciOiJub25lIn0","signature":""}]}"#,
    );
    assert_eq!(signed["kind"], "JWS, general JSON");
    assert_eq!(signed["claims"], json!({"a": 1}));
    assert_eq!(
        signed["signatures"],
        json!([
            {"header": {"alg": "HS256"}, "unprotected": {"kid": "k"}, "signature_bytes": 3},
            {"header": {"alg": "none"}, "unprotected": null, "signature_bytes": 0},
        ])
    );
    let encrypted = decoded(
        r#"{"protected":"eyJlbmMiOiJBMTI4Q0JDLUhTMjU2In0","unprotected":{"jku":"https://a.example"},
            "recipients":[{"header":{"alg":"RSA1_5"},"encrypted_key":"UGhI"},{"encrypted_key":"6KB7"}],
            "iv":"AxY8DCtDaGlsbGljb3RoZQ","ciphertext":"AAAA","tag":"Mz-VPPyU4RlcuYv1IwIvzw"}"#,
    );
    assert_eq!(encrypted["kind"], "JWE, general JSON");
    assert_eq!(
        encrypted["recipients"],
        json!([
            {"header": {"alg": "RSA1_5"}, "encrypted_key_bytes": 3},
            {"header": null, "encrypted_key_bytes": 3},
        ])
    );
    let sizes = ["initialization_vector_bytes", "ciphertext_bytes"];
    assert_eq!(sizes.map(|name| &encrypted[name]), [16, 3]);
    assert_eq!(encrypted["authentication_tag_bytes"], 16);
}

#[test]
fn a_token_in_a_token_is_shown_too() {
    // {"alg":"none","cty":"JWT"} around SHORT.
    let outer = "eyJhbGciOiJub25lIiwiY3R5IjoiSldUIn0.\
                 ZXlKaGJHY2lPaUpJVXpJMU5pSjkuZXlKaElqb3hmUS5jMmxu.";
    let decoded = decoded(outer);
    assert_eq!(decoded["payload"], SHORT);
    assert_eq!(decoded["nested"]["claims"], json!({"a": 1}));
}

#[test]
fn a_broken_token_is_shown_as_far_as_it_goes() {
    let keyfob = Keyfob::empty();
    // The claims end too early.
    let ended = keyfob.run(["decode", "eyJhbGciOiJIUzI1NiJ9.eyJhIjox.AA"]);
    assert_eq!(
        ended,
        Ended {
            code: 2,
            stdout: "{\n  \"alg\": \"HS256\"\n}\n{\"a\":1\n".to_owned(),
            stderr: "signature: 1 byte\n\
                     JWS, 32 bytes\n\
                     not verified: keyfob verify judges it\n\
                     keyfob: payload: no JSON object: line 1, column 1: this object has no end\n"
                .to_owned(),
        }
    );
    for (text, reason) in [
        ("", "keyfob: no token: the text is empty\n"),
        (
            "hello there",
            "keyfob: no token: nothing in the text looks like one\n",
        ),
    ] {
        let ended = keyfob.run_with(["decode"], text);
        assert_eq!((ended.code, ended.stderr.as_str()), (2, reason));
    }
}

#[test]
fn hostile_texts_are_refused_in_a_few_lines() {
    let keyfob = Keyfob::empty();
    let deep = |text: &str| {
        format!(
            "{{\"payload\":\"e30\",\"signature\":{}",
            text.repeat(100_000)
        )
    };
    for text in [
        ".".repeat(1_000_000),
        format!("eyJ{}", ".".repeat(1_000_000)),
        "eyJa ".repeat(200_000),
        format!("{NONE}{}", "A".repeat(1 << 20)),
        deep("["),
        deep("{\"a\":"),
    ] {
        let begin = text.chars().take(40).collect::<String>();
        let ended = keyfob.run_with(["decode"], &text);
        assert_eq!(ended.code, 2, "{begin}");
        let last = ended.stderr.lines().last().unwrap_or_default();
        assert!(last.len() < 200, "{begin}: {}", last.len());
    }
}
