use super::*;
use crate::jose::algorithm::{Algorithm, MacAlgorithm};

const RS256: SignatureAlgorithm = SignatureAlgorithm::Asymmetric(Algorithm::Rs256);

fn found(template: &str, header: &str, claims: &str, algorithm: SignatureAlgorithm) -> Vec<String> {
    let template = Template::named(template, &[]).unwrap();
    let header = JsonObject::parse(header).unwrap();
    let claims = JsonObject::parse(claims).unwrap();
    let token = Token {
        template: Some(&template),
        filled: &[],
        header: &header,
        claims: &claims,
        algorithm,
        now: jiff::Timestamp::from_second(1_000).unwrap(),
        length: 9_000,
    };
    findings(&token)
        .into_iter()
        .filter(|finding| finding.code != "token_size")
        .map(|finding| format!("{} {:?}: {}", finding.code, finding.weight, finding.text))
        .collect()
}

#[test]
fn a_rule_with_a_source_refuses_and_one_without_warns() {
    let claims = r#"{"sub":"a","name":"b","iat":1000,"exp":361000,"jti":"c"}"#;
    assert_eq!(
        found(
            "gooddata",
            "{}",
            claims,
            SignatureAlgorithm::Mac(MacAlgorithm::Hs256)
        ),
        [
            "algorithm Refused: gooddata takes RS256, RS384, RS512, not HS256 (GoodData Cloud's API \
             schema, RsaSpecification)",
            "lifetime Care: it lives 4 d: gooddata takes at most 60 min (not confirmed)",
        ]
    );
    let claims = r#"{"iss":"a","iat":940,"exp":1541}"#;
    assert_eq!(
        found("github-app", "{}", claims, RS256),
        [
            "lifetime Refused: it lives 601 s: github-app takes at most 600 s \
             (https://docs.github.com/en/apps, \"Generating a JSON Web Token (JWT) for a GitHub App\")"
        ]
    );
}

#[test]
fn what_is_missing_is_told_by_the_template_or_by_custom() {
    assert_eq!(
        found("blank", "{}", "{}", RS256),
        [
            "exp_missing Care: exp is missing: the token never expires",
            "jti_missing Care: jti is missing: a replay cannot be told (uuid makes one)",
            "aud_missing Care: aud is missing: every service may take the token for its own",
        ]
    );
    assert_eq!(
        found(
            "vonage",
            "{}",
            r#"{"application_id":"x","iat":1000}"#,
            RS256
        ),
        [
            "claim_missing Care: jti is missing: vonage needs it",
            "exp_missing Care: exp is missing: the token never expires",
        ]
    );
}

#[test]
fn dates_that_cannot_be_meant_are_told() {
    let whole = |claims: &str| {
        let claims = format!(r#"{{"jti":"j","aud":"a",{claims}}}"#);
        found("blank", "{}", &claims, RS256)
    };
    assert_eq!(
        whole(r#""exp":1763906400000"#),
        ["date_form Care: exp looks like milliseconds: NumericDate counts seconds"]
    );
    assert_eq!(
        whole(r#""exp":1001,"nbf":true"#),
        ["date_form Care: nbf is no number of seconds (RFC 7519 section 2)"]
    );
    assert_eq!(
        whole(r#""exp":1000"#),
        ["expired Care: it has expired already, now"]
    );
    assert_eq!(
        whole(r#""exp":1100,"iat":1100"#),
        [
            "expired Care: exp comes before iat: the token is never valid",
            "future Care: iat is still to come, in 100 s: many verifiers refuse it",
        ]
    );
}

#[test]
fn names_that_look_like_secrets_are_told_at_every_depth() {
    let claims = r#"{"exp":1001,"jti":"","aud":"","Client_Secret":1,"a":[{"api-key":1}],"pin":1,
        "shopping":1,"user":{"db_password":""}}"#;
    let names: Vec<String> = found("blank", "{}", claims, RS256)
        .iter()
        .map(|text| text.split(' ').nth(2).unwrap().to_owned())
        .collect();
    assert_eq!(names, ["Client_Secret", "api-key", "pin", "db_password"]);
}

#[test]
fn headers_that_verifiers_refuse_are_told() {
    let claims = r#"{"exp":1001,"jti":"j","aud":"a"}"#;
    let long = format!(r#"{{"jku":"u","crit":[],"x":"{}"}}"#, "x".repeat(8_192));
    assert_eq!(
        found("blank", &long, claims, RS256),
        [
            "key_in_header Care: jku in the header: no verifier may trust it by itself (RFC 8725 \
             section 3.10)",
            "crit Care: crit in the header: keyfob and many others refuse such a token",
            "header_size Care: the header has 8220 bytes: many servers take 8 KiB at most",
        ]
    );
    let claims =
        r#"{"iss":"i","sub":"s","aud":"a","client_id":"c","iat":1000,"exp":1001,"jti":"j"}"#;
    assert_eq!(
        found("access-token", r#"{"typ":"JWT"}"#, claims, RS256),
        ["typ Care: typ is JWT: access-token has at+jwt"]
    );
}

#[test]
fn every_row_has_a_description_and_a_name_of_its_own() {
    let mut codes: Vec<&str> = TABLE.iter().map(|row| row.code).collect();
    assert!(TABLE.iter().all(|row| !row.description.is_empty()));
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), TABLE.len());
}

#[test]
fn a_type_that_verifiers_refuse_is_told() {
    let header = r#"{"alg":"RS256","kid":5,"x5t":null}"#;
    let claims = r#"{"iss":1,"sub":[],"aud":["a",1],"jti":"j","exp":99999999999999999999}"#;
    assert_eq!(
        found("blank", header, claims, RS256),
        [
            "date_form Care: exp is beyond every calendar",
            "type_wrong Care: kid is no text: keyfob and others refuse the token",
            "type_wrong Care: x5t is no text: keyfob and others refuse the token",
            "type_wrong Care: iss is no text: keyfob and others refuse the token",
            "type_wrong Care: sub is no text: keyfob and others refuse the token",
            "type_wrong Care: aud is neither text nor an array of texts: keyfob and others refuse \
             the token",
        ]
    );
}

#[test]
fn examples_are_told_until_another_value_stands_there() {
    let of = |claims: &str| {
        let mut found = found("gooddata", "{}", claims, RS256);
        found.retain(|each| each.starts_with("example_left"));
        found
    };
    let rest = r#""iat":1000,"exp":1060,"jti":"j""#;
    assert_eq!(
        of(&format!(r#"{{"sub":"john.doe","name":"John Doe",{rest}}}"#)),
        [
            "example_left Care: examples of the template are left: sub john.doe, name John Doe; set \
             login, full_name"
        ]
    );
    assert_eq!(
        of(&format!(r#"{{"sub":"jane","name":"John Doe",{rest}}}"#)),
        [
            "example_left Care: name still holds the example John Doe: set full_name (the name that is \
             shown)"
        ]
    );
    let other = format!(r#"{{"sub":"john.doe.2","name":"John Doe junior",{rest}}}"#);
    assert_eq!(of(&other), Vec::<String>::new());
    let snowflake = found(
        "snowflake",
        "{}",
        r#"{"iss":"MYORG-ACCOUNT.JANE.SHA256:x","sub":"MYORG-ACCOUNT.JANE","iat":1000,"exp":1060}"#,
        RS256,
    );
    assert_eq!(
        snowflake,
        [
            "example_left Care: iss still holds the example MYORG-ACCOUNT: set account (the account \
             identifier, in capitals, without region)"
        ]
    );
    let zoom = found(
        "zoom",
        "{}",
        r#"{"app_key":"k","role_type":0,"tpc":"my-session","version":1,"iat":1000,"exp":3000}"#,
        SignatureAlgorithm::Mac(MacAlgorithm::Hs256),
    );
    assert_eq!(
        zoom.iter()
            .filter(|each| each.starts_with("example_left"))
            .count(),
        1
    );
}
