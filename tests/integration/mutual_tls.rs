//! Clients that prove themselves by a certificate, and access tokens bound to one (RFC 8705).

use base64ct::{Base64UrlUnpadded, Encoding};
use keyfob::x509::certificate::Certificate;
use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob},
    server::{Asked, Said, Server},
    services::certified::{Authority, Clients},
};

const TOKEN: &str = "POST /token";

/// A keystore whose key `k` has a certificate for clients, made by itself.
fn keyfob(authority: &Authority) -> Keyfob {
    let keyfob = Keyfob::new();
    keyfob.file("ca.pem", authority.pem());
    for arguments in [
        &["keys", "new", "k", "--alg", "ES256"][..],
        &["cert", "new", "k", "--profile", "client-auth"],
    ] {
        assert_eq!(keyfob.run(arguments).code, 0, "{arguments:?}");
    }
    keyfob
}

/// Adds the client `c` of `server`, by its issuer.
fn add(keyfob: &Keyfob, server: &Server, more: &[&str]) -> Ended {
    let arguments = ["clients", "add", "c", "--client-id", "id", "--key", "k"];
    let at = ["--issuer", &server.url, "--ca-file", "ca.pem"];
    keyfob.run([&arguments[..], &at, more].concat())
}

/// A server with metadata and `more` of them, which answers everything else by `answer`.
fn server(
    authority: &Authority,
    clients: Clients,
    more: Value,
    answer: impl Fn(&Asked) -> Said + Send + 'static,
) -> Server {
    Server::start_tls(authority.asking(clients), move |url, asked| {
        if !asked.line.starts_with("GET /.well-known") {
            return answer(asked);
        }
        let mut metadata = json!({"issuer": url, "token_endpoint": format!("{url}/token")});
        let members = metadata.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        Said::json(metadata)
    })
}

/// `x5t#S256` of a certificate that was shown.
fn shown(asked: &Asked) -> Option<String> {
    let der = asked.certificate.as_ref()?;
    Some(Base64UrlUnpadded::encode_string(
        &Certificate::from_der(der).unwrap().x5t_s256(),
    ))
}

/// A token that says what it is bound to.
fn bound(confirmation: &Value) -> String {
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let claims = json!({"iss": "i", "exp": 4_000_000_000_u32, "cnf": confirmation});
    let header = json!({"alg": "ES256", "typ": "at+jwt"});
    format!("{}.{}.c2ln", part(&header), part(&claims))
}

fn granted(token: &str) -> Said {
    Said::json(json!({"access_token": token, "token_type": "Bearer", "expires_in": 300}))
}

#[test]
fn the_certificate_of_the_key_proves_the_client_and_binds_its_token() {
    let authority = Authority::new();
    let server = server(&authority, Clients::Unknown, json!({}), |asked| {
        granted(&bound(&json!({"x5t#S256": shown(asked)})))
    });
    let keyfob = keyfob(&authority);
    let added = add(&keyfob, &server, &["--auth", "self_signed_tls_client_auth"]);
    assert_eq!(added.code, 0, "{added:?}");
    let token = keyfob.run(["token", "c"]);
    assert_eq!(token.code, 0, "{token:?}");
    // The server publishes no keys.
    let word = "! the access token did not pass verification: ";
    assert!(token.stderr.starts_with(word), "{}", token.stderr);
    let [_, asked] = server.asked().try_into().unwrap();
    assert_eq!(asked.line, TOKEN);
    assert_eq!(asked.body, "grant_type=client_credentials&client_id=id");
    let certificate = keyfob.run(["keys", "export", "k", "--as", "cert"]).stdout;
    let [certificate] = Certificate::all_from_pem(&certificate)
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(asked.certificate.as_deref(), Some(certificate.der()));

    let called = keyfob.run(["call", "c", &format!("{}/api", server.url)]);
    assert_eq!(called.code, 0, "{called:?}");
    let last = server.asked().pop().unwrap();
    let authorization = format!("Bearer {}", token.stdout.trim());
    assert_eq!(last.header("authorization"), Some(authorization.as_str()));
    assert_eq!(last.certificate.as_deref(), Some(certificate.der()));
}

#[test]
fn a_server_may_take_certificates_at_another_address() {
    let authority = Authority::new();
    let behind = Server::start_tls(authority.asking(Clients::Unknown), |_, asked| {
        granted(&bound(&json!({"x5t#S256": shown(asked)})))
    });
    let aliases = json!({"token_endpoint": format!("{}/mtls/token", behind.url)});
    let front = server(
        &authority,
        Clients::Unknown,
        json!({"mtls_endpoint_aliases": aliases}),
        |_| Said::of(500, &[], ""),
    );
    let keyfob = keyfob(&authority);
    // An assertion proves it, and the token is bound to the certificate all the same.
    for (auth, body) in [
        (
            "tls_client_auth",
            "grant_type=client_credentials&client_id=id",
        ),
        (
            "private_key_jwt",
            "grant_type=client_credentials&client_id=id&client_assertion_type=",
        ),
    ] {
        let added = add(&keyfob, &front, &["--auth", auth, "--bind", "certificate"]);
        assert_eq!(added.code, 0, "{added:?}");
        assert_eq!(keyfob.run(["token", "c"]).code, 0, "{auth}");
        let last = behind.asked().pop().unwrap();
        assert_eq!(last.line, "POST /mtls/token");
        assert!(
            last.body.starts_with(body) && last.certificate.is_some(),
            "{last:?}"
        );
        assert_eq!(keyfob.run(["clients", "rm", "c"]).code, 0);
    }
    assert!(!front.lines().contains(&TOKEN.to_owned()));
}

#[test]
fn a_certificate_by_the_servers_own_authority_opens_it_and_no_other() {
    let authority = Authority::new();
    let server = server(&authority, Clients::Issued, json!({}), |_| {
        granted("opaque")
    });
    let keyfob = keyfob(&authority);
    assert_eq!(
        add(&keyfob, &server, &["--auth", "tls_client_auth"]).code,
        0
    );
    let host = server.url.trim_start_matches("https://");
    let refused = keyfob.run(["token", "c"]);
    assert_eq!(
        (refused.code, refused.stderr),
        (
            5,
            format!(
                "keyfob: no secure connection to {host}: it does not trust who issued the \
                 client's certificate (UnknownCA); have it signed by a CA that the server trusts \
                 (keyfob cert csr), or the certificate entered there\n"
            )
        )
    );
    let pem = keyfob.file("issued.pem", authority.client("billing"));
    assert_eq!(
        keyfob.run(["keys", "import", &pem, "--kid", "issued"]).code,
        0
    );
    let issuer = ["--issuer", &server.url, "--ca-file", "ca.pem"];
    let more = [
        "--key",
        "issued",
        "--client-id",
        "id",
        "--auth",
        "tls_client_auth",
    ];
    let added = keyfob.run([&["clients", "add", "issued"][..], &issuer, &more].concat());
    assert_eq!(added.code, 0, "{added:?}");
    let token = keyfob.run(["token", "issued"]);
    assert_eq!(
        (token.code, token.stdout.as_str(), token.stderr.as_str()),
        (0, "opaque\n", "")
    );
    // One that shows none is not spoken to.
    let arguments = ["clients", "add", "bare", "--client-id", "id", "--key", "k"];
    assert_eq!(keyfob.run([&arguments[..], &issuer].concat()).code, 0);
    assert_eq!(
        keyfob.run(["token", "bare"]).stderr,
        format!(
            "keyfob: no secure connection to {host}: it wants a client certificate, and none was \
             shown; where a client asks, say auth: tls_client_auth or bind: certificate at it\n"
        )
    );
}

#[test]
fn what_a_client_cannot_show_is_said_before_anything_is_asked() {
    let authority = Authority::new();
    let keyfob = keyfob(&authority);
    assert_eq!(
        keyfob.run(["keys", "new", "bare", "--cert", "none"]).code,
        0
    );
    for (options, code, expected) in [
        (
            &[
                "--key",
                "bare",
                "--issuer",
                "https://i.example",
                "--auth",
                "tls_client_auth",
            ][..],
            2,
            "bare has no certificate to show: keyfob cert new bare --profile client-auth makes \
             one, keyfob cert csr bare asks a CA for one",
        ),
        (
            &[
                "--key",
                "bare",
                "--issuer",
                "https://i.example",
                "--bind",
                "certificate",
            ],
            2,
            "bare has no certificate to show: keyfob cert new bare --profile client-auth makes \
             one, keyfob cert csr bare asks a CA for one",
        ),
        (
            &[
                "--key",
                "k",
                "--token-url",
                "http://127.0.0.1:1/t",
                "--auth",
                "tls_client_auth",
            ],
            2,
            "tls_client_auth needs https: over plain http no certificate is shown",
        ),
        (
            &[
                "--key",
                "k",
                "--token-url",
                "http://127.0.0.1:1/t",
                "--bind",
                "certificate",
            ],
            2,
            "bind: certificate needs https: over plain http no certificate is shown",
        ),
    ] {
        let arguments = ["clients", "add", "d", "--client-id", "id"];
        let refused = keyfob.run([&arguments[..], options].concat());
        assert_eq!(
            (refused.code, refused.stderr),
            (code, format!("keyfob: {expected}\n")),
            "{options:?}"
        );
    }
    let plain = Server::start(|url, _| {
        Said::json(json!({"issuer": url, "token_endpoint": format!("{url}/token")}))
    });
    assert_eq!(add(&keyfob, &plain, &["--auth", "tls_client_auth"]).code, 0);
    let refused = keyfob.run(["token", "c"]);
    assert_eq!(
        (refused.code, refused.stderr),
        (
            5,
            format!(
                "keyfob: {}/token is plain http, where no certificate is shown: the server must \
                 name an https address, as its token_endpoint or among its mtls_endpoint_aliases\n",
                plain.url
            )
        )
    );
    assert_eq!(plain.lines(), ["GET /.well-known/openid-configuration"]);
}

#[test]
fn a_token_of_another_certificate_is_not_taken() {
    let authority = Authority::new();
    let server = server(&authority, Clients::Unknown, json!({}), |_| {
        granted(&bound(&json!({"x5t#S256": "other"})))
    });
    let keyfob = keyfob(&authority);
    assert_eq!(
        add(&keyfob, &server, &["--auth", "tls_client_auth"]).code,
        0
    );
    let refused = keyfob.run(["token", "c"]);
    let own = shown(&server.asked()[1]).unwrap();
    assert_eq!(
        (refused.code, refused.stderr),
        (
            5,
            format!(
                "! it is self-signed, and for tls_client_auth a CA that the server trusts must have \
                 issued it: keyfob cert csr k, or self_signed_tls_client_auth\nkeyfob: {}/token \
                 granted nothing that can be used: it is bound to the certificate with x5t#S256 \
                 other, and that of k has {own}: something between changed the connection's \
                 certificate, or the server keeps an old one\n",
                server.url
            )
        )
    );
}

#[test]
fn each_step_says_what_is_amiss_with_the_certificate() {
    let authority = Authority::new();
    let more = json!({
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "tls_client_certificate_bound_access_tokens": false,
    });
    let server = server(&authority, Clients::Unknown, more, |asked| {
        if asked.body.contains("client_assertion") {
            return granted(&bound(&json!({})));
        }
        Said::of(401, &[], json!({"error": "invalid_client"}).to_string())
    });
    let keyfob = keyfob(&authority);
    assert_eq!(add(&keyfob, &server, &["--bind", "certificate"]).code, 0);
    let shown = keyfob.run(["--json", "token", "c", "--show"]);
    let steps: Value = serde_json::from_str(&shown.stdout).unwrap();
    let findings = |place: usize| steps[place]["findings"].clone();
    assert_eq!(steps[1]["step"], "certificate");
    let told = "the server says tls_client_certificate_bound_access_tokens: false, so its access \
                tokens are bound to nothing";
    assert_eq!(findings(1), json!([told]));
    let told = "it is bound to no certificate, although bind: certificate asks for it: set \
                tls_client_certificate_bound_access_tokens of the client at the server";
    assert!(
        findings(5).as_array().unwrap().contains(&json!(told)),
        "{steps:#}"
    );

    assert_eq!(keyfob.run(["clients", "rm", "c"]).code, 0);
    assert_eq!(
        add(&keyfob, &server, &["--auth", "self_signed_tls_client_auth"]).code,
        0
    );
    let refused = keyfob.run(["token", "c"]);
    let own = self::shown(server.asked().last().unwrap()).unwrap();
    let url = &server.url;
    assert_eq!(
        (refused.code, refused.stderr),
        (
            5,
            format!(
                "! the server does not offer self_signed_tls_client_auth, but private_key_jwt\n\
                 keyfob: {url}/token refused: 401 invalid_client\n  check at the server: the \
                 client id is there and enabled, authenticates with self_signed_tls_client_auth, \
                 and has this very certificate, x5t#S256 {own}, among its keys: keyfob keys export \
                 k --as jwk prints the JWK with it\n  where a proxy ends TLS before the server, it \
                 must ask for the certificate and pass it on\n"
            )
        )
    );
}

#[test]
fn what_the_client_does_can_be_done_with_curl() {
    let authority = Authority::new();
    let server = server(&authority, Clients::Unknown, json!({}), |_| {
        granted("opaque")
    });
    let keyfob = keyfob(&authority);
    assert_eq!(
        add(&keyfob, &server, &["--auth", "tls_client_auth"]).code,
        0
    );
    let printed = keyfob.run(["token", "c", "--curl"]);
    assert_eq!(
        printed.stdout,
        format!(
            "keyfob keys export 'k' --as chain --out client.crt\nkeyfob keys export 'k' --as pkcs8 \
             --private --out client.key\ncurl '{}/token' \\\n  --cacert '{}' \\\n  --cert \
             client.crt --key client.key \\\n  --data-urlencode \
             'grant_type=client_credentials' \\\n  --data-urlencode 'client_id=id'\n",
            server.url,
            keyfob.path("ca.pem").canonicalize().unwrap().display(),
        )
    );
    let settings = keyfob.run(["--json", "clients", "show", "c"]).stdout;
    let settings: Value = serde_json::from_str(&settings).unwrap();
    assert_eq!(settings["auth"], "tls_client_auth");
    assert_eq!(settings["bind"], Value::Null);
}
