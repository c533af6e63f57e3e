use aws_lc_rs::rand::SystemRandom;
use getrandom::SysRng;
use jiff::Timestamp;
use proptest::prelude::*;
use rand_core::UnwrapErr;

use super::*;
use crate::{
    jose::{
        algorithm::{Algorithm, KeyType},
        key::{KeySpec, Signer},
        pem::{Passphrases, detect_sealed, fixture},
    },
    keystore::{
        import::{Candidate, Offer},
        record::{Half, Origin, Status},
        store::Material,
    },
    x509::{
        bag::Bag,
        issue,
        profile::{Profile, Subject},
    },
};

#[test]
fn the_table_stands_in_the_order_of_the_variants() {
    for (position, form) in Form::ALL.into_iter().enumerate() {
        assert_eq!(form as usize, position, "{}", form.name());
    }
}

#[test]
fn the_private_forms_offered_are_those_that_can_be_written() {
    let passphrase = Secret::new("pässphrase".to_owned());
    for pem in [
        fixture::RSA2048,
        fixture::P256,
        fixture::P521,
        fixture::ED25519,
    ] {
        let key = fixture::private(pem);
        let record = record(&key, key.public().key_type().default_algorithm(), "k");
        let written = |form: &Form| private(&record, *form, &key, Some(&passphrase)).is_ok();
        let possible: Vec<Form> = Form::ALL.into_iter().filter(written).collect();
        assert_eq!(private_forms(&record), possible, "{}", key.public().label());
    }
}

#[test]
fn every_sealed_form_of_every_key_type_comes_back() {
    for pem in [
        fixture::RSA2048,
        fixture::P256,
        fixture::P384,
        fixture::P521,
        fixture::ED25519,
    ] {
        let key = fixture::private(pem);
        let record = record(&key, key.public().key_type().default_algorithm(), "k");
        for form in Form::ALL {
            if form.sealing() != Sealing::Never {
                comes_back(&record, form, &key, Some("pässphrase"));
            }
        }
    }
}

#[test]
fn every_open_form_of_every_algorithm_comes_back() {
    for alg in Algorithm::ALL {
        let key = fixture::private(fixture_of(alg));
        every_open_form(&record(&key, alg, "k"), &key);
    }
}

#[test]
fn certificates_come_back_with_every_form_that_carries_them() {
    for alg in Algorithm::ALL {
        let key = fixture::private(fixture_of(alg));
        let mut record = record(&key, alg, "k");
        record.chain = vec![self_signed(&key)];
        every_form_with_certificates(&record, &key);
    }
    // A leaf, and two certificates above it.
    let key = fixture::private(fixture::P256);
    let mut record = record(&key, Algorithm::Es256, "k");
    let pem = include_str!("../../../tests/vectors/chain.pem");
    let certificates = Certificate::all_from_pem(pem).unwrap();
    record.chain = Bag::new(&certificates).chain_of(key.public());
    assert_eq!(record.chain.len(), 3);
    every_form_with_certificates(&record, &key);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn every_open_form_of_a_key_of_chance_comes_back(
        spec in prop::sample::select(&[
            KeySpec::P256,
            KeySpec::P384,
            KeySpec::P521,
            KeySpec::Ed25519,
        ][..]),
        kid in "[^\\p{Cc}]{1,40}",
    ) {
        let key = PrivateKey::generate(spec, &mut UnwrapErr(SysRng)).unwrap();
        let alg = key.public().key_type().default_algorithm();
        every_open_form(&record(&key, alg, &kid), &key);
    }
}

fn fixture_of(alg: Algorithm) -> &'static str {
    match alg.key_type() {
        KeyType::Rsa => fixture::RSA2048,
        KeyType::P256 => fixture::P256,
        KeyType::P384 => fixture::P384,
        KeyType::P521 => fixture::P521,
        KeyType::Ed25519 => fixture::ED25519,
    }
}

fn self_signed(key: &PrivateKey) -> Certificate {
    let profile = Profile::named("minimal", &[]).unwrap();
    let (subject, rng) = (Subject::default(), SystemRandom::new());
    let now = Timestamp::UNIX_EPOCH;
    issue::self_signed(key, "k", &profile, &subject, now, [1; 16], &rng).unwrap()
}

fn every_form_with_certificates(record: &Record, key: &PrivateKey) {
    let passphrase = Secret::new("pässphrase".to_owned());
    for form in Form::ALL {
        let kept = match form {
            Form::Cert | Form::Der => &record.chain[..1],
            Form::Bundle | Form::Chain | Form::Jwk | Form::Jwks | Form::P12 => &record.chain[..],
            _ => continue,
        };
        if form.halves() != Halves::Public {
            let sealed = (form.sealing() == Sealing::Always).then_some(&passphrase);
            let content = private(record, form, key, sealed).unwrap();
            let found = only(&content, sealed.cloned());
            assert_eq!(found.chain, kept, "private {}", form.name());
            assert!(matches!(found.material, Material::Private(_)));
        }
        if form.halves() != Halves::Private {
            let content = Secret::new(public(record, form).unwrap());
            let found = only(&content, None);
            assert_eq!(found.public(), &record.public, "{}", form.name());
            assert_eq!(found.chain, kept, "public {}", form.name());
        }
    }
}

fn every_open_form(record: &Record, key: &PrivateKey) {
    for form in Form::ALL {
        let has_form = match form {
            Form::Pkcs1 => record.alg.key_type() == KeyType::Rsa,
            Form::Sec1 => !matches!(record.alg.key_type(), KeyType::Rsa | KeyType::Ed25519),
            Form::Cert | Form::Chain | Form::Der => false,
            _ => form.sealing() != Sealing::Always,
        };
        if !has_form {
            continue;
        }
        if form.halves() != Halves::Public {
            comes_back(record, form, key, None);
        }
        if form.halves() != Halves::Private {
            let content = Secret::new(public(record, form).unwrap());
            let found = only(&content, None);
            assert_eq!(found.public(), &record.public, "{}", form.name());
            assert!(matches!(found.material, Material::Public(_)));
        }
    }
}

fn comes_back(record: &Record, form: Form, key: &PrivateKey, passphrase: Option<&str>) {
    let passphrase = passphrase.map(|text| Secret::new(text.to_owned()));
    let content = private(record, form, key, passphrase.as_ref()).unwrap();
    let found = only(&content, passphrase);
    let Material::Private(again) = &found.material else {
        panic!("{}: no private half", form.name())
    };
    assert_eq!(again.pkcs8_der().expose(), key.pkcs8_der().expose());
    if [Form::Jwk, Form::Jwks, Form::Jwe].contains(&form) {
        assert_eq!(found.kid.as_deref(), Some(record.kid.as_str()));
        assert_eq!(found.alg, record.alg);
    }
}

/// The only key that the content holds.
fn only(content: &Secret<Vec<u8>>, passphrase: Option<Secret<String>>) -> Candidate {
    let mut lookup = |_: &str| passphrase.clone();
    let found = detect_sealed(content, &mut Passphrases::new(&mut lookup)).unwrap();
    let mut offer = Offer::of(found);
    assert_eq!(offer.refused, Vec::<String>::new());
    assert_eq!(offer.keys.len(), 1);
    offer.keys.remove(0)
}

fn record(key: &PrivateKey, alg: Algorithm, kid: &str) -> Record {
    Record {
        kid: kid.to_owned(),
        former: Vec::new(),
        alg,
        usage: "sig".to_owned(),
        created: Timestamp::UNIX_EPOCH,
        status: Status::Active,
        tags: Vec::new(),
        registrations: Vec::new(),
        template: None,
        profile: None,
        half: Half::Private,
        origin: Origin::Ours,
        public: key.public().clone(),
        chain: Vec::new(),
    }
}
