//! Keys of a client of a Keycloak realm.

use crate::{
    at_endpoint::AtEndpoint,
    services::keycloak::{Keeps, Keycloak, READER, TOKEN, UUID},
};

const VALUES: [&str; 4] = ["--set", "realm=acme", "--set", "client_id=billing"];

#[test]
fn a_key_joins_the_clients_set_is_read_back_and_leaves_it() {
    let keycloak = Keycloak::start(Keeps::All);
    let at = AtEndpoint::new("keycloak", &keycloak.service.url, TOKEN, &VALUES);
    at.new_key("one", "ES256");
    keycloak.service.requests();
    let made = at.register("one");
    assert_eq!(made.stderr, "one at there: registered, read back as one\n");
    let find = "GET /admin/realms/acme/clients?clientId=billing".to_owned();
    let client = format!("/admin/realms/acme/clients/{UUID}");
    let upload = format!("POST {client}/certificates/jwt.credential/upload-certificate");
    assert_eq!(
        keycloak.service.requests(),
        [
            find.clone(),
            format!("GET {client}"),
            upload.clone(),
            format!("GET {client}"),
            format!("PUT {client}"),
            find,
            format!("GET {client}"),
        ]
    );
    let changed = keycloak.client();
    assert_eq!(changed["clientAuthenticatorType"], "client-jwt");
    assert_eq!(changed["attributes"]["access.token.lifespan"], "300");
    assert_eq!(changed["attributes"]["use.jwks.string"], "true");
    at.new_key("two", "RS256");
    assert_eq!(at.register("two").code, 0);
    assert_eq!(keycloak.kids(), ["two", "one"]);
    let again = at.register("one");
    assert!(again.stderr.contains("already registered"), "{again:?}");
    assert_eq!(
        at.states(&[]),
        (
            0,
            vec!["two: registered".to_owned(), "one: registered".to_owned()]
        )
    );
    at.forget("one");
    assert_eq!(at.states(&["--adopt"]).0, 0);
    for (kid, left) in [("one", vec!["two"]), ("two", vec![])] {
        let out = at.unregister(kid);
        assert_eq!(
            out.stderr,
            format!("{kid} at there: is not there any more\n")
        );
        assert_eq!(keycloak.kids(), left);
    }
    assert_eq!(
        keycloak.client()["attributes"]["access.token.lifespan"],
        "300"
    );
}

#[test]
fn a_version_that_keeps_one_key_is_told_of() {
    let keycloak = Keycloak::start(Keeps::One);
    let at = AtEndpoint::new("keycloak", &keycloak.service.url, TOKEN, &VALUES);
    at.new_key("one", "ES256");
    at.new_key("two", "ES256");
    assert_eq!(at.register("one").code, 0);
    let second = at.register("two");
    assert_eq!(
        second.stderr,
        "two at there: registered, read back as two\n\
         ! keys of others are not there any more: one\n"
    );
}

#[test]
fn each_refusal_of_keycloak_is_one_clear_sentence() {
    let keycloak = Keycloak::start(Keeps::All);
    let secret = "the access token from the sealed secret endpoint-there";
    for (token, client, expected) in [
        (
            "stranger",
            "client_id=billing",
            format!(
                "there (Keycloak) refused with 401: it does not accept {secret}; they live a minute or so: HTTP 401 Unauthorized"
            ),
        ),
        (
            READER,
            "client_id=billing",
            format!(
                "there (Keycloak) refused with 403: {secret} may not manage clients; it needs the \
                 role manage-clients of realm-management: HTTP 403 Forbidden"
            ),
        ),
        (
            TOKEN,
            "client_id=other",
            "there: the realm acme has no client other, or the token may not see it".to_owned(),
        ),
    ] {
        let options = ["--set", "realm=acme", "--set", client, "--no-check"];
        let at = AtEndpoint::new("keycloak", &keycloak.service.url, token, &options);
        at.new_key("one", "ES256");
        assert_eq!(at.refusal("one"), (5, expected));
        assert_eq!(at.keyfob.run(["registrations"]).stdout, "");
    }
    assert_eq!(keycloak.kids(), Vec::<String>::new());
}
