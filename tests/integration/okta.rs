//! Keys of an Okta application.

use crate::{
    at_endpoint::AtEndpoint,
    services::okta::{APP, Okta, READER, TOKEN},
};

const VALUES: [&str; 2] = ["--set", "app_id=0oa1"];

#[test]
fn a_key_is_registered_under_the_services_own_id_read_back_and_removed() {
    let okta = Okta::start();
    let at = AtEndpoint::new("okta", &okta.service.url, TOKEN, &VALUES);
    okta.service.requests();
    at.new_key("one", "RS256");
    let made = at.register("one");
    assert_eq!(made.stderr, "one at there: registered, read back as pks1\n");
    let keys = format!("/api/v1/apps/{APP}/credentials/jwks");
    assert_eq!(
        okta.service.requests(),
        [
            format!("GET {keys}"),
            format!("POST {keys}"),
            format!("GET {keys}/pks1")
        ]
    );
    assert_eq!(at.id("one"), "pks1");
    assert_eq!(okta.keys(), ["one ACTIVE"]);
    at.new_key("two", "ES384");
    assert_eq!(at.register("two").code, 0);
    assert_eq!(
        at.states(&[]),
        (
            0,
            vec!["one: registered".to_owned(), "two: registered".to_owned()]
        )
    );
    let again = at.register("one");
    assert_eq!(
        again.stderr,
        "one at there: already registered, read back as pks1\n"
    );
    okta.service.requests();
    let out = at.unregister("one");
    assert_eq!(out.stderr, "one at there: is not there any more\n");
    assert_eq!(
        okta.service.requests(),
        [
            format!("GET {keys}/pks1"),
            format!("POST {keys}/pks1/lifecycle/deactivate"),
            format!("DELETE {keys}/pks1"),
            format!("GET {keys}/pks1"),
        ]
    );
    assert_eq!(okta.keys(), ["two ACTIVE"]);
    let out = at.unregister("one");
    assert_eq!(out.stderr, "one at there: was not there\n");
}

#[test]
fn a_bearer_token_serves_where_it_is_chosen() {
    let okta = Okta::start();
    let bearer = [&VALUES[..], &["--set", "authentication=bearer"]].concat();
    let at = AtEndpoint::new("okta", &okta.service.url, TOKEN, &bearer);
    at.new_key("one", "ES256");
    assert_eq!(at.register("one").code, 0);
    let dry = at
        .keyfob
        .run(["register", "one", "--at", "there", "--dry-run"]);
    assert!(
        dry.stdout.contains("\nAuthorization: Bearer ••••\n"),
        "{dry:?}"
    );
    let id = at.id("one");
    let words = ["unregister", "one", "--at", "there", "--dry-run"];
    let out = at.keyfob.run(words);
    let token = "Accept: application/json\nAuthorization: Bearer ••••\n";
    assert!(
        out.stdout
            .starts_with("# 1 of 2: deactivate the key\nPOST ")
            && out.stdout.contains(&format!(
                "/{id}/lifecycle/deactivate\n{token}\n# 2 of 2: delete it\nDELETE "
            ))
            && out.stdout.ends_with(&format!("/{id}\n{token}")),
        "{out:?}"
    );
    assert_eq!(at.id("one"), id);
    let wrong = [&VALUES[..], &["--set", "authentication=basic"]].concat();
    let (_, refused) = AtEndpoint::add("okta", &okta.service.url, TOKEN, &wrong);
    assert_eq!(
        (refused.code, refused.stderr.as_str()),
        (
            2,
            "keyfob: there: authentication: basic: write ssws or bearer\n"
        )
    );
}

#[test]
fn what_is_there_is_found_on_every_page_and_nothing_is_made_twice() {
    let okta = Okta::start();
    let at = AtEndpoint::new("okta", &okta.service.url, TOKEN, &VALUES);
    for kid in ["a", "b", "c", "d", "e"] {
        at.new_key(kid, "ES256");
        let mut jwk = at.jwk(kid);
        for name in ["x5c", "x5t", "x5t#S256"] {
            jwk.as_object_mut().unwrap().remove(name);
        }
        okta.put(jwk);
    }
    let (code, found) = at.states(&[]);
    assert_eq!((code, found.len()), (1, 5), "{found:?}");
    assert_eq!(found[4], "e: adoptable");
    let made = at.register("e");
    assert_eq!(
        made.stderr,
        "e at there: already registered, read back as pks5\n"
    );
    assert_eq!(okta.keys().len(), 5);
    let (code, _) = at.states(&["--adopt"]);
    assert_eq!(code, 0);
    assert_eq!(at.id("d"), "pks4");
    // What was noted and lost is found again by the key itself.
    at.forget("d");
    assert_eq!(at.unregister("d").code, 0);
    assert_eq!(okta.keys().len(), 4);
}

#[test]
fn an_inactive_key_is_no_registered_one_and_is_mended() {
    let okta = Okta::start();
    let at = AtEndpoint::new("okta", &okta.service.url, TOKEN, &VALUES);
    at.new_key("one", "RS256");
    assert_eq!(at.register("one").code, 0);
    okta.deactivate();
    let seen = at.keyfob.run(["registrations", "--refresh"]);
    assert!(seen.stdout.contains("differs: status"), "{}", seen.stdout);
    assert_eq!(at.states(&[]), (1, vec!["one: differs: status".to_owned()]));
    let mended = at.register("one");
    assert_eq!(mended.code, 0, "{mended:?}");
    assert_eq!(okta.keys(), ["one ACTIVE"]);
    // An inactive one is removed all the same.
    okta.deactivate();
    assert_eq!(at.unregister("one").code, 0);
    assert_eq!(okta.keys(), Vec::<String>::new());
}

#[test]
fn a_key_that_differs_is_made_anew_and_anothers_is_left_alone() {
    let okta = Okta::start();
    let at = AtEndpoint::new("okta", &okta.service.url, TOKEN, &VALUES);
    at.new_key("one", "RS256");
    let mut old = at.jwk("one");
    for name in ["x5c", "x5t", "x5t#S256"] {
        old.as_object_mut().unwrap().remove(name);
    }
    old["alg"] = "RS512".into();
    okta.put(old);
    let made = at.register("one");
    assert_eq!(
        made.stderr,
        "one at there: registered: what was there differed and was replaced, read back as pks2\n"
    );
    assert_eq!(okta.keys(), ["one ACTIVE"]);
    let stranger = AtEndpoint::new("okta", &okta.service.url, TOKEN, &VALUES);
    stranger.new_key("one", "RS256");
    assert_eq!(
        stranger.refusal("one"),
        (
            1,
            "there: another key stands there under the kid one (as pks2), and it is left alone: give \
             one of the two another kid"
                .to_owned()
        )
    );
}

#[test]
fn a_curve_that_does_not_come_back_is_told_by_the_length_of_x() {
    let okta = Okta::start();
    okta.hide_crv();
    let at = AtEndpoint::new("okta", &okta.service.url, TOKEN, &VALUES);
    for (kid, alg) in [("a", "ES256"), ("b", "ES384"), ("c", "ES512")] {
        at.new_key(kid, alg);
        let made = at.register(kid);
        assert_eq!(made.code, 0, "{made:?}");
    }
    at.new_key("d", "EdDSA");
    assert_eq!(
        at.refusal("d"),
        (
            1,
            "Okta takes RSA or EC keys; this key is Ed25519".to_owned()
        )
    );
}

#[test]
fn each_refusal_of_okta_is_one_clear_sentence() {
    let okta = Okta::start();
    let secret = "from the sealed secret endpoint-there";
    for (token, app, expected) in [
        (
            "stranger",
            "app_id=0oa1",
            format!("refused with 401: the API token {secret} is not valid, or has expired: Invalid token provided"),
        ),
        (
            READER,
            "app_id=0oa1",
            format!(
                "refused with 403: the API token {secret} may not do this; its owner needs a role \
                 that may, or the token the scope okta.apps.manage: You do not have permission to \
                 perform the requested action"
            ),
        ),
        (
            TOKEN,
            "app_id=0oa2",
            "refused with 404: not there; check the value app_id: Not found: Resource not found: 0oa2"
                .to_owned(),
        ),
    ] {
        let options = ["--set", app, "--no-check"];
        let at = AtEndpoint::new("okta", &okta.service.url, token, &options);
        at.new_key("one", "ES256");
        assert_eq!(at.refusal("one"), (5, format!("there (Okta) {expected}")));
        assert_eq!(at.keyfob.run(["registrations"]).stdout, "");
        let options = ["--set", app];
        let (_, refused) = AtEndpoint::add("okta", &okta.service.url, token, &options);
        assert_eq!(refused.code, 5, "{refused:?}");
    }
    for (values, expected) in [
        (
            [].as_slice(),
            "there: the value app_id is missing: the application's id, from its page's address in \
             the Admin Console, like 0oa1gjh63g214q0Hq0g4",
        ),
        (
            &["--set", "app_id=a/b"],
            "there: app_id holds '/': write A-Z a-z 0-9 _ -",
        ),
        (
            &["--set", "app_id=a", "--set", "app=b"],
            "there: no value app: there are app_id",
        ),
    ] {
        let (_, refused) = AtEndpoint::add("okta", &okta.service.url, TOKEN, values);
        assert_eq!(
            (refused.code, refused.stderr),
            (2, format!("keyfob: {expected}\n"))
        );
    }
    assert_eq!(okta.keys(), Vec::<String>::new());
}
