//! The keys that are attacked, in every form that an attacker can have.

use aws_lc_rs::rand::SystemRandom;
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use keyfob::{
    jose::{
        algorithm::{Algorithm, KeyType},
        jwk::PublicJwk,
        key::{PrivateKey, Signer},
        pem::{self, Found},
    },
    secret::Secret,
};

use serde_json::{Map, Value};

use super::forger;
use crate::keyfob::vector;

/// Name, file and algorithm of each key.
const KEYS: [(&str, &str, Algorithm); 5] = [
    ("rsa", "rsa2048.pem", Algorithm::Rs256),
    ("p256", "p256.pem", Algorithm::Es256),
    ("p384", "p384.pem", Algorithm::Es384),
    ("p521", "p521.pem", Algorithm::Es512),
    ("ed25519", "ed25519.pem", Algorithm::EdDsa),
];

/// One key of each kind.
pub(super) struct Keys(Vec<(&'static str, Algorithm, PrivateKey)>);

impl Keys {
    pub(super) fn new() -> Self {
        let key = |file: &str| {
            let content = Secret::new(vector(file).into_bytes());
            match pem::detect(&content).unwrap().remove(0) {
                Found::Private(key, _) => key,
                other => panic!("{file}: {other:?}"),
            }
        };
        Self(
            KEYS.iter()
                .map(|(name, file, alg)| (*name, *alg, key(file)))
                .collect(),
        )
    }

    /// The file that `verify --key` gets.
    pub(super) fn file(&self, name: &str) -> String {
        if name.starts_with('{') {
            return name.to_owned();
        }
        if let Some(secret) = name.strip_prefix("oct of ") {
            return oct(&self.octets(secret));
        }
        if let Some(point) = name.strip_prefix("ed25519 ") {
            let x = Base64UrlUnpadded::encode_string(&forger::hex(point));
            return format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        }
        if let Some((name, members)) = name.split_once(' ') {
            return with_members(&self.jwk(name), &forger::repeated(members));
        }
        match name {
            "secret" => oct(&self.octets(name)),
            "set" => {
                let mut keys: Vec<String> =
                    self.0.iter().map(|(name, ..)| self.jwk(name)).collect();
                keys.push(oct(&self.octets("secret")));
                format!(r#"{{"keys":[{}]}}"#, keys.join(","))
            }
            name if name.starts_with("forms/") => vector(name),
            name => String::from_utf8(self.octets(name)).unwrap(),
        }
    }

    /// The octets that a name stands for: a key in one of its forms, or a secret.
    pub(super) fn octets(&self, name: &str) -> Vec<u8> {
        if let Some(name) = name.strip_prefix("space ") {
            return [b" \n", self.octets(name).as_slice()].concat();
        }
        if let Some((key, form)) = name.split_once('.') {
            let public = self.private(key).public();
            return match form {
                "pem" => public.spki_pem().into_bytes(),
                "der" => public.spki_der().to_vec(),
                "pkcs1" => pkcs1_pem(public.spki_der()).into_bytes(),
                other => panic!("no form {other}"),
            };
        }
        match name {
            "nothing" => Vec::new(),
            "secret" => vec![7; 64],
            "word" => b"secret".to_vec(),
            "zeros" => vec![0; 32],
            key => self.jwk(key).into_bytes(),
        }
    }

    /// The signature of `algorithm` by the key of its kind.
    pub(super) fn signature(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let kind = algorithm.key_type();
        let (.., key) = self
            .0
            .iter()
            .find(|(_, alg, _)| alg.key_type() == kind)
            .unwrap();
        key.sign(algorithm, message, &SystemRandom::new()).unwrap()
    }

    /// The PKCS#8 of the RSA key.
    pub(super) fn rsa(&self) -> Vec<u8> {
        self.private("rsa").pkcs8_der().expose().clone()
    }

    /// The algorithm of the key that `name` is, where ECDSA is signed with it.
    pub(super) fn curve(&self, name: &str) -> Algorithm {
        let (_, algorithm, _) = self.0.iter().find(|(own, ..)| *own == name).unwrap();
        assert!(matches!(
            algorithm.key_type(),
            KeyType::P256 | KeyType::P521
        ));
        *algorithm
    }

    fn private(&self, name: &str) -> &PrivateKey {
        let (.., key) = self.0.iter().find(|(own, ..)| *own == name).unwrap();
        key
    }

    fn jwk(&self, name: &str) -> String {
        let (name, algorithm, key) = self.0.iter().find(|(own, ..)| *own == name).unwrap();
        PublicJwk::new(key.public().clone(), name, *algorithm, &[]).to_json()
    }
}

/// A JWK with other members; null takes one away.
fn with_members(jwk: &str, members: &str) -> String {
    let mut jwk: Map<String, Value> = serde_json::from_str(jwk).unwrap();
    jwk.extend(serde_json::from_str::<Map<String, Value>>(members).unwrap());
    jwk.retain(|_, value| !value.is_null());
    Value::Object(jwk).to_string()
}

fn oct(secret: &[u8]) -> String {
    let k = Base64UrlUnpadded::encode_string(secret);
    format!(r#"{{"kty":"oct","k":"{k}"}}"#)
}

/// `-----BEGIN RSA PUBLIC KEY-----`: what follows the 24 octets that name the kind of key.
fn pkcs1_pem(spki: &[u8]) -> String {
    let text = Base64::encode_string(&spki[24..]);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n",
        lines.join("\n")
    )
}
