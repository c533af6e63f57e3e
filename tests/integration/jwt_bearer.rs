//! Access tokens for whom a signed assertion names (RFC 7523 section 2.1).

use keyfob::jose::token::UnverifiedToken;
use serde_json::{Value, json};

use crate::{
    keyfob::{Keyfob, vector},
    server::{Asked, Said, Server},
};

/// A keystore whose key `k` is RSA.
fn keyfob() -> Keyfob {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("rsa2048.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    keyfob
}

/// A server without metadata that grants, or refuses with `error`.
fn server(error: Option<&'static str>) -> Server {
    Server::start(move |_, _| match error {
        None => Said::json(json!({
            "access_token": "opaque", "token_type": "Bearer", "expires_in": 3600,
        })),
        Some(error) => Said::of(400, &[], json!({"error": error}).to_string()),
    })
}

/// The parameters of a form, `assertion` taken apart.
fn sent(asked: &Asked) -> (Vec<&str>, Value) {
    let pairs: Vec<_> = asked
        .body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let (_, assertion) = pairs.iter().find(|(name, _)| *name == "assertion").unwrap();
    let token = UnverifiedToken::decode(assertion).unwrap();
    let claims = token.claims().unwrap().members().clone();
    (
        pairs.into_iter().map(|(name, _)| name).collect(),
        Value::Object(claims),
    )
}

#[test]
fn the_assertion_of_a_service_begins_with_its_template() {
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey";
    for (template, set, expected, life) in [
        (
            "google-jwt-bearer",
            &["email=k@p.iam.gserviceaccount.com", "scope=s1 s2"][..],
            json!({
                "iss": "k@p.iam.gserviceaccount.com", "sub": "k@p.iam.gserviceaccount.com",
                "aud": "https://oauth2.googleapis.com/token", "scope": "s1 s2",
            }),
            3600,
        ),
        (
            "salesforce-jwt-bearer",
            &["client_id=3MVG9", "username=a@b.example"],
            json!({"iss": "3MVG9", "sub": "a@b.example", "aud": "https://login.salesforce.com"}),
            180,
        ),
        (
            "docusign",
            &["integration_key=7c2b", "user_id=1461"],
            json!({
                "iss": "7c2b", "sub": "1461", "aud": "account-d.docusign.com",
                "scope": "signature impersonation",
            }),
            3600,
        ),
    ] {
        let (keyfob, server) = (keyfob(), server(None));
        let url = format!("{}/token", server.url);
        let mut add = vec!["clients", "add", "c", "--token-url", &url, "--key", "k"];
        add.extend(["--template", template]);
        add.extend(set.iter().flat_map(|pair| ["--set", pair]));
        let added = keyfob.run(add);
        assert_eq!(added.code, 0, "{added:?}");
        let token = keyfob.run(["token", "c"]);
        assert_eq!(
            (token.code, token.stdout.as_str(), token.stderr.as_str()),
            (0, "opaque\n", "")
        );
        let asked = server.asked().pop().unwrap();
        assert!(asked.body.starts_with(grant), "{}", asked.body);
        let (names, mut claims) = sent(&asked);
        assert_eq!(names, ["grant_type", "assertion"]);
        let members = claims.as_object_mut().unwrap();
        let mut take = |name: &str| members.remove(name).unwrap();
        let (iat, exp) = (take("iat").as_i64().unwrap(), take("exp").as_i64().unwrap());
        assert_eq!(exp - iat, life, "{template}");
        assert!(take("jti").is_string());
        assert_eq!(claims, expected);
    }
}

#[test]
fn what_a_template_cannot_know_is_asked_for() {
    let keyfob = keyfob();
    let add = |more: &[&str]| {
        let arguments = [
            "clients",
            "add",
            "c",
            "--token-url",
            "https://t.example/",
            "--key",
            "k",
        ];
        let ended = keyfob.run([&arguments[..], more].concat());
        (ended.code, ended.stderr)
    };
    assert_eq!(
        add(&["--template", "google-jwt-bearer"]),
        (
            2,
            "keyfob: google-jwt-bearer needs email, client_email of the service account: --set \
             email=keyfob@project.iam.gserviceaccount.com\n"
                .to_owned()
        )
    );
    assert_eq!(add(&["--template", "none"]).0, 2);
    let client = ["--client-id", "id", "--audience", "token_url"];
    assert_eq!(
        add(&[&client[..], &["--subject", "s"]].concat()),
        (
            2,
            "keyfob: subject is of grant: jwt_bearer: write that too, else sub is client_id\n"
                .to_owned()
        )
    );
    let (code, said) = add(&[&client[..], &["--grant", "password"]].concat());
    assert!(
        code == 2 && said.contains("\"password\": write client_credentials or jwt_bearer"),
        "{said}"
    );
    assert_eq!(add(&[]).0, 2);
}

#[test]
fn a_refusal_and_the_commands_name_the_subject() {
    let (keyfob, server) = (keyfob(), server(Some("invalid_grant")));
    let url = format!("{}/token", server.url);
    let add = [
        "clients",
        "add",
        "c",
        "--token-url",
        &url,
        "--key",
        "k",
        "--client-id",
        "app",
    ];
    let more = [
        "--grant",
        "jwt_bearer",
        "--subject",
        "alice",
        "--audience",
        "aud.example",
    ];
    assert_eq!(keyfob.run([&add[..], &more].concat()).code, 0);
    let refused = keyfob.run(["token", "c"]);
    assert_eq!(refused.code, 5);
    let jwk = keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    assert!(jwk.contains("RSA"));
    let told = "  check at the server: the client app is there and enabled, may act for alice, and \
                has the key with the thumbprint ";
    assert!(refused.stderr.contains(told), "{}", refused.stderr);
    let shown = keyfob.run(["token", "c", "--show"]).stdout;
    assert!(
        shown.contains("RS256 by k: iss app, sub alice, aud aud.example, 60 s"),
        "{shown}"
    );
    let printed = keyfob.run(["token", "c", "--curl"]).stdout;
    for part in [
        "--claim 'iss=app' \\\n  --claim 'sub=alice'",
        "--data-urlencode \"assertion=$ASSERTION\"\n",
    ] {
        assert!(printed.contains(part), "{printed}");
    }
    let settings = keyfob.run(["--json", "clients", "show", "c"]).stdout;
    let settings: Value = serde_json::from_str(&settings).unwrap();
    assert_eq!(
        (&settings["grant"], &settings["subject"]),
        (&json!("jwt_bearer"), &json!("alice"))
    );
}

#[test]
fn a_server_that_does_not_offer_the_grant_is_told_of() {
    let server = Server::start(|url, asked| match asked.line.as_str() {
        "POST /token" => Said::of(400, &[], r#"{"error": "unsupported_grant_type"}"#),
        _ => Said::json(json!({
            "issuer": url, "token_endpoint": format!("{url}/token"),
            "grant_types_supported": ["authorization_code"],
        })),
    });
    let keyfob = keyfob();
    let add = [
        "clients",
        "add",
        "c",
        "--issuer",
        &server.url,
        "--key",
        "k",
        "--client-id",
        "app",
    ];
    assert_eq!(keyfob.run(add).code, 0);
    let refused = keyfob.run(["token", "c"]);
    assert_eq!(
        refused.stderr.replace(&server.url, "URL"),
        "! the server does not grant client_credentials, but authorization_code\nkeyfob: URL/token \
         refused: 400 unsupported_grant_type\n  the server does not grant client_credentials: is \
         this its token endpoint?\n"
    );
}
