//! Credentials of an Auth0 application.

use crate::{
    at_endpoint::AtEndpoint,
    services::auth0::{Auth0, CLIENT, HALF, TOKEN},
};

const VALUES: [&str; 2] = ["--set", "client_id=app1"];

#[test]
fn a_credential_is_made_switched_on_read_back_and_removed() {
    let auth0 = Auth0::start();
    let at = AtEndpoint::new("auth0", &auth0.service.url, TOKEN, &VALUES);
    auth0.service.requests();
    at.new_key("signing-one", "RS256");
    let made = at.register("signing-one");
    assert_eq!(
        made.stderr,
        "signing-one at there: registered, read back as cred_1\n"
    );
    let client = format!("/api/v2/clients/{CLIENT}");
    assert_eq!(
        auth0.service.requests(),
        [
            format!("GET {client}/credentials"),
            format!("POST {client}/credentials"),
            format!("GET {client}"),
            format!("PATCH {client}"),
            format!("GET {client}/credentials/cred_1"),
            format!("GET {client}"),
        ]
    );
    at.new_key("signing-two", "PS256");
    assert_eq!(at.register("signing-two").code, 0);
    assert_eq!(auth0.kids(), ["signing-one*", "signing-two*"]);
    assert_eq!(
        at.states(&[]),
        (
            0,
            vec![
                "signing-one: registered".to_owned(),
                "signing-two: registered".to_owned()
            ]
        )
    );
    let again = at.register("signing-one");
    assert_eq!(
        again.stderr,
        "signing-one at there: already registered, read back as cred_1\n"
    );
    at.new_key("signing-three", "RS256");
    assert_eq!(
        at.refusal("signing-three"),
        (
            1,
            "there: Auth0 takes 2 keys, and 2 are there: unregister one first".to_owned()
        )
    );
    let out = at.unregister("signing-one");
    assert_eq!(out.stderr, "signing-one at there: is not there any more\n");
    assert_eq!(auth0.kids(), ["signing-two*"]);
    assert_eq!(at.unregister("signing-two").code, 0);
    assert_eq!(auth0.kids(), Vec::<String>::new());
    assert_eq!(auth0.method(), "client_secret_post");
}

#[test]
fn what_will_be_sent_is_shown_with_both_steps() {
    let auth0 = Auth0::start();
    let at = AtEndpoint::new("auth0", &auth0.service.url, TOKEN, &VALUES);
    at.new_key("signing-one", "RS256");
    let dry = at
        .keyfob
        .run(["register", "signing-one", "--at", "there", "--dry-run"]);
    let url = format!("{}/api/v2/clients/{CLIENT}", auth0.service.url);
    let (first, second) = dry
        .stdout
        .split_once(&format!(
            "\n\n# 2 of 2: switch it on, beside those in use\nPATCH {url}\n"
        ))
        .unwrap();
    assert!(
        first.starts_with(&format!(
            "# 1 of 2: make the credential\nPOST {url}/credentials\n"
        )),
        "{first}"
    );
    assert!(first.contains("-----BEGIN PUBLIC KEY-----\\n"), "{first}");
    let (_, body) = second.split_once("\n\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body["client_authentication_methods"]["private_key_jwt"]["credentials"],
        serde_json::json!(["‹in_use›", {"id": "‹id›"}])
    );
    assert_eq!(auth0.kids(), Vec::<String>::new());
    let words = ["unregister", "signing-one", "--at", "there", "--dry-run"];
    let out = at.keyfob.run(words).stdout;
    let lines = out.lines().filter(|line| {
        line.starts_with("# ") || line.starts_with("PATCH ") || line.starts_with("DELETE ")
    });
    assert_eq!(
        lines.collect::<Vec<_>>().join("\n").replace(&url, "URL"),
        "# 1 of 3: where others are in use, leave those alone in use\nPATCH URL\n\
         # 2 of 3: where it was the only one, go back to the application's secret\nPATCH URL\n\
         # 3 of 3: delete the credential\nDELETE URL/credentials/signing-one"
    );
}

#[test]
fn a_credential_of_others_stays_in_use() {
    let auth0 = Auth0::start();
    let at = AtEndpoint::new("auth0", &auth0.service.url, TOKEN, &VALUES);
    auth0.put("theirs-2025");
    at.new_key("signing-one", "RS384");
    assert_eq!(at.register("signing-one").code, 0);
    assert_eq!(auth0.kids(), ["theirs-2025*", "signing-one*"]);
    assert_eq!(
        at.states(&[]),
        (
            0,
            vec![
                "theirs-2025: foreign".to_owned(),
                "signing-one: registered".to_owned()
            ]
        )
    );
    assert_eq!(at.unregister("signing-one").code, 0);
    assert_eq!(auth0.kids(), ["theirs-2025*"]);
}

#[test]
fn a_first_step_whose_second_was_refused_is_gone_on_from_and_never_done_twice() {
    let auth0 = Auth0::start();
    let at = AtEndpoint::new("auth0", &auth0.service.url, HALF, &VALUES);
    at.new_key("signing-one", "RS256");
    let (code, told) = at.refusal("signing-one");
    assert_eq!(code, 5);
    assert!(
        told.starts_with("there: it was done, and then Auth0 refused with 403: "),
        "{told}"
    );
    assert_eq!(auth0.kids(), ["signing-one"]);
    let recorded = at.keyfob.run(["registrations"]);
    assert!(recorded.stdout.contains("unknown: "), "{}", recorded.stdout);
    // With a token that may, it goes on from there.
    let secret = ["endpoints", "rm", "there", "--force"];
    assert_eq!(at.keyfob.run(secret).code, 0);
    let url = auth0.service.url.as_str();
    let words = [
        "endpoints",
        "add",
        "there",
        "--preset",
        "auth0",
        "--url",
        url,
    ];
    let words = words.iter().chain(&["--token-sealed"]).chain(&VALUES);
    assert_eq!(at.keyfob.run_with(words, &format!("{TOKEN}\n")).code, 0);
    auth0.service.requests();
    let made = at.register("signing-one");
    assert_eq!(made.code, 0, "{made:?}");
    let requests = auth0.service.requests();
    assert!(
        !requests.iter().any(|each| each.starts_with("POST")),
        "{requests:?}"
    );
    assert_eq!(auth0.kids(), ["signing-one*"]);
    assert_eq!(at.id("signing-one"), "cred_1");
}

#[test]
fn what_auth0_does_not_take_is_refused_before_anything_is_sent() {
    let auth0 = Auth0::start();
    let at = AtEndpoint::new("auth0", &auth0.service.url, TOKEN, &VALUES);
    auth0.service.requests();
    for (kid, alg, expected) in [
        (
            "signing-one",
            "ES256",
            "Auth0 takes RS256, RS384 or PS256; this key is ES256",
        ),
        (
            "short",
            "RS256",
            "Auth0 takes ids of 10 to 64 characters of A-Z a-z 0-9 _ -; this key's kid is short: \
             rename it",
        ),
        (
            "with.a.dot",
            "RS256",
            "Auth0 takes ids of 10 to 64 characters of A-Z a-z 0-9 _ -; this key's kid is \
             with.a.dot: rename it",
        ),
    ] {
        at.new_key(kid, alg);
        assert_eq!(at.refusal(kid), (1, expected.to_owned()));
    }
    assert_eq!(auth0.service.requests(), Vec::<String>::new());
}

#[test]
fn each_refusal_of_auth0_is_one_clear_sentence() {
    let auth0 = Auth0::start();
    for (token, client, expected) in [
        (
            "stranger",
            "client_id=app1",
            "refused with 401: it does not accept the Management API token from the sealed secret \
             endpoint-there; it may have expired: Invalid token",
        ),
        (
            TOKEN,
            "client_id=app2",
            "refused with 404: not there; check the value client_id and the tenant's address: The \
             client does not exist",
        ),
    ] {
        let options = ["--set", client, "--no-check"];
        let at = AtEndpoint::new("auth0", &auth0.service.url, token, &options);
        at.new_key("signing-one", "RS256");
        assert_eq!(
            at.refusal("signing-one"),
            (5, format!("there (Auth0) {expected}"))
        );
        assert_eq!(at.keyfob.run(["registrations"]).stdout, "");
    }
}
