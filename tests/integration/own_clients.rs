//! An OAuth client registered and managed by itself (RFC 7591, RFC 7592).

use std::fs;

use crate::{
    keyfob::{Ended, Keyfob},
    services::idp::{INITIAL, Idp, Management},
};

fn with_endpoint(idp: &Idp, more: &[&str]) -> Keyfob {
    let keyfob = Keyfob::new();
    for kid in ["first", "second"] {
        assert_eq!(keyfob.run(["keys", "new", kid, "--alg", "ES256"]).code, 0);
    }
    let added = add(&keyfob, idp, INITIAL, more);
    assert_eq!(added.code, 0, "{added:?}");
    keyfob
}

fn add(keyfob: &Keyfob, idp: &Idp, token: &str, more: &[&str]) -> Ended {
    let url = idp.service.url.as_str();
    let words = ["endpoints", "add", "idp", "--preset", "oidc", "--url", url];
    let words = words.iter().chain(&["--token-sealed"]);
    keyfob.run_with(words.chain(more), &format!("{token}\n"))
}

fn register(keyfob: &Keyfob, kid: &str) -> Ended {
    keyfob.run(["register", kid, "--at", "idp"])
}

/// `keyfob registrations --at idp --refresh`, its exit code and the states by kid.
fn states(keyfob: &Keyfob) -> (i32, Vec<(String, String)>) {
    let seen = keyfob.run(["registrations", "--at", "idp", "--refresh", "--json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&seen.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let rows = rows
        .iter()
        .map(|row| (text(&row["kid"]), text(&row["state"])));
    (seen.code, rows.collect())
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(kid, state): &(&str, &str)| ((*kid).to_owned(), (*state).to_owned());
    rows.iter().map(owned).collect()
}

#[test]
fn the_first_key_makes_the_client_more_join_it_and_the_last_takes_it_away() {
    for management in [Management::TokensChange, Management::OneTimeTokens] {
        let idp = Idp::start(management);
        let keyfob = with_endpoint(&idp, &["--set", "client_name=night", "--scope", "read"]);
        assert_eq!(
            idp.service.requests(),
            [
                "GET /.well-known/openid-configuration",
                "GET /.well-known/openid-configuration"
            ]
        );
        assert_eq!(states(&keyfob), (0, Vec::new()));
        let client_file = keyfob.home().join("config.d/client-idp.yaml");
        let made = register(&keyfob, "first");
        assert_eq!(
            (made.code, made.stderr),
            (
                0,
                format!(
                    "first at idp: registered, read back as first\nadded the client idp in {}\n",
                    client_file.display()
                )
            )
        );
        assert_eq!(
            idp.service.requests(),
            [
                "GET /.well-known/openid-configuration",
                "POST /clients",
                "GET /clients/c-1"
            ]
        );
        let client = idp.client().unwrap();
        for (member, expected) in [
            ("client_name", "night"),
            ("token_endpoint_auth_method", "private_key_jwt"),
            ("token_endpoint_auth_signing_alg", "ES256"),
            ("scope", "read"),
        ] {
            assert_eq!(client[member], expected);
        }
        assert_eq!(
            fs::read_to_string(&client_file).unwrap(),
            format!(
                "# keyfob wrote this file. Change it by hand, and keyfob leaves it alone.\n\
                 clients:\n  idp:\n    issuer: {}\n    client_id: c-1\n    key: first\n    scope: \
                 read\n",
                idp.service.url
            )
        );
        assert_eq!(states(&keyfob), (0, pairs(&[("first", "registered")])));
        let again = register(&keyfob, "first");
        assert_eq!(
            again.stderr,
            "first at idp: already registered, read back as first\n"
        );
        idp.service.requests();
        let joined = register(&keyfob, "second");
        assert_eq!(joined.code, 0, "{joined:?}");
        assert_eq!(
            idp.service.requests(),
            ["GET /clients/c-1", "PUT /clients/c-1", "GET /clients/c-1"]
        );
        assert_eq!(idp.kids(), ["first", "second"]);
        assert_eq!(idp.client().unwrap()["client_name"], "night");
        let out = keyfob.run(["unregister", "first", "--at", "idp"]);
        assert_eq!(
            (out.code, out.stderr.as_str()),
            (
                0,
                "first at idp: is not there any more\n\
                 ! the client idp of the configuration still signs with first: change its key\n"
            )
        );
        assert_eq!(idp.kids(), ["second"]);
        let kept = keyfob.run(["unregister", "second", "--at", "idp"]);
        assert_eq!(
            (kept.code, kept.stderr.as_str()),
            (
                2,
                "keyfob: idp: second is the last key of the client there, and removing it deletes \
                 the client: say --last if that is meant\n"
            )
        );
        assert_eq!(idp.kids(), ["second"]);
        let gone = keyfob.run(["unregister", "second", "--at", "idp", "--last"]);
        assert_eq!(
            (gone.code, gone.stderr),
            (
                0,
                format!(
                    "second at idp: is not there any more\nremoved the client idp: {} is gone\n",
                    client_file.display()
                )
            )
        );
        assert_eq!(idp.client(), None);
        assert!(!keyfob.home().join("secrets/registration-idp.age").exists());
        assert_eq!(states(&keyfob), (0, Vec::new()));
    }
}

#[test]
fn the_clients_own_token_is_sealed_and_never_shown() {
    let idp = Idp::start(Management::TokensChange);
    let keyfob = with_endpoint(&idp, &[]);
    let dry = keyfob.run(["register", "first", "--at", "idp", "--dry-run"]);
    let lines: Vec<&str> = dry.stdout.lines().take(4).collect();
    assert_eq!(
        lines,
        [
            "POST ‹registration_endpoint›",
            "Accept: application/json",
            "Content-Type: application/json",
            "Authorization: Bearer ••••",
        ]
    );
    assert_eq!(register(&keyfob, "first").code, 0);
    let dry = keyfob.run(["register", "second", "--at", "idp", "--dry-run"]);
    assert!(dry.stdout.starts_with("PUT http://127.0.0.1"), "{dry:?}");
    let mut texts = dry.stdout + &dry.stderr;
    for folder in ["secrets", "keys", "config.d", "state"] {
        let files = fs::read_dir(keyfob.home().join(folder))
            .into_iter()
            .flatten();
        for file in files {
            texts += &String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap());
        }
    }
    assert!(!texts.contains("manage-"), "{texts}");
    assert!(keyfob.home().join("secrets/registration-idp.age").exists());
}

#[test]
fn keys_of_others_in_the_client_stay_as_they_are() {
    let idp = Idp::start(Management::TokensChange);
    let keyfob = with_endpoint(&idp, &[]);
    assert_eq!(register(&keyfob, "first").code, 0);
    let other = serde_json::json!({"kty": "OKP", "kid": "theirs", "n": 1.5});
    idp.put(other.clone());
    assert_eq!(register(&keyfob, "second").code, 0);
    assert_eq!(idp.kids(), ["first", "theirs", "second"]);
    assert_eq!(idp.client().unwrap()["jwks"]["keys"][1], other);
    // Another's key under our kid stays, and so does a client that publishes a private one.
    let stranger = Keyfob::new();
    stranger.run(["keys", "new", "third", "--alg", "ES256"]);
    let theirs = stranger
        .run(["keys", "export", "third", "--as", "jwk"])
        .stdout;
    idp.put(serde_json::from_str(&theirs).unwrap());
    keyfob.run(["keys", "new", "third", "--alg", "ES256"]);
    let refused = register(&keyfob, "third");
    assert_eq!(
        (refused.code, refused.stderr.as_str()),
        (
            1,
            "keyfob: idp: another key stands there under the kid third, and it is left alone: give \
             one of the two another kid\n"
        )
    );
    idp.put(serde_json::json!({"kty": "oct", "kid": "s", "k": "AA"}));
    keyfob.run(["keys", "new", "fourth", "--alg", "ES256"]);
    let refused = register(&keyfob, "fourth");
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .stderr
            .contains("a private key is published there (s)")
    );
    assert_eq!(idp.kids().len(), 5);
}

#[test]
fn each_refusal_of_a_registration_is_told_and_nothing_is_noted() {
    let idp = Idp::start(Management::TokensChange);
    for (token, more, expected) in [
        (
            "stranger",
            [].as_slice(),
            "idp (the OpenID Connect server) refused with 401: it does not accept the token: the \
             initial access token from the sealed secret endpoint-idp where a client is registered, \
             else the client's own, which somebody may have used or the client is gone: no initial \
             token",
        ),
        (
            INITIAL,
            &["--scope", "everything"],
            "idp (the OpenID Connect server) refused with 400: it does not take something of the \
             client: scope must only hold values of this server.",
        ),
    ] {
        let keyfob = Keyfob::new();
        keyfob.run(["keys", "new", "first", "--alg", "ES256"]);
        assert_eq!(add(&keyfob, &idp, token, more).code, 0);
        let refused = register(&keyfob, "first");
        assert_eq!(refused.code, 5);
        let last = refused.stderr.lines().last().unwrap();
        assert_eq!(last, format!("keyfob: {expected}"));
        assert_eq!(idp.client(), None);
        assert_eq!(keyfob.run(["registrations"]).stdout, "");
        assert!(!keyfob.home().join("config.d/client-idp.yaml").exists());
    }
}

#[test]
fn a_client_whose_token_is_dead_is_told_and_left_alone() {
    let idp = Idp::start(Management::TokensChange);
    let keyfob = with_endpoint(&idp, &[]);
    assert_eq!(register(&keyfob, "first").code, 0);
    idp.revoke();
    let refused = register(&keyfob, "second");
    assert_eq!(refused.code, 5);
    assert!(
        refused
            .stderr
            .contains("else the client's own, which somebody may have used"),
        "{}",
        refused.stderr
    );
    assert_eq!(idp.kids(), ["first"]);
}

#[test]
fn a_server_without_management_is_told_with_what_follows_from_it() {
    let idp = Idp::start(Management::None);
    let keyfob = with_endpoint(&idp, &[]);
    let made = register(&keyfob, "first");
    assert_eq!(made.code, 0, "{made:?}");
    let remark = "the server registered a client and gave no way to manage it (RFC 7592): it can be \
                  neither looked at, changed nor removed from here";
    assert!(made.stderr.contains(remark), "{}", made.stderr);
    let refused = register(&keyfob, "second");
    assert_eq!(refused.code, 5);
    assert!(refused.stderr.contains(remark), "{}", refused.stderr);
    assert_eq!(idp.kids(), ["first"]);
    let out = keyfob.run(["unregister", "first", "--at", "idp", "--last"]);
    assert_eq!(out.code, 5);
    assert!(out.stderr.contains(remark), "{}", out.stderr);
}

#[test]
fn what_a_server_leaves_out_of_a_registration_is_told() {
    let idp = Idp::start(Management::TokensChange);
    idp.drops("scope");
    let keyfob = with_endpoint(&idp, &["--scope", "read"]);
    let made = register(&keyfob, "first");
    assert_eq!(made.code, 0, "{made:?}");
    assert!(
        made.stderr
            .contains("! it registered the client otherwise than asked: scope\n"),
        "{}",
        made.stderr
    );
}
