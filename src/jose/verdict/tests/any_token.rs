//! What holds of any token, with each algorithm.

use std::sync::LazyLock;

use proptest::{prelude::*, sample::Index};

use super::*;
use crate::jose::{
    algorithm::{KeyType, SignatureAlgorithm},
    claims::fixture::{ALG, claims, header},
    key::PrivateKey,
};

/// Documents for each property; each is signed with all algorithms.
const CASES: u32 = 96;

/// What signs with one algorithm, and what its tokens verify with.
struct Pair {
    algorithm: SignatureAlgorithm,
    signer: Signs,
    verifies: VerificationKey,
}

enum Signs {
    Private(PrivateKey),
    Secret(Secret<Vec<u8>>),
}

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let asymmetric = Algorithm::ALL.into_iter().map(|algorithm| {
        let pem = match algorithm.key_type() {
            KeyType::Rsa => fixture::RSA2048,
            KeyType::P256 => fixture::P256,
            KeyType::P384 => fixture::P384,
            KeyType::P521 => fixture::P521,
            KeyType::Ed25519 => fixture::ED25519,
        };
        Pair {
            algorithm: SignatureAlgorithm::Asymmetric(algorithm),
            signer: Signs::Private(fixture::private(pem)),
            verifies: key(pem, KeyOrigin::Keystore),
        }
    });
    let symmetric = MacAlgorithm::ALL.into_iter().map(|algorithm| Pair {
        algorithm: SignatureAlgorithm::Mac(algorithm),
        signer: Signs::Secret(Secret::new(vec![7; 64])),
        verifies: VerificationKey::Symmetric {
            alg: Some(algorithm),
            secret: Secret::new(vec![7; 64]),
        },
    });
    asymmetric.chain(symmetric).collect()
});

impl Pair {
    fn mint(&self, header: &JsonObject, claims: &JsonObject) -> String {
        match (&self.signer, self.algorithm) {
            (Signs::Private(key), SignatureAlgorithm::Asymmetric(algorithm)) => {
                token::mint(header, claims, algorithm, key, &SystemRandom::new())
            }
            (Signs::Secret(secret), SignatureAlgorithm::Mac(algorithm)) => {
                token::mint_with_secret(header, claims, algorithm, secret)
            }
            _ => unreachable!("each pair is made for its algorithm"),
        }
        .unwrap()
    }

    /// A token of `header`, which has yet to say the algorithm, and `claims`.
    fn token(&self, header: &str, claims: &str) -> String {
        let header = header.replace(ALG, self.algorithm.name());
        let object = |text: &str| JsonObject::parse(text).unwrap();
        self.mint(&object(&header), &object(claims))
    }

    fn outcome(&self, text: &str) -> Option<Outcome> {
        let token = UnverifiedToken::decode(text).ok()?;
        let expectations = Expectations::default();
        Some(Verdict::of(&token, Some(&self.verifies), &expectations, now()).outcome)
    }

    /// Whether the same content is signed with the same octets each time.
    fn repeats_itself(&self) -> bool {
        let name = self.algorithm.name();
        !name.starts_with("ES") && !name.starts_with("PS")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn what_is_minted_verifies(header in header(), claims in claims()) {
        for pair in PAIRS.iter() {
            let token = pair.token(&header, &claims);
            prop_assert_eq!(pair.outcome(&token), Some(Outcome::Valid), "{}", token);
        }
    }

    #[test]
    fn with_one_bit_changed_it_is_never_valid(
        header in header(),
        claims in claims(),
        part in 0..3_usize,
        at: Index,
    ) {
        for pair in PAIRS.iter() {
            let token = pair.token(&header, &claims);
            let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
            let mut octets = Base64UrlUnpadded::decode_vec(&parts[part]).unwrap();
            let bit = at.index(octets.len() * 8);
            octets[bit / 8] ^= 1 << (bit % 8);
            parts[part] = Base64UrlUnpadded::encode_string(&octets);
            let changed = parts.join(".");
            prop_assert_ne!(pair.outcome(&changed), Some(Outcome::Valid), "{}", changed);
        }
    }

    #[test]
    fn with_one_letter_changed_it_is_never_valid(
        header in header(),
        claims in claims(),
        at: Index,
        letter in "[A-Za-z0-9_.+/=-]",
    ) {
        for pair in PAIRS.iter() {
            let token = pair.token(&header, &claims);
            let at = at.index(token.len());
            let changed = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
            if changed != token {
                prop_assert_ne!(pair.outcome(&changed), Some(Outcome::Valid), "{}", changed);
            }
        }
    }

    #[test]
    fn decoded_and_minted_again_it_has_the_signing_input_it_had(
        header in header(),
        claims in claims(),
    ) {
        for pair in PAIRS.iter() {
            let token = pair.token(&header, &claims);
            let decoded = UnverifiedToken::decode(&token).unwrap();
            let again = pair.mint(&decoded.header, decoded.claims().unwrap());
            let input = |token: &str| token.rsplit_once('.').unwrap().0.to_owned();
            prop_assert_eq!(input(&again), input(&token));
            if pair.repeats_itself() {
                prop_assert_eq!(again, token);
            }
        }
    }
}
