//! Keys of a service account of Google Cloud.

use crate::{
    at_endpoint::AtEndpoint,
    services::google::{ACCOUNT, Google, READER, TOKEN},
};

fn options(account: &str) -> Vec<String> {
    let values = ["project=acme".to_owned(), format!("account={account}")];
    let options = values
        .into_iter()
        .flat_map(|value| ["--set".to_owned(), value]);
    options.collect()
}

fn at(google: &Google, token: &str, account: &str, more: &[&str]) -> AtEndpoint {
    let options = options(account);
    let options: Vec<&str> = options
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied())
        .collect();
    AtEndpoint::new("google", &google.service.url, token, &options)
}

#[test]
fn a_certificate_is_uploaded_read_back_and_removed() {
    let google = Google::start();
    let at = at(&google, TOKEN, ACCOUNT, &[]);
    at.new_key("one", "RS256");
    google.service.requests();
    let made = at.register("one");
    let id = format!("{:040x}", 1);
    assert_eq!(
        made.stderr,
        format!("one at there: registered, read back as {id}\n")
    );
    let keys = "/v1/projects/acme/serviceAccounts/nightly%40acme.iam.gserviceaccount.com/keys";
    assert_eq!(
        google.service.requests(),
        [
            format!("GET {keys}?keyTypes=USER_MANAGED"),
            format!("POST {keys}:upload"),
            format!("GET {keys}/{id}?publicKeyType=TYPE_X509_PEM_FILE"),
        ]
    );
    assert_eq!(at.id("one"), id);
    let again = at.register("one");
    assert!(again.stderr.contains("already registered"), "{again:?}");
    at.new_key("two", "RS256");
    assert_eq!(at.register("two").code, 0);
    assert_eq!(
        at.states(&[]),
        (
            0,
            vec!["one: registered".to_owned(), "two: registered".to_owned()]
        )
    );
    at.forget("two");
    assert_eq!(at.states(&["--adopt"]).0, 0);
    let out = at.unregister("one");
    assert_eq!(out.stderr, "one at there: is not there any more\n");
    assert_eq!(at.unregister("one").stderr, "one at there: was not there\n");
    assert_eq!(google.count(), 1);
}

#[test]
fn a_disabled_key_is_told_and_enabled_and_a_renewed_certificate_is_uploaded_anew() {
    let google = Google::start();
    let at = at(&google, TOKEN, ACCOUNT, &[]);
    at.new_key("one", "RS256");
    assert_eq!(at.register("one").code, 0);
    google.disable();
    assert_eq!(
        at.states(&[]),
        (1, vec!["one: differs: disabled".to_owned()])
    );
    assert_eq!(at.register("one").code, 0);
    assert_eq!(at.states(&[]), (0, vec!["one: registered".to_owned()]));
    assert_eq!(at.keyfob.run(["cert", "renew", "one"]).code, 0);
    assert_eq!(at.states(&[]), (1, vec!["one: differs: x5c".to_owned()]));
    let renewed = at.register("one");
    assert!(
        renewed
            .stderr
            .contains("what was there differed and was replaced"),
        "{renewed:?}"
    );
    assert_eq!((google.count(), at.id("one")), (1, format!("{:040x}", 2)));
}

#[test]
fn no_eleventh_key_is_sent() {
    let google = Google::start();
    let at = at(&google, TOKEN, ACCOUNT, &[]);
    for place in 0..11 {
        at.new_key(&format!("k{place}"), "RS256");
        if place < 10 {
            assert_eq!(at.register(&format!("k{place}")).code, 0);
        }
    }
    assert_eq!(
        at.refusal("k10"),
        (
            1,
            "there: Google Cloud takes 10 keys, and 10 are there: unregister one first".to_owned()
        )
    );
}

#[test]
fn each_refusal_of_google_is_one_clear_sentence() {
    let google = Google::start();
    let secret = "the access token from the sealed secret endpoint-there";
    for (token, account, expected) in [
        (
            "stranger",
            ACCOUNT,
            format!(
                "refused with 401: it does not accept {secret}; it may have expired: Request had \
                 invalid authentication credentials."
            ),
        ),
        (
            READER,
            ACCOUNT,
            format!(
                "refused with 403: {secret} may not manage keys of this account \
                 (iam.serviceAccountKeys.create), or there is no such account: Permission \
                 'iam.serviceAccountKeys.list' denied on resource"
            ),
        ),
        (
            TOKEN,
            "nobody@acme.iam.gserviceaccount.com",
            "refused with 404: no such service account, or key; check the values project and \
             account: Service account projects/-/serviceAccounts/nobody@acme.iam.gserviceaccount.com \
             does not exist."
                .to_owned(),
        ),
    ] {
        let at = at(&google, token, account, &["--no-check"]);
        at.new_key("one", "RS256");
        assert_eq!(
            at.refusal("one"),
            (5, format!("there (Google Cloud) {expected}"))
        );
    }
    google.forbid();
    let at = at(&google, TOKEN, ACCOUNT, &[]);
    at.new_key("one", "RS256");
    assert_eq!(
        at.refusal("one"),
        (
            5,
            "there (Google Cloud) refused with 400: the organisation forbids uploading keys \
             (iam.disableServiceAccountKeyUpload), or the account has ten already: Key upload is not \
             allowed on this service account."
                .to_owned()
        )
    );
}
