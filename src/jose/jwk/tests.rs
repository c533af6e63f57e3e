use super::*;
use crate::jose::pem::fixture;

const ALL: [&str; 5] = [
    fixture::RSA2048,
    fixture::P256,
    fixture::P384,
    fixture::P521,
    fixture::ED25519,
];

#[test]
fn a_private_jwk_gives_the_same_key_back() {
    for pem in ALL {
        let private = fixture::private(pem);
        let alg = private.public().key_type().default_algorithm();
        let public = PublicJwk::new(private.public().clone(), "k", alg, &[]);
        let json = Jwk::private_json(&public, &private).unwrap();
        let Jwk::Private {
            public: again,
            private: key,
        } = Jwk::parse(json.expose()).unwrap()
        else {
            panic!("the private half is lost");
        };
        assert_eq!(again, public);
        assert_eq!(key.pkcs8_der().expose(), private.pkcs8_der().expose());
    }
}

#[test]
fn a_public_jwk_round_trips_with_its_unknown_members() {
    for pem in ALL {
        let key = fixture::private(pem).public().clone();
        let alg = key.key_type().default_algorithm();
        let mut jwk = PublicJwk::new(key, "k", alg, &[vec![0x30, 0]]);
        jwk.other.insert("exp".to_owned(), 12.into());
        let Jwk::Public(again) = Jwk::parse(&jwk.to_json()).unwrap() else {
            panic!("private")
        };
        assert_eq!(again, jwk);
    }
}

#[test]
fn members_stand_in_their_fixed_order() {
    let key = fixture::private(fixture::RSA2048).public().clone();
    let jwk = PublicJwk::new(key, "k", Algorithm::Rs256, &[vec![0x30, 0]]);
    let names: Vec<String> = jwk.to_value().keys().cloned().collect();
    assert_eq!(
        names,
        [
            "kty", "use", "alg", "kid", "n", "e", "x5c", "x5t", "x5t#S256"
        ]
    );
}

#[test]
fn the_thumbprint_of_rfc_7638_section_3_1() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_\
             BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F\
             DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4v\
             MQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let jwk = format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","alg":"RS256","kid":"2011-04-29"}}"#);
    assert_eq!(
        fixture::public_jwk(&jwk).thumbprint().to_string(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

#[test]
fn one_key_that_cannot_be_read_does_not_spoil_the_set() {
    let key = fixture::private(fixture::P256).public().clone();
    let good = PublicJwk::new(key, "k", Algorithm::Es256, &[]);
    let text = format!(
        r#"{{"keys":[{{"kty":"AKP","alg":"ML-DSA-44"}},{}]}}"#,
        good.to_json()
    );
    let set = JwkSet::parse(&text).unwrap();
    let refused = set.keys[0].as_ref().unwrap_err().to_string();
    assert_eq!(
        refused,
        "a kty AKP key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 keys"
    );
    assert!(matches!(&set.keys[1], Ok(Jwk::Public(jwk)) if *jwk == good));
}

#[test]
fn an_unknown_alg_or_use_is_kept() {
    let key = fixture::private(fixture::RSA2048).public().clone();
    let text = PublicJwk::new(key, "k", Algorithm::Rs256, &[])
        .to_json()
        .replace("RS256", "RSA-OAEP")
        .replace(r#""use":"sig""#, r#""use":"other""#);
    let Jwk::Public(jwk) = Jwk::parse(&text).unwrap() else {
        panic!("private")
    };
    assert_eq!(
        (jwk.alg.as_deref(), jwk.usage.as_deref()),
        (Some("RSA-OAEP"), Some("other"))
    );
}

#[test]
fn a_private_number_that_cannot_be_read_never_leaves_a_public_key() {
    let private = fixture::private(fixture::RSA2048);
    let public = PublicJwk::new(private.public().clone(), "k", Algorithm::Rs256, &[]);
    let json = Jwk::private_json(&public, &private).unwrap();
    let padded = json.expose().replace(r#"","p":"#, r#"==","p":"#);
    let error = Jwk::parse(&padded).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"JWK member "d": it is not base64url without padding"#
    );
}

#[test]
fn rsa_factors_without_their_exponents_are_no_loss() {
    let private = fixture::private(fixture::RSA2048);
    let public = PublicJwk::new(private.public().clone(), "k", Algorithm::Rs256, &[]);
    let json = Jwk::private_json(&public, &private).unwrap();
    let short = format!("{}}}", json.expose().split(r#","dp""#).next().unwrap());
    let Jwk::Private { private: again, .. } = Jwk::parse(&short).unwrap() else {
        panic!("the private half is lost")
    };
    assert_eq!(again.public(), private.public());
}

#[test]
fn rsa_exponents_that_are_not_those_of_the_factors_are_refused() {
    let private = fixture::private(fixture::RSA2048);
    let public = PublicJwk::new(private.public().clone(), "k", Algorithm::Rs256, &[]);
    let json = Jwk::private_json(&public, &private).unwrap();
    for name in ["dp", "dq", "qi"] {
        let start = format!(r#""{name}":""#);
        let (before, after) = json.expose().split_once(&start).unwrap();
        let changed = if after.starts_with('A') { "B" } else { "A" };
        let text = format!("{before}{start}{changed}{}", &after[1..]);
        assert_eq!(
            Jwk::parse(&text).unwrap_err(),
            KeyError::RsaFactors(format!("{name} is another's"))
        );
    }
}

#[test]
fn the_members_of_a_set_are_unique() {
    for (text, name) in [
        (r#"{"keys":[],"keys":[]}"#, "keys"),
        (r#"{"keys":[],"a":1,"\u0061":2}"#, "a"),
    ] {
        let refused = JwkSet::parse(text).unwrap_err().to_string();
        let told = format!("JWK Set: the member \"{name}\" stands twice at line 1");
        assert!(refused.starts_with(&told), "{refused}");
    }
    let refused = JwkSet::parse(r#"{"key":[]}"#).unwrap_err().to_string();
    assert_eq!(refused, "JWK Set: missing field `keys` at line 1 column 10");
}

#[test]
fn duplicate_members_are_refused() {
    let error = Jwk::parse(r#"{"kty":"RSA","kty":"EC"}"#).unwrap_err();
    assert_eq!(error, KeyError::DuplicateMember("kty".to_owned()));
}

#[test]
fn another_keys_public_half_is_refused() {
    let json = |pem| {
        let private = fixture::private(pem);
        let public = PublicJwk::new(private.public().clone(), "k", Algorithm::EdDsa, &[]);
        Jwk::private_json(&public, &private).unwrap()
    };
    let text = json(fixture::ED25519);
    let own = fixture::private(fixture::ED25519).public().raw();
    let other = PrivateKey::from_ed25519_seed(&Secret::new(vec![7; 32]))
        .unwrap()
        .public()
        .raw();
    let b64 = Base64UrlUnpadded::encode_string;
    let swapped = text.expose().replace(&b64(&own), &b64(&other));
    assert_eq!(Jwk::parse(&swapped).unwrap_err(), KeyError::Mismatch);
}

#[test]
fn a_set_of_more_private_keys_than_are_checked_keeps_the_others() {
    let private = fixture::private(fixture::P521);
    let public = PublicJwk::new(private.public().clone(), "k", Algorithm::Es512, &[]);
    let one = Jwk::private_json(&public, &private).unwrap();
    let many = vec![one.expose().trim_end(); 1_050].join(",");
    let set = JwkSet::parse(&format!(r#"{{"keys":[{many},{}]}}"#, public.to_json())).unwrap();
    let refused: Vec<usize> = set
        .keys
        .iter()
        .enumerate()
        .filter_map(|(place, key)| {
            (key.as_ref().err() == Some(&KeyError::TooMany)).then_some(place)
        })
        .collect();
    assert_eq!(refused, [1_048, 1_049]);
    assert!(matches!(set.keys.last(), Some(Ok(Jwk::Public(_)))));
}
