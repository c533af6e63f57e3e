//! Files and texts that were damaged, by chance or on purpose: refused, never a panic.

use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use base64ct::{Base64, Encoding};
use keyfob::{
    config::home::Home,
    jose::{
        claims::JsonObject,
        jwk::{Jwk, JwkSet},
        key::{PublicKey, Signer},
        openssh,
        pem::{Found, Passphrases, detect_sealed},
        template::Template,
        token::UnverifiedToken,
    },
    keystore::{import::Offer, record::Entry, sealing::Unlocked, store::Keystore},
    registry::preset::Preset,
    secret::Secret,
    x509::{certificate::Certificate, chain, details::Details, profile::Profile},
};

use crate::keyfob::Keyfob;

/// Names the seconds to go on for; one copy of everything is read however few they are.
const SECONDS: &str = "KEYFOB_MUTATION_SECONDS";

/// So many where nothing is said.
const FEW_SECONDS: u64 = 2;

/// A passphrase is worth its work in one of so many rounds.
const SEALED_EVERY: u64 = 16;

#[test]
fn nothing_damaged_makes_a_reader_panic() {
    let seconds = env::var(SECONDS).map_or(FEW_SECONDS, |seconds| seconds.parse().unwrap());
    let store = Store::new();
    let corpus = corpus(&store);
    let until = Instant::now() + Duration::from_secs(seconds);
    let (mut reads, mut slowest) = (0, (Duration::ZERO, String::new()));
    for round in 0_u64.. {
        for (place, (name, content)) in (0_u64..).zip(&corpus) {
            if round > 0 && Instant::now() >= until {
                println!(
                    "{reads} damaged copies of {} read; slowest: {slowest:?}",
                    corpus.len()
                );
                return;
            }
            let mut chance = Chance::of(round, place);
            let mut damaged = content.clone();
            for _ in 0..=chance.below(3) {
                damage(&mut damaged, &mut chance);
            }
            let begun = Instant::now();
            let read = || read(&damaged, round, &store);
            assert!(
                catch_unwind(AssertUnwindSafe(read)).is_ok(),
                "{name}, round {round}: a reader panicked at {}",
                Base64::encode_string(&damaged)
            );
            let took = begun.elapsed();
            if took > slowest.0 {
                slowest = (took, format!("{name}, round {round}"));
            }
            reads += 1;
        }
    }
}

/// Every stored file, and the DER inside its first PEM block; what keyfob writes; and tokens.
fn corpus(store: &Store) -> Vec<(String, Vec<u8>)> {
    let mut corpus = Vec::new();
    for path in stored() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let content = fs::read(path).unwrap();
        corpus.extend(der(&content).map(|der| (format!("DER of {name}"), der)));
        corpus.push((name, content));
    }
    corpus.push(("key file".to_owned(), store.content.clone()));
    for form in ["jwk", "jwks"] {
        corpus.push((form.to_owned(), store.exported(&["--as", form])));
    }
    for form in ["jwk", "jwe", "pkcs8-enc", "ssh-private", "p12"] {
        let content = store.exported(&["--as", form, "--private"]);
        corpus.push((format!("private {form}"), content));
    }
    corpus.extend(TEXTS.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())));
    corpus
}

const TEXTS: [(&str, &str); 3] = [
    (
        "token",
        "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJqd2siOnt9fQ.eyJzdWIiOiJtZSIsImV4cCI6MTc2NDAwMDAwMH0.AAAA",
    ),
    (
        "encrypted token",
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA",
    ),
    (
        "encrypted JWK, compact",
        "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJlbmMiOiJBMjU2R0NNIiwicDJjIjo5LCJwMnMiOiJBQUFBQUFBQUFBQSJ9.AAAA.AAAA.AAAA.AAAA",
    ),
];

/// The files that are stored: of others' programs, and keyfob's own YAML.
fn stored() -> Vec<PathBuf> {
    const FOLDERS: [&str; 5] = [
        "tests/vectors",
        "tests/vectors/forms",
        "assets/certificates",
        "assets/claims",
        "assets/endpoints",
    ];
    let mut paths: Vec<_> = FOLDERS
        .iter()
        .map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    paths
}

fn der(content: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(content).ok()?;
    let (_, block) = text.split_once("-----BEGIN ")?;
    let (_, block) = block.split_once("-----")?;
    let (body, _) = block.split_once("-----END")?;
    Base64::decode_vec(&body.split_whitespace().collect::<String>()).ok()
}

/// Shows `bytes` to every reader there is.
fn read(bytes: &[u8], round: u64, store: &Store) {
    let with_passphrase = round.is_multiple_of(SEALED_EVERY);
    let mut lookup = |_: &str| with_passphrase.then(|| Secret::new("hunter2".to_owned()));
    let secret = Secret::new(bytes.to_vec());
    let found = detect_sealed(&secret, &mut Passphrases::new(&mut lookup));
    if let Ok(found) = found {
        for found in &found {
            if let Found::Certificate(der) = found {
                show_certificate(der);
            }
        }
        let offer = Offer::of(found);
        assert!(offer.keys.len() < 100);
    }
    show_certificate(bytes);
    let _ = PublicKey::from_spki_der(bytes);
    let _ = PublicKey::from_pkcs1_der(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Jwk::parse(text);
        let _ = JwkSet::parse(text);
        let _ = openssh::read_public(text);
        let _ = JsonObject::parse(text);
        let _ = Template::parse("ours.yaml", text);
        let _ = Profile::parse("ours.yaml", text);
        let _ = Preset::parse("ours", "ours.yaml", text);
        if let Ok(chain) = Certificate::all_from_pem(text) {
            chain::links(&chain);
        }
        if let Ok(token) = UnverifiedToken::decode(text) {
            let _ = (token.alg().map(str::len), token.kid().map(str::len));
        }
    }
    if bytes.starts_with(b"---") || round == 0 {
        store.read(bytes);
    }
}

fn show_certificate(der: &[u8]) {
    let read = [
        Certificate::from_der(der),
        Certificate::from_stored_der(der.to_vec()),
    ];
    for certificate in read.into_iter().flatten() {
        Details::of(&certificate);
        chain::is_self_signed(&certificate);
    }
}

/// A keystore of one key, whose file is overwritten.
struct Store {
    keyfob: Keyfob,
    keystore: Keystore,
    unlocked: Unlocked,
    file: PathBuf,
    content: Vec<u8>,
}

impl Store {
    fn new() -> Self {
        let keyfob = Keyfob::new();
        let new = keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
        assert_eq!(new.code, 0, "{new:?}");
        keyfob.file("passphrase", "hunter2\n");
        let keystore = Keystore::open(&Home::at(&keyfob.home())).unwrap();
        let unlocked = keystore.unlock(None).unwrap();
        let file = keyfob.key_file();
        let content = fs::read(&file).unwrap();
        Self {
            keyfob,
            keystore,
            unlocked,
            file,
            content,
        }
    }

    fn exported(&self, how: &[&str]) -> Vec<u8> {
        let mut arguments = vec!["keys", "export", "k", "--out", "exported", "--force"];
        arguments.extend(how);
        if how
            .iter()
            .any(|form| ["jwe", "pkcs8-enc", "p12"].contains(form))
        {
            arguments.extend(["--file-passphrase-file", "passphrase"]);
        }
        let export = self.keyfob.run(arguments);
        assert_eq!(export.code, 0, "{how:?}: {export:?}");
        fs::read(self.keyfob.path("exported")).unwrap()
    }

    /// As a key file: the list always comes, and a private half that opens is the right one.
    fn read(&self, content: &[u8]) {
        fs::write(&self.file, content).unwrap();
        for entry in self.keystore.list().unwrap() {
            if let Entry::Key(record) = entry
                && let Ok(private) = self.keystore.private(&record, &self.unlocked)
            {
                assert_eq!(private.public(), &record.public);
            }
        }
    }
}

/// One change: a bit, an octet, the end cut off, an octet less or more, a piece many times or
/// elsewhere again.
fn damage(content: &mut Vec<u8>, chance: &mut Chance) {
    if content.is_empty() {
        return;
    }
    let at = chance.below(content.len());
    match chance.below(24) {
        0..4 => content[at] ^= 1 << chance.below(8),
        4..8 => content[at] = [0, 1, 0x7f, 0x80, 0xff, b'{', b'"'][chance.below(7)],
        8..12 => content.truncate(at),
        12..16 => {
            content.remove(at);
        }
        16..20 => content.insert(at, u8::try_from(chance.below(256)).unwrap()),
        20 => {
            let piece = content[at..(at + 64).min(content.len())].to_vec();
            content.splice(at..at, piece.repeat(1 << chance.below(10)));
        }
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
    /// Of its own for each copy, so that one can be made again without those before it.
    fn of(round: u64, place: u64) -> Self {
        let mixed = (round << 16 | place).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut chance = Self(mixed ^ 0x5eed_0f4a_11e5_0bad);
        chance.below(1);
        chance
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit
    }
}
