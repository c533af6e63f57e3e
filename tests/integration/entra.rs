//! Certificates of an application of Microsoft Entra.

use crate::{
    at_endpoint::AtEndpoint,
    services::entra::{Entra, OBJECT, READER, TOKEN},
};

fn at(entra: &Entra, token: &str) -> AtEndpoint {
    let value = format!("object_id={OBJECT}");
    AtEndpoint::new("entra", &entra.url(), token, &["--set", &value])
}

#[test]
fn a_certificate_joins_the_array_is_read_back_and_leaves_it() {
    let entra = Entra::start();
    entra.put("theirs");
    let at = at(&entra, TOKEN);
    at.new_key("one", "RS256");
    entra.service.requests();
    let made = at.register("one");
    let id = at.id("one");
    assert_eq!(
        made.stderr,
        format!("one at there: registered, read back as {id}\n")
    );
    let read = format!("GET /v1.0/applications/{OBJECT}?$select=keyCredentials");
    assert_eq!(
        entra.service.requests(),
        [
            read.clone(),
            format!("PATCH /v1.0/applications/{OBJECT}"),
            read
        ]
    );
    let keys = entra.keys();
    assert_eq!((keys.len(), &keys[0]["keyId"]), (2, &"theirs".into()));
    assert_eq!(
        (&keys[1]["keyId"], &keys[1]["displayName"]),
        (&id.into(), &"one".into())
    );
    at.new_key("two", "PS256");
    assert_eq!(at.register("two").code, 0);
    let again = at.register("one");
    assert!(again.stderr.contains("already registered"), "{again:?}");
    let (code, states) = at.states(&[]);
    assert_eq!(code, 0);
    assert_eq!(states[1..], ["one: registered", "two: registered"]);
    assert!(states[0].starts_with(": unreadable: "), "{states:?}");
    let out = at.unregister("one");
    assert_eq!(out.stderr, "one at there: is not there any more\n");
    let left: Vec<_> = entra
        .keys()
        .iter()
        .map(|key| key["displayName"].clone())
        .collect();
    assert_eq!(left, [serde_json::Value::Null, "two".into()]);
}

#[test]
fn a_renewed_certificate_takes_the_place_of_the_old_one_and_ours_is_adopted() {
    let entra = Entra::start();
    let at = at(&entra, TOKEN);
    at.new_key("one", "RS256");
    assert_eq!(at.register("one").code, 0);
    assert_eq!(at.keyfob.run(["cert", "renew", "one"]).code, 0);
    assert_eq!(at.states(&[]), (1, vec!["one: differs: x5c".to_owned()]));
    let renewed = at.register("one");
    assert!(
        renewed
            .stderr
            .contains("what was there differed and was replaced"),
        "{renewed:?}"
    );
    assert_eq!(entra.keys().len(), 1);
    at.forget("one");
    assert_eq!(at.states(&[]), (1, vec!["one: adoptable".to_owned()]));
    assert_eq!(
        at.states(&["--adopt"]),
        (0, vec!["one: registered".to_owned()])
    );
}

#[test]
fn each_refusal_of_entra_is_one_clear_sentence() {
    let entra = Entra::start();
    let own = format!("object_id={OBJECT}");
    let secret = "the access token from the sealed secret endpoint-there";
    for (token, value, expected) in [
        (
            "stranger",
            own.as_str(),
            format!("refused with 401: it does not accept {secret}; it may have expired: Access token is empty."),
        ),
        (
            READER,
            own.as_str(),
            format!(
                "refused with 403: {secret} may not change this application; it needs \
                 Application.ReadWrite.OwnedBy or .All: Insufficient privileges to complete the \
                 operation."
            ),
        ),
        (
            TOKEN,
            "object_id=1",
            "refused with 404: no such application; check the value object_id, which is the object \
             id and not the client id: Resource '1' does not exist."
                .to_owned(),
        ),
    ] {
        let options = ["--set", value, "--no-check"];
        let at = AtEndpoint::new("entra", &entra.url(), token, &options);
        at.new_key("one", "RS256");
        assert_eq!(
            at.refusal("one"),
            (5, format!("there (Microsoft Entra) {expected}"))
        );
        assert_eq!(at.keyfob.run(["registrations"]).stdout, "");
    }
    let at = at(&entra, TOKEN);
    entra.service.requests();
    at.new_key("ec", "ES256");
    let bare = ["keys", "new", "bare", "--cert", "none"];
    assert_eq!(at.keyfob.run(bare).code, 0);
    for (kid, expected) in [
        (
            "ec",
            "Microsoft Entra takes RS256 or PS256; this key is ES256",
        ),
        (
            "bare",
            "Microsoft Entra takes no key without a certificate: make one with `keyfob cert new`",
        ),
    ] {
        assert_eq!(at.refusal(kid), (1, expected.to_owned()));
    }
    assert_eq!(entra.service.requests(), Vec::<String>::new());
}
