//! The thumbprints of many keys at once.

use std::{num::NonZero, thread};

use crate::jose::key::PublicKey;

/// For fewer keys no thread is worth its start.
const LEAST: usize = 1000;

/// Computes the thumbprints on all cores; each key remembers its own.
pub(super) fn compute(keys: &[&PublicKey]) {
    if keys.len() < LEAST {
        return;
    }
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for share in keys.chunks(keys.len().div_ceil(workers)) {
            scope.spawn(move || {
                for key in share {
                    key.thumbprint();
                }
            });
        }
    });
}
