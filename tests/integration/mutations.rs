//! Files that were damaged, by chance or on purpose: refused, never a panic.

use std::{fs, path::Path};

use base64ct::{Base64, Encoding};
use keyfob::{
    jose::pem::{Passphrases, detect_sealed},
    keystore::import::Offer,
    secret::Secret,
};

/// Damaged copies of each file.
const COPIES: usize = 120;

#[test]
fn no_damaged_file_makes_a_reader_panic() {
    let mut chance = Chance(0x5eed_0f4a_11e5_0bad);
    for content in corpus() {
        for _ in 0..COPIES {
            let mut damaged = content.clone();
            for _ in 0..=chance.below(3) {
                damage(&mut damaged, &mut chance);
            }
            read(damaged);
        }
    }
}

/// Every vector, and the DER inside its first PEM block.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut paths: Vec<_> = [folder.clone(), folder.join("forms")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let mut corpus = Vec::new();
    for path in paths {
        let content = fs::read(path).unwrap();
        corpus.extend(der(&content));
        corpus.push(content);
    }
    corpus
}

fn der(content: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(content).ok()?;
    let (_, block) = text.split_once("-----BEGIN ")?;
    let (_, block) = block.split_once("-----")?;
    let (body, _) = block.split_once("-----END")?;
    Base64::decode_vec(&body.split_whitespace().collect::<String>()).ok()
}

fn read(content: Vec<u8>) {
    let mut lookup = |_: &str| Some(Secret::new("hunter2".to_owned()));
    let found = detect_sealed(&Secret::new(content), &mut Passphrases::new(&mut lookup));
    if let Ok(found) = found {
        let offer = Offer::of(found);
        assert!(offer.keys.len() < 100);
    }
}

fn damage(content: &mut Vec<u8>, chance: &mut Chance) {
    if content.is_empty() {
        return;
    }
    let at = chance.below(content.len());
    match chance.below(6) {
        0 => content[at] ^= 1 << chance.below(8),
        1 => content[at] = [0, 1, 0x7f, 0x80, 0xff, b'{', b'"'][chance.below(7)],
        2 => content.truncate(at),
        3 => {
            content.remove(at);
        }
        4 => content.insert(at, u8::try_from(chance.below(256)).unwrap()),
        _ => {
            let piece = content[at..(at + 16).min(content.len())].to_vec();
            let to = chance.below(content.len());
            content.splice(to..to, piece);
        }
    }
}

/// xorshift: the same damage in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit
    }
}
