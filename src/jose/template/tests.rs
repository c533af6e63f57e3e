use serde_json::json;

use super::*;

fn moment() -> Moment {
    Moment {
        now: Timestamp::from_second(1_763_906_400).unwrap(),
        random: [0xab; 16],
    }
}

#[test]
fn the_gooddata_template_resolves_to_the_claims_of_its_article() {
    let template = Template::named("gooddata", &[]).unwrap();
    let claims = resolve(&template.draft(&Overrides::default()), &moment()).unwrap();
    assert_eq!(
        claims.text(),
        r#"{"sub":"john.doe","name":"John Doe","iat":1763906400,"jti":"abababab-abab-4bab-abab-abababababab","exp":1763910000}"#
    );
    assert_eq!(template.findings(&claims, Algorithm::Rs256), []);
}

#[test]
fn every_builtin_template_resolves_without_findings() {
    for template in Template::builtin().unwrap() {
        let claims = resolve(&template.draft(&Overrides::default()), &moment()).unwrap();
        let expected = usize::from(template.name == "blank");
        let algorithm = template
            .algorithms
            .first()
            .copied()
            .unwrap_or(Algorithm::EdDsa);
        assert_eq!(
            template.findings(&claims, algorithm).len(),
            expected,
            "{}",
            template.name
        );
    }
}

#[test]
fn overrides_win_and_keep_the_order() {
    let template = Template::named("access-token", &[]).unwrap();
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
        template.draft(&overrides).text(),
        r#"{"iss":"i","sub":"s","aud":["a","b"],"client_id":"keyfob","iat":"now","exp":"+90s","jti":"uuid","scope":"read"}"#
    );
}

#[test]
fn a_long_life_and_a_foreign_algorithm_are_findings() {
    let template = Template::named("gooddata", &[]).unwrap();
    let claims = JsonObject::parse(r#"{"sub":"a","name":"b","iat":0,"exp":360000,"jti":"c"}"#);
    assert_eq!(
        template.findings(&claims.unwrap(), Algorithm::Es256),
        [
            Finding(
                "gooddata: ES256 is not among the algorithms its service takes \
                 (RS256, RS384, RS512)"
                    .to_owned()
            ),
            Finding("it lives 4 d: gooddata takes 60 min at most (not confirmed)".to_owned()),
        ]
    );
}

#[test]
fn text_without_placeholders_is_signed_byte_for_byte() {
    let draft = JsonObject::parse("{ \"a\" : 1.0 }").unwrap();
    assert_eq!(
        resolve(&draft, &moment()).unwrap().text(),
        "{ \"a\" : 1.0 }"
    );
}

#[test]
fn times_are_written_as_people_write_them() {
    for (text, expected) in [
        ("now", 1_763_906_400),
        ("+1h30m", 1_763_911_800),
        ("-10s", 1_763_906_390),
        ("2025-11-23T14:00:01Z", 1_763_906_401),
        ("12", 12),
    ] {
        let draft = JsonObject::from_members(Map::from_iter([("exp".to_owned(), json!(text))]));
        let claims = resolve(&draft, &moment()).unwrap();
        assert_eq!(claims.members()["exp"], json!(expected), "{text}");
    }
    let draft = JsonObject::parse(r#"{"exp":"soon"}"#).unwrap();
    assert_eq!(
        resolve(&draft, &moment()).unwrap_err().to_string(),
        "exp: \"soon\" is no time: write now, +5m, RFC 3339 or epoch seconds"
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
fn an_unknown_field_is_named_with_its_place() {
    let error = Template::parse("mine.yaml", "name: a\ndescription: b\nclaim: {}\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "mine.yaml: unknown field `claim`, expected one of `name`, `description`, `algorithms`, \
         `typ`, `longest`, `longest_source`, `needs`, `claims` at line 3 column 1"
    );
}
