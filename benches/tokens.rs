//! Tokens minted and verified, the key's parsed form at hand: one thread.

#![expect(clippy::expect_used, reason = "a bench that cannot go on has failed")]

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use getrandom::SysRng;
use jiff::{Timestamp, tz::TimeZone};
use keyfob::jose::{
    algorithm::{Algorithm, SignatureAlgorithm},
    header::header_for,
    key::{KeySpec, PrivateKey, Signer},
    template::{Moment, Template, resolve},
    token::{self, UnverifiedToken},
    verdict::{Expectations, KeyOrigin, Standing, Verdict, VerificationKey},
};
use rand_core::UnwrapErr;

const ALGORITHMS: [Algorithm; 7] = [
    Algorithm::Rs256,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
];

/// Each token has claims of its own, as `keyfob mint --count` makes them.
struct Minter {
    key: PrivateKey,
    alg: Algorithm,
}

impl Minter {
    fn new(alg: Algorithm) -> Self {
        let spec = KeySpec::new(alg, None).expect("a size");
        let key = PrivateKey::generate(spec, &mut UnwrapErr(SysRng)).expect("a key");
        Self { key, alg }
    }

    /// What makes one token after another.
    fn mint(&self) -> impl Fn() -> String {
        let template = Template::named("gooddata", &[]).expect("a template of keyfob's own");
        let algorithm = SignatureAlgorithm::Asymmetric(self.alg);
        let header = header_for(algorithm, &template.typ, Some("bench"));
        let draft = template
            .draft(&[], Some(self.key.public()))
            .expect("claims");
        let rng = SystemRandom::new();
        let (now, zone) = (Timestamp::now(), TimeZone::system());
        move || {
            let mut random = [0; 16];
            rng.fill(&mut random).expect("randomness");
            let moment = Moment {
                now,
                zone: &zone,
                random,
            };
            let claims = resolve(&draft, &moment).expect("claims");
            token::mint(&header, &claims, self.alg, &self.key, &rng).expect("a token")
        }
    }

    fn verification_key(&self) -> VerificationKey {
        VerificationKey::Public {
            kid: Some("bench".to_owned()),
            key: self.key.public().clone(),
            alg: Some(self.alg),
            leaf: None,
            origin: KeyOrigin::Keystore,
            standing: Standing::Good,
        }
    }
}

fn tokens(criterion: &mut Criterion) {
    for (name, what) in [("mint", What::Mint), ("verify", What::Verify)] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1));
        for alg in ALGORITHMS {
            group.bench_function(alg.name(), |bencher| {
                let minter = Minter::new(alg);
                let mint = minter.mint();
                match what {
                    What::Mint => bencher.iter(mint),
                    What::Verify => {
                        let text = mint();
                        let key = minter.verification_key();
                        let expectations = Expectations::default();
                        let now = Timestamp::now();
                        bencher.iter(|| {
                            let token = UnverifiedToken::decode(&text).expect("a token");
                            Verdict::of(&token, Some(&key), &expectations, now)
                        });
                    }
                }
            });
        }
        group.finish();
    }
}

#[derive(Clone, Copy)]
enum What {
    Mint,
    Verify,
}

criterion_group!(benches, tokens);
criterion_main!(benches);
