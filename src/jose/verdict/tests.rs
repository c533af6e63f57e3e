mod any_token;

use aws_lc_rs::rand::SystemRandom;

use super::*;
use crate::jose::{claims::JsonObject, key::Signer, pem::fixture, token};

const NOW: i64 = 1_763_906_400;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn key(pem: &str, origin: KeyOrigin) -> VerificationKey {
    VerificationKey::Public {
        kid: Some("k".to_owned()),
        key: fixture::private(pem).public().clone(),
        alg: None,
        leaf: None,
        origin,
        standing: Standing::Good,
    }
}

fn minted(pem: &str, algorithm: Algorithm, header: &str, claims: &str) -> UnverifiedToken {
    let header = JsonObject::parse(header).unwrap();
    let claims = JsonObject::parse(claims).unwrap();
    let private = fixture::private(pem);
    let token = token::mint(&header, &claims, algorithm, &private, &SystemRandom::new()).unwrap();
    UnverifiedToken::decode(&token).unwrap()
}

fn es256(claims: &str) -> UnverifiedToken {
    minted(
        fixture::P256,
        Algorithm::Es256,
        r#"{"alg":"ES256","kid":"k"}"#,
        claims,
    )
}

fn failures(token: &UnverifiedToken, expectations: &Expectations) -> Vec<String> {
    let key = key(fixture::P256, KeyOrigin::Keystore);
    let verdict = Verdict::of(token, Some(&key), expectations, now());
    verdict
        .failures()
        .map(|check| format!("{}: {}", check.name, check.detail))
        .collect()
}

fn encoded(header: &str, claims: &str, signature: &[u8]) -> UnverifiedToken {
    let b64 = Base64UrlUnpadded::encode_string;
    let token = format!(
        "{}.{}.{}",
        b64(header.as_bytes()),
        b64(claims.as_bytes()),
        b64(signature)
    );
    UnverifiedToken::decode(&token).unwrap()
}

#[test]
fn a_good_token_is_valid_with_every_check_listed() {
    let token = es256(&format!(
        r#"{{"iss":"i","aud":["a","b"],"iat":{NOW},"exp":{}}}"#,
        NOW + 300
    ));
    let expectations = Expectations {
        iss: Some("i".to_owned()),
        aud: Some("b".to_owned()),
        required: vec!["iat".to_owned()],
        ..Expectations::default()
    };
    let key = key(fixture::P256, KeyOrigin::Keystore);
    let verdict = Verdict::of(&token, Some(&key), &expectations, now());
    let told: Vec<String> = verdict
        .checks
        .iter()
        .map(|check| format!("{} {:?}", check.name, check.outcome))
        .collect();
    assert_eq!(verdict.outcome, Outcome::Valid);
    assert_eq!(
        told,
        [
            "signature Passed",
            "alg Passed",
            "kid Passed",
            "typ NotChecked",
            "key strength Passed",
            "exp Passed",
            "iat Passed",
            "iss Passed",
            "aud Passed",
            "iat Passed",
        ]
    );
}

#[test]
fn every_failure_is_told_at_once() {
    let token = es256(&format!(
        r#"{{"iss":"x","aud":"y","nbf":{},"iat":{},"exp":{NOW}}}"#,
        NOW + 60,
        NOW + 60
    ));
    let expectations = Expectations {
        iss: Some("i".to_owned()),
        aud: Some("a".to_owned()),
        typ: Some("at+jwt".to_owned()),
        required: vec!["sub".to_owned()],
        ..Expectations::default()
    };
    assert_eq!(
        failures(&token, &expectations),
        [
            "typ: none, and at+jwt was expected",
            "exp: expired 2025-11-23T14:00:00Z, just now",
            "nbf: not valid before 2025-11-23T14:01:00Z, in 60 s",
            "iat: issued in the future, 2025-11-23T14:01:00Z, in 60 s",
            r#"iss: "x", and "i" was expected"#,
            r#"aud: y, and "a" was expected"#,
            "sub: it is required and missing",
        ]
    );
}

#[test]
fn leeway_counts_up_to_300_seconds() {
    let token = es256(&format!(r#"{{"exp":{}}}"#, NOW - 299));
    let leeway = |seconds| Expectations {
        leeway: Duration::from_secs(seconds),
        ..Expectations::default()
    };
    assert_eq!(failures(&token, &leeway(300)), Vec::<String>::new());
    assert_eq!(failures(&token, &leeway(0)).len(), 1);
    let older = es256(&format!(r#"{{"exp":{}}}"#, NOW - 300));
    assert_eq!(failures(&older, &leeway(100_000)).len(), 1);
}

#[test]
fn claims_of_a_wrong_type_fail() {
    let token = es256(r#"{"iss":1,"sub":[],"aud":{},"exp":"soon","nbf":true,"iat":null,"jti":7}"#);
    let failed: Vec<String> = failures(&token, &Expectations::default())
        .iter()
        .map(|text| text.split(':').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(failed, ["exp", "nbf", "iat", "iss", "aud", "sub", "jti"]);
}

#[test]
fn a_token_without_exp_is_valid_and_that_is_a_finding() {
    let key = key(fixture::P256, KeyOrigin::Keystore);
    let verdict = Verdict::of(&es256("{}"), Some(&key), &Expectations::default(), now());
    assert_eq!(verdict.outcome, Outcome::Valid);
    assert!(
        verdict
            .checks
            .contains(&Check::finding("exp", "none: the token never expires"))
    );
}

#[test]
fn without_a_key_a_token_is_not_checked_and_an_expired_one_invalid() {
    let verdict =
        |claims: &str| Verdict::of(&es256(claims), None, &Expectations::default(), now()).outcome;
    assert_eq!(verdict("{}"), Outcome::NotChecked);
    assert_eq!(verdict(r#"{"exp":1}"#), Outcome::Invalid);
}

#[test]
fn none_never_verifies() {
    for alg in ["none", "None", "NONE"] {
        let token = encoded(&format!(r#"{{"alg":"{alg}","kid":"k"}}"#), "{}", b"");
        assert_eq!(
            failures(&token, &Expectations::default()),
            [
                "signature: the token is not signed",
                "alg: none: an unsigned token is never valid"
            ]
        );
        let allowed = Expectations {
            algorithms: vec![alg.to_owned()],
            ..Default::default()
        };
        assert_eq!(failures(&token, &allowed).len(), 2);
    }
}

#[test]
fn a_public_key_is_never_an_hmac_secret() {
    let public = fixture::private(fixture::RSA2048).public().clone();
    let (header, claims) = (r#"{"alg":"HS256","kid":"k"}"#, "{}");
    let input = encoded(header, claims, b"x").signing_input().to_owned();
    for secret in [public.spki_pem().into_bytes(), public.spki_der().to_vec()] {
        let mac_key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let tag = aws_lc_rs::hmac::sign(&mac_key, input.as_bytes());
        let token = encoded(header, claims, tag.as_ref());
        let key = key(fixture::RSA2048, KeyOrigin::Keystore);
        for algorithms in [vec![], vec!["HS256".to_owned()]] {
            let expectations = Expectations {
                algorithms,
                ..Expectations::default()
            };
            let verdict = Verdict::of(&token, Some(&key), &expectations, now());
            assert_eq!(verdict.outcome, Outcome::Invalid);
        }
    }
}

#[test]
fn the_alg_comes_from_the_key() {
    let header = r#"{"alg":"RS512","kid":"k"}"#;
    let token = minted(fixture::RSA2048, Algorithm::Rs512, header, "{}");
    let outcome = |alg, algorithms: &[&str]| {
        let VerificationKey::Public {
            kid,
            key,
            leaf,
            origin,
            ..
        } = key(fixture::RSA2048, KeyOrigin::Set)
        else {
            unreachable!("the fixture is a public key")
        };
        let key = VerificationKey::Public {
            kid,
            key,
            alg,
            leaf,
            origin,
            standing: Standing::Good,
        };
        let algorithms = algorithms.iter().map(|&alg| alg.to_owned()).collect();
        let expectations = Expectations {
            algorithms,
            ..Expectations::default()
        };
        Verdict::of(&token, Some(&key), &expectations, now()).outcome
    };
    assert_eq!(outcome(Some(Algorithm::Rs256), &[]), Outcome::Invalid);
    assert_eq!(
        outcome(Some(Algorithm::Rs256), &["RS256", "RS512"]),
        Outcome::Valid
    );
    assert_eq!(
        outcome(Some(Algorithm::Rs512), &["RS256"]),
        Outcome::Invalid
    );
    assert_eq!(outcome(None, &[]), Outcome::Valid);
}

#[test]
fn critical_extensions_and_unencoded_payloads_fail() {
    for (header, expected) in [
        (
            r#"{"alg":"ES256","kid":"k","crit":["exp"],"exp":1}"#,
            r#"crit: ["exp"]: extensions that must be understood and are not"#,
        ),
        (
            r#"{"alg":"ES256","kid":"k","b64":false}"#,
            "b64: false: an unencoded payload is not accepted",
        ),
    ] {
        let token = minted(fixture::P256, Algorithm::Es256, header, "{}");
        assert_eq!(failures(&token, &Expectations::default()), [expected]);
    }
}

#[test]
fn another_kid_fails_for_a_set_and_is_a_finding_for_a_file() {
    let header = r#"{"alg":"ES256","kid":"other"}"#;
    let token = minted(fixture::P256, Algorithm::Es256, header, "{}");
    let outcome = |origin| {
        let key = key(fixture::P256, origin);
        Verdict::of(&token, Some(&key), &Expectations::default(), now()).outcome
    };
    assert_eq!(outcome(KeyOrigin::Keystore), Outcome::Invalid);
    assert_eq!(outcome(KeyOrigin::Set), Outcome::Invalid);
    assert_eq!(outcome(KeyOrigin::SingleFile), Outcome::Valid);
}

#[test]
fn the_tokens_of_rfc_7515_appendix_a_1_and_a_3_verify() {
    let secret =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let secret = Secret::new(Base64UrlUnpadded::decode_vec(secret).unwrap());
    let at = Timestamp::from_second(1_300_819_379).unwrap();
    let claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let hs256 = format!(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{claims}.\
         dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    let es256 = format!(
        "eyJhbGciOiJFUzI1NiJ9.{claims}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djx\
         La8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let keys = [
        VerificationKey::Symmetric { alg: None, secret },
        VerificationKey::Public {
            kid: None,
            key: fixture::public_jwk(jwk),
            alg: None,
            leaf: None,
            origin: KeyOrigin::SingleFile,
            standing: Standing::Good,
        },
    ];
    for (text, key) in [hs256, es256].iter().zip(&keys) {
        let token = UnverifiedToken::decode(text).unwrap();
        let verdict = Verdict::of(&token, Some(key), &Expectations::default(), at);
        assert_eq!(verdict.outcome, Outcome::Valid, "{verdict:?}");
    }
}

#[test]
fn a_short_secret_is_refused() {
    let secret = Secret::new(vec![7; 31]);
    let input = encoded(r#"{"alg":"HS256"}"#, "{}", b"x")
        .signing_input()
        .to_owned();
    let mac_key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.expose());
    let tag = aws_lc_rs::hmac::sign(&mac_key, input.as_bytes());
    let token = encoded(r#"{"alg":"HS256"}"#, "{}", tag.as_ref());
    let key = VerificationKey::Symmetric { alg: None, secret };
    let verdict = Verdict::of(&token, Some(&key), &Expectations::default(), now());
    let told: Vec<&str> = verdict
        .failures()
        .map(|check| check.detail.as_str())
        .collect();
    assert_eq!(
        told,
        ["HS256 needs a secret of 32 bytes; this one has 31 (RFC 7518 section 3.2)"]
    );
}

#[test]
fn the_key_is_chosen_by_kid_then_thumbprint() {
    let named = |kid: &str, pem| VerificationKey::Public {
        kid: Some(kid.to_owned()),
        key: fixture::private(pem).public().clone(),
        alg: None,
        leaf: None,
        origin: KeyOrigin::Keystore,
        standing: Standing::Good,
    };
    let keys = [
        named("a", fixture::RSA2048),
        named("b", fixture::P256),
        named("c", fixture::ED25519),
    ];
    let chosen = |kid: &str| {
        let header = format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#);
        let token = encoded(&header, "{}", b"x");
        choose(&token, &keys)
            .and_then(VerificationKey::kid)
            .map(str::to_owned)
    };
    assert_eq!(chosen("b").as_deref(), Some("b"));
    let thumbprint = fixture::private(fixture::ED25519).public().thumbprint();
    assert_eq!(chosen(&thumbprint.to_string()).as_deref(), Some("c"));
    assert_eq!(chosen("unknown"), None);
}

#[test]
fn a_certificate_of_another_key_fails() {
    let own = fixture::private(fixture::P256).public().clone();
    let other = fixture::private(fixture::P384).public().clone();
    let leaf = |key| {
        Some(Leaf {
            der: vec![0x30, 0],
            key: Some(key),
        })
    };
    let outcome = |leaf| {
        let key = VerificationKey::Public {
            kid: Some("k".to_owned()),
            key: own.clone(),
            alg: None,
            leaf,
            origin: KeyOrigin::Keystore,
            standing: Standing::Good,
        };
        Verdict::of(&es256("{}"), Some(&key), &Expectations::default(), now()).outcome
    };
    assert_eq!(outcome(leaf(own.clone())), Outcome::Valid);
    assert_eq!(outcome(leaf(other)), Outcome::Invalid);
}

#[test]
fn nothing_counts_that_a_revoked_key_signed() {
    let VerificationKey::Public {
        kid,
        key,
        alg,
        leaf,
        origin,
        ..
    } = key(fixture::P256, KeyOrigin::Keystore)
    else {
        unreachable!("the fixture is a public key")
    };
    let revoked = VerificationKey::Public {
        kid,
        key,
        alg,
        leaf,
        origin,
        standing: Standing::Revoked,
    };
    let verdict = Verdict::of(
        &es256("{}"),
        Some(&revoked),
        &Expectations::default(),
        now(),
    );
    let failed: Vec<&str> = verdict
        .failures()
        .map(|check| check.name.as_str())
        .collect();
    assert_eq!(failed, ["key status"]);
}
