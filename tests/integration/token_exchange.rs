//! A token in exchange for another one (RFC 8693).

use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob, vector},
    server::{Said, Server},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// A keystore with the client `c` of `server`.
fn client_of(server: &Server) -> Keyfob {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "k"]).code, 0);
    let add = [
        "clients",
        "add",
        "c",
        "--client-id",
        "id",
        "--key",
        "k",
        "--issuer",
        &server.url,
    ];
    let added = keyfob.run([&add[..], &["--request-audience", "backend"]].concat());
    assert_eq!(added.code, 0, "{added:?}");
    keyfob
}

/// A server that answers token requests with `status` and `body`.
fn server(status: u16, body: Value) -> Server {
    Server::start(move |url, asked| match asked.line.as_str() {
        "POST /token" => Said::of(status, &[], body.to_string()),
        _ => Said::json(json!({
            "issuer": url, "token_endpoint": format!("{url}/token"),
            "grant_types_supported": [GRANT],
        })),
    })
}

fn granted(kind: &str) -> Value {
    json!({
        "access_token": "opaque", "token_type": "Bearer", "expires_in": 300,
        "issued_token_type": format!("urn:ietf:params:oauth:token-type:{kind}"),
    })
}

#[test]
fn a_token_is_exchanged_for_one_of_the_clients() {
    let server = server(200, granted("access_token"));
    let keyfob = client_of(&server);
    let asked = ["token", "c", "--exchange", "-", "--kind", "jwt"];
    let ended = keyfob.run_with(asked, "theirs\n");
    let expected = Ended {
        code: 0,
        stdout: "opaque\n".to_owned(),
        stderr: String::new(),
    };
    assert_eq!(ended, expected);
    let form = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=\
                theirs&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&client_id=\
                id&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A\
                jwt-bearer&client_assertion=ey";
    let body = server.asked().pop().unwrap().body;
    assert!(
        body.starts_with(form) && body.ends_with("&audience=backend"),
        "{body}"
    );

    let shown = keyfob.run(["--json", "token", "c", "--exchange", "theirs", "--show"]);
    assert!(!shown.stdout.contains("theirs"), "{}", shown.stdout);
    assert!(
        shown.stdout.contains("subject_token=$SUBJECT_TOKEN&"),
        "{}",
        shown.stdout
    );
    let printed = keyfob
        .run(["token", "c", "--exchange", "theirs", "--curl"])
        .stdout;
    let part = "--data-urlencode \"subject_token=$SUBJECT_TOKEN\" \\\n";
    assert!(
        printed.contains(part) && !printed.contains("theirs"),
        "{printed}"
    );
}

#[test]
fn what_comes_back_and_what_is_refused_is_told() {
    let other = server(200, granted("id_token"));
    let said = client_of(&other).run(["token", "c", "--exchange", "theirs"]);
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (
            0,
            "! issued_token_type is urn:ietf:params:oauth:token-type:id_token: an API may take no \
             such token\n"
        )
    );
    let refusing = server(400, json!({"error": "invalid_request"}));
    let keyfob = client_of(&refusing);
    let claims = [
        "--claim",
        "iss=https://other.example",
        "--claim",
        "exp=1000000000",
    ];
    let mint = ["mint", "--key", "k", "--template", "access-token"];
    let ended = keyfob.run([&mint[..], &claims].concat()).stdout;
    let refused = keyfob.run_with(["token", "c", "--exchange", "-"], &ended);
    let url = &refusing.url;
    let lines: Vec<&str> = refused.stderr.lines().collect();
    assert_eq!(refused.code, 5);
    assert_eq!(
        lines[0],
        format!("keyfob: {url}/token refused: 400 invalid_request")
    );
    assert!(
        lines[1].starts_with("  the token to exchange has ended, "),
        "{lines:?}"
    );
    let issuer = format!(
        "  the token to exchange is from https://other.example: does {url} trust that issuer?"
    );
    let check = "  check at the server: the client id may exchange tokens, and this one is of the \
                 kind access_token, for this client, and not revoked";
    assert_eq!(lines[2..], [issuer.as_str(), check]);
}

#[test]
fn no_token_and_an_unknown_kind_are_refused_before_anything_is_asked() {
    let server = server(200, granted("access_token"));
    let keyfob = client_of(&server);
    let empty = keyfob.run_with(["token", "c", "--exchange", "-"], "");
    let told = "keyfob: there is no token: write it, or - and stdin\n";
    assert_eq!((empty.code, empty.stderr.as_str()), (2, told));
    let odd = keyfob.run(["token", "c", "--exchange", "t", "--kind", "macaroon"]);
    let told = "write one of access_token, id_token, jwt, refresh_token, saml1, saml2";
    assert!(odd.code == 2 && odd.stderr.contains(told), "{odd:?}");
    assert_eq!(keyfob.run(["token", "c", "--kind", "jwt"]).code, 2);
    assert_eq!(server.lines(), Vec::<String>::new());
}
