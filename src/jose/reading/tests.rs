use base64ct::{Base64UrlUnpadded, Encoding};

use super::*;

/// RFC 7515 appendix A.1.
const HS256: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The signatures of RFC 7515 appendix A.6, over the payload of A.1.
const RS256_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const ES256_SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn object(part: &Part) -> &str {
    part.object.as_ref().map_or("", JsonObject::text)
}

#[test]
fn the_general_form_of_rfc_7515_appendix_a_6_is_read() {
    let payload = HS256.split('.').nth(1).unwrap();
    let text = format!(
        r#"{{"payload":"{payload}","signatures":[
            {{"protected":"eyJhbGciOiJSUzI1NiJ9","header":{{"kid":"2010-12-29"}},"signature":"{RS256_SIGNATURE}"}},
            {{"protected":"eyJhbGciOiJFUzI1NiJ9","header":{{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"}},"signature":"{ES256_SIGNATURE}"}}]}}"#
    );
    let reading = Reading::of(&text);
    assert_eq!(reading.all_faults(), Vec::<String>::new());
    assert_eq!(reading.kind(), "JWS, general JSON");
    assert_eq!(reading.claims(), Reading::of(HS256).claims());
    let Content::Signed { signatures, .. } = &reading.content else {
        panic!("no JWS");
    };
    let told: Vec<_> = signatures
        .iter()
        .map(|each| {
            let unprotected = each.unprotected.as_ref().map(JsonObject::compact);
            (
                object(&each.header),
                unprotected.unwrap_or_default(),
                each.signature.octets.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                r#"{"alg":"RS256"}"#,
                r#"{"kid":"2010-12-29"}"#.to_owned(),
                256
            ),
            (
                r#"{"alg":"ES256"}"#,
                r#"{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"}"#.to_owned(),
                64
            )
        ]
    );
    // An unprotected member has no place in the compact form.
    assert_eq!(
        reading.unverified().unwrap_err(),
        "not judged: it has 2 signatures"
    );
}

#[test]
fn a_flattened_token_without_unprotected_members_is_its_compact_form() {
    let parts: Vec<&str> = HS256.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("no three parts");
    };
    let text =
        format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"}}"#);
    let token = Reading::of(&text).unverified().unwrap();
    assert_eq!(token.text, HS256);
}

#[test]
fn the_json_form_of_rfc_7516_appendix_a_4_is_read() {
    let text = r#"{"protected":"eyJlbmMiOiJBMTI4Q0JDLUhTMjU2In0",
        "unprotected":{"jku":"https://server.example.com/keys.jwks"},
        "recipients":[{"header":{"alg":"RSA1_5","kid":"2011-04-29"},"encrypted_key":"UGhI"},
                      {"header":{"alg":"A128KW","kid":"7"},"encrypted_key":"6KB7"}],
        "iv":"AxY8DCtDaGlsbGljb3RoZQ","ciphertext":"KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY",
        "tag":"Mz-VPPyU4RlcuYv1IwIvzw"}"#;
    let reading = Reading::of(text);
    assert_eq!(reading.all_faults(), Vec::<String>::new());
    assert_eq!(reading.kind(), "JWE, general JSON");
    let Content::Encrypted {
        header,
        unprotected,
        recipients,
        parts,
    } = &reading.content
    else {
        panic!("no JWE");
    };
    assert_eq!(object(header), r#"{"enc":"A128CBC-HS256"}"#);
    assert!(unprotected.is_some());
    let keys: Vec<usize> = recipients
        .iter()
        .map(|each| each.encrypted_key.octets.len())
        .collect();
    assert_eq!(keys, [3, 3]);
    let sizes: Vec<usize> = parts.iter().map(|part| part.octets.len()).collect();
    assert_eq!(sizes, [16, 32, 16]);
}

#[test]
fn the_nested_token_of_rfc_7519_appendix_a_2_shows_what_is_outside() {
    let reading = Reading::of(
        "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiY3R5IjoiSldUIn0.AA.AA.AA.AA",
    );
    assert_eq!(reading.kind(), "JWE");
    assert_eq!(reading.header_text("cty"), Some("JWT"));
    assert!(reading.unverified().is_ok());
}

#[test]
fn a_token_in_a_token_is_read_too_and_ends() {
    let mut token = HS256.to_owned();
    for _ in 0..20 {
        let payload = Base64UrlUnpadded::encode_string(token.as_bytes());
        token = format!("eyJhbGciOiJub25lIiwiY3R5IjoiSldUIn0.{payload}.");
    }
    let mut reading = &Reading::of(&token);
    let mut depth = 0;
    while let Some(nested) = reading.nested() {
        reading = nested;
        depth += 1;
    }
    assert_eq!(depth, DEPTH);
}

#[test]
fn what_is_broken_is_read_as_far_as_it_goes() {
    for (text, faults) in [
        (
            "eyJhbGciOiJIUzI1NiJ9",
            &["cut off: 1 part between dots; a JWS has three, a JWE five"][..],
        ),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxf",
            &[
                "cut off: 2 parts between dots; a JWS has three, a JWE five",
                "payload: cut off: its last letter stands alone",
            ],
        ),
        (
            "nothing.here",
            &[
                "2 parts between dots; a JWS has three, a JWE five",
                "header: no UTF-8 text from byte 1 on",
            ],
        ),
        (
            "eyJhbGciOiJIUzI1NiJ9.e30.AA.AA",
            &["4 parts between dots; a JWS has three, a JWE five"],
        ),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJhIjox.AA",
            &["payload: no JSON object: line 1, column 1: this object has no end"],
        ),
        (
            "eyJhIjoxLCJhIjoyfQ.e30.AA",
            &["header: no JSON object: line 1, column 13: the member \"a\" stands twice"],
        ),
        (
            "W10.e30.",
            &[
                "header: no JSON object: line 1, column 1: invalid type: sequence, expected a JSON object",
            ],
        ),
        ("_w.e30.", &["header: no UTF-8 text from byte 1 on"]),
        (
            "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0.AA",
            &["cut off: 2 parts between dots; a JWS has three, a JWE five"],
        ),
        (
            r#"{"payload":1,"signatures":{}}"#,
            &["signatures is no list of objects", "payload is no text"],
        ),
        (
            r#"{"payload":"e30","payload":"e30","signature":""}"#,
            &["no JSON object: line 1, column 32: the member \"payload\" stands twice"],
        ),
    ] {
        let reading = Reading::of(text);
        assert_eq!(reading.all_faults(), faults, "{text}");
        assert!(!reading.is_whole());
    }
    let unknown = Reading::of("eyJhbGciOiJYIn0.aGk.AA");
    assert!(unknown.is_whole());
    assert_eq!(unknown.parts().nth(1).unwrap().text(), Some("hi"));
}

#[test]
fn an_unencoded_payload_is_shown_as_it_stands() {
    // RFC 7797 section 4.2: {"alg":"HS256","b64":false,"crit":["b64"]}
    let header = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19";
    let text = format!(
        r#"{{"protected":"{header}","payload":"$.02","signature":"A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY"}}"#
    );
    let reading = Reading::of(&text);
    assert!(reading.is_whole());
    assert_eq!(reading.parts().nth(1).unwrap().text(), Some("$.02"));
}

#[test]
fn hostile_tokens_end() {
    let deep = |open: &str| Base64UrlUnpadded::encode_string(open.repeat(100_000).as_bytes());
    for text in [
        ".".repeat(1 << 20),
        format!("eyJ{}", ".".repeat(1 << 20)),
        format!("e30.{}.", deep("{\"a\":")),
        format!("e30.{}.", deep("[")),
        format!("{}.e30.", deep("[")),
        format!("{{\"payload\":{}", "[".repeat(100_000)),
        format!("e30.{}.", "e30.".repeat(100_000)),
    ] {
        let reading = Reading::of(&text);
        assert!(
            reading.parts().count() <= 6,
            "{} faults",
            reading.all_faults().len()
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_panic(text: String) {
        let _ = Reading::of(&text).all_faults();
    }

    #[test]
    fn no_json_makes_reading_panic(text in "\\{\"(payload|ciphertext)\":(\"[a-z.]{0,9}\"|1),\"(signatures|recipients|protected|header)\":(\\[\\{\\}\\]|\"e30\"|\\{\\})\\}") {
        let _ = Reading::of(&text).all_faults();
    }
}
