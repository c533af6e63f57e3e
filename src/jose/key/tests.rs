use aws_lc_rs::rand::SystemRandom;
use base64ct::{Base64UrlUnpadded, Encoding};
use getrandom::SysRng;
use rand_core::UnwrapErr;

use super::*;
use crate::{
    jose::{jwk::Jwk, pem::fixture},
    secret::Secret,
};

#[test]
fn every_algorithm_signs_what_its_own_key_verifies_and_no_other_message() {
    for (pem, algorithms) in [
        (fixture::RSA2048, &Algorithm::ALL[..6]),
        (fixture::P256, &[Algorithm::Es256][..]),
        (fixture::P384, &[Algorithm::Es384][..]),
        (fixture::P521, &[Algorithm::Es512][..]),
        (
            fixture::ED25519,
            &[Algorithm::EdDsa, Algorithm::Ed25519][..],
        ),
    ] {
        let key = fixture::private(pem);
        for algorithm in Algorithm::ALL {
            let signed = key.sign(algorithm, b"message", &SystemRandom::new());
            if !algorithms.contains(&algorithm) {
                let label = key.public().label();
                assert_eq!(
                    signed,
                    Err(KeyError::AlgorithmMismatch {
                        algorithm,
                        key: label
                    })
                );
                continue;
            }
            let signature = signed.unwrap();
            assert_eq!(
                key.public().verify(algorithm, b"message", &signature),
                Ok(())
            );
            assert_eq!(
                key.public().verify(algorithm, b"other", &signature),
                Err(BadSignature)
            );
            let mut longer = signature.clone();
            longer.push(0);
            assert_eq!(
                key.public().verify(algorithm, b"message", &longer),
                Err(BadSignature)
            );
        }
    }
}

#[test]
fn a_generated_key_survives_pkcs8_and_keeps_its_thumbprint() {
    for spec in [
        KeySpec::P256,
        KeySpec::P384,
        KeySpec::P521,
        KeySpec::Ed25519,
    ] {
        let key = PrivateKey::generate(spec, &mut UnwrapErr(SysRng)).unwrap();
        let again = PrivateKey::from_pkcs8_der(key.pkcs8_der()).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(again.public().thumbprint(), key.public().thumbprint());
        let public = PublicKey::from_spki_der(key.public().spki_der()).unwrap();
        assert_eq!(&public, key.public());
    }
}

#[test]
fn the_thumbprint_of_rfc_8037_appendix_a_3() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    let key = fixture::public_jwk(&jwk);
    assert_eq!(
        key.thumbprint().to_string(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn the_signature_of_rfc_8037_appendix_a_4() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let Jwk::Private { private, .. } = Jwk::parse(jwk).unwrap() else {
        panic!("no private key")
    };
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = private.sign(Algorithm::EdDsa, message, &SystemRandom::new());
    assert_eq!(
        Base64UrlUnpadded::encode_string(&signature.unwrap()),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

#[test]
fn rsa_outside_2048_to_8192_bits_is_refused() {
    assert_eq!(
        KeySpec::new(Algorithm::Rs256, Some(1024)),
        Err(KeyError::RsaBits { bits: 1024 })
    );
    assert_eq!(
        PublicKey::rsa(&[0xff; 128], &[1, 0, 1])
            .unwrap_err()
            .to_string(),
        "RSA with 1024 bits: 2048 to 8192 are accepted; make a new key"
    );
}

#[test]
fn even_tiny_and_huge_rsa_exponents_are_refused() {
    let n = [0xff; 256];
    for e in [
        &[3][..],
        &[1],
        &[],
        &[17],
        &[1, 1],
        &[1, 0, 0],
        &[3, 0, 0, 0, 1],
    ] {
        assert_eq!(PublicKey::rsa(&n, e), Err(KeyError::RsaExponent), "{e:?}");
    }
}

#[test]
fn a_point_off_the_curve_is_refused() {
    assert_eq!(
        PublicKey::ec(Curve::P256, &[1; 32], &[1; 32]),
        Err(KeyError::OffCurve("P-256"))
    );
    let mut off = [0; 32];
    off[0] = 2;
    assert_eq!(PublicKey::ed25519(off), Err(KeyError::OffCurve("Ed25519")));
    assert_eq!(PublicKey::ed25519([0; 32]), Err(KeyError::SmallOrder));
    // A y of p + 18, which is that of the point with y 18.
    let mut beyond = [0xff; 32];
    beyond[31] = 0x7f;
    let off = Err(KeyError::OffCurve("Ed25519"));
    assert_eq!(PublicKey::ed25519(beyond), off);
}

#[test]
fn the_public_half_of_another_is_refused_in_every_form_that_has_one() {
    for (pem, other) in [
        (fixture::P256, KeySpec::P256),
        (fixture::P384, KeySpec::P384),
        (fixture::P521, KeySpec::P521),
    ] {
        let own = fixture::private(pem);
        let other = PrivateKey::generate(other, &mut UnwrapErr(SysRng)).unwrap();
        let swapped = |der: &[u8]| {
            let (ours, theirs) = (own.public().raw(), other.public().raw());
            let place = der.windows(ours.len()).position(|part| part == ours);
            let mut der = der.to_vec();
            let place = place.unwrap();
            der[place..place + ours.len()].copy_from_slice(&theirs);
            Secret::new(der)
        };
        let pkcs8 = swapped(own.pkcs8_der().expose());
        let refused = PrivateKey::from_pkcs8_der(&pkcs8).unwrap_err();
        assert_eq!(refused, KeyError::Mismatch);
        let pem = own.sec1_pem().unwrap();
        let (_, sec1) = pem_rfc7468::decode_vec(pem.expose().as_bytes()).unwrap();
        let refused = PrivateKey::from_sec1_der(&swapped(&sec1)).unwrap_err();
        assert_eq!(refused, KeyError::Mismatch);
    }
}

#[test]
fn debug_shows_no_private_number() {
    let key = fixture::private(fixture::ED25519);
    let expected = format!("PrivateKey([redacted] of {:?})", key.public());
    assert_eq!(format!("{key:?}"), expected);
}

#[test]
fn garbage_is_refused_with_its_form_named() {
    let error = PrivateKey::from_pkcs8_der(&Secret::new(vec![1, 2, 3])).unwrap_err();
    assert!(
        matches!(error, KeyError::Malformed { form: "PKCS#8", .. }),
        "{error}"
    );
}

#[test]
fn the_fault_of_a_key_that_others_keep_comes_without_advice_to_its_owner() {
    let error = KeyError::RsaSize { bits: 1024 };
    assert_eq!(
        error.fault(),
        "RSA with 1024 bits: 2048 to 8192 are accepted"
    );
    assert_eq!(
        KeyError::RsaExponent.fault(),
        KeyError::RsaExponent.to_string()
    );
}
