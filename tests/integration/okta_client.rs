//! Keys of an OAuth client of an Okta organisation.

use crate::{
    at_endpoint::AtEndpoint,
    services::okta_clients::{CLIENT, OktaClients, READER, TOKEN},
};

const VALUES: [&str; 2] = ["--set", "client_id=0oa1"];

#[test]
fn a_key_joins_the_client_that_is_written_back_whole_and_leaves_it() {
    let okta = OktaClients::start();
    let before = okta.client();
    let at = AtEndpoint::new("okta-client", &okta.service.url, TOKEN, &VALUES);
    at.new_key("one", "RS256");
    okta.service.requests();
    let made = at.register("one");
    assert_eq!(made.stderr, "one at there: registered, read back as one\n");
    let client = format!("/oauth2/v1/clients/{CLIENT}");
    assert_eq!(
        okta.service.requests(),
        [
            format!("GET {client}"),
            format!("PUT {client}"),
            format!("GET {client}")
        ]
    );
    at.new_key("two", "ES256");
    assert_eq!(at.register("two").code, 0);
    assert_eq!(okta.kids(), ["one", "two"]);
    let again = at.register("one");
    assert!(again.stderr.contains("already registered"), "{again:?}");
    assert_eq!(
        at.states(&[]),
        (
            0,
            vec!["one: registered".to_owned(), "two: registered".to_owned()]
        )
    );
    at.forget("one");
    assert_eq!(at.states(&[]).1[0], "one: adoptable");
    assert_eq!(at.states(&["--adopt"]).0, 0);
    for (kid, left) in [("one", vec!["two"]), ("two", vec![])] {
        let out = at.unregister(kid);
        assert_eq!(
            out.stderr,
            format!("{kid} at there: is not there any more\n")
        );
        assert_eq!(okta.kids(), left);
    }
    assert_eq!(okta.client(), before, "nothing else changed");
}

#[test]
fn each_refusal_of_the_client_registration_is_one_clear_sentence() {
    let okta = OktaClients::start();
    let at = AtEndpoint::new("okta-client", &okta.service.url, READER, &VALUES);
    at.new_key("one", "RS256");
    assert_eq!(
        at.refusal("one"),
        (
            5,
            "there (Okta's client registration) refused with 403: the API token from the sealed secret \
             endpoint-there may not manage clients; its owner needs a role that may, or the token the scope \
             okta.clients.manage: You do not have permission to perform the requested action"
                .to_owned()
        )
    );
    assert_eq!(okta.kids(), Vec::<String>::new());
    let wrong = ["--set", "client_id=0oa9"];
    let (_, refused) = AtEndpoint::add("okta-client", &okta.service.url, TOKEN, &wrong);
    assert_eq!(refused.code, 5);
    assert!(
        refused
            .stderr
            .contains("no such client; check the value client_id"),
        "{refused:?}"
    );
    let (_, refused) = AtEndpoint::add("okta-client", &okta.service.url, "stale", &VALUES);
    assert!(
        refused.stderr.contains("is not valid, or has expired"),
        "{refused:?}"
    );
    at.new_key("ed", "EdDSA");
    let (code, why) = at.refusal("ed");
    assert_eq!(code, 1);
    assert!(why.contains("takes RSA or EC keys"), "{why}");
}
