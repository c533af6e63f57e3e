//! Access tokens bound to a key that signs a proof for each request (RFC 9449).

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use aws_lc_rs::digest;
use base64ct::{Base64UrlUnpadded, Encoding};
use keyfob::jose::{
    algorithm::SignatureAlgorithm,
    jwk::Jwk,
    key::{PublicKey, Verifier},
    token::UnverifiedToken,
};
use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob},
    server::{Asked, Said, Server},
};

const TOKEN: &str = "POST /token";
const PROOFS: &str = "dpop_signing_alg_values_supported";

/// A keystore whose key `k` signs with ES256, and `other` with `EdDSA`.
fn keyfob() -> Keyfob {
    let keyfob = Keyfob::new();
    for (kid, alg) in [("k", "ES256"), ("other", "EdDSA")] {
        assert_eq!(keyfob.run(["keys", "new", kid, "--alg", alg]).code, 0);
    }
    keyfob
}

/// Adds the client `c` of `server`, by its issuer.
fn add(keyfob: &Keyfob, server: &Server, more: &[&str]) -> Ended {
    let arguments = ["clients", "add", "c", "--client-id", "id", "--key", "k"];
    let more = [&["--issuer", &server.url, "--bind", "dpop"][..], more].concat();
    keyfob.run([&arguments[..], &more].concat())
}

/// A client `c` that shows proofs, added.
fn client_of(server: &Server, more: &[&str]) -> Keyfob {
    let keyfob = keyfob();
    let added = add(&keyfob, server, more);
    assert_eq!(added.code, 0, "{added:?}");
    keyfob
}

/// A server with metadata and `more` of them, which answers everything else by `answer`.
fn server(more: Value, answer: impl Fn(&Asked) -> Said + Send + 'static) -> Server {
    Server::start(move |url, asked| {
        if !asked.line.starts_with("GET /.well-known") {
            return answer(asked);
        }
        let mut metadata = json!({"issuer": url, "token_endpoint": format!("{url}/token")});
        let members = metadata.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        Said::json(metadata)
    })
}

/// The key in the header of a proof; nothing private stands there.
fn key(header: &Value) -> PublicKey {
    match Jwk::parse(&header["jwk"].to_string()).unwrap() {
        Jwk::Public(public) => public.key,
        other => panic!("{other:?}"),
    }
}

/// The proof that went with a request, whose signature is checked by the key in it.
fn proof(asked: &Asked) -> (Value, Value) {
    let text = asked.header("dpop").unwrap();
    let token = UnverifiedToken::decode(text).unwrap();
    let header = Value::Object(token.header.members().clone());
    let algorithm = header["alg"].as_str().unwrap().parse().unwrap();
    let SignatureAlgorithm::Asymmetric(algorithm) = algorithm else {
        panic!("{header}")
    };
    let signed = token.signing_input().as_bytes();
    key(&header)
        .verify(algorithm, signed, token.signature().unwrap())
        .unwrap();
    let claims = Value::Object(token.claims().unwrap().members().clone());
    (header, claims)
}

fn thumbprint(asked: &Asked) -> String {
    let (header, _) = proof(asked);
    key(&header).thumbprint().to_string()
}

/// A token that says what it is bound to.
fn bound(thumbprint: &str) -> String {
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let claims = json!({"iss": "i", "exp": 4_000_000_000_u32, "cnf": {"jkt": thumbprint}});
    format!(
        "{}.{}.c2ln",
        part(&json!({"alg": "ES256", "typ": "at+jwt"})),
        part(&claims)
    )
}

fn granted(token: &str, kind: &str) -> Said {
    Said::json(json!({"access_token": token, "token_type": kind, "expires_in": 300}))
}

fn ath(token: &str) -> String {
    Base64UrlUnpadded::encode_string(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

#[test]
fn each_request_has_its_own_proof() {
    let server = server(json!({PROOFS: ["ES256"]}), |asked| {
        granted(&bound(&thumbprint(asked)), "DPoP")
    });
    let keyfob = client_of(&server, &[]);
    let called = keyfob.run(["call", "c", &format!("{}/api?a=b", server.url), "-X", "PUT"]);
    assert_eq!(called.code, 0, "{called:?}");
    let [_, token, call] = server.asked().try_into().unwrap();
    let (header, claims) = proof(&token);
    let own = keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    let own: Value = serde_json::from_str(&own).unwrap();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": own["x"], "y": own["y"]});
    assert_eq!(
        header,
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk})
    );
    let names: Vec<&String> = claims.as_object().unwrap().keys().collect();
    assert_eq!(names, ["jti", "htm", "htu", "iat"]);
    assert_eq!(claims["htm"], "POST");
    assert_eq!(claims["htu"], format!("{}/token", server.url));
    let (_, called) = proof(&call);
    let token = bound(&thumbprint(&call));
    assert_eq!(
        call.header("authorization"),
        Some(format!("DPoP {token}").as_str())
    );
    assert_eq!(called["htm"], "PUT");
    assert_eq!(called["htu"], format!("{}/api", server.url));
    assert_eq!(called["ath"], ath(&token));
    assert_ne!(called["jti"], claims["jti"]);
}

#[test]
fn another_key_can_sign_the_proofs() {
    let server = server(json!({PROOFS: ["EdDSA"]}), |asked| {
        granted(&bound(&thumbprint(asked)), "DPoP")
    });
    let keyfob = client_of(&server, &["--dpop-key", "other"]);
    let token = keyfob.run(["token", "c"]);
    assert_eq!(token.code, 0, "{token:?}");
    // The server publishes no keys.
    let word = "! the access token did not pass verification: ";
    assert!(token.stderr.starts_with(word), "{}", token.stderr);
    assert_eq!(
        proof(server.asked().last().unwrap()).0["jwk"]["crv"],
        "Ed25519"
    );
    let shown = keyfob.run(["--json", "clients", "show", "c"]).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        (&shown["bind"], &shown["dpop_key"]),
        (&json!("dpop"), &json!("other"))
    );
}

#[test]
fn a_nonce_that_a_server_gives_stands_in_the_next_proof() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let server = server(json!({PROOFS: ["ES256"]}), move |asked| {
        let (_, claims) = proof(asked);
        log.lock()
            .unwrap()
            .push((asked.line.clone(), claims["nonce"].clone()));
        let is_token = asked.line == TOKEN;
        let wanted = if is_token { "n1" } else { "n2" };
        if claims["nonce"] == wanted {
            // The next one is given with an answer that is good, too.
            let next = [("DPoP-Nonce", "n3")];
            let mut said = granted(&bound(&thumbprint(asked)), "DPoP");
            said.headers
                .extend(next.map(|(name, value)| (name.to_owned(), value.to_owned())));
            return said;
        }
        let challenge = r#"DPoP error="use_dpop_nonce""#;
        let status = if is_token { 400 } else { 401 };
        let headers = [("DPoP-Nonce", wanted), ("WWW-Authenticate", challenge)];
        Said::of(
            status,
            &headers,
            json!({"error": "use_dpop_nonce"}).to_string(),
        )
    });
    let keyfob = client_of(&server, &[]);
    let called = keyfob.run(["call", "c", &format!("{}/api", server.url)]);
    assert_eq!(called.code, 0, "{called:?}");
    let seen: Vec<(String, Value)> = seen.lock().unwrap().clone();
    let expected = [
        (TOKEN, json!(null)),
        (TOKEN, json!("n1")),
        ("GET /api", json!("n3")),
        ("GET /api", json!("n2")),
    ];
    assert_eq!(seen, expected.map(|(line, nonce)| (line.to_owned(), nonce)));
    // The assertion of the second try is another one.
    let asked = server.asked();
    assert_ne!(asked[1].body, asked[2].body);

    let shown = keyfob.run(["--json", "token", "c", "--show"]);
    let steps: Value = serde_json::from_str(&shown.stdout).unwrap();
    let told: Vec<(&str, &str)> = steps
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                step["step"].as_str().unwrap(),
                step["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    let tried = [
        ("assertion", "good"),
        ("dpop_proof", "good"),
        ("token_request", "good"),
        ("answer", "good"),
    ];
    assert_eq!(told[1..5], tried);
    assert_eq!(told[5..9], tried);
    assert_eq!(
        steps[4]["summary"],
        "400 use_dpop_nonce: again, with the nonce it gave"
    );
    let proven = format!("ES256 by k: POST {}/token", server.url);
    assert_eq!(steps[2]["summary"], proven);
    assert_eq!(
        steps[6]["summary"],
        format!("{proven}, with the nonce of the server")
    );
}

#[test]
fn a_server_that_takes_no_nonce_of_its_own_is_not_asked_for_ever() {
    let tries = AtomicUsize::new(0);
    let server = server(json!({PROOFS: ["ES256"]}), move |_| {
        let nonce = tries.fetch_add(1, Ordering::Relaxed).to_string();
        let body = json!({"error": "use_dpop_nonce"}).to_string();
        Said::of(400, &[("DPoP-Nonce", &nonce)], body)
    });
    let keyfob = client_of(&server, &[]);
    let refused = keyfob.run(["token", "c"]);
    assert_eq!(
        (refused.code, refused.stderr),
        (
            5,
            format!(
                "keyfob: {}/token refused: 400 use_dpop_nonce\n  it takes none of the nonces that \
                 it gives itself: several servers behind one address may not know each other's\n",
                server.url
            )
        )
    );
    assert_eq!(
        server.lines().iter().filter(|line| *line == TOKEN).count(),
        3
    );
}

#[test]
fn a_token_of_another_key_is_not_taken_and_one_that_is_bound_to_nothing_is_told() {
    let server = server(json!({PROOFS: ["ES256"]}), |_| {
        granted(&bound("other"), "DPoP")
    });
    let keyfob = client_of(&server, &[]);
    let refused = keyfob.run(["token", "c"]);
    let own = thumbprint(server.asked().last().unwrap());
    assert_eq!(
        (refused.code, refused.stderr),
        (
            5,
            format!(
                "keyfob: {}/token granted nothing that can be used: it is bound to the key with the \
                 thumbprint other, and the proof is by k, {own}: something between changed the \
                 proof, or the server keeps an old one\n",
                server.url
            )
        )
    );
    let plain = self::server(json!({}), |_| granted("opaque", "Bearer"));
    let keyfob = client_of(&plain, &[]);
    let called = keyfob.run(["call", "c", &format!("{}/api", plain.url)]);
    assert_eq!(called.code, 0);
    let told = "! the server does not say that it takes proofs \
                (dpop_signing_alg_values_supported): it may bind nothing to the key\n! token_type is \
                Bearer, although a proof was shown: the token is bound to nothing, and whoever has \
                it can use it; set dpop_bound_access_tokens of the client at the server\n";
    assert!(called.stderr.starts_with(told), "{called:?}");
    let call = plain.asked().pop().unwrap();
    assert_eq!(call.header("authorization"), Some("Bearer opaque"));
    assert_eq!(call.header("dpop"), None);
}

#[test]
fn each_refusal_of_a_proof_is_told_with_what_to_do() {
    let refusal = |error: &str, description: &str| {
        let body = json!({"error": error, "error_description": description}).to_string();
        server(json!({PROOFS: ["ES256"]}), move |_| {
            Said::of(400, &[], body.clone())
        })
    };
    let said = |server: &Server, keyfob: &Keyfob| {
        let ended = keyfob.run(["token", "c"]);
        assert_eq!(ended.code, 5);
        ended.stderr.replace(&server.url, "URL")
    };
    let server = refusal("invalid_dpop_proof", "htu mismatch");
    assert_eq!(
        said(&server, &client_of(&server, &[])),
        "keyfob: URL/token refused: 400 invalid_dpop_proof: htu mismatch\n  htu of the proof is \
         URL/token: behind a proxy the server may call itself otherwise\n"
    );
    assert_eq!(
        said(&server, &client_of(&server, &["--dpop-key", "other"])),
        "! other signs with EdDSA, and the server takes proofs by ES256: name a key for one of them \
         as dpop_key\nkeyfob: URL/token refused: 400 invalid_dpop_proof: htu mismatch\n  other signs \
         with EdDSA, and the server takes proofs by ES256: name a key for one of them as dpop_key\n  \
         htu of the proof is URL/token: behind a proxy the server may call itself otherwise\n"
    );
    let server = refusal("use_dpop_nonce", "");
    assert_eq!(
        said(&server, &client_of(&server, &[])),
        "keyfob: URL/token refused: 400 use_dpop_nonce: \n  it wants a nonce in the proof, and gives \
         none in its header DPoP-Nonce: its operator must mend that\n"
    );
    for (error, description) in [
        ("use_dpop_nonce", ""),
        ("invalid_grant", "DPoP proof missing"),
    ] {
        let server = refusal(error, description);
        let keyfob = keyfob();
        let arguments = ["clients", "add", "c", "--client-id", "id", "--key", "k"];
        let added = keyfob.run([&arguments[..], &["--issuer", &server.url]].concat());
        assert_eq!(added.code, 0);
        assert_eq!(
            said(&server, &keyfob),
            format!(
                "keyfob: URL/token refused: 400 {error}: {description}\n  the server wants a proof \
                 with each request (DPoP): write bind: dpop\n"
            )
        );
    }
}

#[test]
fn an_api_that_refuses_a_proof_is_explained() {
    for (challenge, bind, expected) in [
        (
            r#"DPoP error="invalid_dpop_proof""#,
            &["--bind", "dpop"][..],
            "! the API says: invalid_dpop_proof\n! htu of the proof is URL/api: behind a proxy the \
             API may call itself otherwise\n",
        ),
        (
            r#"DPoP error="use_dpop_nonce""#,
            &["--bind", "dpop"],
            "! the API says: use_dpop_nonce\n! it takes none of the nonces that it gives itself, or \
             gives none: its operator must mend that\n",
        ),
        (
            r#"DPoP algs="ES256""#,
            &[],
            "! the API takes tokens with a proof (DPoP), and this is a bearer token: write bind: \
             dpop\n",
        ),
    ] {
        let server = server(json!({PROOFS: ["ES256"]}), move |asked| {
            match asked.header("dpop") {
                _ if asked.line != TOKEN => Said::of(401, &[("WWW-Authenticate", challenge)], ""),
                Some(_) => granted(&bound(&thumbprint(asked)), "DPoP"),
                None => granted("opaque", "Bearer"),
            }
        });
        let keyfob = keyfob();
        let arguments = ["clients", "add", "c", "--client-id", "id", "--key", "k"];
        let at = ["--issuer", &server.url];
        assert_eq!(keyfob.run([&arguments[..], &at, bind].concat()).code, 0);
        let called = keyfob.run(["call", "c", &format!("{}/api", server.url)]);
        assert_eq!(called.code, 5);
        let stderr = called.stderr.replace(&server.url, "URL");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn what_cannot_be_is_told_before_anything_is_asked() {
    let keyfob = keyfob();
    let add = |more: &[&str]| {
        let arguments = ["clients", "add", "d", "--client-id", "id", "--key", "k"];
        let issuer = ["--issuer", "https://i.example"];
        let ended = keyfob.run([&arguments[..], &issuer, more].concat());
        (ended.code, ended.stderr)
    };
    assert_eq!(
        add(&["--dpop-key", "other"]),
        (
            2,
            "keyfob: dpop_key signs the proofs of bind: dpop: write that too\n".to_owned()
        )
    );
    assert_eq!(add(&["--bind", "dpop", "--dpop-key", "no"]).0, 3);
    let (code, said) = add(&["--bind", "mtls"]);
    assert!(
        code == 2 && said.contains("\"mtls\": write certificate or dpop"),
        "{said}"
    );
}

#[test]
fn the_proof_can_be_made_by_command() {
    let server = server(json!({}), |_| Said::of(500, &[], ""));
    let keyfob = client_of(&server, &[]);
    let printed = keyfob.run(["token", "c", "--curl"]);
    let (url, stdout) = (&server.url, printed.stdout);
    let proof = format!(
        "DPOP=$(keyfob mint --key 'k' \\\n  --template dpop-proof \\\n  --without kid \\\n  --set \
         method=POST \\\n  --set 'url={url}/token')\ncurl '{url}/token' \\\n  -H \"DPoP: $DPOP\" \\\n"
    );
    assert!(stdout.contains(&proof), "{stdout}");
    assert!(
        printed.stderr.contains("add --claim nonce=NONCE"),
        "{}",
        printed.stderr
    );
    let arguments = [
        "mint",
        "--key",
        "k",
        "--template",
        "dpop-proof",
        "--without",
        "kid",
    ];
    let set = [
        "--set",
        "method=GET",
        "--set",
        "url=https://idp.example/token",
    ];
    let minted = keyfob.run([&arguments[..], &set].concat());
    assert_eq!((minted.code, minted.stderr.as_str()), (0, ""));
    let asked = Asked {
        line: String::new(),
        headers: vec![("dpop".to_owned(), minted.stdout.trim().to_owned())],
        body: String::new(),
        certificate: None,
    };
    let (header, claims) = self::proof(&asked);
    assert_eq!(
        (&header["typ"], &header["kid"]),
        (&json!("dpop+jwt"), &Value::Null)
    );
    assert_eq!(claims["htm"], "GET");
}
