use std::{fs, os::unix::fs::PermissionsExt};

use crate::keyfob::{Ended, Keyfob, vector};

fn failed(code: i32, stderr: &str) -> Ended {
    Ended {
        code,
        stdout: String::new(),
        stderr: format!("{stderr}\n"),
    }
}

#[test]
fn no_keystore_is_told_with_the_command_that_makes_one() {
    let keyfob = Keyfob::empty();
    let expected = failed(
        4,
        "keyfob: there is no keystore yet: keyfob init creates one",
    );
    assert_eq!(keyfob.run(["keys", "list"]), expected);
    assert_eq!(keyfob.run(["keys", "new", "k"]), expected);
    assert!(!keyfob.home().exists());
}

#[test]
fn init_twice_says_so_and_changes_nothing() {
    let keyfob = Keyfob::new();
    let before = fs::read(keyfob.home().join("identity.txt")).unwrap();
    let again = keyfob.run(["init", "--no-passphrase"]);
    let home = keyfob.home();
    assert_eq!(
        again,
        Ended {
            code: 0,
            stdout: String::new(),
            stderr: format!("already here: {}\n", home.display())
        }
    );
    assert_eq!(fs::read(home.join("identity.txt")).unwrap(), before);
}

#[test]
fn a_new_key_prints_its_kid_alone() {
    let keyfob = Keyfob::new();
    let new = keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    assert_eq!((new.code, new.stdout.as_str()), (0, "k\n"));
    let mode = fs::metadata(keyfob.key_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_key_without_a_name_is_called_by_its_thumbprint() {
    let keyfob = Keyfob::new();
    let new = keyfob.run(["keys", "new", "--alg", "EdDSA"]);
    let shown = keyfob.run(["--json", "keys", "show", new.stdout.trim()]);
    let key: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(key["kid"], key["thumbprint"]);
    assert_eq!(key["jwk"]["kid"], key["thumbprint"]);
}

#[test]
fn a_kid_that_is_taken_or_not_allowed_is_refused() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    assert_eq!(
        keyfob.run(["keys", "new", "k", "--alg", "ES256"]),
        failed(
            2,
            "keyfob: there is a key k already: choose another name, or keyfob keys rename it"
        )
    );
    assert_eq!(
        keyfob.run(["keys", "new", "../k", "--alg", "ES256"]),
        failed(
            2,
            "keyfob: \"../k\" is no kid: write 1 to 255 of A–Z a–z 0–9 . _ ~ : @ -, \
             not beginning with . or -"
        )
    );
}

#[test]
fn a_key_file_open_to_others_is_named_with_the_command_that_mends_it() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    let file = keyfob.key_file();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let file = file.display();
    assert_eq!(
        keyfob.run(["mint", "--key", "k"]),
        failed(
            6,
            &format!("keyfob: {file} is open to others (mode 644): chmod 600 '{file}'")
        )
    );
}

#[test]
fn a_truncated_key_file_hides_no_other_key() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "cut", "--alg", "ES256"]);
    let file = keyfob.key_file();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, &text[..text.len() / 2]).unwrap();
    keyfob.run(["keys", "new", "whole", "--alg", "EdDSA", "--cert", "none"]);
    let list = keyfob.run(["keys", "list"]);
    assert_eq!(list.code, 0);
    assert_eq!(
        list.stdout,
        "KID    ALG    KEY      CERTIFICATE  STATUS  TAGS  REGISTERED AT\n\
         whole  EdDSA  Ed25519  —            active  —     —\n"
    );
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(
        list.stderr.starts_with(&format!("! {name}: ")),
        "{}",
        list.stderr
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), text[..text.len() / 2]);
}

#[test]
fn a_private_export_goes_to_a_file_of_its_owner_and_comes_back() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES384"]);
    let out = keyfob.path("k.pem");
    let out = out.to_str().unwrap();
    let export = [
        "keys",
        "export",
        "k",
        "--as",
        "pkcs8",
        "--private",
        "--out",
        out,
    ];
    assert_eq!(keyfob.run(export).code, 0);
    assert_eq!(
        fs::metadata(out).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        keyfob.run(export),
        failed(
            2,
            &format!("keyfob: {out} exists: say --force to replace it")
        )
    );
    let other = Keyfob::new();
    let import = other.run(["keys", "import", out, "--kid", "k"]);
    assert_eq!((import.code, import.stdout.as_str()), (0, "k\n"));
    let jwk = |keyfob: &Keyfob| keyfob.run(["keys", "export", "k", "--as", "spki"]).stdout;
    assert_eq!(jwk(&other), jwk(&keyfob));
}

#[test]
fn a_private_form_never_goes_to_stdout_unasked() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    assert_eq!(
        keyfob.run(["keys", "export", "k", "--as", "jwk", "--private"]),
        failed(
            2,
            "keyfob: a private key goes to a file: say --out FILE, or --out - for stdout"
        )
    );
}

#[test]
fn importing_the_same_key_twice_says_it_is_here() {
    let keyfob = Keyfob::new();
    let pem = vector("rsa2048.pem");
    let import = keyfob.run_with(["keys", "import", "-", "--kid", "k"], &pem);
    assert_eq!(import.stderr, "imported k: RS256, RSA 2048\n");
    let again = keyfob.run_with(["keys", "import", "-"], &pem);
    assert_eq!(
        again,
        Ended {
            code: 0,
            stdout: "k\n".to_owned(),
            stderr: "already here: k\n".to_owned()
        }
    );
}

#[test]
fn a_set_with_a_foreign_key_imports_what_it_can_and_says_what_it_left() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256", "--cert", "none"]);
    let set = keyfob.run(["jwks"]).stdout;
    let set = set.replacen("\"keys\": [", "\"keys\": [{\"kty\":\"AKP\"},", 1);
    let other = Keyfob::new();
    let import = other.run_with(["keys", "import", "-"], &set);
    assert_eq!(
        import,
        Ended {
            code: 0,
            stdout: "k\n".to_owned(),
            stderr: "! refused: key 1: a kty AKP key: keyfob keeps RSA, P-256, P-384, P-521 and Ed25519 \
                     keys\nimported k: ES256, P-256, public half only\n"
                .to_owned()
        }
    );
}

#[test]
fn what_went_to_the_trash_comes_back() {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    assert_eq!(keyfob.run(["keys", "rm", "k"]).code, 0);
    assert_eq!(
        keyfob.run(["keys", "show", "k"]),
        failed(3, "keyfob: no key k: keyfob keys list names them")
    );
    assert_eq!(keyfob.run(["keys", "restore", "k"]).stdout, "k\n");
    assert_eq!(keyfob.run(["keys", "show", "k"]).code, 0);
}

#[test]
fn a_passphrase_from_a_file_protects_and_opens() {
    let keyfob = Keyfob::empty();
    let right = keyfob.file("right", "correct horse\n");
    let wrong = keyfob.file("wrong", "wrong\n");
    let new = keyfob.run([
        "keys",
        "new",
        "k",
        "--alg",
        "ES256",
        "--passphrase-file",
        &right,
    ]);
    assert_eq!((new.code, new.stdout.as_str()), (0, "k\n"));
    assert!(keyfob.home().join("identity.age").exists());
    assert_eq!(
        keyfob.run(["mint", "--key", "k", "--passphrase-file", &wrong]),
        failed(4, "keyfob: wrong passphrase")
    );
    assert_eq!(
        keyfob
            .run(["mint", "--key", "k", "--passphrase-file", &right])
            .code,
        0
    );
    let unasked = keyfob.run(["mint", "--key", "k"]);
    assert_eq!(unasked.code, 4, "{unasked:?}");
}
