use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, json};

use super::*;
use crate::jose::{header::header_for, key::Signer, pem::fixture};

const MOMENT: Moment<'static> = Moment {
    now: Timestamp::constant(1_763_906_400, 0),
    zone: &TimeZone::UTC,
    random: [0xab; 16],
};

fn key() -> PublicKey {
    fixture::private(fixture::RSA2048).public().clone()
}

fn draft(name: &str, values: &[(&str, &str)]) -> JsonObject {
    let owned: Vec<(String, String)> = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let template = Template::named(name, &[]).unwrap();
    template.draft(&owned, Some(&key())).unwrap()
}

#[test]
fn the_gooddata_template_resolves_to_the_claims_of_its_article() {
    let claims = resolve(&draft("gooddata", &[]), &MOMENT).unwrap();
    assert_eq!(
        claims.text(),
        r#"{"sub":"john.doe","name":"John Doe","iat":1763906400,"jti":"abababab-abab-4bab-abab-abababababab","exp":1763910000}"#
    );
}

#[test]
fn every_builtin_template_resolves_with_its_examples_as_the_only_findings() {
    for template in Template::builtin().unwrap() {
        let draft = template.draft(&[], Some(&key())).unwrap();
        let claims = resolve(&draft, &MOMENT).unwrap();
        let rs256 = SignatureAlgorithm::Asymmetric(Algorithm::Rs256);
        let algorithm = template.algorithms.value.first().copied().unwrap_or(rs256);
        let header = header_for(algorithm, &template.typ, Some("k"));
        let token = Token {
            template: Some(&template),
            filled: &[],
            header: &header,
            claims: &claims,
            algorithm,
            now: MOMENT.now,
            length: 0,
        };
        let codes: Vec<&str> = findings(&token).iter().map(|found| found.code).collect();
        let expected: &[&str] = match template.name.as_str() {
            "blank" => &["exp_missing", "jti_missing", "aud_missing"],
            _ => &["example_left"],
        };
        assert_eq!(codes, expected, "{}", template.name);
    }
}

#[test]
fn every_service_of_the_list_has_a_template() {
    let names: Vec<String> = Template::builtin()
        .unwrap()
        .into_iter()
        .map(|template| template.name)
        .collect();
    assert_eq!(
        names,
        [
            "access-token",
            "apple-client-secret",
            "client-assertion",
            "docusign",
            "dpop-proof",
            "github-app",
            "gooddata",
            "google-jwt-bearer",
            "id-token",
            "salesforce-jwt-bearer",
            "snowflake",
            "vonage",
            "zoom",
            "blank",
        ]
    );
}

#[test]
fn fields_fill_the_claims_and_the_key_its_own() {
    let claims = draft("snowflake", &[("user", "JANE"), ("account", "A-B")]);
    assert_eq!(
        claims.text(),
        r#"{"iss":"A-B.JANE.SHA256:+fMiYrap1aIxjC4YNSedBDeBz3ywjGwKBV5LhRYQkos=","sub":"A-B.JANE","iat":"now","exp":"+59m"}"#
    );
    let zoom = draft("zoom", &[("role", "1"), ("session", "{role} {x}")]);
    assert_eq!(
        zoom.text(),
        r#"{"app_key":"exampleSdkKey","role_type":1,"tpc":"{role} {x}","version":1,"iat":"now","exp":"+2h"}"#
    );
    let template = Template::named("zoom", &[]).unwrap();
    let fill = |name: &str, value: &str| {
        let values = [(name.to_owned(), value.to_owned())];
        template
            .draft(&values, Some(&key()))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fill("role", "host"),
        "zoom: role is JSON, a number for example: expected value"
    );
    assert_eq!(
        fill("rôle", "1"),
        "zoom has no field rôle: it has app_key, session, role"
    );
}

#[test]
fn overrides_win_and_keep_the_order_and_the_rest_of_the_text() {
    let overrides = Overrides {
        iss: Some("i".to_owned()),
        aud: vec!["a".to_owned(), "b".to_owned()],
        ttl: Some(Duration::from_secs(90)),
        claims: vec![
            ("scope".to_owned(), json!("read")),
            ("sub".to_owned(), json!("s")),
        ],
        ..Overrides::default()
    };
    assert_eq!(
        overrides.over(&draft("access-token", &[])).text(),
        r#"{"iss":"i","sub":"s","aud":["a","b"],"client_id":"keyfob","iat":"now","exp":"+90s","jti":"uuid","scope":"read"}"#
    );
    let claims = JsonObject::parse("{ \"aud\" : 1,\n\"n\": 1.00 }").unwrap();
    assert_eq!(
        overrides.over(&claims).text(),
        "{ \"aud\" : [\"a\",\"b\"],\n\"n\": 1.00,\"iss\":\"i\",\"exp\":\"+90s\",\"scope\":\"read\",\"sub\":\"s\" }"
    );
}

#[test]
fn text_without_placeholders_is_signed_byte_for_byte() {
    for text in ["{ \"a\" : 1.0 }", "{ \"e\\u00e9\": 1E+2, \"exp\" : 12.50 }"] {
        let draft = JsonObject::parse(text).unwrap();
        assert_eq!(resolve(&draft, &MOMENT).unwrap().text(), text);
    }
    let draft = JsonObject::parse("{ \"exp\" : \"+1s\", \"n\":1.0 }").unwrap();
    assert_eq!(
        resolve(&draft, &MOMENT).unwrap().text(),
        "{ \"exp\" : 1763906401, \"n\":1.0 }"
    );
}

#[test]
fn a_time_that_is_none_is_named_with_its_claim() {
    let draft = JsonObject::from_members(Map::from_iter([("exp".to_owned(), json!("soon"))]));
    assert_eq!(
        resolve(&draft, &MOMENT).unwrap_err().to_string(),
        "exp: \"soon\" is no time: write now, +5m, -30s, tomorrow 9:00, epoch seconds or RFC 3339, \
         2026-11-23T14:00:00Z"
    );
}

#[test]
fn a_claim_is_json_when_it_parses_but_names_stay_text() {
    for (pair, expected) in [
        ("admin=true", ("admin", json!(true))),
        ("sub=42", ("sub", json!("42"))),
        ("sub:=42", ("sub", json!(42))),
        ("x=a=b", ("x", json!("a=b"))),
        ("x=", ("x", json!(""))),
        ("x={\"a\":1}", ("x", json!({"a": 1}))),
        ("x={\"a\":1,\"a\":2}", ("x", json!("{\"a\":1,\"a\":2}"))),
        ("x=1,\"y\":2", ("x", json!("1,\"y\":2"))),
    ] {
        let (name, value) = parse_claim(pair).unwrap();
        assert_eq!((name.as_str(), value), expected, "{pair}");
    }
    for pair in ["", "x", "=1", ":=1", "x:=nope"] {
        assert!(parse_claim(pair).is_err(), "{pair}");
    }
}

#[test]
fn what_is_wrong_in_a_template_is_told_with_its_place_and_what_to_write() {
    let head = "name: mine\ndescription: d\n";
    for (rest, expected) in [
        (
            "claim: {}\n",
            "mine.yaml: unknown field `claim`, expected one of `name`, `description`, \
             `algorithms`, `algorithms_source`, `typ`, `header`, `longest`, `shortest`, \
             `lifetime_source`, `needs`, `fields`, `claims` at line 3 column 1",
        ),
        (
            "algorithms: [RS256, RS1]\nclaims: {}\n",
            "mine.yaml: algorithms[1]: unknown algorithm RS1: keyfob knows RS256, RS384, RS512, \
             PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519 at line 3 column 21",
        ),
        (
            "longest: 1y\nclaims: {}\n",
            "mine.yaml: longest: \"1y\" is no duration: write 90s, 5m, 1h30m or 2d at line 3 column 10",
        ),
        (
            "header: [jku]\nclaims: {}\n",
            "mine.yaml: header[0]: \"jku\" is not filled from a key: write some of kid, jwk, \
             x5t, x5t#S256, x5c at line 3 column 10",
        ),
        (
            "claims:\n  iss: \"{who}\"\n",
            "mine.yaml: {who} is no field: describe it in fields: at line 4 column 9",
        ),
        (
            "fields:\n  - name: who\n    help: h\n    default: d\nclaims: {}\n",
            "mine.yaml: no claim holds {who}: write it there, or leave the field away at line 4 column 5",
        ),
        (
            "fields:\n  - name: who\n    help: h\nclaims:\n  iss: \"{who}\"\n",
            "mine.yaml: who: give it a default that will do, or an example at line 4 column 5",
        ),
        (
            "longest: 1m\nshortest: 2m\nclaims: {}\n",
            "mine.yaml: shortest is longer than longest: write the smaller first at line 4 column 1",
        ),
    ] {
        let error = Template::parse("mine.yaml", &format!("{head}{rest}")).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_template_of_the_user_replaces_the_one_of_its_name() {
    let own = Template::parse(
        "claims/zoom.yaml",
        "name: zoom\ndescription: mine\nclaims: {}\n",
    );
    let all = Template::all(&[own.unwrap()]).unwrap();
    let zoom: Vec<&str> = all
        .iter()
        .filter(|template| template.name == "zoom")
        .map(|template| template.description.as_str())
        .collect();
    assert_eq!(zoom, ["mine"]);
    assert_eq!(
        Template::named("nobody", &[]).unwrap_err().to_string(),
        "no template nobody: there are access-token, apple-client-secret, client-assertion, \
         docusign, dpop-proof, github-app, gooddata, google-jwt-bearer, id-token, salesforce-jwt-bearer, \
         snowflake, vonage, zoom, blank"
    );
}
