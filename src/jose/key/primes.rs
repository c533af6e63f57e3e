//! The two primes of an RSA key, searched for by several threads at once.

use std::{
    num::{NonZero, NonZeroU32},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use crypto_primes::{Flavor, hazmat::SmallFactorsSieve, is_prime};
use rand_core::CryptoRng;
use rsa::BoxedUint;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Two primes lie at least 2^(`bits` − this) apart (FIPS 186-5 appendix A.1.3).
const APART: u32 = 100;

/// Two primes of `bits` each, far apart, whose product has twice as many: their top two bits are
/// set. Each thread searches upwards from a number of its own; the first two primes count, so that
/// two threads need half the time. Prime is what passes the test of Baillie, Pomerance, Selfridge
/// and Wagstaff, which no known composite does.
pub(super) fn pair<R: CryptoRng + Send + ?Sized>(
    rng: &mut R,
    bits: NonZeroU32,
    threads: NonZero<usize>,
) -> Option<[BoxedUint; 2]> {
    let rng = Mutex::new(rng);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let (sender, found) = mpsc::channel();
        for _ in 0..threads.get() {
            let sender = sender.clone();
            let (rng, done) = (&rng, &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    if let Some(prime) = search(&start(rng, bits), bits, done)
                        && sender.send(prime).is_err()
                    {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let first = found.recv();
        let second = first
            .as_ref()
            .ok()
            .and_then(|first| found.iter().find(|prime| far_apart(first, prime, bits)));
        done.store(true, Ordering::Relaxed);
        Some([first.ok()?, second?])
    })
}

/// Primes close to each other are found from their product alone.
fn far_apart(p: &BoxedUint, q: &BoxedUint, bits: NonZeroU32) -> bool {
    let distance = Zeroizing::new(if p > q { p - q } else { q - p });
    distance.bit_width() > bits.get().saturating_sub(APART)
}

/// An odd number with its top two bits set, big-endian.
fn start<R: CryptoRng + ?Sized>(rng: &Mutex<&mut R>, bits: NonZeroU32) -> Secret<Vec<u8>> {
    let mut bytes = Secret::new(vec![0; bits.get().div_ceil(8) as usize]);
    let number = bytes.expose_mut();
    // A generator is whole also where a thread panicked beside it.
    rng.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .fill_bytes(number);
    let spare = (8 - bits.get() % 8) % 8;
    number[0] &= 0xff >> spare;
    for top in 1..=2 {
        let bit = bits.get() - top;
        let place = number.len() - 1 - (bit / 8) as usize;
        number[place] |= 1 << (bit % 8);
    }
    if let Some(last) = number.last_mut() {
        *last |= 1;
    }
    bytes
}

/// The first prime from `start` on; none where there is none of that size or the search is over.
fn search(start: &Secret<Vec<u8>>, bits: NonZeroU32, done: &AtomicBool) -> Option<BoxedUint> {
    let start = BoxedUint::from_be_slice(start.expose(), bits.get()).ok()?;
    let prime = SmallFactorsSieve::new(start, bits, false)
        .ok()?
        .find(|candidate| done.load(Ordering::Relaxed) || is_prime(Flavor::Any, candidate))?;
    (!done.load(Ordering::Relaxed)).then_some(prime)
}

#[cfg(test)]
mod tests {
    use getrandom::SysRng;
    use rand_core::UnwrapErr;

    use super::*;

    #[test]
    fn two_primes_of_the_size_are_found_by_any_number_of_threads() {
        for (bits, threads) in [(64, 1), (64, 3), (1028, 2)] {
            let bits = NonZeroU32::new(bits).unwrap();
            let threads = NonZero::new(threads).unwrap();
            let [p, q] = pair(&mut UnwrapErr(SysRng), bits, threads).unwrap();
            assert_ne!(p, q);
            for prime in [p, q] {
                assert!(is_prime(Flavor::Any, &prime));
                assert_eq!(prime.bit_width(), bits.get());
                assert!(prime.bit_vartime(bits.get() - 2));
            }
        }
    }

    #[test]
    fn primes_that_share_their_first_hundred_bits_are_too_close() {
        let bits = NonZeroU32::new(1024).unwrap();
        let number = |low: u8| {
            let mut bytes = [0xff; 128];
            bytes[12] = low;
            BoxedUint::from_be_slice(&bytes, bits.get()).unwrap()
        };
        assert!(!far_apart(&number(0xff), &number(0xff), bits));
        assert!(!far_apart(&number(0xf7), &number(0xff), bits));
        assert!(!far_apart(&number(0xff), &number(0xf7), bits));
        assert!(far_apart(&number(0xef), &number(0xff), bits));
        assert!(far_apart(&number(0xff), &number(0xef), bits));
    }
}
