//! A keystore of many keys, made quickly: every file holds a key of its own with a certificate for
//! it. Elliptic keys and their certificates are real; an RSA key is a random modulus put in the
//! place of another's, for nothing here opens a private half.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use getrandom::SysRng;
use jiff::Timestamp;
use keyfob::{
    config::home::Home,
    jose::{
        algorithm::Algorithm,
        key::{KeySpec, PrivateKey, PublicKey, Signer},
    },
    keystore::{sealing::Protection, store::Keystore},
    x509::{
        certificate::Certificate,
        issue,
        profile::{Profile, Subject},
    },
};
use rand_core::UnwrapErr;
use tempfile::TempDir;

/// A folder with a keystore of `count` keys without a passphrase: of ten, five are RSA 2048, three
/// P-256, one P-384, one Ed25519.
pub(crate) fn keystore(count: usize) -> (TempDir, Keystore) {
    let folder = TempDir::new().expect("a temporary folder");
    let home = Home::at(&folder.path().join("home"));
    let (keystore, _) = Keystore::create(&home, &Protection::None).expect("a keystore");
    let recipient = fs::read_to_string(home.data().join("recipient.txt")).expect("a recipient");
    let rsa = RsaPattern::new();
    let sealed_rsa = sealed(&recipient, 1750);
    let sealed_small = sealed(&recipient, 290);
    for index in 0..count {
        let (public, certificate, alg, sealed) = match index % 10 {
            0..5 => {
                let (public, certificate) = rsa.another();
                (public, certificate, Algorithm::Rs256, sealed_rsa.as_str())
            }
            5..8 => real(KeySpec::P256, Algorithm::Es256, &sealed_small),
            8 => real(KeySpec::P384, Algorithm::Es384, &sealed_small),
            _ => real(KeySpec::Ed25519, Algorithm::EdDsa, &sealed_small),
        };
        let text = format!(
            "---\nkeyfob: 1\nkid: \"key-{index:05}\"\nalg: \"{alg}\"\nuse: \"sig\"\n\
             created: \"2026-11-23T14:00:00Z\"\nstatus: \"active\"\ntags: [\"bench\"]\n\
             registrations: [{{\"endpoint\":\"sandbox\",\"id\":\"key-{index:05}\",\
             \"at\":\"2026-11-23T14:01:00Z\",\"thumbprint\":\"{}\"}}]\n---\n{}{}{sealed}",
            public.thumbprint(),
            public.spki_pem(),
            certificate.pem(),
        );
        let name = format!("{}.key", public.thumbprint().hex());
        write(&home.data().join("keys").join(name), &text);
    }
    (folder, keystore)
}

/// The certificate of one real RSA key, in which others' moduli are put.
struct RsaPattern {
    spki: Vec<u8>,
    certificate: Vec<u8>,
}

impl RsaPattern {
    fn new() -> Self {
        let key = generate(KeySpec::Rsa { bits: 2048 });
        Self {
            spki: key.public().spki_der().to_vec(),
            certificate: certificate(&key).der().to_vec(),
        }
    }

    fn another(&self) -> (PublicKey, Certificate) {
        // The modulus ends before the exponent, which has five octets with its head.
        let end = self.spki.len() - 5;
        let modulus = &self.spki[end - 256..end];
        let mut other = random::<256>();
        other[0] |= 0x80;
        other[255] |= 1;
        let replaced = |der: &[u8]| {
            let at = der
                .windows(256)
                .position(|window| window == modulus)
                .expect("its own modulus");
            [&der[..at], &other, &der[at + 256..]].concat()
        };
        let public = PublicKey::from_spki_der(&replaced(&self.spki)).expect("an RSA key");
        let certificate =
            Certificate::from_der(&replaced(&self.certificate)).expect("a certificate");
        (public, certificate)
    }
}

fn real(spec: KeySpec, alg: Algorithm, sealed: &str) -> (PublicKey, Certificate, Algorithm, &str) {
    let key = generate(spec);
    (key.public().clone(), certificate(&key), alg, sealed)
}

fn generate(spec: KeySpec) -> PrivateKey {
    PrivateKey::generate(spec, &mut UnwrapErr(SysRng)).expect("a key")
}

fn certificate(key: &PrivateKey) -> Certificate {
    let profile = Profile::named("minimal", &[]).expect("a profile of keyfob's own");
    issue::self_signed(
        key,
        "bench",
        &profile,
        &Subject::default(),
        Timestamp::now(),
        random(),
        &SystemRandom::new(),
    )
    .expect("a certificate")
}

/// An age file as long as the one of a private key of `length` octets.
fn sealed(recipient: &str, length: usize) -> String {
    let recipient: age::x25519::Recipient = recipient.trim().parse().expect("a recipient");
    age::encrypt_and_armor(&recipient, &vec![b'x'; length]).expect("a sealed block")
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("randomness");
    bytes
}

fn write(path: &Path, text: &str) {
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("a key file");
}
