//! Keys in a JWK Set that somebody else publishes.

use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob},
    services::object_store::{ObjectStore, TOKEN, Tags},
};

const OTHER: &str = r#"{"kid":"theirs","kty":"RSA" , "n":"x","e":"AQAB"}"#;

/// A keystore with the key `k` and the endpoint `files`.
fn with_endpoint(store: &ObjectStore) -> Keyfob {
    let keyfob = Keyfob::new();
    assert_eq!(keyfob.run(["keys", "new", "k", "--alg", "ES256"]).code, 0);
    let url = store.url();
    let add = [
        "endpoints",
        "add",
        "files",
        "--preset",
        "jwks-file",
        "--url",
        &url,
        "--token-sealed",
    ];
    let added = keyfob.run_with(add, &format!("{TOKEN}\n"));
    assert_eq!(added.code, 0, "{added:?}");
    store.service.requests();
    keyfob
}

fn register(keyfob: &Keyfob) -> Ended {
    keyfob.run(["register", "k", "--at", "files"])
}

fn kids(text: &str) -> Vec<String> {
    let set: Value = serde_json::from_str(text).unwrap();
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_key_joins_a_set_is_read_back_and_leaves_it() {
    let store = ObjectStore::start(Tags::Strong);
    let keyfob = with_endpoint(&store);
    let registered = register(&keyfob);
    assert_eq!(
        (registered.code, registered.stderr.as_str()),
        (0, "k at files: registered, read back as k\n")
    );
    let own = keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    let own: Value = serde_json::from_str(&own).unwrap();
    let set: Value = serde_json::from_str(&store.content()).unwrap();
    assert_eq!(set, json!({"keys": [own]}));
    let there = [
        "GET /keys/jwks.json",
        "PUT /keys/jwks.json",
        "GET /keys/jwks.json",
    ];
    assert_eq!(store.service.requests(), there);
    let again = register(&keyfob);
    assert_eq!(
        again.stderr,
        "k at files: already registered, read back as k\n"
    );
    assert_eq!(store.service.requests(), ["GET /keys/jwks.json"]);
    assert_eq!(keyfob.run(["registrations", "--refresh"]).code, 0);
    let gone = keyfob.run(["unregister", "k", "--at", "files"]);
    assert_eq!(
        (gone.code, gone.stderr.as_str()),
        (0, "k at files: is not there any more\n")
    );
    assert_eq!(store.content(), "{\"keys\":[]}\n");
}

#[test]
fn another_writers_change_is_never_lost() {
    let store = ObjectStore::start(Tags::Strong);
    let keyfob = with_endpoint(&store);
    // It is created by another in the moment before we create it, and changed before we change it.
    let first = format!("{{\"keys\":[{OTHER}]}}");
    let second = format!("{{\"keys\":[{OTHER},{{\"kid\":\"late\"}}],\"more\":1.0}}");
    store.others_write(vec![second, first]);
    assert_eq!(register(&keyfob).code, 0);
    assert_eq!(kids(&store.content()), ["theirs", "late", "k"]);
    assert!(store.content().contains(OTHER), "{}", store.content());
    assert!(store.content().ends_with(",\"more\":1.0}\n"));
    // Who never lets us write is told of, and nothing is noted.
    let stubborn = Keyfob::new();
    stubborn.run(["keys", "new", "s", "--alg", "ES256"]);
    let config = format!(
        "endpoints:\n  files: {{preset: jwks-file, url: {}, token: {{command: [echo, {TOKEN}]}}}}\n",
        store.url()
    );
    std::fs::write(stubborn.home().join("config.yaml"), config).unwrap();
    store.others_write(vec![format!("{{\"keys\":[{OTHER}]}}"); 5]);
    let refused = stubborn.run(["register", "s", "--at", "files"]);
    assert_eq!(refused.code, 5);
    assert!(
        refused
            .stderr
            .ends_with("files: somebody else wrote the set 5 times in between: do it again\n"),
        "{}",
        refused.stderr
    );
    assert_eq!(kids(&store.content()), ["theirs"]);
    assert_eq!(stubborn.run(["registrations"]).stdout, "");
}

#[test]
fn a_set_never_holds_two_keys_of_one_kid() {
    let store = ObjectStore::start(Tags::Strong);
    let keyfob = with_endpoint(&store);
    let own = keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    let own = own.trim();
    // Ours twice becomes ours once.
    store.put(&format!("{{\"keys\":[{own},{OTHER},{own}]}}"));
    let view = ["registrations", "--at", "files", "--refresh"];
    let seen = keyfob.run(view);
    assert_eq!(seen.code, 1);
    assert!(
        seen.stdout.contains("unreadable: its kid is there twice"),
        "{}",
        seen.stdout
    );
    let mended = register(&keyfob);
    assert!(mended.stderr.contains("was replaced"), "{mended:?}");
    assert_eq!(kids(&store.content()), ["k", "theirs"]);
    // Another's key under our kid stays.
    let stranger = Keyfob::new();
    stranger.run(["keys", "new", "k", "--alg", "ES256"]);
    let theirs = stranger.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    let theirs = format!("{{\"keys\":[{}]}}", theirs.trim());
    store.put(&theirs);
    for command in ["register", "unregister"] {
        let refused = keyfob.run([command, "k", "--at", "files"]);
        assert_eq!(
            (refused.code, refused.stderr.as_str()),
            (
                1,
                "keyfob: files: another key stands there under the kid k, and it is left alone: \
                 give one of the two another kid\n"
            )
        );
        assert_eq!(store.content(), theirs);
    }
}

#[test]
fn a_set_that_cannot_be_written_safely_is_left_alone() {
    for tags in [Tags::None, Tags::Weak] {
        let store = ObjectStore::start(tags);
        let keyfob = with_endpoint(&store);
        store.put(r#"{"keys":[]}"#);
        let refused = register(&keyfob);
        assert_eq!(
            (refused.code, refused.stderr.as_str()),
            (
                1,
                "keyfob: files: it sends no strong ETag, so another's change could be overwritten: \
                 nothing was written\n"
            )
        );
        assert_eq!(store.content(), r#"{"keys":[]}"#);
    }
    let store = ObjectStore::start(Tags::Strong);
    let keyfob = with_endpoint(&store);
    for (content, code, expected) in [
        (
            r#"{"keys":[{"kid":"p","kty":"EC","d":"x"}]}"#,
            1,
            "keyfob: files: the set publishes a private key (p): take it out and revoke it; keyfob \
             sends no private key along\n",
        ),
        (
            "<html>sign in</html>",
            5,
            "GET URL → 200\nkeyfob: files: the answer is a web page, and keys were expected: check \
             the url, and who answers there\n",
        ),
    ] {
        store.put(content);
        let refused = register(&keyfob);
        assert_eq!(
            (
                refused.code,
                refused.stderr.replace(&store.url(), "URL").as_str()
            ),
            (code, expected)
        );
        assert_eq!(store.content(), content);
    }
}
