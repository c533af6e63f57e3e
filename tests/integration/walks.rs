//! The published walks that keyfob replaces, each from its first command to its last answer.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use keyfob::{
    jose::token::UnverifiedToken,
    net::{
        http,
        policy::Policy,
        request::{Method, Request},
    },
};
use serde_json::Value;
use serde_yaml::Value as Yaml;

use crate::{
    keyfob::{Keyfob, vector},
    served::{Served, of_project},
};

/// The text between two marks of the README.
fn of_readme(mark: &str) -> String {
    let readme = of_project("README.md");
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("\n<!-- /{mark} -->"));
    let start = readme.find(&begin).unwrap() + begin.len();
    let length = readme[start..].find(&end).unwrap();
    readme[start..start + length]
        .trim_matches('`')
        .trim()
        .to_owned()
}

#[test]
fn the_articles_walk_goes_as_the_readme_says() {
    let keyfob = Keyfob::new();
    let mut told = Vec::new();
    let (mut auth, mut api) = (None, None);
    let mut addresses = vec![
        ("http://127.0.0.1:3001".to_owned(), String::new()),
        ("http://127.0.0.1:3002".to_owned(), String::new()),
    ];
    for line in of_readme("article").lines() {
        let Some(typed) = line.strip_prefix("$ keyfob ") else {
            continue;
        };
        told.push(line.to_owned());
        let mut words = typed.to_owned();
        for (default, own) in &addresses {
            words = words.replace(default, own);
        }
        let words: Vec<&str> = words.split(' ').collect();
        match words.as_slice() {
            ["sandbox", "auth", more @ .., "&"] => {
                let free = ["auth", "--auth", "127.0.0.1:0"];
                let served = Served::start(&keyfob, &[&free, more].concat());
                addresses[0].1 = served.auth().to_owned();
                auth = Some(served);
            }
            ["sandbox", "api", more @ .., "&"] => {
                let jwks = format!("{}/.well-known/jwks.json", addresses[0].1);
                let free = ["api", "--api", "127.0.0.1:0", "--jwks-url", &jwks];
                let served = Served::start(&keyfob, &[&free, more].concat());
                addresses[1].1 = served.api().to_owned();
                api = Some(served);
            }
            words => {
                let ended = keyfob.run(words);
                assert_eq!(ended.code, 0, "{words:?}: {ended:?}");
                let home = format!("{}/", keyfob.home().display());
                let said = match ended.stdout.as_str() {
                    "" => ended.stderr,
                    stdout => stdout.to_owned(),
                };
                told.push(said.replace(&home, "").trim_end().to_owned());
            }
        }
    }
    assert_eq!(told.join("\n"), of_readme("article"));

    let mut log = Vec::new();
    for served in [auth.unwrap(), api.unwrap()] {
        let (code, lines) = served.end();
        assert_eq!(code, Some(143));
        log.extend(lines);
    }
    let log = log.join("\n").replace(&addresses[0].1, &addresses[0].0);
    assert_eq!(log, of_readme("article log"));
}

/// The variables of a text of the compose file, with the values of `variables` or their defaults.
fn interpolated(text: &str, variables: &BTreeMap<&str, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let (variable, after) = after.strip_prefix('{').unwrap().split_once('}').unwrap();
        let (name, default) = variable.split_once(":-").unwrap();
        out.push_str(variables.get(name).map_or(default, String::as_str));
        rest = after;
    }
    out + rest
}

/// The command of a service, with another folder in the place of its volume.
fn service(
    compose: &Yaml,
    name: &str,
    keyfob: &Keyfob,
    variables: &BTreeMap<&str, String>,
) -> Command {
    let words: Vec<String> = compose["services"][name]["command"]
        .as_sequence()
        .unwrap()
        .iter()
        .map(|word| {
            let word = interpolated(word.as_str().unwrap(), variables);
            word.replace("/keys", keyfob.path("keys").to_str().unwrap())
        })
        .collect();
    let program = match words[0].as_str() {
        "keyfob" => env!("CARGO_BIN_EXE_keyfob"),
        other => other,
    };
    let folder = Path::new(env!("CARGO_BIN_EXE_keyfob")).parent().unwrap();
    let mut command = keyfob.wrapped(program);
    command
        .args(&words[1..])
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command
}

#[test]
fn the_services_of_the_compose_file_work_as_plain_processes() {
    let compose: Yaml = serde_yaml::from_str(&of_project("assets/compose.yaml")).unwrap();
    let keyfob = Keyfob::empty();
    let mut variables = BTreeMap::new();
    let written = service(&compose, "bootstrapper", &keyfob, &variables).output();
    assert!(written.unwrap().status.success());
    variables.insert("AUTH_PORT", "0".to_owned());
    variables.insert("API_PORT", "0".to_owned());
    let port = |url: &str| url.rsplit(':').next().unwrap().to_owned();
    let auth = Served::of(service(&compose, "auth", &keyfob, &variables));
    variables.insert("AUTH_PORT", port(auth.auth()));
    let api = Served::of(service(&compose, "api", &keyfob, &variables));
    variables.insert("API_PORT", port(api.api()));
    let client = service(&compose, "client", &keyfob, &variables)
        .output()
        .unwrap();
    assert!(client.status.success(), "{client:?}");
    let answer = r#"{"message":"Protected resource accessed","user":"client"}"#;
    let said = String::from_utf8(client.stdout).unwrap();
    assert!(said.ends_with(answer), "{said}");
    assert_eq!(
        api.end().1,
        [
            "api  GET    /protected                         200  sub client; a strict API refuses: \
             typ is none: it must be at+jwt"
        ]
    );
}

#[test]
fn a_bootstrapped_folder_is_never_overwritten_and_a_broken_one_is_named() {
    let keyfob = Keyfob::empty();
    assert_eq!(keyfob.run(["sandbox", "bootstrap", "keys"]).code, 0);
    let private = fs::read(keyfob.path("keys/private_key.pem")).unwrap();
    let again = keyfob.run(["sandbox", "bootstrap", "keys"]);
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (
            2,
            "keyfob: keys/private_key.pem is there already: choose another folder, or remove its \
             private_key.pem, public_key.pem, jwks.json\n"
        )
    );
    assert_eq!(
        fs::read(keyfob.path("keys/private_key.pem")).unwrap(),
        private
    );
    fs::write(keyfob.path("keys/jwks.json"), r#"{"keys":[]}"#).unwrap();
    let broken = keyfob.run(["sandbox", "auth", "--keys", "keys"]);
    assert_eq!(
        (broken.code, broken.stderr.as_str()),
        (
            2,
            "keyfob: keys/jwks.json: the public half of private_key.pem is not in it\n"
        )
    );
    let missing = keyfob.run(["sandbox", "auth", "--keys", "none"]);
    assert_eq!(
        (missing.code, missing.stderr.as_str()),
        (
            3,
            "keyfob: there is no none/private_key.pem: keyfob sandbox bootstrap DIR writes it\n"
        )
    );
    let open = keyfob.run(["sandbox", "api", "--jwks-url", "http://idp.example/jwks"]);
    assert_eq!(open.code, 2, "{open:?}");
}

/// The gateway of the government of British Columbia: a PEM pair (PKCS#1, and SPKI under the name of
/// a certificate), an assertion without kid for the issuer, `scopes` in the form, and `/headers`.
#[test]
fn a_pem_pair_walks_to_the_headers_of_the_gateway() {
    let keyfob = Keyfob::new();
    let pem = keyfob.file("client.key", vector("forms/rsa2048-pkcs1.pem"));
    assert!(vector("forms/rsa2048-pkcs1.pem").starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert_eq!(keyfob.run(["keys", "import", &pem, "--kid", "CID"]).code, 0);
    let spki = keyfob.run(["keys", "export", "CID", "--as", "spki"]).stdout;
    let certificate = keyfob.file("client.crt", &spki);
    let joined = keyfob.run(["keys", "import", &certificate]);
    assert_eq!(
        (joined.code, joined.stderr.contains("already here")),
        (0, true),
        "{joined:?}"
    );
    let served = Served::start(&keyfob, &["--auth=127.0.0.1:0", "--api=127.0.0.1:0"]);
    assert_eq!(keyfob.run(["register", "CID", "--at", "sandbox"]).code, 0);
    let (issuer, api) = (served.auth(), served.api());
    let added = keyfob.run(
        format!(
            "clients add gateway --issuer {issuer} --client-id CID --key CID --lifetime 5m --extra \
             scopes=openid --header typ"
        )
        .split(' '),
    );
    assert_eq!(added.code, 0, "{added:?}");

    let shown = keyfob.run(["--json", "token", "gateway", "--show"]);
    let steps: Value = serde_json::from_str(&shown.stdout).unwrap();
    let details = |step: &str| {
        let steps = steps.as_array().unwrap();
        let step = steps.iter().find(|each| each["step"] == step).unwrap();
        let lines = step["details"].as_array().unwrap();
        lines
            .iter()
            .map(|line| line.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let assertion = details("assertion").join("");
    for member in [
        r#""alg": "RS256""#,
        r#""typ": "JWT""#,
        r#""iss": "CID""#,
        r#""sub": "CID""#,
        &format!(r#""aud": "{issuer}""#),
    ] {
        assert!(assertion.contains(member), "{assertion}");
    }
    assert!(!assertion.contains("kid"), "{assertion}");
    assert!(details("token_request").contains(&"scopes=openid".to_owned()));

    let called = keyfob.run([
        "call",
        "gateway",
        &format!("{api}/headers"),
        "-H",
        "X-Own: yes",
    ]);
    assert_eq!(called.code, 0, "{called:?}");
    let told: Value = serde_json::from_str(&called.stdout).unwrap();
    assert_eq!(told["headers"]["x-own"], "yes");
    let bearer = told["headers"]["authorization"].as_str().unwrap();
    let token = UnverifiedToken::decode(bearer.strip_prefix("Bearer ").unwrap()).unwrap();
    assert_eq!(token.claims().unwrap().members()["scope"], "openid");
    assert!(
        called
            .stderr
            .contains("! it lives 5 min: strict servers take 60 s at most\n"),
        "{}",
        called.stderr
    );
    let (_, log) = served.end();
    assert!(log.iter().all(|line| !line.contains("/health")), "{log:?}");
    assert!(log[0].contains("created CID"), "{log:?}");
}

#[test]
fn a_sandbox_is_a_server_of_the_oidc_preset_with_a_client_of_two_keys() {
    let keyfob = Keyfob::new();
    for kid in ["k", "k2"] {
        let made = keyfob.run(["keys", "new", kid, "--alg", "ES256"]);
        assert_eq!(made.code, 0, "{made:?}");
    }
    let served = Served::start(&keyfob, &["--auth=127.0.0.1:0", "--api=127.0.0.1:0"]);
    let config = format!(
        "endpoints:\n  idp: {{preset: oidc, url: {}, token: {{command: [echo, sandbox]}}}}\n",
        served.auth()
    );
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();
    for kid in ["k", "k2"] {
        let registered = keyfob.run(["register", kid, "--at", "idp"]);
        assert_eq!(registered.code, 0, "{registered:?}");
    }
    let called = keyfob.run(["call", "idp", &format!("{}/protected", served.api())]);
    assert_eq!(called.code, 0, "{called:?}");
    assert!(
        called.stdout.contains("Protected resource accessed"),
        "{called:?}"
    );
    let listed = keyfob.run(["--json", "registrations", "--at", "idp", "--refresh"]);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let kids: Vec<&Value> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["kid"])
        .collect();
    assert_eq!(kids, ["k", "k2"]);
    assert_eq!(keyfob.run(["unregister", "k2", "--at", "idp"]).code, 0);
    let last = keyfob.run(["unregister", "k", "--at", "idp", "--last"]);
    assert_eq!(last.code, 0, "{last:?}");
    let (_, log) = served.end();
    let deleted = log
        .iter()
        .filter(|line| line.contains("204  deleted"))
        .count();
    assert_eq!(deleted, 1, "{log:?}");
}

#[test]
fn in_json_the_log_is_one_object_a_line() {
    let keyfob = Keyfob::empty();
    let served = Served::start(&keyfob, &["auth", "--json", "--auth", "127.0.0.1:0"]);
    let told: Value = serde_json::from_str(&served.announced.join("\n")).unwrap();
    assert_eq!(told["token"], "sandbox");
    let url = format!("{}/health", told["auth"].as_str().unwrap());
    let request = Request {
        method: Method::Get,
        url,
        headers: Vec::new(),
        body: None,
    };
    let answer = http::send(&request, &Policy::default()).unwrap();
    assert_eq!(answer.text(), r#"{"status":"ok"}"#);
    let (code, log) = served.end();
    let [line] = log.as_slice() else {
        panic!("{log:?}")
    };
    let line: Value = serde_json::from_str(line).unwrap();
    let members = ["server", "method", "path", "status"].map(|name| &line[name]);
    assert_eq!(
        (code, members),
        (
            Some(143),
            [
                &"auth".into(),
                &"GET".into(),
                &"/health".into(),
                &200.into()
            ]
        )
    );
}
