//! A new key, with the certificate and the JWK that every new key gets.

#![expect(clippy::expect_used, reason = "a bench that cannot go on has failed")]

use criterion::{Criterion, criterion_group, criterion_main};
use getrandom::SysRng;
use jiff::Timestamp;
use keyfob::{
    jose::{
        algorithm::Algorithm,
        jwk::PublicJwk,
        key::{KeySpec, PrivateKey},
    },
    keystore::{generate::Wanted, store::NewKey},
    x509::{
        certificate::Certificate,
        profile::{Profile, Subject},
    },
};
use rand_core::UnwrapErr;

const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::Rs256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
];

fn keys(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("generate");
    group.sample_size(20);
    for alg in ALGORITHMS {
        let spec = KeySpec::new(alg, None).expect("a size");
        group.bench_function(alg.name(), |bencher| {
            bencher.iter(|| PrivateKey::generate(spec, &mut UnwrapErr(SysRng)).expect("a key"));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("key, certificate and JWK");
    group.sample_size(20);
    let profile = Profile::named("minimal", &[]).expect("a profile of keyfob's own");
    for alg in ALGORITHMS {
        let wanted = Wanted {
            kid: None,
            alg,
            bits: 2048,
            profile: Some(profile.clone()),
            subject: Subject::default(),
        };
        group.bench_function(alg.name(), |bencher| {
            bencher.iter(|| jwk(wanted.make(Timestamp::now()).expect("a key")));
        });
    }
    group.finish();
}

fn jwk(new: NewKey) -> String {
    let chain: Vec<Vec<u8>> = new
        .chain
        .iter()
        .map(Certificate::der)
        .map(<[u8]>::to_vec)
        .collect();
    PublicJwk::new(new.material.public().clone(), &new.kid, new.alg, &chain).to_json_pretty()
}

criterion_group!(benches, keys);
criterion_main!(benches);
