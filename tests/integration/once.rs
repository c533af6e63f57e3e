//! What may have been done is looked for before it is asked for again.

use std::fs;

use crate::{
    at_endpoint::AtEndpoint,
    keyfob::Keyfob,
    services::{
        faulty::{Fault, Faulty, Struck},
        gooddata::{GoodData, TOKEN},
        idp::{INITIAL, Idp, Management},
        keycloak::{self, Keeps, Keycloak},
        object_store::{self, ObjectStore, Tags},
        okta::{self, Okta},
    },
};

const CLIENT: [&str; 4] = ["--set", "realm=acme", "--set", "client_id=billing"];

#[test]
fn a_client_whose_registration_was_never_answered_is_not_made_twice() {
    let idp = Idp::start(Management::TokensChange);
    let before = Faulty::before(&idp.service.url);
    before.strike(Fault::Closed, Struck::Changes);
    let at = AtEndpoint::new("oidc", &before.url, INITIAL, &[]);
    at.new_key("one", "ES256");
    at.new_key("two", "ES256");
    assert_eq!(at.register("one").code, 5);
    assert!(idp.client().is_some());
    before.heal();
    idp.service.requests();
    let lost = "a client may have been registered there by an attempt whose end nobody saw, and its \
                token with it: look there, and remove it; then keyfob unregister KID --at there --last \
                forgets that attempt";
    for kid in ["one", "two"] {
        let (code, told) = at.refusal(kid);
        assert_eq!(code, 5);
        assert!(told.contains(lost), "{told}");
    }
    let known = at.keyfob.run(["registrations", "--refresh"]);
    assert!(known.stdout.contains("unknown: "), "{known:?}");
    assert_eq!(idp.service.requests(), Vec::<String>::new());
    idp.remove();
    let forgotten = at
        .keyfob
        .run(["unregister", "one", "--at", "there", "--last"]);
    assert_eq!(forgotten.code, 0, "{forgotten:?}");
    assert_eq!(at.register("two").code, 0);
    assert_eq!(idp.kids(), ["two"]);
}

#[test]
fn a_registration_whose_answer_was_lost_is_found_and_not_sent_again() {
    let service = GoodData::start();
    let before = Faulty::before(&service.service.url);
    before.strike(Fault::Closed, Struck::Changes);
    let url = &before.url;
    let keyfob = Keyfob::new();
    assert_eq!(keyfob.run(["keys", "new", "k"]).code, 0);
    let config = format!(
        "endpoints:\n  acme: {{preset: gooddata, url: \"{url}\", token: {{command: [echo, {TOKEN}]}}}}\n"
    );
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();

    let lost = keyfob.run(["register", "k", "--at", "acme"]);
    assert_eq!(lost.code, 5, "{lost:?}");
    assert!(lost.stderr.contains("may have been done"), "{lost:?}");
    let posts = |requests: Vec<String>| {
        let posts = requests.into_iter();
        posts.filter(|each| each.starts_with("POST")).count()
    };
    assert_eq!(posts(service.service.requests()), 1);

    before.heal();
    let again = keyfob.run(["register", "k", "--at", "acme"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(posts(service.service.requests()), 0);
    let known = keyfob.run(["registrations"]);
    assert_eq!(known.code, 0, "{known:?}");
}

/// A service of another kind behind one that misbehaves.
struct Behind {
    faulty: Faulty,
    at: AtEndpoint,
    /// How many keys are there.
    count: Box<dyn Fn() -> usize>,
}

impl Behind {
    /// One of each kind of service: with entries of its own ids, with a document, with a set.
    fn all() -> [Self; 3] {
        let okta = Okta::start();
        let keycloak = Keycloak::start(Keeps::All);
        let store = ObjectStore::start(Tags::Strong);
        let faulty = Faulty::before(&okta.service.url);
        let app = ["--set", "app_id=0oa1"];
        let of_okta = Self {
            at: AtEndpoint::new("okta", &faulty.url, okta::TOKEN, &app),
            faulty,
            count: Box::new(move || okta.keys().len()),
        };
        let faulty = Faulty::before(&keycloak.service.url);
        let of_keycloak = Self {
            at: AtEndpoint::new("keycloak", &faulty.url, keycloak::TOKEN, &CLIENT),
            faulty,
            count: Box::new(move || keycloak.kids().len()),
        };
        let faulty = Faulty::before(&store.service.url);
        let url = format!("{}/keys/jwks.json", faulty.url);
        let of_store = Self {
            at: AtEndpoint::new("jwks-file", &url, object_store::TOKEN, &[]),
            faulty,
            count: Box::new(move || store.content().matches("\"kid\"").count()),
        };
        [of_okta, of_keycloak, of_store]
    }

    /// The state that is recorded of the only key; none where none is.
    fn recorded(&self) -> Option<String> {
        let told = self.at.keyfob.run(["--json", "registrations"]);
        let rows: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        rows[0]["state"].as_str().map(str::to_owned)
    }
}

#[test]
fn what_fails_before_anything_is_sent_leaves_no_record() {
    for fault in [
        Fault::Closed,
        Fault::Reset,
        Fault::Huge,
        Fault::Says("200 OK".to_owned(), Vec::new(), b"<html>".to_vec()),
        Fault::Says("500 No".to_owned(), Vec::new(), Vec::new()),
    ] {
        for behind in Behind::all() {
            behind.at.new_key("k", "RS256");
            behind.faulty.strike(fault.clone(), Struck::All);
            let refused = behind.at.register("k");
            assert_eq!(refused.code, 5, "{fault:?}: {refused:?}");
            assert_eq!(
                (behind.recorded(), (behind.count)()),
                (None, 0),
                "{fault:?}"
            );
            behind.faulty.heal();
            assert_eq!(behind.at.register("k").code, 0);
            assert_eq!((behind.count)(), 1);
        }
    }
}

#[test]
fn what_was_done_and_not_told_is_unknown_until_it_is_looked_for() {
    let cut = Fault::LengthTooSmall;
    let failed = Fault::Says("502 No".to_owned(), Vec::new(), Vec::new());
    for (fault, struck) in [
        (Fault::Closed, Struck::Changes),
        (failed, Struck::Changes),
        (cut, Struck::ReadsBack),
        (Fault::Closed, Struck::ReadsBack),
    ] {
        for behind in Behind::all() {
            let (at, recorded) = (&behind.at, || behind.recorded());
            let words = format!(
                "{} {fault:?} {struck:?}",
                at.keyfob.run(["endpoints", "list"]).stdout
            );
            at.new_key("k", "RS256");
            behind.faulty.strike(fault.clone(), struck);
            let lost = at.register("k");
            assert_eq!(lost.code, 5, "{words}: {lost:?}");
            assert_eq!((behind.count)(), 1, "{words}");
            assert_eq!(recorded().as_deref(), Some("unknown"), "{words}: {lost:?}");
            behind.faulty.heal();
            at.states(&[]);
            let refreshed = at.keyfob.run(["registrations", "--refresh"]);
            assert_eq!(refreshed.code, 0, "{words}: {refreshed:?}");
            assert_eq!(recorded().as_deref(), Some("registered"), "{words}");

            behind.faulty.strike(Fault::Closed, struck);
            let lost = at.unregister("k");
            assert_eq!(lost.code, 5, "{words}: {lost:?}");
            assert_eq!(recorded().as_deref(), Some("unknown"), "{words}");
            behind.faulty.heal();
            let out = at.unregister("k");
            assert_eq!(out.code, 0, "{words}: {out:?}");
            assert_eq!((recorded(), (behind.count)()), (None, 0), "{words}");
        }
    }
}
