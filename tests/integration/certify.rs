use std::{fs, os::unix::fs::symlink, path::Path};

use serde_json::{Value, json};

use crate::keyfob::{Ended, Keyfob, vector};

fn with_key(profile: &str) -> Keyfob {
    let keyfob = Keyfob::new();
    let new = keyfob.run(["keys", "new", "k", "--alg", "ES256", "--cert", profile]);
    assert_eq!(new.code, 0, "{new:?}");
    keyfob
}

/// A keystore whose key `k` is that of the vector.
fn with_vector(key: &str) -> Keyfob {
    let keyfob = Keyfob::new();
    let imported = keyfob.run_with(["keys", "import", "-", "--kid", "k"], &vector(key));
    assert_eq!(imported.code, 0, "{imported:?}");
    keyfob
}

fn shown(keyfob: &Keyfob) -> Value {
    let printed = keyfob.run(["--json", "cert", "show", "k"]);
    serde_json::from_str(&printed.stdout).unwrap_or_else(|_| panic!("{printed:?}"))
}

/// The extensions of a certificate by name, with what they say.
fn extensions(shown: &Value) -> Vec<(String, Vec<String>)> {
    let all = shown["extensions"].as_array().unwrap().iter();
    all.filter(|one| one["name"] != "subjectKeyIdentifier")
        .map(|one| {
            let name = one["name"].as_str().unwrap().to_owned();
            let meaning = one["meaning"].as_array().unwrap().iter();
            let meaning = meaning.map(|line| line.as_str().unwrap().to_owned());
            (name, meaning.collect())
        })
        .collect()
}

fn failed(code: i32, stderr: &str) -> Ended {
    Ended {
        code,
        stdout: String::new(),
        stderr: format!("keyfob: {stderr}\n"),
    }
}

/// Notes in a key file where the key is registered.
fn registered(file: &Path, places: &[Value]) {
    let text = fs::read_to_string(file).unwrap();
    let places = Value::from(places.to_vec());
    let text = text.replace("registrations: []", &format!("registrations: {places}"));
    fs::write(file, text).unwrap();
}

/// The certificates of a PEM text, block by block.
fn blocks(pem: &str) -> Vec<String> {
    const END: &str = "-----END CERTIFICATE-----\n";
    pem.split_inclusive(END)
        .filter(|block| block.ends_with(END))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_field_of_a_profile_can_be_overridden() {
    let keyfob = with_key("minimal");
    let ended = keyfob.run([
        "cert",
        "new",
        "k",
        "--profile",
        "server",
        "--country",
        "DE",
        "--state",
        "BE",
        "--locality",
        "Berlin",
        "--organization",
        "Acme",
        "--unit",
        "Keys",
        "--common-name",
        "a.example",
        "--days",
        "40",
        "--serial",
        "00:c0:ff:ee",
        "--san",
        "dns:a.example",
        "--san",
        "dns:b.example",
        "--san",
        "ip:::1",
        "--san",
        "uri:https://a.example/",
        "--san",
        "email:me@a.example",
        "--ca",
        "true",
        "--key-usage",
        "keyCertSign,cRLSign",
        "--extended-key-usage",
        "none",
        "--netscape-cert-type",
        "sslCA",
    ]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "k\n"));
    assert!(
        ended
            .stderr
            .starts_with("k has the certificate server until ")
    );
    let shown = shown(&keyfob);
    assert_eq!(
        shown["subject"]["text"],
        "CN=a.example,OU=Keys,O=Acme,L=Berlin,ST=BE,C=DE"
    );
    assert_eq!(shown["serial"], "c0:ff:ee");
    assert_eq!(shown["validity"]["days"], 40);
    assert_eq!(shown["belongs_to_key"], true);
    assert_eq!(
        extensions(&shown),
        [
            (
                "subjectAltName".to_owned(),
                vec![
                    "URI https://a.example/".to_owned(),
                    "DNS a.example".to_owned(),
                    "DNS b.example".to_owned(),
                    "email me@a.example".to_owned(),
                    "IP ::1".to_owned(),
                ]
            ),
            (
                "keyUsage".to_owned(),
                vec![
                    "keyCertSign: signs certificates".to_owned(),
                    "cRLSign: signs revocation lists".to_owned(),
                ]
            ),
            (
                "basicConstraints".to_owned(),
                vec!["may act as a CA, with any number of CAs below it".to_owned()]
            ),
            (
                "nsCertType".to_owned(),
                vec!["sslCA: issues for SSL".to_owned()]
            ),
        ]
    );
}

#[test]
fn what_no_certificate_can_say_is_refused() {
    let keyfob = with_key("minimal");
    let before = fs::read(keyfob.key_file()).unwrap();
    for (option, value, reason) in [
        ("--san", "host", "write dns:NAME"),
        (
            "--san",
            "ip:host",
            "\"host\" is no IP address: write 192.0.2.1",
        ),
        ("--san", "dns:é", "beginning with xn--"),
        ("--san", "dns:-a", "is no host's name"),
        ("--san", "uri:a b", "is no URI"),
        ("--san", "email:me", "is no address of mail"),
        (
            "--country",
            "Germany",
            "is no country: write its two letters",
        ),
        (
            "--common-name",
            &"a".repeat(65),
            "it has 65 characters: at most 64",
        ),
        (
            "--key-usage",
            "signing",
            "expected one of `digitalSignature`",
        ),
        (
            "--extended-key-usage",
            "tls",
            "expected one of `serverAuth`",
        ),
        ("--netscape-cert-type", "tls", "expected one of `client`"),
        ("--ca", "perhaps", "possible values: true, false"),
        ("--serial", "0", "greater than zero"),
        ("--serial", "xyz", "hexadecimal"),
        ("--days", "0", "0 is not in 1.."),
        (
            "--profile",
            "x",
            "there are minimal, gooddata, client-auth, server, ca",
        ),
    ] {
        let ended = keyfob.run(["cert", "new", "k", option, value]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains(reason), "{ended:?}");
    }
    assert_eq!(fs::read(keyfob.key_file()).unwrap(), before);
}

#[test]
fn a_profile_of_ones_own_is_checked_where_it_is_written() {
    let keyfob = with_key("minimal");
    let folder = keyfob.home().join("certificates");
    fs::create_dir(&folder).unwrap();
    let (mine, other) = (folder.join("mine.yaml"), folder.join("other.yaml"));
    let yaml = "name: mine\ndescription: Ours\ndays: 90\nca: false\nsubject: {O: Acme, OU: Keys}\n";
    let new = || keyfob.run(["cert", "new", "k", "--profile", "mine"]);
    fs::write(&mine, yaml).unwrap();
    assert_eq!(new().code, 0);
    assert_eq!(shown(&keyfob)["subject"]["text"], "OU=Keys,O=Acme");
    let before = fs::read(keyfob.key_file()).unwrap();
    fs::write(&other, yaml).unwrap();
    let twice = format!(
        "{}: {} is named mine too: rename one of them",
        other.display(),
        mine.display()
    );
    assert_eq!(new(), failed(2, &twice));
    fs::remove_file(&other).unwrap();
    fs::write(&mine, yaml.replace("90", "0")).unwrap();
    let days = format!(
        "{}: days: 0 days: write 1 to 65535 at line 3 column 7",
        mine.display()
    );
    assert_eq!(new(), failed(2, &days));
    fs::remove_file(&mine).unwrap();
    symlink("/dev/zero", &mine).unwrap();
    let endless = format!("cannot read {}: file too large", mine.display());
    assert_eq!(new(), failed(2, &endless));
    assert_eq!(fs::read(keyfob.key_file()).unwrap(), before);
}

#[test]
fn a_certificate_is_renewed_with_its_key_profile_subject_names_and_length() {
    let keyfob = with_key("minimal");
    keyfob.run([
        "cert",
        "new",
        "k",
        "--profile",
        "client-auth",
        "--organization",
        "Acme",
        "--san",
        "dns:a.example",
        "--days",
        "50",
    ]);
    let (before, key) = (
        shown(&keyfob),
        keyfob.run(["keys", "export", "k", "--as", "spki"]),
    );
    let renewed = keyfob.run(["cert", "renew", "k"]);
    assert_eq!((renewed.code, renewed.stdout.as_str()), (0, "k\n"));
    assert!(
        renewed
            .stderr
            .starts_with("k has the certificate client-auth until ")
    );
    let after = shown(&keyfob);
    assert_ne!(before["serial"], after["serial"]);
    for same in ["subject", "validity", "extensions", "public_key"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_eq!(keyfob.run(["keys", "export", "k", "--as", "spki"]), key);
    let text = fs::read_to_string(keyfob.key_file()).unwrap();
    assert!(text.contains("\nprofile: \"client-auth\"\n"), "{text}");
    assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 1);
}

#[test]
fn a_file_that_remembers_no_profile_is_renewed_by_the_old_certificate() {
    let keyfob = with_key("server");
    let before = shown(&keyfob);
    let file = keyfob.key_file();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("profile: \"server\"\n", "")).unwrap();
    let renewed = keyfob.run(["cert", "renew", "k"]);
    assert!(renewed.stderr.starts_with("k has the certificate until "));
    let after = shown(&keyfob);
    for same in ["subject", "validity", "extensions", "public_key"] {
        assert_eq!(before[same], after[same], "{same}");
    }
}

#[test]
fn what_no_profile_can_say_is_told_when_a_foreign_certificate_is_renewed() {
    let keyfob = Keyfob::new();
    let pem = vector("p384.pem") + &vector("p384-own.pem");
    keyfob.run_with(["keys", "import", "-", "--kid", "k"], &pem);
    let renewed = keyfob.run(["--json", "cert", "renew", "k"]);
    let value: Value = serde_json::from_str(&renewed.stdout).unwrap();
    assert_eq!(
        value["left_out"],
        json!(["extendedKeyUsage 1.2.3.4", "1.2.3.5"])
    );
    assert_eq!(
        renewed.stderr.lines().nth(1),
        Some(
            "! no profile can say these of the old certificate, and they were left out: \
             extendedKeyUsage 1.2.3.4, 1.2.3.5"
        )
    );
    let shown = shown(&keyfob);
    assert_eq!(
        shown["subject"]["text"],
        "CN=by openssl,OU=Keys,O=Acme,C=DE"
    );
    let names: Vec<String> = extensions(&shown).into_iter().map(|one| one.0).collect();
    assert_eq!(
        names,
        [
            "subjectAltName",
            "keyUsage",
            "extendedKeyUsage",
            "basicConstraints"
        ]
    );
}

#[test]
fn a_renewed_certificate_tells_where_it_is_registered_otherwise() {
    let keyfob = with_key("minimal");
    let file = keyfob.key_file();
    let thumbprint = file.file_stem().unwrap().to_str().unwrap().to_owned();
    let place = |endpoint: &str| {
        json!({
            "endpoint": endpoint,
            "id": "k",
            "at": "2026-01-01T00:00:00Z",
            "thumbprint": thumbprint,
        })
    };
    registered(&file, &[place("sandbox"), place("gone")]);
    let renewed = keyfob.run(["--json", "cert", "renew", "k"]);
    let words: Vec<&str> = renewed.stderr.lines().skip(1).collect();
    assert_eq!(
        words,
        [
            "! sandbox differs now (x5t, x5t#S256, x5c): keyfob register k --at sandbox",
            "! gone is not configured any more: whether it differs now is not known",
        ]
    );
    let value: Value = serde_json::from_str(&renewed.stdout).unwrap();
    assert_eq!(
        value["drift"],
        json!([
            {"endpoint": "sandbox", "id": "k", "differs": ["x5t", "x5t#S256", "x5c"]},
            {"endpoint": "gone", "id": "k", "differs": null},
        ])
    );
}

#[test]
fn issuers_above_the_same_certificate_change_no_registration() {
    let keyfob = with_vector("p256.pem");
    let chain = blocks(&vector("chain.pem"));
    let leaf = keyfob.file("leaf.pem", &chain[0]);
    keyfob.run(["cert", "import", "k", &leaf]);
    let place = json!({
        "endpoint": "sandbox",
        "id": "k",
        "at": "2026-01-01T00:00:00Z",
        "thumbprint": "ALWgFcJDAaMxG7gfLMnG6a7jdSvaIHoOcs6mjyRc_tk",
    });
    registered(&keyfob.key_file(), &[place]);
    let whole = keyfob.file("whole.pem", chain.concat());
    let imported = keyfob.run(["cert", "import", "k", &whole]);
    assert_eq!(
        imported.stderr.lines().nth(1),
        Some("nothing changes at sandbox: the key's own certificate is the one it was")
    );
}

#[test]
fn a_request_is_pem_that_asks_for_the_certificate_there_is() {
    let keyfob = with_key("client-auth");
    let csr = keyfob.run(["cert", "csr", "k", "--organization", "Acme"]);
    assert_eq!((csr.code, csr.stderr.as_str()), (0, ""));
    assert!(
        csr.stdout
            .starts_with("-----BEGIN CERTIFICATE REQUEST-----\n")
    );
    assert!(
        csr.stdout
            .ends_with("\n-----END CERTIFICATE REQUEST-----\n")
    );
    let json = keyfob.run(["--json", "cert", "csr", "k", "--profile", "server"]);
    let value: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (&value["kid"], &value["left_out"]),
        (&json!("k"), &json!([]))
    );
    let pem = value["csr"].as_str().unwrap();
    assert!(
        pem.len() > csr.stdout.len(),
        "the names of the server are in it"
    );
}

#[test]
fn a_chain_is_taken_in_any_order_and_kept_as_received() {
    let keyfob = with_vector("p256.pem");
    let mut chain = blocks(&vector("chain.pem"));
    chain.reverse();
    let file = keyfob.file("answer.pem", chain.concat());
    let imported = keyfob.run(["cert", "import", "k", &file]);
    assert_eq!(
        imported,
        Ended {
            code: 0,
            stdout: "k\n".to_owned(),
            stderr: "k has the certificate until 2126-11-01T17:49:56Z, 2 certificates above it\n"
                .to_owned(),
        }
    );
    assert_eq!(
        keyfob.run(["keys", "export", "k", "--as", "chain"]).stdout,
        blocks(&vector("chain.pem")).concat()
    );
}

#[test]
fn a_leaf_alone_is_taken_and_its_missing_issuer_told() {
    let keyfob = with_vector("p256.pem");
    let leaf = &blocks(&vector("chain.pem"))[0];
    let imported = keyfob.run_with(["cert", "import", "k", "-"], leaf);
    assert_eq!(
        imported.stderr,
        "the chain ends before its issuer CN=Intermediate\n\
         k has the certificate until 2126-11-01T17:49:56Z\n"
    );
    let renewed = keyfob.run(["cert", "renew", "k"]);
    assert_eq!(
        renewed,
        failed(
            2,
            "k keeps its certificate: CN=Intermediate signed it, not the key itself: ask there \
             with keyfob cert csr k, and take the answer with keyfob cert import k FILE"
        )
    );
    assert_eq!(
        keyfob.run(["cert", "new", "k"]),
        failed(
            2,
            "k keeps its certificate: CN=Intermediate signed it, not the key itself: say --force to give that one up"
        )
    );
    assert_eq!(keyfob.run(["cert", "new", "k", "--force"]).code, 0);
    assert_eq!(shown(&keyfob)["subject"]["text"], "CN=k");
}

#[test]
fn a_new_leaf_alone_goes_under_the_issuers_that_are_here() {
    let keyfob = with_vector("p256.pem");
    let chain = vector("chain.pem");
    keyfob.run_with(["cert", "import", "k", "-"], &chain);
    let imported = keyfob.run_with(["cert", "import", "k", "-"], &blocks(&chain)[0]);
    assert_eq!(
        imported.stderr,
        "k has the certificate until 2126-11-01T17:49:56Z, 2 certificates above it\n"
    );
}

#[test]
fn a_certificate_for_another_key_is_refused() {
    let keyfob = with_vector("p384.pem");
    let before = fs::read(keyfob.key_file()).unwrap();
    let file = keyfob.file("answer.pem", vector("impostor.pem"));
    assert_eq!(
        keyfob.run(["cert", "import", "k", &file]),
        failed(
            2,
            "k keeps its certificate: none of these is for it: CN=Intermediate"
        )
    );
    assert_eq!(fs::read(keyfob.key_file()).unwrap(), before);
}

#[test]
fn a_link_that_does_not_hold_is_refused_and_the_right_one_found() {
    let keyfob = with_vector("p256.pem");
    let chain = blocks(&vector("chain.pem"));
    let impostor = vector("impostor.pem");
    let broken = chain[0].clone() + &impostor;
    assert_eq!(
        keyfob.run_with(["cert", "import", "k", "-"], &broken),
        failed(
            2,
            "k keeps its certificate: emailAddress=me@host.example,CN=leaf is not signed by its \
             issuer's key"
        )
    );
    let both = impostor + &chain.concat();
    let imported = keyfob.run_with(["cert", "import", "k", "-"], &both);
    assert_eq!(
        imported.stderr,
        "! one certificate belongs to no part of the chain: it was left out\n\
         k has the certificate until 2126-11-01T17:49:56Z, 2 certificates above it\n"
    );
}

#[test]
fn without_a_private_half_a_certificate_can_be_imported_but_not_made() {
    let keyfob = Keyfob::new();
    let key = with_vector("p256.pem").run(["keys", "export", "k", "--as", "spki"]);
    keyfob.run_with(["keys", "import", "-", "--kid", "k"], &key.stdout);
    for act in ["new", "csr"] {
        assert_eq!(
            keyfob.run(["cert", act, "k"]),
            failed(3, "k has no private half here: it can verify, not sign")
        );
    }
    let chain = keyfob.file("chain.pem", vector("chain.pem"));
    assert_eq!(keyfob.run(["cert", "import", "k", &chain]).code, 0);
}

#[test]
fn a_key_without_a_certificate_has_none_to_renew() {
    let keyfob = with_key("none");
    assert_eq!(
        keyfob.run(["cert", "renew", "k"]),
        failed(3, "k has no certificate: keyfob cert new k makes one")
    );
    assert_eq!(keyfob.run(["cert", "new", "k"]).code, 0);
    assert_eq!(keyfob.run(["cert", "renew", "k"]).code, 0);
}

#[test]
fn the_list_warns_thirty_days_ahead() {
    let keyfob = with_key("minimal");
    for (days, expected) in [
        ("31", "  expires in 30 d  "),
        ("30", "  ! expires in 29 d  "),
    ] {
        keyfob.run(["cert", "new", "k", "--days", days]);
        let list = keyfob.run(["keys", "list"]).stdout;
        assert!(list.contains(expected), "{list}");
    }
}
