use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::mpsc::{Receiver, channel},
};

use keyfob::{
    jose::{
        algorithm::Algorithm,
        claims::JsonObject,
        jwk::{Jwk, PublicJwk},
        key::{PrivateKey, Signer},
        token,
    },
    net::{
        http,
        policy::Policy,
        request::{HeaderValue, Method, Request, Response},
    },
    sandbox::{
        options::{Options, PortTaken, Strictness},
        server::{LogLine, Sandbox, SandboxError},
    },
    secret::Secret,
};
use serde_json::{Value, json};

use crate::keyfob::vector;

const KEYS: &str = "/api/v1/entities/jwks";

pub(crate) struct Running {
    pub(crate) sandbox: Sandbox,
    log: Receiver<LogLine>,
    key: PrivateKey,
}

impl Running {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = Options {
            auth: any,
            api: any,
            ..options
        };
        let (sender, log) = channel();
        let sandbox = Sandbox::start(&options, sender).unwrap();
        let pem = vector("p256.pem");
        let found = keyfob::jose::pem::detect(&Secret::new(pem.into_bytes())).unwrap();
        let Some(keyfob::jose::pem::Found::Private(key, _)) = found.into_iter().next() else {
            panic!("no private key")
        };
        Self { sandbox, log, key }
    }

    pub(crate) fn registered() -> Self {
        let running = Self::new();
        assert_eq!(running.register("k").status, 201);
        running
    }

    /// The log so far, a line a request.
    pub(crate) fn logged(&self) -> Vec<String> {
        let line = |line: LogLine| {
            format!(
                "{} {} {} {}",
                line.method, line.path, line.status, line.note
            )
        };
        self.log.try_iter().map(line).collect()
    }

    pub(crate) fn key(&self) -> &PrivateKey {
        &self.key
    }

    pub(crate) fn jwk(&self) -> PublicJwk {
        PublicJwk::new(self.key.public().clone(), "k", Algorithm::Es256, &[])
    }

    fn document(&self, id: &str) -> String {
        let content = self.jwk().to_value();
        json!({"data": {"id": id, "type": "jwk", "attributes": {"content": content}}}).to_string()
    }

    pub(crate) fn register(&self, id: &str) -> Response {
        self.send(Method::Post, KEYS, Some("sandbox"), Some(self.document(id)))
    }

    pub(crate) fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<String>,
    ) -> Response {
        let mut headers = Vec::new();
        if body.is_some() {
            let json = HeaderValue::Plain("application/vnd.gooddata.api+json".to_owned());
            headers.push(("Content-Type".to_owned(), json));
        }
        self.with_headers(method, path, token, headers, body)
    }

    pub(crate) fn with_headers(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        mut headers: Vec<(String, HeaderValue)>,
        body: Option<String>,
    ) -> Response {
        let base = if path.starts_with("http") {
            ""
        } else {
            self.sandbox.auth_url()
        };
        if let Some(token) = token {
            let value = Secret::new(token.to_owned());
            let bearer = HeaderValue::Secret {
                scheme: "Bearer".to_owned(),
                value,
            };
            headers.push(("Authorization".to_owned(), bearer));
        }
        let request = Request {
            method,
            url: format!("{base}{path}"),
            headers,
            body,
        };
        http::send(&request, &Policy::default()).unwrap()
    }

    pub(crate) fn token(&self, header: &str, claims: &Value) -> String {
        let header = JsonObject::parse(header).unwrap();
        let claims = JsonObject::parse(&claims.to_string()).unwrap();
        let rng = aws_lc_rs::rand::SystemRandom::new();
        token::mint(&header, &claims, Algorithm::Es256, &self.key, &rng).unwrap()
    }

    fn profile(&self, claims: &Value) -> (u16, Value) {
        let token = self.token(r#"{"alg":"ES256","kid":"k"}"#, claims);
        answered(&self.send(Method::Get, "/api/v1/profile", Some(&token), None))
    }

    pub(crate) fn grant(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A")))
            .collect();
        let media = HeaderValue::Plain("application/x-www-form-urlencoded".to_owned());
        let headers = vec![("Content-Type".to_owned(), media)];
        answered(&self.with_headers(Method::Post, "/token", None, headers, Some(body.join("&"))))
    }

    pub(crate) fn assertion(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({
            "iss": "k", "sub": "k", "aud": self.sandbox.auth_url(), "jti": "1",
            "iat": now(), "exp": now() + 60,
        });
        change(&mut claims);
        self.token(r#"{"alg":"ES256","kid":"k"}"#, &claims)
    }
}

pub(crate) const ASSERTION: (&str, &str) = (
    "client_assertion_type",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
);
pub(crate) const GRANT: (&str, &str) = ("grant_type", "client_credentials");

pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

pub(crate) fn answered(response: &Response) -> (u16, Value) {
    (
        response.status,
        serde_json::from_slice(&response.body).unwrap(),
    )
}

#[test]
fn a_registered_keys_token_is_accepted_and_the_log_tells_it() {
    let running = Running::registered();
    let claims = json!({"sub": "john.doe", "name": "John Doe", "exp": now() + 60});
    let (status, body) = running.profile(&claims);
    assert_eq!((status, &body["name"]), (200, &json!("John Doe")));
    let told = running.logged();
    assert_eq!(
        told,
        [
            "POST /api/v1/entities/jwks 201 created k",
            "GET /api/v1/profile 200 sub john.doe"
        ]
    );
}

#[test]
fn the_profile_refuses_with_the_reason() {
    let running = Running::registered();
    for (claims, expected) in [
        (json!({"sub": "a"}), "exp: it is required and missing"),
        (
            json!({"exp": now() + 60}),
            "sub: it is required and missing",
        ),
        (
            json!({"sub": "a", "exp": 0}),
            "exp: expired 1970-01-01T00:00:00Z",
        ),
    ] {
        let (status, body) = running.profile(&claims);
        let detail = body["detail"].as_str().unwrap();
        assert!(
            status == 401 && detail.starts_with(expected),
            "{status} {detail}"
        );
    }
    let token = running.token(
        r#"{"alg":"ES256","kid":"x"}"#,
        &json!({"sub": "a", "exp": now() + 60}),
    );
    let response = running.send(Method::Get, "/api/v1/profile", Some(&token), None);
    assert_eq!(
        answered(&response).1["detail"],
        "kid: x is not registered here"
    );
    assert!(
        response
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer ")
    );
}

#[test]
fn the_registry_creates_reads_replaces_lists_and_deletes() {
    let running = Running::registered();
    let token = Some("sandbox");
    let one = format!("{KEYS}/k");
    let status = |response: Response| response.status;
    assert_eq!(status(running.register("k")), 409);
    let (code, body) = answered(&running.send(Method::Get, &one, token, None));
    assert_eq!(
        (code, &body["data"]["attributes"]["content"]["kid"]),
        (200, &json!("k"))
    );
    assert_eq!(
        status(running.send(Method::Put, &one, token, Some(running.document("k")))),
        200
    );
    assert_eq!(
        status(running.send(Method::Put, &one, token, Some(running.document("x")))),
        400
    );
    let (_, list) = answered(&running.send(Method::Get, &format!("{KEYS}?page=1"), token, None));
    assert_eq!(list["data"], json!([]));
    assert!(
        list["links"]["next"].is_string(),
        "GoodData sends it on an empty page too"
    );
    assert_eq!(status(running.send(Method::Delete, &one, token, None)), 204);
    assert_eq!(status(running.send(Method::Delete, &one, token, None)), 204);
    let (code, body) = answered(&running.send(Method::Get, &one, token, None));
    assert_eq!(code, 404);
    assert_eq!(
        body["detail"],
        "The requested endpoint does not exist or you do not have permission to access it."
    );
}

#[test]
fn the_registry_refuses_what_does_not_belong_there() {
    let running = Running::new();
    let token = Some("sandbox");
    let post = |body: String| running.send(Method::Post, KEYS, token, Some(body)).status;
    assert_eq!(running.send(Method::Get, KEYS, None, None).status, 401);
    assert_eq!(
        running.send(Method::Get, KEYS, Some("wrong"), None).status,
        401
    );
    assert_eq!(post("{}".to_owned()), 400);
    assert_eq!(post(running.document(".x")), 400);
    assert_eq!(
        post(running.document("k").replace("\"use\":\"sig\",", "")),
        400
    );
    assert_eq!(post(running.document("k").replace("ES256", "RS256")), 400);
    let private = Jwk::private_json(&running.jwk(), &running.key).unwrap();
    let leaked = format!(
        r#"{{"data":{{"id":"k","type":"jwk","attributes":{{"content":{}}}}}}}"#,
        private.expose().trim()
    );
    assert_eq!(post(leaked), 400);
    assert_eq!(post("x".repeat(70_000)), 413);
    let plain = HeaderValue::Plain("text/plain".to_owned());
    let headers = vec![("Content-Type".to_owned(), plain)];
    let body = Some(running.document("k"));
    assert_eq!(
        running
            .with_headers(Method::Post, KEYS, token, headers, body)
            .status,
        415
    );
}

#[test]
fn another_sites_page_and_another_host_name_are_refused() {
    let running = Running::new();
    let with = |name: &str, value: &str| {
        let headers = vec![(name.to_owned(), HeaderValue::Plain(value.to_owned()))];
        running
            .with_headers(Method::Get, "/health", None, headers, None)
            .status
    };
    assert_eq!(with("Origin", "http://evil.example"), 403);
    assert_eq!(with("Host", "evil.example"), 421);
    assert_eq!(with("Accept", "*/*"), 200);
}

#[test]
fn an_assertion_is_granted_once_and_its_token_opens_the_api() {
    let running = Running::registered();
    let assertion = running.assertion(|_| {});
    let form = [
        GRANT,
        ASSERTION,
        ("client_assertion", assertion.as_str()),
        ("scope", "read"),
    ];
    let (status, body) = running.grant(&form);
    assert_eq!(
        (status, &body["scope"], &body["expires_in"]),
        (200, &json!("read"), &json!(3600))
    );
    let access = body["access_token"].as_str().unwrap();
    let protected = format!("{}/protected", running.sandbox.api_url());
    let response = running.send(Method::Get, &protected, Some(access), None);
    let expected = json!({"message": "Protected resource accessed", "user": "k"});
    assert_eq!(answered(&response), (200, expected));
    let (status, body) = running.grant(&form);
    assert_eq!(
        (status, body),
        (
            401,
            json!({
                "error": "invalid_client",
                "error_description": "jti 1 was used before: make a fresh one each time"
            })
        )
    );
}

#[test]
fn a_wrong_assertion_is_refused_with_the_reason() {
    let running = Running::registered();
    let issuer = running.sandbox.auth_url();
    for (change, expected) in [
        (
            json!({"aud": "x"}),
            format!("aud is x: it must be {issuer} or {issuer}/token"),
        ),
        (
            json!({"aud": [issuer]}),
            format!("aud must be one text, {issuer}, not an array"),
        ),
        (
            json!({"exp": now() + 4000}),
            "the assertion lives 66 min: at most 5 min are accepted".to_owned(),
        ),
        (json!({"jti": null}), "jti".to_owned()),
        (
            json!({"sub": "x"}),
            "iss and sub must both be the client_id".to_owned(),
        ),
    ] {
        let assertion = running.assertion(|claims| {
            for (name, value) in change.as_object().unwrap() {
                claims[name] = value.clone();
            }
        });
        let (status, body) =
            running.grant(&[GRANT, ASSERTION, ("client_assertion", assertion.as_str())]);
        let told = body["error_description"].as_str().unwrap();
        assert!(
            status == 401 && told.starts_with(&expected),
            "{status} {told}"
        );
    }
}

#[test]
fn a_lenient_server_answers_the_articles_form_in_the_articles_words() {
    let running = Running::with(Options {
        strictness: Strictness::Lenient,
        ..Options::default()
    });
    assert_eq!(running.register("k").status, 201);
    let error = |form: &[(&str, &str)]| running.grant(form).1["error"].clone();
    assert_eq!(error(&[]), "Request body is required");
    assert_eq!(error(&[("x", "y")]), "Missing or invalid client_id");
    assert_eq!(
        error(&[("client_id", "k")]),
        "Missing or invalid client_assertion_type"
    );
    assert_eq!(
        error(&[("client_id", "k"), ASSERTION]),
        "Missing client_assertion"
    );
    let wrong = [("client_id", "k"), ASSERTION, ("client_assertion", "x")];
    assert_eq!(
        running.grant(&wrong),
        (401, json!({"error": "Invalid client_assertion"}))
    );
    let assertion = running.assertion(|claims| claims["aud"] = json!("auth"));
    let form = [
        ("client_id", "k"),
        ASSERTION,
        ("client_assertion", assertion.as_str()),
    ];
    let (status, body) = running.grant(&form);
    assert_eq!((status, &body["token"]), (200, &body["access_token"]));
}

#[test]
fn a_strict_server_refuses_the_articles_form_in_the_standards_words() {
    let running = Running::registered();
    let invalid = |description: &str| {
        let body = json!({"error": "invalid_request", "error_description": description});
        (400, body)
    };
    assert_eq!(
        running.grant(&[]),
        invalid("the body is empty: send a form")
    );
    let assertion = running.assertion(|_| {});
    let form = [
        ("client_id", "k"),
        ASSERTION,
        ("client_assertion", assertion.as_str()),
    ];
    let missing = "grant_type is missing: it is client_credentials";
    assert_eq!(running.grant(&form), invalid(missing));
    let other = ("grant_type", "password");
    assert_eq!(running.grant(&[other]).1["error"], "unsupported_grant_type");
    let spoilt = ("scope", "a%22b");
    let form = [GRANT, ASSERTION, ("client_assertion", &assertion), spoilt];
    assert_eq!(running.grant(&form).1["error"], "invalid_scope");
}

#[test]
fn the_api_refuses_in_the_articles_words() {
    let running = Running::registered();
    let get = |token| {
        let url = format!("{}/protected", running.sandbox.api_url());
        answered(&running.send(Method::Get, &url, token, None))
    };
    let missing = json!({"error": "Missing or invalid Authorization header"});
    assert_eq!(get(None), (401, missing));
    let own = running.token(
        r#"{"alg":"ES256","kid":"k"}"#,
        &json!({"sub": "a", "exp": now() + 60}),
    );
    assert_eq!(
        get(Some(&own)),
        (401, json!({"error": "Invalid or expired token"}))
    );
}

#[test]
fn it_listens_on_loopback_only_and_names_a_taken_port() {
    let (sender, _log) = channel();
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let options = Options {
        auth: everywhere,
        ..Options::default()
    };
    let error = Sandbox::start(&options, sender.clone()).unwrap_err();
    assert!(matches!(error, SandboxError::NotLoopback(_)), "{error}");
    let running = Running::new();
    let taken: SocketAddr = running.sandbox.auth_url()["http://".len()..]
        .parse()
        .unwrap();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let options = Options {
        auth: taken,
        api: any,
        ..Options::default()
    };
    let error = Sandbox::start(&options, sender.clone()).unwrap_err();
    assert!(
        matches!(error, SandboxError::PortTaken(port) if port == taken.port()),
        "{error}"
    );
    let options = Options {
        port_taken: PortTaken::AnyFree,
        ..options
    };
    assert!(Sandbox::start(&options, sender).is_ok());
}
