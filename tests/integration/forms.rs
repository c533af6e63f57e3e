use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::keyfob::{Ended, Keyfob, vector};

const P256: &str = "ALWgFcJDAaMxG7gfLMnG6a7jdSvaIHoOcs6mjyRc_tk";
const RSA: &str = "Uzy5oH-_hng94YM1XlOXctVsbAkHqELxV5KfVwcvMmE";

/// Files that openssl, ssh-keygen and keytool wrote, and the key in each: its alias or its comment,
/// else its thumbprint.
const READ: [(&str, &str, &str); 18] = [
    (
        "ed25519-v2.pem",
        "3YZxBJ12jO3n_mXt_q-j_Z-TFP1vt-NiI3OCf-fEnHQ",
        "EdDSA, Ed25519",
    ),
    ("keytool.p12", "1", "ES256, P-256"),
    (
        "openssh-ed25519-sealed.pem",
        "someone@host",
        "EdDSA, Ed25519",
    ),
    (
        "openssh-ed25519.pub",
        "someone@host",
        "EdDSA, Ed25519, public half only",
    ),
    ("openssh-p256-sealed.pem", P256, "ES256, P-256"),
    ("openssh-rsa2048.pem", RSA, "RS256, RSA 2048"),
    ("openssl-legacy.p12", P256, "ES256, P-256"),
    ("openssl.p12", P256, "ES256, P-256"),
    (
        "p256-certificate.pem",
        P256,
        "ES256, P-256, public half only",
    ),
    ("p256-request.pem", P256, "ES256, P-256, public half only"),
    ("p256-sec1-parameters.pem", P256, "ES256, P-256"),
    ("p256-sec1.pem", P256, "ES256, P-256"),
    ("pkcs8-3des.pem", P256, "ES256, P-256"),
    ("pkcs8-aes128-sha1.pem", P256, "ES256, P-256"),
    ("pkcs8-aes192-sha512.pem", P256, "ES256, P-256"),
    ("pkcs8-aes256-sha256.pem", P256, "ES256, P-256"),
    ("pkcs8-scrypt.pem", P256, "ES256, P-256"),
    ("rsa2048-pkcs1.pem", RSA, "RS256, RSA 2048"),
];

/// Files that are refused, and why.
const REFUSED: [(&str, &str); 9] = [
    (
        "p256-explicit.pem",
        "the curve is given by its parameters, not by its name: \
         openssl pkey -in FILE -ec_param_enc named_curve names it (a public key: with -pubin)",
    ),
    (
        "p256-sec1-sealed.pem",
        "EC PRIVATE KEY is not read here: it is sealed as before PKCS#8; \
         openssl pkey -in FILE -aes256 -out NEW seals it anew",
    ),
    (
        "p384-with-certificate-of-p256.pem",
        "a private key (P-384) whose certificate belongs to another: import them apart",
    ),
    (
        "pkcs8-pbes1.pem",
        "a key sealed with PBES1 is not read here: openssl pkcs8 -topk8 -v2 aes-256-cbc \
         -provider default -provider legacy -in FILE -out NEW seals it anew",
    ),
    (
        "rsa-exponent3.pem",
        "the RSA exponent must be odd, at least 65537 and at most 33 bits long",
    ),
    (
        "rsa1024.pem",
        "RSA with 1024 bits: 2048 to 8192 are accepted; make a new key",
    ),
    (
        "secp256k1.pem",
        "a secp256k1 key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 keys",
    ),
    (
        "x25519.pem",
        "a X25519 key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 keys",
    ),
    (
        "rsa-factors.pem",
        "the RSA key's numbers do not fit together: the modulus is not the product of the factors",
    ),
];

/// How files of others begin that are not read, and what each is told to be.
const FOREIGN: [(&[u8], &str); 10] = [
    (
        b"\xfe\xed\xfe\xed\0\0\0\x02",
        "a Java key store (JKS) is not read here: keytool -importkeystore -srckeystore FILE \
         -destkeystore NEW -deststoretype PKCS12 rewrites it",
    ),
    (
        b"\xce\xce\xce\xce\0\0\0\x02",
        "a Java key store (JCEKS) is not read here: keytool -importkeystore -srckeystore FILE \
         -srcstoretype JCEKS -destkeystore NEW -deststoretype PKCS12 rewrites it",
    ),
    (
        b"---- BEGIN SSH2 PUBLIC KEY ----\n",
        "an SSH2 public key (RFC 4716) is not read here: ssh-keygen -i -f FILE > NEW rewrites it",
    ),
    (
        b"PuTTY-User-Key-File-3: ssh-rsa\n",
        "a key of PuTTY's is not read here: puttygen FILE -O private-openssh -o NEW rewrites it",
    ),
    (
        b"age-encryption.org/v1\n-> X25519 a\n",
        "a file sealed with age is not read here: age -d FILE > NEW opens it",
    ),
    (
        b"ssh-ed25519-cert-v01@openssh.com AAAA me\n",
        "an OpenSSH certificate is not read here: import the public key that it was made for",
    ),
    (
        b"sk-ssh-ed25519@openssh.com AAAA me\n",
        "the public half of a security key is not read here: its private half never leaves the \
         device, and signs no tokens",
    ),
    (
        b"ssh-dss AAAA me\n",
        "a DSA key is not read here: no token is signed with one: keyfob keys new makes a key",
    ),
    (
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n",
        "PGP PUBLIC KEY BLOCK is not read here: it is GnuPG's, and signs no tokens",
    ),
    (
        b"0\x0f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x02\x30\0",
        "PKCS7 is not read here: openssl pkcs7 -inform DER -print_certs -in FILE -out NEW takes \
         its certificates out",
    ),
];

fn path(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/forms");
    folder.join(name).to_str().unwrap().to_owned()
}

fn import(keyfob: &Keyfob, file: &str) -> Ended {
    let passphrase = keyfob.file("file-passphrase", "hunter2\n");
    keyfob.run([
        "keys",
        "import",
        file,
        "--file-passphrase-file",
        &passphrase,
    ])
}

#[test]
fn what_others_write_is_imported() {
    for (file, kid, what) in READ {
        let keyfob = Keyfob::new();
        assert_eq!(
            import(&keyfob, &path(file)),
            Ended {
                code: 0,
                stdout: format!("{kid}\n"),
                stderr: format!("imported {kid}: {what}\n"),
            },
            "{file}"
        );
    }
}

#[test]
fn the_same_as_base64_and_as_der_is_imported() {
    for (file, kid, _) in READ {
        let content = fs::read(path(file)).unwrap();
        let keyfob = Keyfob::new();
        let wrapped = keyfob.file("wrapped", base64(&content));
        assert_eq!(
            import(&keyfob, &wrapped).stdout,
            format!("{kid}\n"),
            "{file}"
        );
    }
    let pem = vector("p256.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let keyfob = Keyfob::new();
    let body = keyfob.file("body", body);
    assert_eq!(import(&keyfob, &body).stdout, format!("{P256}\n"));
}

#[test]
fn each_refusal_says_its_reason_and_stores_nothing() {
    let keyfob = Keyfob::new();
    for (file, reason) in REFUSED {
        let path = path(file);
        assert_eq!(
            import(&keyfob, &path),
            Ended {
                code: 2,
                stdout: String::new(),
                stderr: format!("keyfob: {path}: {reason}\n"),
            }
        );
    }
    assert_eq!(fs::read_dir(keyfob.home().join("keys")).unwrap().count(), 0);
}

#[test]
fn what_others_keep_keys_in_is_told_with_what_rewrites_it() {
    let keyfob = Keyfob::new();
    for (content, reason) in FOREIGN {
        let file = keyfob.file("foreign", content);
        assert_eq!(
            import(&keyfob, &file),
            Ended {
                code: 2,
                stdout: String::new(),
                stderr: format!("keyfob: {file}: {reason}\n"),
            }
        );
    }
}

#[test]
fn a_key_file_gives_others_its_public_half_and_says_what_opens_the_rest() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256", "--cert", "none"]);
    let file = keyfob.key_file().to_str().unwrap().to_owned();
    let other = Keyfob::new();
    let ended = other.run(["keys", "import", &file, "--kid", "k"]);
    assert_eq!(
        ended,
        Ended {
            code: 0,
            stdout: "k\n".to_owned(),
            stderr: "! refused: AGE ENCRYPTED FILE is not read here: it is sealed with age; in a \
                     key file of keyfob's only its own keystore opens it: keyfob keys export takes \
                     the key out\n\
                     imported k: ES256, P-256, public half only\n"
                .to_owned(),
        }
    );
}

#[test]
fn pem_is_read_as_windows_as_variables_and_as_json_carry_it() {
    let pem = vector("p256.pem");
    let utf16 = |mark: [u8; 2], octets: fn(u16) -> [u8; 2]| {
        let units = pem.encode_utf16().flat_map(octets);
        mark.into_iter().chain(units).collect::<Vec<u8>>()
    };
    let escaped = pem.replace('\n', "\\n");
    let account = format!(
        r#"{{"type": "service_account", "private_key_id": "0123abcd", "private_key": "{}"}}"#,
        escaped.replace('/', "\\/")
    );
    for (content, kid) in [
        (utf16([0xff, 0xfe], u16::to_le_bytes), P256),
        (utf16([0xfe, 0xff], u16::to_be_bytes), P256),
        (format!("\u{feff}{pem}").into_bytes(), P256),
        (pem.replace('\n', "\r\n").into_bytes(), P256),
        (pem.replace('\n', "\r").into_bytes(), P256),
        (format!("KEY=\"{escaped}\"\n").into_bytes(), P256),
        (account.into_bytes(), "0123abcd"),
    ] {
        let keyfob = Keyfob::new();
        let file = keyfob.file("carried", &content);
        let ended = import(&keyfob, &file);
        assert_eq!(ended.stdout, format!("{kid}\n"), "{}", ended.stderr);
    }
}

#[test]
fn a_wrong_passphrase_and_none_exit_4_and_store_nothing() {
    let keyfob = Keyfob::new();
    let wrong = keyfob.file("wrong", "wrong\n");
    for (file, form) in [
        ("pkcs8-aes256-sha256.pem", "encrypted PKCS#8 key"),
        ("openssl.p12", "PKCS#12 file"),
        ("openssh-p256-sealed.pem", "OpenSSH private key"),
    ] {
        let path = path(file);
        let ended = keyfob.run(["keys", "import", &path, "--file-passphrase-file", &wrong]);
        assert_eq!(
            ended,
            Ended {
                code: 4,
                stdout: String::new(),
                stderr: format!("keyfob: {path}: the passphrase does not open the {form}\n"),
            }
        );
        let ended = keyfob.run(["keys", "import", &path]);
        assert_eq!(
            ended,
            Ended {
                code: 4,
                stdout: String::new(),
                stderr: "keyfob: the file's passphrase is needed and nobody is here to be asked: \
                         say --file-passphrase-file FILE\n"
                    .to_owned(),
            }
        );
    }
    assert_eq!(fs::read_dir(keyfob.home().join("keys")).unwrap().count(), 0);
}

#[test]
fn halves_that_do_not_fit_in_a_pair_of_pem_texts_are_refused() {
    let keyfob = Keyfob::new();
    for alg in ["ES256", "ES384"] {
        keyfob.run(["keys", "new", alg, "--alg", alg]);
    }
    let private = [
        "keys",
        "export",
        "ES256",
        "--as",
        "pkcs8",
        "--private",
        "--out",
        "-",
    ];
    let private = keyfob.run(private).stdout;
    let public = |kid: &str| keyfob.run(["keys", "export", kid, "--as", "spki"]).stdout;
    let meta = |public: String| {
        serde_json::json!({"privateKeyPem": private, "publicKeyPem": public}).to_string()
    };
    let other = Keyfob::new();
    let file = other.file("jwk-meta.json", meta(public("ES384")));
    let reason = "the public half is not the private key's own: the file was put together wrongly";
    assert_eq!(
        import(&other, &file).stderr,
        format!("keyfob: {file}: {reason}\n")
    );
    let file = other.file("jwk-meta.json", meta(public("ES256")));
    assert_eq!(import(&other, &file).code, 0);
}

#[test]
fn every_private_form_is_0600_and_comes_back_as_the_same_key() {
    for alg in ["RS256", "ES256", "ES384", "ES512", "EdDSA"] {
        let keyfob = Keyfob::new();
        keyfob.run(["keys", "new", "k", "--alg", alg]);
        let spki = |keyfob: &Keyfob| keyfob.run(["keys", "export", "k", "--as", "spki"]).stdout;
        let passphrase = keyfob.file("file-passphrase", "hunter2\n");
        for form in [
            "jwk",
            "jwks",
            "pkcs8",
            "pkcs8-enc",
            "pkcs1",
            "sec1",
            "bundle",
            "p12",
            "ssh-private",
            "jwe",
        ] {
            let out = keyfob.path(form).to_str().unwrap().to_owned();
            let mut words = vec![
                "keys",
                "export",
                "k",
                "--as",
                form,
                "--private",
                "--out",
                &out,
            ];
            if ["pkcs8-enc", "p12", "jwe"].contains(&form) {
                words.extend(["--file-passphrase-file", &passphrase]);
            }
            let ended = keyfob.run(&words);
            let is_rsa = alg == "RS256";
            let has_form = match form {
                "pkcs1" => is_rsa,
                "sec1" => !is_rsa && alg != "EdDSA",
                _ => true,
            };
            if !has_form {
                assert_eq!((ended.code, Path::new(&out).exists()), (2, false));
                continue;
            }
            assert_eq!(ended.stderr, format!("wrote {out}\n"), "{alg} {form}");
            let mode = fs::metadata(&out).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let other = Keyfob::new();
            let words = [
                "keys",
                "import",
                &out,
                "--kid",
                "k",
                "--file-passphrase-file",
                &passphrase,
            ];
            let ended = other.run(words);
            assert_eq!(ended.code, 0, "{alg} {form}: {}", ended.stderr);
            assert!(!ended.stderr.contains("public half only"), "{alg} {form}");
            assert_eq!(spki(&other), spki(&keyfob), "{alg} {form}");
        }
    }
}

#[test]
fn a_sealed_form_without_a_passphrase_exits_4_and_writes_nothing() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    for form in ["pkcs8-enc", "p12", "jwe"] {
        let out = keyfob.path(form).to_str().unwrap().to_owned();
        let words = [
            "keys",
            "export",
            "k",
            "--as",
            form,
            "--private",
            "--out",
            &out,
        ];
        let ended = keyfob.run(words);
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (
                4,
                "keyfob: the file's passphrase is needed and nobody is here to be asked: \
                 say --file-passphrase-file FILE\n"
            )
        );
        assert!(!Path::new(&out).exists());
    }
}

#[test]
fn a_form_that_nothing_seals_takes_no_passphrase() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    let passphrase = keyfob.file("file-passphrase", "hunter2\n");
    let words = [
        "keys",
        "export",
        "k",
        "--as",
        "pkcs8",
        "--private",
        "--out",
        "-",
        "--file-passphrase-file",
        &passphrase,
    ];
    let ended = keyfob.run(words);
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (
            2,
            "keyfob: pkcs8 is not sealed with a passphrase: \
             say --as pkcs8-enc, p12, jwe or ssh-private\n"
        )
    );
}

fn base64(content: &[u8]) -> String {
    use base64ct::Encoding;
    base64ct::Base64::encode_string(content)
}

#[test]
fn a_request_for_a_certificate_gives_its_key_and_no_certificate() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES384"]);
    let request = keyfob.run(["cert", "csr", "k"]).stdout;
    let other = Keyfob::new();
    let file = other.file("k.csr", &request);
    assert_eq!(import(&other, &file).code, 0);
    // A thumbprint may begin with a hyphen.
    let spki = ["keys", "export", "--as", "spki", "--"];
    let listed = other.run(["keys", "list", "--json"]).stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let kid = listed[0]["kid"].as_str().unwrap();
    assert_eq!(
        other.run([&spki[..], &[kid]].concat()).stdout,
        keyfob.run([&spki[..], &["k"]].concat()).stdout
    );
    let shown = other.run(["cert", "show", &file]);
    assert_eq!(
        (shown.code, shown.stderr),
        (
            2,
            format!(
                "keyfob: {file}: a request for the certificate of CN=k, not yet a certificate: a \
                 CA answers it, and keyfob keys import keeps its public key\n"
            )
        )
    );
}
