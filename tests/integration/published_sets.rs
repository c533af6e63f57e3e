//! JWK Sets that somebody publishes: looked at, searched, and imported as public keys.

use serde_json::{Value, json};

use crate::{
    keyfob::{Keyfob, vector},
    server::{Said, Server},
};

/// The JWK of a test key under a kid, with its private half where wanted.
fn jwk(name: &str, kid: &str, private: bool) -> Value {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector(name));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", kid]).code, 0);
    let mut arguments = vec!["keys", "export", kid, "--as", "jwk"];
    if private {
        arguments.extend(["--private", "--out", "-"]);
    }
    serde_json::from_str(&keyfob.run(arguments).stdout).unwrap()
}

/// A set with a good key, and one of each that something speaks against.
fn published() -> Server {
    let weak = json!({"kty": "RSA", "kid": "short", "e": "AQAB", "n": "w".repeat(171)});
    let keys = json!({"keys": [
        jwk("p256.pem", "good", false),
        jwk("p384.pem", "leaked", true),
        weak,
        jwk("p521.pem", "x", false),
        jwk("ed25519.pem", "x", false),
    ]});
    Server::start(move |_, _| Said::json(&keys))
}

#[test]
fn each_published_key_is_told_with_what_speaks_against_it() {
    let (keyfob, server) = (Keyfob::new(), published());
    let url = format!("{}/jwks", server.url);
    let told = keyfob.run(["jwks", "--from", &url]);
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(
        told.stdout,
        "KID     KEY      ALG    USE  HERE  AGAINST IT\n\
         good    P-256    ES256  sig  -     -\n\
         leaked  P-384    ES384  sig  -     ! its secret stands there (d): anybody can sign with it, \
         and its owner must replace it\n\
         short   -        -      -    -     ! weak: RSA with 1024 bits: 2048 to 8192 are accepted\n\
         x       P-521    ES512  sig  -     ! another key there has its kid\n\
         x       Ed25519  EdDSA  sig  -     ! another key there has its kid\n"
    );
    assert_eq!(told.stderr, "5 keys, 4 that something speaks against\n");
    assert_eq!(server.lines(), ["GET /jwks"]);
}

#[test]
fn a_published_set_is_searched() {
    let (keyfob, server) = (Keyfob::new(), published());
    let url = format!("{}/jwks", server.url);
    let told = keyfob.run(["jwks", "--from", &url, "--search", "ES256 goo", "--json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let keys: Value = serde_json::from_str(&told.stdout).unwrap();
    let jwk = jwk("p256.pem", "good", false);
    assert_eq!(
        keys,
        json!([{
            "place": 1,
            "kid": "good",
            "key": "P-256",
            "alg": "ES256",
            "use": "sig",
            "thumbprint": keys[0]["thumbprint"],
            "here": null,
            "faults": [],
            "jwk": jwk,
        }])
    );
    assert_eq!(
        told.stderr,
        "1 of 5 keys, none that something speaks against\n"
    );
    let told = keyfob.run(["jwks", "--from", &url, "leaked", "--json"]);
    assert_eq!(told.code, 1);
    assert!(!told.stdout.contains("\"d\":"), "{}", told.stdout);
    let told = keyfob.run(["jwks", "--from", &url, "gone"]);
    assert_eq!(
        (told.code, told.stderr),
        (3, format!("keyfob: no key gone is published at {url}\n"))
    );
}

#[test]
fn published_keys_are_imported_as_public_keys_but_for_those_that_something_speaks_against() {
    let (keyfob, server) = (Keyfob::new(), published());
    let url = format!("{}/jwks", server.url);
    let told = keyfob.run(["keys", "import", &url]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(told.stdout, "good\n");
    assert_eq!(
        told.stderr,
        "! refused: leaked: its secret stands there (d): anybody can sign with it, and its owner must \
         replace it\n\
         ! refused: short: weak: RSA with 1024 bits: 2048 to 8192 are accepted\n\
         ! refused: x: another key there has its kid\n\
         ! refused: x: another key there has its kid\n\
         imported good: ES256, P-256, public half only\n"
    );
    let told = keyfob.run(["jwks", "--from", &url, "good"]);
    assert_eq!(
        told.stdout,
        "KID   KEY    ALG    USE  HERE  AGAINST IT\ngood  P-256  ES256  sig  good  -\n"
    );
    let told = keyfob.run(["keys", "import", &url, "--only", "leaked"]);
    assert_eq!(
        (told.code, told.stderr),
        (
            2,
            format!(
                "keyfob: {url}: leaked: its secret stands there (d): anybody can sign with it, and its \
                 owner must replace it\n"
            )
        )
    );
    let told = keyfob.run(["keys", "import", &url, "--only", "gone"]);
    assert_eq!(
        (told.code, told.stderr),
        (3, format!("keyfob: {url} has no key gone\n"))
    );
}

#[test]
fn a_published_set_of_100_000_keys_is_searched() {
    let jwk = jwk("p256.pem", "k", false);
    let key = |number: u32| {
        let mut key = jwk.clone();
        key["kid"] = json!(format!("key-{number}"));
        key
    };
    let text = json!({"keys": (0..100_000).map(key).collect::<Vec<_>>()}).to_string();
    let server = Server::start(move |_, _| Said::json(&text));
    let keyfob = Keyfob::new();
    let told = keyfob.run(["jwks", "--from", &server.url, "--search", "KEY-99999"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(
        told.stdout,
        "KID        KEY    ALG    USE  HERE  AGAINST IT\nkey-99999  P-256  ES256  sig  -     -\n"
    );
    assert_eq!(
        told.stderr,
        "1 of 100000 keys, none that something speaks against\n"
    );
}
