use keyfob::{
    net::{exchange::Exchange, policy::Policy, url::Url},
    oauth::{discovery::Discovery, metadata::Place, remote_set::RemoteSet},
};
use serde_json::json;

use crate::{
    keyfob::{Keyfob, vector},
    server::{Asked, Said, Server},
};

const OIDC: &str = "GET /.well-known/openid-configuration";

fn document(url: &str) -> Said {
    Said::json(
        json!({"issuer": url, "jwks_uri": format!("{url}/jwks"), "token_endpoint": format!("{url}/token")}),
    )
}

fn refused(server: &Server, path: &str) -> String {
    let issuer = format!("{}{path}", server.url);
    Discovery::default()
        .metadata(&issuer, &Policy::default(), &mut Vec::new())
        .unwrap_err()
        .to_string()
        .replace(&server.url, "URL")
}

fn keys(server: &Server) -> Result<std::sync::Arc<RemoteSet>, String> {
    let url = Url::parse(&format!("{}/jwks", server.url)).unwrap();
    Discovery::default()
        .keys(&url, &Policy::default(), &mut Vec::new())
        .map_err(|error| error.to_string().replace(&server.url, "URL"))
}

#[test]
fn an_issuer_leads_to_its_metadata_and_they_are_kept() {
    let server = Server::start(|url, _| document(url));
    let discovery = Discovery::default();
    let mut trace: Vec<Exchange> = Vec::new();
    for _ in 0..2 {
        let metadata = discovery
            .metadata(&server.url, &Policy::default(), &mut trace)
            .unwrap();
        let token = metadata.url(Place::Token).unwrap();
        assert_eq!(token.as_str(), format!("{}/token", server.url));
    }
    assert_eq!(server.lines(), [OIDC]);
    let [only] = trace.as_slice() else {
        panic!("{trace:?}")
    };
    assert_eq!(only.response.status, 200);
    assert!(only.response.text().contains("jwks_uri"));
}

#[test]
fn a_path_in_the_issuer_stands_where_each_standard_wants_it() {
    let server = Server::start(|url, asked| match asked.line.as_str() {
        "GET /.well-known/oauth-authorization-server/realms/a" => {
            Said::json(json!({"issuer": format!("{url}/realms/a")}))
        }
        _ => Said::of(404, &[], "no"),
    });
    let issuer = format!("{}/realms/a", server.url);
    let found = Discovery::default().metadata(&issuer, &Policy::default(), &mut Vec::new());
    assert_eq!(found.unwrap().issuer(), issuer);
    assert_eq!(
        server.lines(),
        [
            "GET /realms/a/.well-known/openid-configuration",
            "GET /.well-known/oauth-authorization-server/realms/a",
        ]
    );
    assert_eq!(
        refused(&server, ""),
        "URL publishes no metadata: URL/.well-known/openid-configuration answered 404, \
         URL/.well-known/oauth-authorization-server answered 404; check the issuer, or name its \
         URLs one by one"
    );
    assert_eq!(
        refused(&server, "?a=b"),
        "URL?a=b: an issuer has no part after ?: write it as the server says it"
    );
}

#[test]
fn another_issuer_is_not_believed() {
    let server = Server::start(|_, _| document("https://evil.example"));
    assert_eq!(
        refused(&server, ""),
        "URL describes itself as the issuer \"https://evil.example\": that is another one, and its \
         word does not count here; check the URL"
    );
}

#[test]
fn redirects_stay_on_their_host() {
    let stays = Server::start(|url, asked| match asked.line.as_str() {
        OIDC => Said::of(302, &[("Location", "/there")], ""),
        _ => document(url),
    });
    let found = Discovery::default().metadata(&stays.url, &Policy::default(), &mut Vec::new());
    assert!(found.is_ok());
    let other = Server::start(|url, _| document(url));
    let location = format!("{}/there", other.url);
    let leaves = Server::start(move |_, _| Said::of(302, &[("Location", &location)], ""));
    let error = refused(&leaves, "").replace(&other.url, "OTHER");
    assert_eq!(
        error,
        "URL/.well-known/openid-configuration sends on to OTHER/there, and only redirects on the \
         same host are followed, three at most: name the last address yourself if you trust it"
    );
    assert_eq!(other.lines(), Vec::<String>::new());
    let turns = Server::start(|_, _| Said::of(302, &[("Location", "/again")], ""));
    assert!(refused(&turns, "").contains("sends on to /again"));
    assert_eq!(turns.lines().len(), 4);
}

#[test]
fn what_is_no_metadata_is_told() {
    let html = Server::start(|_, _| Said::of(200, &[], "<html>"));
    assert_eq!(
        refused(&html, ""),
        "URL/.well-known/openid-configuration answered with something that is no metadata: line 1, \
         column 1: expected value; check the issuer"
    );
    let huge = Server::start(|_, _| Said::of(200, &[], vec![b' '; 5 << 20]));
    let error = refused(&huge, "");
    assert!(error.contains("answered with more than 4 MiB"), "{error}");
}

#[test]
fn plain_http_goes_to_this_machine_only() {
    let found =
        Discovery::default().metadata("http://idp.example", &Policy::default(), &mut Vec::new());
    let error = found.unwrap_err().to_string();
    assert!(
        error.starts_with("idp.example would be reached over plain http"),
        "{error}"
    );
}

/// The JWK of a test key, and its private one.
fn jwks(vector_name: &str) -> (String, String) {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("key.pem", vector(vector_name));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "a"]).code, 0);
    let export = |more: &[&str]| {
        let arguments = [&["keys", "export", "a", "--as", "jwk"], more].concat();
        keyfob.run(arguments).stdout
    };
    (export(&[]), export(&["--private", "--out", "-"]))
}

#[test]
fn a_set_with_private_parts_is_told_and_not_trusted() {
    let (public, private) = jwks("p256.pem");
    let (other, _) = jwks("p384.pem");
    let secret = r#"{"kty": "oct", "kid": "s", "k": "c2VjcmV0"}"#;
    let body =
        format!(r#"{{"keys": [{public}, {other}, {private}, {secret}, {{"kty": "dilithium"}}]}}"#);
    let server = Server::start(move |_, _: &Asked| Said::json(&body));
    let set = keys(&server).unwrap();
    assert_eq!(set.verification_keys().len(), 1);
    let remarks: Vec<String> = set
        .remarks()
        .iter()
        .map(|remark| remark.replace(&server.url, "URL"))
        .collect();
    assert_eq!(
        remarks,
        [
            "URL/jwks publishes several keys as \"a\": each of them is tried; its owner must give each \
             a kid of its own",
            "URL/jwks publishes the private half of the key \"a\": anybody can sign with it, so it \
             is not used; its owner must replace it",
            "URL/jwks publishes the key \"s\", which is a secret (kty oct): it is not used; its \
             owner must replace it",
            "key 5 of URL/jwks cannot be read: a kty dilithium key: keyfob keeps RSA, P-256, P-384, \
             P-521 and Ed25519 keys",
        ]
    );
}

#[test]
fn a_set_is_fetched_once_unless_asked_anew() {
    let server = Server::start(|_, _| Said::json(r#"{"keys": []}"#));
    let url = Url::parse(&format!("{}/jwks", server.url)).unwrap();
    let (discovery, policy) = (Discovery::default(), Policy::default());
    discovery.keys(&url, &policy, &mut Vec::new()).unwrap();
    discovery.keys(&url, &policy, &mut Vec::new()).unwrap();
    assert_eq!(server.lines().len(), 1);
    discovery
        .fresh_keys(&url, &policy, &mut Vec::new())
        .unwrap();
    assert_eq!(server.lines().len(), 2);
}

#[test]
fn what_is_no_set_is_told() {
    let gone = Server::start(|_, _| Said::of(410, &[], ""));
    assert_eq!(
        keys(&gone).unwrap_err(),
        "URL/jwks answered 410 instead of a JWK Set"
    );
    let object = Server::start(|_, _| Said::json("{}"));
    let error = keys(&object).unwrap_err();
    assert!(error.starts_with("URL/jwks: "), "{error}");
}
