//! A JWK Set of 100,000 keys (RFC 7517 section 5), from its file to a list that says of each key
//! what it is and whether it is here already; beside it, `serde_json` passing over the same text.

#![expect(clippy::expect_used, reason = "a bench that cannot go on has failed")]

use std::{
    fmt::Write,
    fs::{self, File},
};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64ct::{Base64UrlUnpadded, Encoding};
use criterion::{Criterion, criterion_group, criterion_main};
use keyfob::{
    config::home::Home,
    jose::pem,
    keystore::{
        import::{self, Offer},
        sealing::Protection,
        store::Keystore,
    },
};
use serde::de::IgnoredAny;
use tempfile::TempDir;

/// As many keys as the figure is stated for.
const KEYS: usize = 100_000;
/// Octets of a modulus: with its names, a key takes about a kilobyte.
const MODULUS: usize = 700;

fn listed(criterion: &mut Criterion) {
    let folder = TempDir::new().expect("a temporary folder");
    let home = Home::at(&folder.path().join("home"));
    let (keystore, _) = Keystore::create(&home, &Protection::None).expect("a keystore");
    let file = folder.path().join("set.jwks");
    let text = set();
    fs::write(&file, &text).expect("the file");
    let mut group = criterion.benchmark_group("key set");
    group.sample_size(10);
    group.bench_function("listed", |bencher| {
        bencher.iter(|| {
            let content = File::open(&file)
                .and_then(import::read)
                .expect("the content");
            let offer = Offer::of(pem::detect(&content).expect("the keys"));
            let standings = offer.standings(&keystore).expect("how they stand");
            assert_eq!(standings.len(), KEYS);
            (offer, standings)
        });
    });
    group.bench_function("scanned", |bencher| {
        bencher.iter(|| serde_json::from_str::<IgnoredAny>(&text).expect("JSON"));
    });
    group.finish();
}

/// Public keys as a large issuer would publish them. Nothing here needs the factors of a modulus.
fn set() -> String {
    let random = SystemRandom::new();
    let mut text = "{\"keys\":[".to_owned();
    let mut modulus = [0; MODULUS];
    for index in 0..KEYS {
        random.fill(&mut modulus).expect("random octets");
        modulus[0] |= 0x80;
        modulus[MODULUS - 1] |= 1;
        let comma = if index == 0 { "" } else { "," };
        let n = Base64UrlUnpadded::encode_string(&modulus);
        write!(
            text,
            "{comma}{{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\
             \"kid\":\"key-{index:06}\",\"n\":\"{n}\",\"e\":\"AQAB\"}}"
        )
        .expect("text takes text");
    }
    text.push_str("]}");
    text
}

criterion_group!(benches, listed);
criterion_main!(benches);
