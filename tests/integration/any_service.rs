//! A service that is described by hand.

use crate::{
    at_endpoint::AtEndpoint,
    services::drawer::{Drawer, TOKEN},
};

const BASE: [&str; 6] = [
    "--set",
    "authentication=header",
    "--set",
    "header=X-Drawer",
    "--set",
    "create_path=/keys/{kid}",
];
const BOTH_WAYS: [&str; 4] = [
    "--set",
    "read_path=/keys/{kid}",
    "--set",
    "delete_path=/keys/{kid}",
];

#[test]
fn a_key_is_sent_in_the_form_asked_for_read_back_and_removed() {
    for (body, kind, alg, expected) in [
        ("{jwk}", "application/json", "ES256", "{\"kty\":\"EC\""),
        (
            r#"{"name": "{kid}", "keys": ["{jwk}"]}"#,
            "application/json",
            "EdDSA",
            "{\n  \"name\": \"one\",\n  \"keys\": [\n    {\n      \"kty\": \"OKP\"",
        ),
        (
            "{jwks}",
            "application/json",
            "RS256",
            "{\"keys\":[{\"kty\":\"RSA\"",
        ),
        (
            "{spki_pem}",
            "text/plain",
            "ES384",
            "-----BEGIN PUBLIC KEY-----\n",
        ),
        (
            "{certificate_pem}",
            "text/plain",
            "RS256",
            "-----BEGIN CERTIFICATE-----\n",
        ),
        (
            r#"{"c": "{certificate_pem_base64}"}"#,
            "application/json",
            "ES256",
            "{\n  \"c\": \"LS0tLS1CRUdJTiBD",
        ),
        (
            r#"{"c": "{certificate_base64}", "t": "{thumbprint}"}"#,
            "application/json",
            "ES256",
            "{\n  \"c\": \"MII",
        ),
    ] {
        let drawer = Drawer::start();
        let (body, kind) = (format!("body={body}"), format!("content_type={kind}"));
        let form = ["--set", &body, "--set", &kind];
        let options = [&BASE[..], &BOTH_WAYS, &form].concat();
        let at = AtEndpoint::new("http", &drawer.url(), TOKEN, &options);
        at.new_key("one", alg);
        drawer.service.requests();
        let made = at.register("one");
        assert_eq!(
            made.stderr, "one at there: registered, read back as one\n",
            "{body}"
        );
        let sent = &drawer.texts()["one"];
        assert!(sent.starts_with(expected), "{sent}");
        assert_eq!(
            drawer.service.requests(),
            ["GET /v1/keys/one", "POST /v1/keys/one", "GET /v1/keys/one"]
        );
        let again = at.register("one");
        assert!(again.stderr.contains("already registered"), "{again:?}");
        let seen = at.keyfob.run(["registrations", "--refresh"]);
        assert_eq!(seen.code, 0, "{seen:?}");
        let out = at.unregister("one");
        assert_eq!(out.stderr, "one at there: is not there any more\n");
        assert!(drawer.texts().is_empty());
    }
}

#[test]
fn what_cannot_be_read_back_is_not_called_registered() {
    let drawer = Drawer::start();
    let at = AtEndpoint::new(
        "http",
        &drawer.url(),
        TOKEN,
        &[&BASE[..], &["--no-check"]].concat(),
    );
    at.new_key("one", "ES256");
    let (code, told) = at.refusal("one");
    assert_eq!(
        (code, told.as_str()),
        (
            5,
            "there: it took the key, and offers no way to read it back: nothing more is known"
        )
    );
    let recorded = at.keyfob.run(["registrations"]);
    assert!(recorded.stdout.contains("unknown: "), "{recorded:?}");
    let (code, told) = {
        let out = at.unregister("one");
        (out.code, out.stderr)
    };
    assert_eq!(
        (code, told.as_str()),
        (
            1,
            "keyfob: there: an HTTP service offers no way to remove a key\n"
        )
    );
}

#[test]
fn each_refusal_and_each_wrong_value_is_told() {
    let drawer = Drawer::start();
    let options = [&BASE[..], &BOTH_WAYS, &["--no-check"]].concat();
    let at = AtEndpoint::new("http", &drawer.url(), "wrong", &options);
    at.new_key("one", "ES256");
    assert_eq!(
        at.refusal("one"),
        (
            5,
            "there (an HTTP service) refused with 401: it does not accept the token from the sealed \
             secret endpoint-there: Who are you?"
                .to_owned()
        )
    );
    for (set, expected) in [
        (
            "create_method=GET",
            "create_method is \"GET\": write POST or PUT or PATCH",
        ),
        ("read_path=keys", "read_path must begin with /"),
        (
            "body={jwk",
            "body: `{jwk` opens a brace and never closes it",
        ),
        (
            "body={secret}",
            "body: {secret} is none of {alg}, {certificate_base64}, {certificate_pem}, \
             {certificate_pem_base64}, {id}, {jwk}, {jwks}, {key}, {kid}, {scope}, {spki_pem}, \
             {thumbprint}, {url}",
        ),
        ("header=X:Y", "header holds ':': write A-Z a-z 0-9 -"),
    ] {
        let options = [&BASE[..2], &BASE[4..], &["--set", set]].concat();
        let (_, refused) = AtEndpoint::add("http", &drawer.url(), TOKEN, &options);
        assert_eq!(
            (refused.code, refused.stderr),
            (2, format!("keyfob: there: {expected}\n"))
        );
    }
    assert!(drawer.texts().is_empty());
}
