use std::{fs, path::Path, sync::Mutex};

use serde_json::{Value, json};

use crate::{
    keyfob::{Ended, Keyfob, vector},
    registration::Sandbox,
    server::{Asked, Said, Server},
};

/// A JWK Set behind a URL that takes PUT, and says how long it may be kept.
fn published(cache_control: &'static str) -> Server {
    let file = Mutex::new((String::new(), 0));
    Server::start(move |_, asked: &Asked| {
        let mut file = file.lock().unwrap();
        if asked.line.starts_with("PUT") {
            *file = (asked.body.clone(), file.1 + 1);
            return Said::of(204, &[], "");
        }
        if file.1 == 0 {
            return Said::of(404, &[], "");
        }
        let tag = format!("\"{}\"", file.1);
        Said::of(
            200,
            &[("ETag", &tag), ("Cache-Control", cache_control)],
            file.0.clone(),
        )
    })
}

fn with_endpoint(preset: &str, url: &str) -> Keyfob {
    let keyfob = Keyfob::new();
    let config = format!(
        "endpoints:\n  there: {{preset: {preset}, url: {url}, token: {{command: [echo, sandbox]}}}}\n"
    );
    fs::write(keyfob.home().join("config.yaml"), config).unwrap();
    keyfob
}

/// The sandbox's preset under another name, with other words in the place of its caches.
fn own_preset(keyfob: &Keyfob, name: &str, capability: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/endpoints");
    let yaml = fs::read_to_string(folder.join("sandbox.yaml")).unwrap();
    let own = yaml.replace("caches: 0s", capability);
    assert_ne!(own, yaml);
    fs::create_dir_all(keyfob.home().join("endpoints")).unwrap();
    fs::write(keyfob.home().join(format!("endpoints/{name}.yaml")), own).unwrap();
}

fn done(keyfob: &Keyfob, arguments: &[&str]) -> Ended {
    let ended = keyfob.run(arguments);
    assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
    ended
}

fn told(keyfob: &Keyfob, arguments: &[&str]) -> Value {
    let ended = keyfob.run([&["--json"], arguments].concat());
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {ended:?}"))
}

fn states(rotation: &Value) -> Vec<(&str, &str)> {
    let steps = rotation["steps"].as_array().unwrap().iter();
    steps
        .map(|step| {
            (
                step["step"].as_str().unwrap(),
                step["state"].as_str().unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_dry_run_prints_the_plan_and_does_nothing() {
    let keyfob = with_endpoint("jwks-file", "http://127.0.0.1:1/jwks.json");
    done(
        &keyfob,
        &["keys", "new", "k", "--alg", "ES256", "--cert", "none"],
    );
    let plan = keyfob.run(["keys", "rotate", "k", "--dry-run", "--token-life", "1h"]);
    let expected = Ended {
        code: 0,
        stdout: "→ 1. make k-2: ES256, P-256, no certificate\n  \
                 2. wait for the last token of the old key to end: 60 min (as you said)\n  \
                 3. retire k\n"
            .to_owned(),
        stderr:
            "dry run: nothing was done; what signs with k beside keyfob must sign with k-2 before \
                 k is removed\n"
                .to_owned(),
    };
    assert_eq!(plan, expected);
    assert_eq!(
        told(&keyfob, &["keys", "list"]).as_array().unwrap().len(),
        1
    );
    let none = done(&keyfob, &["keys", "rotate", "--all"]);
    assert_eq!(none.stderr, "no rotation is under way\n");
}

#[test]
fn a_key_is_followed_by_one_of_its_kind_everywhere_and_retired() {
    let keyfob = Keyfob::new();
    let _sandbox = Sandbox::of(&keyfob);
    let new = [
        "keys",
        "new",
        "k-1",
        "--alg",
        "PS384",
        "--bits",
        "3072",
        "--cert",
        "gooddata",
        "--organization",
        "Acme",
    ];
    done(&keyfob, &new);
    done(&keyfob, &["keys", "tag", "k-1", "blue", "eu"]);
    done(&keyfob, &["register", "k-1", "--at", "sandbox"]);
    let ended = done(&keyfob, &["keys", "rotate", "k-1", "--token-life", "0s"]);
    assert_eq!(ended.stdout, "k-2\n");
    assert_eq!(
        ended.stderr,
        "✓ make k-2: PS384, RSA 3072, certificate gooddata\n\
         ✓ register k-2 at sandbox beside k-1\n\
         ✓ wait for caches to hold the new key\n\
         ✓ wait for the last token of the old key to end\n\
         ✓ remove k-1 from sandbox\n\
         ✓ retire k-1\n\
         k-1 is retired: k-2 has taken over\n"
    );
    let key = told(&keyfob, &["keys", "show", "k-2"]);
    assert_eq!(
        (
            &key["alg"],
            &key["bits"],
            &key["profile"],
            &key["tags"],
            &key["status"]
        ),
        (
            &json!("PS384"),
            &json!(3072),
            &json!("gooddata"),
            &json!(["blue", "eu"]),
            &json!("active")
        )
    );
    let certificate = done(&keyfob, &["cert", "show", "k-2"]).stdout;
    assert!(
        certificate.contains("O=Acme") && certificate.contains("CN=k-2"),
        "{certificate}"
    );
    assert_eq!(told(&keyfob, &["keys", "show", "k-1"])["status"], "retired");
    let seen = done(&keyfob, &["registrations", "--refresh"]).stdout;
    assert!(
        seen.contains("k-2  sandbox") && !seen.contains("k-1"),
        "{seen}"
    );
    let again = keyfob.run(["keys", "rotate", "k-1"]);
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (
            1,
            "keyfob: k-1 is retired, and only an active key is rotated: keyfob keys status k-1 active\n"
        )
    );
}

#[test]
fn a_published_set_says_how_long_its_readers_may_keep_it() {
    for (cache_control, seconds, source) in [
        ("public, max-age=900", 900, "Cache-Control of there"),
        ("public", 600, "there says nothing of caches"),
    ] {
        let server = published(cache_control);
        let keyfob = with_endpoint("jwks-file", &server.url);
        done(&keyfob, &["keys", "new", "k", "--alg", "ES256"]);
        done(&keyfob, &["register", "k", "--at", "there"]);
        let waits = keyfob.run(["keys", "rotate", "k"]);
        assert_eq!(
            (waits.code, waits.stdout.as_str()),
            (1, "k-2\n"),
            "{waits:?}"
        );
        let rotation = told(&keyfob, &["keys", "rotate", "k-2"]);
        let (wait, until) = (&rotation["steps"][2], &rotation["waits_until"]);
        assert_eq!(
            (&wait["state"], &wait["wait_seconds"], &wait["wait_source"]),
            (&json!("waits"), &json!(seconds), &json!(source))
        );
        assert!(until.is_string());
        let seen = done(&keyfob, &["registrations", "--refresh"]).stdout;
        assert!(
            seen.contains("k    there") && seen.contains("k-2  there"),
            "{seen}"
        );

        let on = keyfob.run([
            "keys",
            "rotate",
            "k",
            "--caches",
            "0s",
            "--token-life",
            "0s",
        ]);
        assert_eq!(on.code, 0, "{on:?}");
        let seen = done(&keyfob, &["registrations", "--refresh"]).stdout;
        assert!(
            !seen.contains("k    there") && seen.contains("k-2  there"),
            "{seen}"
        );
    }
}

#[test]
fn where_two_keys_cannot_be_the_new_one_takes_the_old_ones_place_before_clients_change() {
    for (capability, first) in [
        (
            "overlap: impossible",
            "create done, replace done, switch done, await_tokens waits",
        ),
        (
            "most_keys: 1",
            "create done, register skipped, await_caches done, replace done, switch done, \
             await_tokens waits",
        ),
        (
            "most_keys: 2",
            "create done, register done, await_caches waits, switch later, await_tokens later, \
             unregister later",
        ),
    ] {
        let keyfob = Keyfob::new();
        let sandbox = Sandbox::of(&keyfob);
        own_preset(&keyfob, "own", capability);
        let config = format!(
            "endpoints:\n  there: {{preset: own, url: {}, token: {{command: [echo, sandbox]}}}}\n",
            sandbox.auth
        );
        fs::write(keyfob.home().join("config.yaml"), config).unwrap();
        done(&keyfob, &["keys", "new", "k", "--alg", "ES256"]);
        done(&keyfob, &["register", "k", "--at", "there"]);
        let issuer = ["--issuer", &sandbox.auth, "--client-id", "x", "--key", "k"];
        done(&keyfob, &[&["clients", "add", "c"], &issuer[..]].concat());
        let rotation = told(&keyfob, &["keys", "rotate", "k"]);
        let shown = states(&rotation);
        let shown: Vec<String> = shown
            .iter()
            .map(|(step, state)| format!("{step} {state}"))
            .collect();
        assert_eq!(shown[..shown.len() - 1].join(", "), first, "{capability}");

        let undone = done(&keyfob, &["keys", "rotate", "k", "--undo"]);
        assert!(
            undone
                .stderr
                .ends_with("k is as it was: k-2 lies in the trash\n"),
            "{undone:?}"
        );
        let seen = done(&keyfob, &["registrations", "--refresh"]).stdout;
        assert!(
            seen.contains("k    there") && !seen.contains("k-2"),
            "{seen}"
        );
        assert_eq!(told(&keyfob, &["clients", "show", "c"])["key"], "k");
    }
}

#[test]
fn a_client_of_the_users_own_file_is_never_rewritten_and_waited_for() {
    let keyfob = Keyfob::new();
    done(&keyfob, &["keys", "new", "k", "--alg", "ES256"]);
    let config = keyfob.home().join("config.yaml");
    let yaml = "clients:\n  c:\n    issuer: https://idp.example\n    client_id: c\n    key: k\n";
    fs::write(&config, yaml).unwrap();
    let rotate = ["keys", "rotate", "k", "--token-life", "0s"];
    for _ in 0..2 {
        let waits = keyfob.run(rotate);
        assert_eq!(waits.code, 1);
        let expected = format!(
            "! by hand: {}, line 5: in the client c, write key: k-2 in the place of k; then do this \
             again",
            config.display()
        );
        assert_eq!(waits.stderr.lines().last(), Some(expected.as_str()));
        assert_eq!(fs::read_to_string(&config).unwrap(), yaml);
    }
    fs::write(&config, yaml.replace("key: k", "key: k-2")).unwrap();
    assert_eq!(keyfob.run(rotate).code, 0);
}

#[test]
fn a_client_whose_proofs_the_key_signs_goes_with_it() {
    let keyfob = Keyfob::new();
    for kid in ["k", "p"] {
        done(&keyfob, &["keys", "new", kid, "--alg", "ES256"]);
    }
    let issuer = ["--issuer", "https://idp.example", "--client-id", "x"];
    let keys = ["--key", "k", "--bind", "dpop", "--dpop-key", "p"];
    done(
        &keyfob,
        &[&["clients", "add", "c"], &issuer[..], &keys].concat(),
    );
    done(&keyfob, &["keys", "rotate", "p", "--token-life", "0s"]);
    let client = told(&keyfob, &["clients", "show", "c"]);
    assert_eq!(
        (&client["key"], &client["dpop_key"]),
        (&json!("k"), &json!("p-2"))
    );

    let yaml = "clients:\n  c: {issuer: https://i.example, client_id: c, key: k, bind: dpop,\n      \
                dpop_key: p-2}\n";
    done(&keyfob, &["clients", "rm", "c"]);
    let config = keyfob.home().join("config.yaml");
    fs::write(&config, yaml).unwrap();
    let waits = keyfob.run(["keys", "rotate", "p-2", "--token-life", "0s"]);
    let expected = format!(
        "! by hand: {}, line 3: in the client c, write dpop_key: p-3 in the place of p-2; then do \
         this again",
        config.display()
    );
    assert_eq!(
        (waits.code, waits.stderr.lines().last()),
        (1, Some(expected.as_str()))
    );
}

#[test]
fn a_key_that_a_ca_certified_waits_for_the_certificate_of_the_next() {
    let keyfob = Keyfob::new();
    let (pem, chain) = (vector("p256.pem"), vector("chain.pem"));
    let import = ["keys", "import", "-", "--kid", "k"];
    assert_eq!(keyfob.run_with(import, &pem).code, 0);
    assert_eq!(
        keyfob.run_with(["cert", "import", "k", "-"], &chain).code,
        0
    );
    let waits = keyfob.run(["keys", "rotate", "k"]);
    assert_eq!(
        (waits.code, waits.stderr.as_str()),
        (
            1,
            "✓ make k-2: ES256, P-256, no certificate\n\
             ! by hand: k-2 has no certificate of CN=Intermediate yet: ask for one with keyfob cert \
             csr k-2, and take the answer with keyfob cert import k-2 FILE; then do this again\n"
        )
    );
    done(&keyfob, &["cert", "new", "k-2"]);
    assert_eq!(
        keyfob.run(["keys", "rotate", "k"]).code,
        1,
        "it is its own issuer"
    );
    done(&keyfob, &["keys", "rotate", "k", "--undo"]);
}

#[test]
fn what_cannot_be_rotated_is_said_and_a_damaged_guide_is_named() {
    let keyfob = Keyfob::new();
    done(&keyfob, &["keys", "new", "k", "--alg", "ES256"]);
    let said = |arguments: &[&str]| {
        let ended = keyfob.run(arguments);
        (ended.code, ended.stderr)
    };
    let nothing = "keyfob: no rotation of k is under way: there is nothing to undo\n";
    assert_eq!(
        said(&["keys", "rotate", "k", "--undo"]),
        (3, nothing.to_owned())
    );
    assert_eq!(said(&["keys", "rotate", "x"]).0, 3);
    assert_eq!(said(&["keys", "rotate", "k", "--caches", "soon"]).0, 2);
    assert_eq!(said(&["keys", "rotate", "k", "--new-kid", "a b"]).0, 2);
    assert_eq!(said(&["keys", "rotate", "k", "--new-kid", "k"]).0, 2);
    assert_eq!(said(&["keys", "rotate"]).0, 2);
    assert_eq!(said(&["keys", "rotate", "k"]).0, 1);
    let state = keyfob.home().join("state");
    let guide = fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut guides = guide.filter(|path| path.to_str().unwrap().contains("rotation-"));
    let guide = guides.next().unwrap();
    fs::write(&guide, "{").unwrap();
    let (code, stderr) = said(&["keys", "rotate", "k"]);
    let name = guide.file_name().unwrap().to_str().unwrap();
    assert_eq!(code, 2);
    assert!(
        stderr.starts_with(&format!("keyfob: state/{name}: ")),
        "{stderr}"
    );
    assert_eq!(fs::read_to_string(&guide).unwrap(), "{");
}
