//! The sandbox's authorization server beyond the token: registration, introspection, revocation,
//! rotation, leniency, and refusals on purpose.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use keyfob::{
    jose::{
        algorithm::Algorithm,
        jwk::{Jwk, PublicJwk},
        key::Signer,
        token::UnverifiedToken,
    },
    net::{
        error::NetError,
        http,
        policy::Policy,
        request::{HeaderValue, Method, Request, Response},
    },
    sandbox::{
        fault::{Fault, Faults},
        key_folder::KeyFolder,
        options::{Options, Strictness},
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    sandbox::{ASSERTION, GRANT, Running, answered, now},
    server::{Said, Server},
};

/// Posts a form to `path`, with a bearer token or none.
fn form(
    running: &Running,
    path: &str,
    token: Option<&str>,
    parameters: &[(&str, &str)],
) -> Response {
    let body: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A")))
        .collect();
    let media = HeaderValue::Plain("application/x-www-form-urlencoded".to_owned());
    let headers = vec![("Content-Type".to_owned(), media)];
    running.with_headers(Method::Post, path, token, headers, Some(body.join("&")))
}

fn json_to(
    running: &Running,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> Response {
    let media = HeaderValue::Plain("application/json".to_owned());
    let headers = vec![("Content-Type".to_owned(), media)];
    running.with_headers(method, path, token, headers, Some(body.to_string()))
}

/// A proof of the client `id` with its own `jti`.
fn proof(running: &Running, id: &str, jti: &str) -> String {
    running.assertion(|claims| {
        claims["iss"] = json!(id);
        claims["sub"] = json!(id);
        claims["jti"] = json!(jti);
    })
}

fn granted(running: &Running, jti: &str) -> String {
    let assertion = proof(running, "k", jti);
    let (status, body) = running.grant(&[GRANT, ASSERTION, ("client_assertion", &assertion)]);
    assert_eq!(status, 200, "{body}");
    body["access_token"].as_str().unwrap().to_owned()
}

fn protected(running: &Running, token: &str) -> Response {
    let url = format!("{}/protected", running.sandbox.api_url());
    running.send(Method::Get, &url, Some(token), None)
}

fn metadata(running: &Running) -> Value {
    json!({
        "client_name": "mine",
        "grant_types": ["client_credentials"],
        "response_types": [],
        "redirect_uris": [],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "scope": "read write",
        "jwks": {"keys": [running.jwk().to_value()]},
    })
}

#[test]
fn a_client_registers_itself_gets_tokens_changes_and_goes() {
    let running = Running::new();
    let asked = metadata(&running);
    let refused = json_to(&running, Method::Post, "/register", None, &asked);
    assert_eq!(
        (refused.status, &answered(&refused).1["error"]),
        (401, &json!("invalid_token"))
    );
    let (status, told) = answered(&json_to(
        &running,
        Method::Post,
        "/register",
        Some("sandbox"),
        &asked,
    ));
    assert_eq!(status, 201, "{told}");
    for (name, value) in asked.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    let text = |told: &Value, name: &str| told[name].as_str().unwrap().to_owned();
    let (id, token) = (
        text(&told, "client_id"),
        text(&told, "registration_access_token"),
    );
    let place = text(&told, "registration_client_uri");
    let read = running.send(Method::Get, &place, Some(&token), None);
    assert_eq!(answered(&read), (200, told.clone()));

    let ask = |jti: &str, scope: &str| {
        let assertion = proof(&running, &id, jti);
        running.grant(&[
            GRANT,
            ASSERTION,
            ("client_assertion", &assertion),
            ("scope", scope),
        ])
    };
    let (status, body) = ask("1", "read");
    assert_eq!((status, &body["scope"]), (200, &json!("read")));
    assert_eq!(ask("2", "admin").1["error"], "invalid_scope");

    let mut changed = asked.clone();
    changed["client_id"] = json!(id);
    changed["scope"] = json!("admin");
    let mut ours = changed.clone();
    ours["client_id_issued_at"] = json!(0);
    let put = |body: &Value, token: &str| {
        answered(&json_to(&running, Method::Put, &place, Some(token), body))
    };
    assert_eq!(put(&ours, &token).1["error"], "invalid_request");
    let (status, after) = put(&changed, &token);
    assert_eq!((status, &after["scope"]), (200, &json!("admin")));
    let fresh = text(&after, "registration_access_token");
    assert_ne!(fresh, token, "a certified server gives another one too");
    assert_eq!(put(&changed, &token).0, 401);
    assert_eq!(ask("3", "admin").0, 200);

    let delete = |token: &str| {
        running
            .send(Method::Delete, &place, Some(token), None)
            .status
    };
    assert_eq!(
        (delete(&token), delete(&fresh), delete(&fresh)),
        (401, 204, 401)
    );
    assert_eq!(ask("4", "admin").1["error"], "invalid_client");
}

#[test]
fn a_client_that_publishes_its_keys_is_known_by_them_also_after_a_rotation() {
    let running = Running::new();
    let own = Value::Object(running.jwk().to_value());
    let published = Arc::new(Mutex::new(json!({"keys": []})));
    let behind = Arc::clone(&published);
    let server = Server::start(move |_, _| Said::json(behind.lock().unwrap().to_string()));
    let register = |url: &str| {
        let mut asked = metadata(&running);
        asked.as_object_mut().unwrap().remove("jwks");
        asked["jwks_uri"] = json!(url);
        let path = "/register";
        answered(&json_to(
            &running,
            Method::Post,
            path,
            Some("sandbox"),
            &asked,
        ))
    };
    for far in ["https://keys.example/set", "http://192.0.2.1/", "no url"] {
        let (status, told) = register(far);
        assert_eq!(
            (status, &told["error"]),
            (400, &json!("invalid_client_metadata"))
        );
        let told = told["error_description"].as_str().unwrap();
        assert!(told.starts_with("jwks_uri: "), "{told}");
    }
    let url = format!("{}/jwks", server.url);
    let (status, told) = register(&url);
    assert_eq!((status, &told["jwks_uri"]), (201, &json!(url)), "{told}");
    assert_eq!(
        server.lines(),
        [""; 0],
        "nothing is asked before it is needed"
    );

    let id = told["client_id"].as_str().unwrap();
    let ask = |jti: &str| {
        let assertion = proof(&running, id, jti);
        running.grant(&[GRANT, ASSERTION, ("client_assertion", &assertion)])
    };
    let (status, told) = ask("1");
    assert_eq!((status, &told["error"]), (401, &json!("invalid_client")));
    // The key is there now: an assertion by a key that was not known asks for the set again.
    *published.lock().unwrap() = json!({"keys": [own]});
    let (status, told) = ask("2");
    assert_eq!(status, 200, "{told}");
    assert_eq!(ask("3").0, 200);
    assert_eq!(server.lines(), ["GET /jwks", "GET /jwks"]);
}

#[test]
fn a_registration_is_refused_with_the_member_that_is_wrong() {
    let running = Running::new();
    let jwk = Value::Object(running.jwk().to_value());
    for (member, value, expected) in [
        ("grant_types", json!(["authorization_code"]), "grant_types"),
        (
            "token_endpoint_auth_method",
            json!("client_secret_basic"),
            "token_endpoint_auth_method",
        ),
        (
            "token_endpoint_auth_signing_alg",
            json!("RS256"),
            "no key serves it",
        ),
        (
            "token_endpoint_auth_signing_alg",
            json!("none"),
            "token_endpoint_auth_signing_alg",
        ),
        (
            "jwks_uri",
            json!("http://127.0.0.1:1/"),
            "exclude each other",
        ),
        ("jwks", json!({"keys": []}), "1 to 20 keys"),
        (
            "jwks",
            json!({"keys": [jwk, jwk]}),
            "another key has the kid k",
        ),
        (
            "jwks",
            json!({"keys": [{"kty": "oct", "k": "AAAA"}]}),
            "jwks.keys[0]",
        ),
        ("client_id", json!("mine"), "client_id"),
    ] {
        let mut asked = metadata(&running);
        asked[member] = value;
        let (status, told) = answered(&json_to(
            &running,
            Method::Post,
            "/register",
            Some("sandbox"),
            &asked,
        ));
        assert_eq!(
            (status, &told["error"]),
            (400, &json!("invalid_client_metadata"))
        );
        let reason = told["error_description"].as_str().unwrap();
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn a_private_key_is_refused_by_the_registration_and_told_to_nobody() {
    let running = Running::new();
    let private = Jwk::private_json(&running.jwk(), running.key()).unwrap();
    let body = format!(
        r#"{{"grant_types":["client_credentials"],"jwks":{{"keys":[{}]}}}}"#,
        private.expose().trim()
    );
    let media = HeaderValue::Plain("application/json".to_owned());
    let headers = vec![("Content-Type".to_owned(), media)];
    let post = Method::Post;
    let refused = running.with_headers(post, "/register", Some("sandbox"), headers, Some(body));
    let reason = "jwks.keys[0]: the JWK is a private key: send its public members only";
    let body = json!({"error": "invalid_client_metadata", "error_description": reason});
    assert_eq!(answered(&refused), (400, body));
    let line = format!("POST /register 400 invalid_client_metadata: {reason}");
    assert_eq!(running.logged(), [line]);
}

#[test]
fn a_client_with_several_keys_is_known_by_the_kid() {
    let running = Running::new();
    let other = PublicJwk::new(
        running.key().public().clone(),
        "other",
        Algorithm::Es256,
        &[],
    );
    let mut rsa = metadata(&running);
    let folder = TempDir::new().unwrap();
    let pair = KeyFolder::bootstrap(folder.path()).unwrap();
    assert_eq!(pair.kid(), Some("client-key"));
    let set = std::fs::read_to_string(folder.path().join("jwks.json")).unwrap();
    let set: Value = serde_json::from_str(&set).unwrap();
    rsa["jwks"] = json!({"keys": [set["keys"][0], other.to_value()]});
    let (_, told) = answered(&json_to(
        &running,
        Method::Post,
        "/register",
        Some("sandbox"),
        &rsa,
    ));
    let id = told["client_id"].as_str().unwrap();
    let ask = |header: &str, jti: &str| {
        let claims = json!({
            "iss": id, "sub": id, "aud": running.sandbox.auth_url(), "jti": jti,
            "iat": now(), "exp": now() + 60,
        });
        let assertion = running.token(header, &claims);
        running.grant(&[GRANT, ASSERTION, ("client_assertion", &assertion)])
    };
    assert_eq!(ask(r#"{"alg":"ES256","kid":"other"}"#, "1").0, 200);
    assert_eq!(
        ask(r#"{"alg":"ES256"}"#, "2").1["error_description"],
        "kid is missing: the client has 2 keys, name the one that signed"
    );
    assert_eq!(
        ask(r#"{"alg":"ES256","kid":"third"}"#, "3").1["error_description"],
        "kid: third is none of the client's keys"
    );
}

#[test]
fn a_token_is_introspected_and_revoked() {
    let running = Running::registered();
    let access = granted(&running, "1");
    let introspect = |token: &str| {
        let asked = form(
            &running,
            "/introspect",
            Some("sandbox"),
            &[("token", token)],
        );
        answered(&asked)
    };
    let (status, told) = introspect(&access);
    assert_eq!(
        (status, &told["active"], &told["sub"], &told["token_type"]),
        (200, &json!(true), &json!("k"), &json!("Bearer"))
    );
    assert_eq!(introspect("x.y.z"), (200, json!({"active": false})));

    let refused = form(&running, "/introspect", None, &[("token", &access)]);
    assert_eq!(answered(&refused).1["error"], "invalid_client");
    let with_proof = |path: &str, jti: &str, token: &str| {
        let at = format!("{}{path}", running.sandbox.auth_url());
        let assertion = running.assertion(|claims| {
            claims["jti"] = json!(jti);
            claims["aud"] = json!(at);
        });
        let parameters = [
            ASSERTION,
            ("client_assertion", assertion.as_str()),
            ("token", token),
        ];
        form(&running, path, None, &parameters)
    };
    assert_eq!(
        answered(&with_proof("/introspect", "2", &access)).1["active"],
        true
    );
    assert_eq!(with_proof("/revoke", "3", "never one").status, 200);
    assert_eq!(with_proof("/revoke", "4", &access).status, 200);
    assert_eq!(introspect(&access), (200, json!({"active": false})));
    assert_eq!(
        protected(&running, &access).status,
        200,
        "the API does not ask"
    );
}

#[test]
fn only_who_knows_the_word_changes_the_faults_and_only_to_those_there_are() {
    let running = Running::registered();
    let put =
        |token, body: &str| running.send(Method::Put, "/faults", token, Some(body.to_owned()));
    assert_eq!(put(None, r#"{"faults":["500"]}"#).status, 401);
    let shown = || answered(&running.send(Method::Get, "/faults", None, None));
    assert_eq!(shown(), (200, json!({"faults": []})));
    for (body, reason) in [
        ("", r#"send {"faults": ["expired", …]}"#),
        (r#"{"faults":"500"}"#, r#"send {"faults": ["expired", …]}"#),
        (r#"{"faults":[500]}"#, r#"send {"faults": ["expired", …]}"#),
        (
            r#"{"faults":["late"]}"#,
            "late is no fault: write expired, wrong-aud, replay, unknown-kid, 429, slow, 500 or clock",
        ),
    ] {
        let refused = answered(&put(Some("sandbox"), body));
        assert_eq!(refused, (400, json!({"error": reason})));
    }
    let told = answered(&put(Some("sandbox"), r#"{"faults":["500","clock"]}"#));
    assert_eq!(told, (200, json!({"faults": ["500", "clock"]})));
    assert_eq!(shown(), told);
}

#[test]
fn the_signing_key_changes_and_the_api_takes_both() {
    let running = Running::registered();
    let before = granted(&running, "1");
    assert_eq!(protected(&running, &before).status, 200);
    let rotate = |token| running.send(Method::Post, "/rotate", token, None);
    assert_eq!(rotate(None).status, 401);
    let (status, told) = answered(&rotate(Some("sandbox")));
    assert_eq!(status, 200);
    let set = running.send(Method::Get, "/jwks.json", None, None);
    let kids: Vec<Value> = answered(&set).1["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["kid"].clone())
        .collect();
    let old = UnverifiedToken::decode(&before)
        .unwrap()
        .kid()
        .unwrap()
        .to_owned();
    assert_eq!(kids, [told["kid"].clone(), json!(old)]);
    let after = granted(&running, "2");
    let kid = UnverifiedToken::decode(&after)
        .unwrap()
        .kid()
        .unwrap()
        .to_owned();
    assert_eq!(json!(kid), told["kid"]);
    let introspected = form(
        &running,
        "/introspect",
        Some("sandbox"),
        &[("token", &before)],
    );
    assert_eq!(answered(&introspected).1["active"], true);
    assert_eq!(protected(&running, &before).status, 200);
    assert_eq!(protected(&running, &after).status, 200);
}

#[test]
fn the_api_fetches_the_keys_anew_for_an_unknown_kid_and_not_too_often() {
    let first = Running::registered();
    let access = granted(&first, "1");
    let running = Running::with(Options {
        issuer: Some(first.sandbox.auth_url().to_owned()),
        audience: Some(first.sandbox.api_url().to_owned()),
        jwks_url: Some(format!("{}/jwks.json", first.sandbox.auth_url())),
        ..Options::default()
    });
    let unknown = |kid: &str| {
        let header = format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#);
        running.token(&header, &json!({"sub": "a", "exp": now() + 60}))
    };
    first.logged();
    assert_eq!(protected(&running, &access).status, 200);
    assert_eq!(protected(&running, &access).status, 200);
    for kid in ["a", "b", "c"] {
        let refused = protected(&running, &unknown(kid));
        assert_eq!(refused.status, 401);
        let challenge = format!(
            "Bearer realm=\"sandbox\", error=\"invalid_token\", error_description=\"kid: {kid} is \
             none of the authorization server's keys\""
        );
        assert_eq!(refused.header("www-authenticate"), Some(challenge.as_str()));
    }
    assert_eq!(protected(&running, &access).status, 200);
    let fetched = "GET /jwks.json 200 ";
    assert_eq!(first.logged(), [fetched, fetched]);
}

#[test]
fn the_api_tells_a_missing_token_from_a_malformed_one() {
    let running = Running::registered();
    let url = format!("{}/protected", running.sandbox.api_url());
    let missing = running.send(Method::Get, &url, None, None);
    assert_eq!(
        (missing.status, missing.header("www-authenticate")),
        (401, Some("Bearer realm=\"sandbox\""))
    );
    let malformed = running.send(Method::Get, &url, Some("a b"), None);
    assert_eq!(malformed.status, 400);
    assert!(
        malformed
            .header("www-authenticate")
            .unwrap()
            .contains("error=\"invalid_request\"")
    );
}

#[test]
fn each_fault_refuses_and_the_log_names_it() {
    let running = Running::registered();
    let set = |fault| {
        let faults: Faults = [fault].into_iter().collect();
        running.sandbox.switchboard().set(faults);
    };
    for (place, (fault, failed)) in [
        (Fault::Expired, "exp: expired"),
        (Fault::WrongAud, "aud: "),
        (Fault::UnknownKid, "kid: unknown-kid is none of"),
    ]
    .into_iter()
    .enumerate()
    {
        set(fault);
        running.logged();
        let access = granted(&running, &format!("token-{place}"));
        let expected = format!("POST /token 200 fault {fault}: token for k");
        assert!(running.logged().contains(&expected));
        let refused = protected(&running, &access);
        assert_eq!(refused.status, 401);
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(challenge.contains(failed), "{challenge}");
    }
    let ask = |jti: &str| {
        let assertion = proof(&running, "k", jti);
        let parameters = [GRANT, ASSERTION, ("client_assertion", assertion.as_str())];
        form(&running, "/token", None, &parameters)
    };
    set(Fault::Replay);
    assert_eq!(
        answered(&ask("5")).1["error_description"],
        "fault replay: jti 5 was used before"
    );
    set(Fault::TooMany);
    let refused = ask("6");
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("1"))
    );
    set(Fault::Broken);
    assert_eq!(ask("7").status, 500);
    assert_eq!(running.send(Method::Get, "/health", None, None).status, 200);
    set(Fault::Clock);
    let refused = ask("8");
    let (status, told) = answered(&refused);
    assert_eq!((status, &told["error"]), (401, &json!("invalid_client")));
    let date = refused.header("date").unwrap();
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(date)
        .unwrap();
    assert!((290..=310).contains(&(date.as_second() - now())), "{date}");
    running.sandbox.switchboard().set(Faults::default());
    assert_eq!(ask("9").status, 200);
    let log = running.logged();
    for line in [
        "POST /token 401 invalid_client: fault replay: jti 5 was used before",
        "POST /token 429 fault 429",
        "POST /token 500 fault 500",
    ] {
        assert!(log.iter().any(|told| told == line), "{log:?}");
    }
}

#[test]
fn a_slow_server_outlasts_a_clients_patience_and_its_keys_come_at_once() {
    let running = Running::new();
    let faults: Faults = [Fault::Slow].into_iter().collect();
    running.sandbox.switchboard().set(faults);
    let send = |path: &str| {
        let request = Request {
            method: Method::Get,
            url: format!("{}{path}", running.sandbox.auth_url()),
            headers: Vec::new(),
            body: None,
        };
        let policy = Policy {
            total: Duration::from_millis(700),
            ..Policy::default()
        };
        http::send(&request, &policy)
    };
    assert_eq!(
        send("/.well-known/openid-configuration").unwrap().status,
        200
    );
    let error = send("/api/v1/profile").unwrap_err();
    assert!(matches!(error, NetError::NoAnswer { .. }), "{error}");
}

#[test]
fn a_lenient_server_takes_the_articles_client_and_the_log_says_what_is_wrong_with_it() {
    let folder = TempDir::new().unwrap();
    let pair = KeyFolder::bootstrap(folder.path()).unwrap();
    let running = Running::with(Options {
        keys: Some(Arc::new(pair)),
        strictness: Strictness::Lenient,
        ..Options::default()
    });
    let assertion = article_assertion(&folder);
    let parameters = [
        ("client_id", "client"),
        ASSERTION,
        ("client_assertion", assertion.as_str()),
    ];
    let (status, told) = running.grant(&parameters);
    assert_eq!(status, 200, "{told}");
    let access = told["token"].as_str().unwrap();
    let decoded = UnverifiedToken::decode(access).unwrap();
    assert_eq!(
        decoded.header.text(),
        r#"{"alg":"RS256","kid":"client-key"}"#
    );
    let claims = decoded.claims().unwrap().members();
    assert_eq!(
        ["sub", "user", "iss", "aud"].map(|name| claims[name].as_str().unwrap()),
        ["client", "exampleUser", "auth", "api"]
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        7200
    );
    let body = json!({"message": "Protected resource accessed", "user": "client"});
    assert_eq!(answered(&protected(&running, access)), (200, body));
    assert_eq!(
        running.grant(&parameters).0,
        200,
        "it has no jti that could be used up"
    );
    let issuer = running.sandbox.auth_url();
    let expected = format!(
        "POST /token 200 token for client; a strict server refuses: grant_type is missing: it is \
         client_credentials; kid is missing: a client with several keys must name one; aud is auth: \
         it must be {issuer} or {issuer}/token; jti is missing: each assertion needs a fresh one"
    );
    assert!(running.logged().contains(&expected));
}

#[test]
fn a_strict_api_refuses_the_articles_token_for_its_type() {
    let folder = TempDir::new().unwrap();
    let pair = KeyFolder::bootstrap(folder.path()).unwrap();
    let lenient = Running::with(Options {
        keys: Some(Arc::new(pair)),
        strictness: Strictness::Lenient,
        ..Options::default()
    });
    let assertion = article_assertion(&folder);
    let parameters = [
        ("client_id", "client"),
        ASSERTION,
        ("client_assertion", assertion.as_str()),
    ];
    let (_, told) = lenient.grant(&parameters);
    let strict = Running::with(Options {
        issuer: Some("auth".to_owned()),
        audience: Some("api".to_owned()),
        jwks_url: Some(format!("{}/jwks.json", lenient.sandbox.auth_url())),
        ..Options::default()
    });
    let refused = protected(&strict, told["token"].as_str().unwrap());
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").unwrap();
    let reason = "error_description=\"typ: none, and at+jwt was expected\"";
    assert!(challenge.ends_with(reason), "{challenge}");
}

/// What the article's client sends: `alg` alone, plain words, five minutes, no `jti`.
fn article_assertion(folder: &TempDir) -> String {
    use keyfob::{
        jose::{claims::JsonObject, pem, token},
        secret::Secret,
    };
    let pem = std::fs::read(folder.path().join("private_key.pem")).unwrap();
    let found = pem::detect(&Secret::new(pem)).unwrap();
    let Some(pem::Found::Private(key, _)) = found.into_iter().next() else {
        panic!("no private key")
    };
    let claims = json!({
        "iss": "client", "sub": "client", "aud": "auth", "iat": now(), "exp": now() + 300,
    });
    let header = JsonObject::parse(r#"{"alg":"RS256"}"#).unwrap();
    let claims = JsonObject::parse(&claims.to_string()).unwrap();
    let rng = aws_lc_rs::rand::SystemRandom::new();
    token::mint(&header, &claims, Algorithm::Rs256, &key, &rng).unwrap()
}
