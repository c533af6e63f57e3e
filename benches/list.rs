//! Listing a keystore of 10,000 keys: its first rows, and all of it.

#![expect(clippy::expect_used, reason = "a bench that cannot go on has failed")]

mod many;

use std::ops::ControlFlow;

use criterion::{Criterion, criterion_group, criterion_main};

/// As many keys as the figures are stated for.
const KEYS: usize = 10_000;

fn list(criterion: &mut Criterion) {
    let (_folder, keystore) = many::keystore(KEYS);
    let mut group = criterion.benchmark_group("list");
    group.sample_size(20);
    group.bench_function("first chunk", |bencher| {
        bencher.iter(|| {
            let mut first = Vec::new();
            keystore
                .scan(&mut |chunk| {
                    first = chunk;
                    ControlFlow::Break(())
                })
                .expect("the list");
            first
        });
    });
    group.bench_function("complete", |bencher| {
        bencher.iter(|| {
            let entries = keystore.list().expect("the list");
            assert_eq!(entries.len(), KEYS);
            entries
        });
    });
    group.finish();
}

criterion_group!(benches, list);
criterion_main!(benches);
