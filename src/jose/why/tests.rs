use aws_lc_rs::rand::SystemRandom;

use super::*;
use crate::jose::{
    claims::JsonObject,
    key::Signer,
    pem::fixture,
    token,
    verdict::{Expectations, KeyOrigin, Standing},
};

const NOW: i64 = 1_763_906_400;
const GOOD: &str = r#"{"sub":"a","iat":1763906400,"exp":1763906460}"#;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn named(kid: &str, pem: &str) -> VerificationKey {
    VerificationKey::Public {
        kid: Some(kid.to_owned()),
        key: fixture::private(pem).public().clone(),
        alg: None,
        leaf: None,
        origin: KeyOrigin::Keystore,
        standing: Standing::Good,
    }
}

fn minted(header: &str, claims: &str) -> String {
    token::mint(
        &JsonObject::parse(header).unwrap(),
        &JsonObject::parse(claims).unwrap(),
        Algorithm::Es256,
        &fixture::private(fixture::P256),
        &SystemRandom::new(),
    )
    .unwrap()
}

/// A token of the key `k` with these claims.
fn with(claims: &str) -> String {
    minted(r#"{"alg":"ES256","kid":"k"}"#, claims)
}

fn place(source: Source, keys: &[(&str, Option<Thumbprint>)]) -> Place {
    Place {
        name: "idp".to_owned(),
        preset: "oidc".to_owned(),
        algorithms: Vec::new(),
        source,
        keys: keys
            .iter()
            .map(|(id, thumbprint)| PlacedKey {
                id: (*id).to_owned(),
                thumbprint: *thumbprint,
            })
            .collect(),
        ahead: None,
    }
}

fn own() -> Option<Thumbprint> {
    named("k", fixture::P256).thumbprint()
}

/// A place that has the key `k`.
fn registered() -> Place {
    place(Source::Recorded, &[("k", own())])
}

fn told(text: &str, places: &[Place]) -> Vec<String> {
    told_with(text, places, &[named("k", fixture::P256)], None)
}

fn told_with(
    text: &str,
    places: &[Place],
    keys: &[VerificationKey],
    certificate: Option<Validity>,
) -> Vec<String> {
    let token = UnverifiedToken::decode(text).unwrap();
    let key = crate::jose::verdict::choose(&token, keys);
    let verdict = Verdict::of(&token, key, &Expectations::default(), now());
    let templates = Template::builtin().unwrap();
    let case = Case {
        token: &token,
        verdict: &verdict,
        key,
        certificate,
        keys,
        places,
        clients: &["web"],
        templates: &templates,
        template: None,
        now: now(),
    };
    let line = |reason: Reason| {
        format!(
            "{} {}: {}",
            reason.likelihood.name(),
            reason.cause,
            reason.text
        )
    };
    reasons(&case).into_iter().map(line).collect()
}

#[test]
fn nothing_speaks_against_a_good_token_of_a_registered_key() {
    assert_eq!(told(&with(GOOD), &[registered()]), Vec::<String>::new());
}

#[test]
fn times_are_certain_reasons() {
    let claims = r#"{"sub":"a","nbf":1763906460,"exp":1763906400}"#;
    assert_eq!(
        told(&with(claims), &[registered()]),
        [
            "certain exp: expired 2025-11-23T14:00:00Z, just now",
            "certain nbf: not valid before 2025-11-23T14:01:00Z, in 60 s",
        ]
    );
}

#[test]
fn a_key_that_is_registered_nowhere_or_otherwise_is_told_place_by_place() {
    let other = named("k", fixture::ED25519).thumbprint();
    let token = with(GOOD);
    for (places, expected) in [
        (
            vec![],
            "likely registration: k is not known to be registered anywhere",
        ),
        (
            vec![place(Source::Recorded, &[("k", other)])],
            "likely registration: idp has another key under the name k",
        ),
        (
            vec![place(Source::Asked, &[("k", other)])],
            "certain registration: idp has another key under the name k",
        ),
        (
            vec![place(Source::Asked, &[("old", own())])],
            "certain kid: idp knows the key as old, the token says k",
        ),
        (
            vec![place(Source::Asked, &[])],
            "likely registration: idp has no key k",
        ),
    ] {
        assert_eq!(told(&token, &places), [expected]);
    }
}

#[test]
fn a_key_that_is_not_here_is_looked_for_where_it_was_asked() {
    let token = with(GOOD);
    let nobody = "possible kid: no key k is here: whether the signature holds is not known";
    let asked = place(Source::Asked, &[("other", None)]);
    assert_eq!(
        told_with(&token, &[asked], &[], None),
        ["likely registration: idp has no key k", nobody]
    );
    let there = place(Source::Asked, &[("k", None)]);
    assert_eq!(told_with(&token, &[there], &[], None), [nobody]);
}

#[test]
fn a_signature_of_another_key_of_ours_names_it() {
    let keys = [named("k", fixture::ED25519), named("mine", fixture::P256)];
    let place = place(Source::Recorded, &[("k", keys[0].thumbprint())]);
    assert_eq!(
        told_with(&with(GOOD), &[place], &keys, None)[0],
        "certain signature: it is signed by mine, and its kid names k"
    );
}

#[test]
fn unsigned_encrypted_and_quoted_tokens_are_told() {
    let none = "eyJhbGciOiJub25lIiwia2lkIjoiayJ9.e30.";
    assert_eq!(
        told(none, &[registered()])[0],
        "certain signature: the token is not signed"
    );
    assert_eq!(
        told_with("eyJhbGciOiJkaXIifQ....", &[], &[], None),
        ["likely kind: it is encrypted (JWE): who has not the key to open it reads no claim"]
    );
    let quoted = format!("Bearer \"{}\"", with(GOOD));
    assert_eq!(
        told(&quoted, &[registered()]),
        ["likely paste: the paste has quotes beside the token, and so may what was sent"]
    );
}

#[test]
fn an_id_token_is_no_access_token() {
    let it_is = "this is an id token, which is for the client and not for an API";
    for (claims, signs) in [
        (r#""nonce":"n""#, "it has nonce"),
        (
            r#""nonce":"n","at_hash":"a","c_hash":"c","typ":"ID""#,
            "it has nonce, at_hash, c_hash, typ ID",
        ),
        (
            r#""aud":"app","azp":"app""#,
            "aud and azp are both app, the client itself",
        ),
        (
            r#""aud":["app"],"azp":"app""#,
            "aud and azp are both app, the client itself",
        ),
        (r#""aud":"web""#, "aud is web, a client that is known here"),
    ] {
        let claims = format!(r#"{{"sub":"a","exp":1763906460,{claims}}}"#);
        let mut told = told(&with(&claims), &[registered()]);
        told.retain(|reason| reason.contains(" kind: "));
        assert_eq!(told, [format!("likely kind: {signs}: {it_is}")], "{claims}");
    }
}

#[test]
fn what_tells_its_bearers_rights_is_no_id_token() {
    for claims in [
        r#""aud":"app","azp":"app","scope":"read""#,
        r#""aud":"app","azp":"app","roles":["r"]"#,
        r#""aud":"app","azp":"app","typ":"Bearer""#,
        r#""aud":"web","client_id":"web""#,
        r#""aud":"api","azp":"app""#,
    ] {
        let claims = format!(r#"{{"sub":"a","exp":1763906460,{claims}}}"#);
        assert_eq!(told(&with(&claims), &[registered()]), Vec::<String>::new());
    }
}

#[test]
fn a_typ_that_names_another_kind_of_token_is_told() {
    let typed = |typ: &str| {
        let header = format!(r#"{{"alg":"ES256","kid":"k","typ":"{typ}"}}"#);
        let claims = r#"{"jti":"1","nonce":"n","iat":1763906400}"#;
        told(&minted(&header, claims), &[registered()])
    };
    let proof = "this is a DPoP proof (RFC 9449), and no access token";
    for typ in ["dpop+jwt", "application/DPoP+jwt"] {
        assert_eq!(
            typed(typ),
            [format!("possible kind: typ is dpop+jwt: {proof}")]
        );
    }
    let is_kind = |reason: &String| reason.contains(" kind: ");
    assert!(!typed("at+jwt").iter().any(is_kind));
}

#[test]
fn an_assertion_is_held_against_what_token_endpoints_take() {
    let claims = r#"{"iss":"c","sub":"c","aud":["https://idp.example/token"],
        "iat":1763906400,"exp":1763910000,"jti":"1"}"#;
    assert_eq!(
        told(&with(claims), &[registered()]),
        [
            "likely aud: aud is an array: many servers take one text only",
            "likely aud: aud is https://idp.example/token, a token endpoint: servers of today want \
             their issuer there",
            "possible service: it lives 60 min: client-assertion takes at most 5 min (not confirmed)",
            "possible jti: jti 1 counts once: if the token was sent before, it is refused now",
        ]
    );
}

#[test]
fn an_algorithm_that_the_place_of_the_key_does_not_take_is_told() {
    let place = Place {
        algorithms: vec![Algorithm::Rs256, Algorithm::Rs384],
        ..registered()
    };
    assert_eq!(
        told(&with(GOOD), &[place]),
        ["likely alg: idp takes RS256, RS384, and this is ES256"]
    );
}

#[test]
fn the_clock_of_a_place_decides_what_is_expired_there() {
    for (ahead, expected) in [
        (4, vec![]),
        (
            30,
            vec!["possible clock: the clock of idp is 30 s ahead of ours"],
        ),
        (
            60,
            vec![
                "likely clock: the clock of idp is 60 s ahead of ours: there the token has expired",
            ],
        ),
        (
            -60,
            vec![
                "likely clock: the clock of idp is 60 s behind ours: there the token is not valid yet",
            ],
        ),
    ] {
        let place = Place {
            ahead: Some(SignedDuration::from_secs(ahead)),
            ..registered()
        };
        assert_eq!(told(&with(GOOD), &[place]), expected);
    }
}

#[test]
fn a_certificate_that_expired_and_the_hash_of_another_are_told() {
    let minute = SignedDuration::from_mins(1);
    let expired = Validity {
        from: now() - minute - minute,
        until: now() - minute,
    };
    let token = minted(r#"{"alg":"ES256","kid":"k","x5t":"AAAA"}"#, GOOD);
    let keys = [named("k", fixture::P256)];
    assert_eq!(
        told_with(&token, &[registered()], &keys, Some(expired)),
        [
            "likely x5t: AAAA is of another certificate; the key's is none: it has no certificate",
            "likely certificate: the key's certificate expired 2025-11-23T13:59:00Z, 60 s ago",
        ]
    );
}

#[test]
fn each_remedy_that_keyfob_does_names_its_key() {
    let keys = [named("k", fixture::P256)];
    let token = UnverifiedToken::decode(&with(GOOD)).unwrap();
    let verdict = Verdict::of(&token, Some(&keys[0]), &Expectations::default(), now());
    let case = Case {
        token: &token,
        verdict: &verdict,
        key: Some(&keys[0]),
        certificate: None,
        keys: &keys,
        places: &[place(Source::Asked, &[])],
        clients: &[],
        templates: &[],
        template: None,
        now: now(),
    };
    let acts: Vec<_> = reasons(&case)
        .into_iter()
        .map(|reason| reason.act)
        .collect();
    let register = Act::Register {
        kid: "k".to_owned(),
        place: Some("idp".to_owned()),
    };
    assert_eq!(acts, [Some(register)]);
}

#[test]
fn a_token_for_a_known_service_is_held_against_what_that_takes() {
    let apple = r#"{"iss":"T","sub":"c","aud":"https://appleid.apple.com","iat":1763906400,"exp":1795442400}"#;
    let google = r#"{"iss":"a@b","scope":"s","aud":"https://oauth2.googleapis.com/token","iat":1763906400,"exp":1763913600}"#;
    for (claims, expected) in [
        (
            apple,
            &[
                "likely service: it lives 365 d: apple-client-secret takes at most 182 d (https://developer.apple.com/documentation, \"Creating a client secret\")",
            ][..],
        ),
        (
            google,
            &[
                "likely service: google-jwt-bearer takes RS256, not ES256 (https://developers.google.com/identity/protocols/oauth2/service-account)",
                "likely service: it lives 2 h: google-jwt-bearer takes at most 60 min (https://developers.google.com/identity/protocols/oauth2/service-account)",
            ],
        ),
    ] {
        assert_eq!(told(&with(claims), &[registered()]), expected, "{claims}");
    }
}
