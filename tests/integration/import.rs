use std::{fs, process::Command};

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::keyfob::{Ended, Keyfob, binary_vector, vector};

const P256: &str = "ALWgFcJDAaMxG7gfLMnG6a7jdSvaIHoOcs6mjyRc_tk";

const ENDLESS: &str =
    "keyfob: cannot read /dev/zero: it is larger than 4 MiB: no key or token is\n";

fn said(code: i32, stdout: &str, stderr: &str) -> Ended {
    Ended {
        code,
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    }
}

fn with_key() -> Keyfob {
    let keyfob = Keyfob::new();
    let key = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(keyfob.run(["keys", "import", &key, "--kid", "k"]).code, 0);
    keyfob
}

fn certificate(keyfob: &Keyfob) -> String {
    keyfob.file("cert.pem", vector("forms/p256-certificate.pem"))
}

#[test]
fn a_certificate_alone_goes_to_its_key_that_is_here() {
    let keyfob = with_key();
    let file = certificate(&keyfob);
    let import = || keyfob.run(["keys", "import", &file]);
    assert_eq!(import(), said(0, "k\n", "certified k: CN=p256\n"));
    let shown = keyfob.run(["cert", "show", "k", "--json"]).stdout;
    assert!(shown.contains(r#""belongs_to_key": true"#), "{shown}");
    assert_eq!(import(), said(0, "k\n", "already here: k\n"));
    assert_eq!(keyfob.run(["keys", "list"]).stdout.lines().count(), 2);
}

#[test]
fn a_certificate_for_another_key_than_the_one_named_is_refused() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256", "--cert", "none"]);
    let file = certificate(&keyfob);
    let before = fs::read(keyfob.key_file()).unwrap();
    let import = keyfob.run(["keys", "import", &file, "--kid", "k"]);
    assert_eq!(import.code, 2, "{import:?}");
    assert_eq!(
        import.stderr,
        "keyfob: k keeps its certificate: none of these is for it: CN=p256\n"
    );
    assert_eq!(fs::read(keyfob.key_file()).unwrap(), before);
}

#[test]
fn a_kid_for_a_key_that_is_here_under_another_is_told_not_to_be_used() {
    let keyfob = with_key();
    let key = keyfob.path("key.pem").to_str().unwrap().to_owned();
    assert_eq!(
        keyfob.run(["keys", "import", &key, "--kid", "other"]),
        said(
            0,
            "k\n",
            "already here: k\n\
             ! --kid other was not used: the key is here as k: keyfob keys rename k other changes \
             it\n"
        )
    );
    assert_eq!(
        keyfob.run(["keys", "import", &key, "--kid", "k"]),
        said(0, "k\n", "already here: k\n")
    );
}

#[test]
fn the_private_half_of_a_public_key_that_is_here_completes_it() {
    let keyfob = Keyfob::new();
    let file = certificate(&keyfob);
    let import = keyfob.run(["keys", "import", &file, "--kid", "k"]);
    assert_eq!(
        import,
        said(0, "k\n", "imported k: ES256, P-256, public half only\n")
    );
    let key = keyfob.file("key.pem", vector("p256.pem"));
    assert_eq!(
        keyfob.run(["keys", "import", &key]),
        said(0, "k\n", "completed k: its private half is here now\n")
    );
    let minted = keyfob.run(["mint", "--key", "k", "--sub", "a"]);
    assert_eq!(minted.code, 0, "{minted:?}");
    assert_eq!(
        keyfob.run(["keys", "import", &key]),
        said(0, "k\n", "already here: k\n")
    );
}

#[test]
fn a_key_takes_the_name_that_people_gave_it_where_it_is_free() {
    let made = Keyfob::new();
    made.run(["keys", "new", "mine", "--alg", "ES256"]);
    let passphrase = made.file("file-passphrase", "hunter2\n");
    for (form, out) in [("p12", "mine.p12"), ("ssh-private", "mine.ssh")] {
        let out = made.path(out).to_str().unwrap().to_owned();
        let export = made.run([
            "keys",
            "export",
            "mine",
            "--as",
            form,
            "--private",
            "--file-passphrase-file",
            &passphrase,
            "--out",
            &out,
        ]);
        assert_eq!(export.code, 0, "{export:?}");
        let import = |keyfob: &Keyfob, more: &[&str]| {
            let mut arguments = vec![
                "keys",
                "import",
                out.as_str(),
                "--file-passphrase-file",
                passphrase.as_str(),
            ];
            arguments.extend(more);
            keyfob.run(arguments).stdout
        };
        assert_eq!(import(&Keyfob::new(), &[]), "mine\n", "{form}");
        assert_eq!(import(&Keyfob::new(), &["--kid", "given"]), "given\n");
        let taken = Keyfob::new();
        taken.run(["keys", "new", "mine", "--alg", "ES256"]);
        let thumbprint = import(&taken, &[]);
        assert_eq!(thumbprint.trim_end().len(), P256.len(), "{form}");
    }
}

#[test]
fn a_file_of_more_than_4_mib_is_taken_where_it_can_be_a_jwk_set() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    let jwk = keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    let token = keyfob.run(["mint", "--key", "k"]).stdout;
    let jwk: serde_json::Value = serde_json::from_str(&jwk).unwrap();
    let keys: Vec<_> = (0..5000)
        .map(|place| {
            let mut jwk = jwk.clone();
            jwk["kid"] = format!("k{}", 4999 - place).into();
            jwk["pad"] = "p".repeat(600).into();
            jwk
        })
        .collect();
    let set = serde_json::json!({ "keys": keys }).to_string();
    assert!(set.len() > 4 << 20);
    let file = keyfob.path("set.jwks");
    fs::write(&file, set.replace("\"k0\"", "\"k\"")).unwrap();
    let file = file.to_str().unwrap();
    let verified = keyfob.run(["verify", token.trim(), "--key", file]);
    assert_eq!(verified.code, 0, "{verified:?}");

    fs::write(file, "x".repeat(5 << 20)).unwrap();
    let refused = keyfob.run(["keys", "import", file]);
    let told = format!("keyfob: cannot read {file}: it is larger than 4 MiB: no key or token is\n");
    assert_eq!((refused.code, refused.stderr), (2, told));
}

#[test]
fn a_set_imports_what_it_can_and_names_what_it_left() {
    let keyfob = with_key();
    let jwk = |kid: &str, more: serde_json::Value| {
        let jwk = keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout;
        let mut jwk: serde_json::Value = serde_json::from_str(&jwk).unwrap();
        jwk["kid"] = kid.into();
        if more.get("use").is_some() {
            jwk.as_object_mut().unwrap().remove("alg");
        }
        for (name, value) in more.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        jwk
    };
    let set = serde_json::json!({"keys": [
        jwk("good", serde_json::json!({"issuer": "https://idp.example", "ext": true, "cloud": 1})),
        jwk("odd", serde_json::json!({"y": "AAAA"})),
        {"kty": "XX"},
        jwk("sealing", serde_json::json!({"use": "enc"})),
        jwk("dh", serde_json::json!({"alg": "ECDH-ES"})),
        {"kty": "oct", "kid": "shared", "k": "AAAA"},
    ]});
    let file = keyfob.file("set.jwks", set.to_string());
    assert_eq!(
        keyfob.run(["keys", "import", &file]),
        said(
            0,
            "k\n",
            "! refused: odd: the point is not on the curve P-256\n\
             ! refused: key 3: a kty XX key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 \
             keys\n\
             ! refused: sealing: a key for encryption (use enc): keyfob keeps signature keys of \
             RS, PS, ES and EdDSA\n\
             ! refused: dh: a key for ECDH-ES: keyfob keeps signature keys of RS, PS, ES and \
             EdDSA\n\
             ! refused: a symmetric key (oct): name its file with keyfob verify --key FILE \
             instead\n\
             left out: members that keyfob does not keep: cloud, issuer\n\
             already here: k\n"
        )
    );
}

#[test]
fn of_two_keys_of_one_name_in_a_set_the_second_is_left_out() {
    let keyfob = Keyfob::new();
    let jwk = |pem: &str, kid: &str| {
        let other = Keyfob::new();
        let file = other.file("key.pem", vector(pem));
        assert_eq!(other.run(["keys", "import", &file, "--kid", kid]).code, 0);
        other.run(["keys", "export", kid, "--as", "jwk"]).stdout
    };
    let set = |keys: &[String]| format!(r#"{{"keys": [{}]}}"#, keys.join(","));
    let both = set(&[jwk("p256.pem", "a"), jwk("p384.pem", "a")]);
    let file = keyfob.file("set.jwks", both);
    let first = keyfob.run(["keys", "import", &file]);
    assert_eq!((first.code, first.stdout.as_str()), (0, "a\n"));
    let (refused, imported) = first.stderr.split_once('\n').unwrap();
    assert!(
        refused.starts_with("! refused: P-384 ")
            && refused.ends_with(
                ": another key is called a: import it from a file of its own with --kid NAME"
            ),
        "{refused}"
    );
    assert_eq!(imported, "imported a: ES256, P-256, public half only\n");

    let neither = set(&[jwk("p384.pem", "a"), jwk("p521.pem", "a")]);
    let file = keyfob.file("taken.jwks", neither);
    let taken = keyfob.run(["keys", "import", &file]);
    assert_eq!((taken.code, taken.stdout.as_str()), (2, ""));
    assert_eq!(
        taken.stderr.matches("another key is called a").count(),
        2,
        "{}",
        taken.stderr
    );
}

#[test]
fn an_array_of_jwks_is_a_set_without_its_name() {
    let keyfob = with_key();
    let jwk = keyfob.run(["keys", "export", "k", "--as", "jwk"]).stdout;
    let file = keyfob.file("array.json", format!("[{jwk}, {{\"kty\": \"XX\"}}]"));
    assert_eq!(
        keyfob.run(["keys", "import", &file]),
        said(
            0,
            "k\n",
            "! refused: key 2: a kty XX key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 \
             keys\n\
             already here: k\n"
        )
    );
}

#[test]
fn more_rounds_than_any_file_may_ask_for_are_refused_at_once() {
    let keyfob = with_key();
    for rounds in ["1000001", "4294967296", "18446744073709551615"] {
        let header = format!(
            r#"{{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2s":"AAAA","p2c":{rounds}}}"#
        );
        let header = Base64UrlUnpadded::encode_string(header.as_bytes());
        let file = keyfob.file("key.jwe", format!("{header}.AAAA.AAAA.AAAA.AAAA"));
        let told = format!(
            "keyfob: {file}: the encrypted JWK asks for {rounds} rounds of key derivation, more \
             than are turned for one file: seal it anew with fewer\n"
        );
        assert_eq!(keyfob.run(["keys", "import", &file]), said(2, "", &told));
    }
}

#[test]
fn what_a_key_lacks_is_told_with_what_gives_it() {
    let keyfob = Keyfob::new();
    let public = keyfob.file("key.pub", vector("forms/openssh-ed25519.pub"));
    let ended = keyfob.run(["keys", "import", &public, "--kid", "k"]);
    assert_eq!(ended.code, 0);
    let lacks = "keyfob: k has no certificate: keyfob cert import k FILE takes one\n";
    for command in [
        &["keys", "export", "k", "--as", "chain"][..],
        &["cert", "show", "k"],
    ] {
        assert_eq!(keyfob.run(command), said(3, "", lacks));
    }
    assert_eq!(
        keyfob.run(["cert", "renew", "k"]),
        said(
            3,
            "",
            "keyfob: k has no private half here: it can verify, not sign\n"
        )
    );
    assert_eq!(
        keyfob.run(["keys", "restore", "gone"]),
        said(
            3,
            "",
            "keyfob: no key gone in the trash: keyfob keys trash lists what is\n"
        )
    );
    for bits in ["1024", "2050", "8200"] {
        assert_eq!(
            keyfob.run(["keys", "new", "r", "--bits", bits]),
            said(
                2,
                "",
                &format!(
                    "keyfob: no RSA key is made with {bits} bits: say 2048 to 8192, a multiple of \
                     8\n"
                )
            )
        );
    }
}

#[test]
fn what_a_file_argument_names_may_be_a_pipe_and_has_an_end() {
    let keyfob = with_key();
    let home = keyfob.home().to_str().unwrap().to_owned();
    let shell = |script: &str| {
        let ended = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_keyfob")])
            .env("KEYFOB_HOME", &home)
            .output()
            .unwrap();
        Ended {
            code: ended.status.code().unwrap(),
            stdout: String::from_utf8(ended.stdout).unwrap(),
            stderr: String::from_utf8(ended.stderr).unwrap(),
        }
    };
    // What a shell writes for `FILE` in `<(keyfob …)`.
    let through = |pipe: &str| {
        shell(&format!(
            "\"$0\" mint --key k --sub a 2>/dev/null | \"$0\" verify {pipe} --key k"
        ))
    };
    assert_eq!(through("/dev/fd/0").code, 0);
    assert_eq!(through("/dev/zero"), said(2, "", ENDLESS));
    for command in [
        "keys import",
        "cert show",
        "cert import k",
        "decode",
        "why",
        "diff k",
        "mint --key k --claims",
    ] {
        let ended = shell(&format!("\"$0\" {command} /dev/zero"));
        assert_eq!(ended, said(2, "", ENDLESS), "{command}");
    }
}

#[test]
fn a_pkcs12_file_with_the_empty_passphrase_asks_for_none() {
    let keyfob = Keyfob::new();
    let path = keyfob.file("empty.p12", binary_vector("forms/openssl-empty.p12"));
    assert_eq!(
        keyfob.run(["keys", "import", &path, "--kid", "k"]),
        said(0, "k\n", "imported k: ES256, P-256\n")
    );
}
