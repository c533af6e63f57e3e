use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use serde_json::{Value, json};

use crate::keyfob::{Ended, Keyfob, vector};

fn with_key() -> Keyfob {
    let keyfob = Keyfob::new();
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    keyfob
}

fn ended(code: i32, stdout: impl Into<String>) -> Ended {
    Ended {
        code,
        stdout: stdout.into(),
        stderr: String::new(),
    }
}

/// One finding as it is printed.
fn found(file: &Path, problem: &str, remedy: &str) -> Ended {
    let file = file.display();
    ended(1, format!("! {file}: {problem}\n  {remedy}\n"))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Changes the text of a file, its mode kept.
fn edit(path: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, change(text)).unwrap();
}

const ANEW: &str = "keyfob cert renew k";
const BACKUP: &str = "bring it back from a backup, or move it out of the folder";

#[test]
fn a_keystore_in_order_has_nothing_to_mend() {
    let keyfob = with_key();
    assert_eq!(keyfob.run(["doctor"]), ended(0, "nothing to mend\n"));
    let printed = keyfob.run(["--json", "doctor"]);
    assert_eq!(
        serde_json::from_str::<Value>(&printed.stdout).unwrap(),
        json!({"findings": [], "fixed": [], "private_halves_checked": true})
    );
}

#[test]
fn no_keystore_is_told() {
    assert_eq!(
        Keyfob::empty().run(["doctor"]),
        Ended {
            code: 4,
            stdout: String::new(),
            stderr: "keyfob: there is no keystore yet: keyfob init creates one\n".to_owned(),
        }
    );
}

#[test]
fn modes_are_named_and_mended() {
    let keyfob = with_key();
    let (file, folder) = (keyfob.key_file(), keyfob.home().join("trash"));
    mode(&file, 0o644);
    mode(&folder, 0o755);
    let (shown, shown_folder) = (file.display(), folder.display());
    assert_eq!(
        keyfob.run(["doctor"]),
        ended(
            1,
            format!(
                "! {shown}: is open to others (mode 644)\n  chmod 600 '{shown}'\n\
                 ! {shown_folder}: is open to others (mode 755)\n  chmod 700 '{shown_folder}'\n"
            )
        )
    );
    assert_eq!(
        keyfob.run(["doctor", "--fix"]),
        ended(
            0,
            format!("✓ {shown}: its mode is 600 now\n✓ {shown_folder}: its mode is 700 now\n")
        )
    );
    assert_eq!((mode_of(&file), mode_of(&folder)), (0o600, 0o700));
    assert_eq!(keyfob.run(["keys", "show", "k"]).code, 0);
}

#[test]
fn a_link_is_named_and_left_alone() {
    let keyfob = with_key();
    let file = keyfob.key_file();
    let elsewhere = keyfob.path("elsewhere.key");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    let expected = found(
        &file,
        "is a symbolic link",
        "put a file itself in its place",
    );
    assert_eq!(keyfob.run(["doctor"]), expected);
    assert_eq!(keyfob.run(["doctor", "--fix"]), expected);
    assert!(file.is_symlink());
}

#[test]
fn what_an_ended_write_left_is_removed() {
    let keyfob = with_key();
    fs::create_dir(keyfob.home().join("claims")).unwrap();
    for place in ["keys", "claims"] {
        what_an_ended_write_left_is_removed_from(&keyfob, place);
    }
}

fn what_an_ended_write_left_is_removed_from(keyfob: &Keyfob, place: &str) {
    let left = keyfob.home().join(place).join(".new-abc");
    fs::write(&left, "half").unwrap();
    let shown = left.display();
    assert_eq!(
        keyfob.run(["doctor"]),
        found(
            &left,
            "was left by a write that ended before it was done",
            &format!("rm '{shown}'")
        )
    );
    assert_eq!(
        keyfob.run(["doctor", "--fix"]),
        ended(0, format!("✓ {shown}: removed\n"))
    );
    assert!(!left.exists());
}

#[test]
fn a_damaged_key_file_is_named_and_left_alone() {
    let keyfob = with_key();
    let file = keyfob.key_file();
    edit(&file, |text| text[..20].to_owned());
    let expected = found(
        &file,
        "it has no front matter between two lines ---: it was cut off or is no key file",
        BACKUP,
    );
    assert_eq!(keyfob.run(["doctor"]), expected);
    assert_eq!(keyfob.run(["doctor", "--fix"]), expected);
    assert_eq!(fs::read_to_string(&file).unwrap().len(), 20);
}

#[test]
fn a_recipient_of_another_identity_is_named() {
    let keyfob = with_key();
    let other = Keyfob::new();
    let recipient = keyfob.home().join("recipient.txt");
    fs::copy(other.home().join("recipient.txt"), &recipient).unwrap();
    assert_eq!(
        keyfob.run(["doctor"]),
        found(
            &recipient,
            "is not the identity's: somebody replaced it. Keys written since: none",
            "age-keygen -y writes it anew from the identity; make the keys written since anew"
        )
    );
}

#[test]
fn a_missing_recipient_is_written_anew_from_the_identity() {
    let keyfob = with_key();
    let home = keyfob.home();
    let (recipient, identity) = (home.join("recipient.txt"), home.join("identity.txt"));
    let before = fs::read(&recipient).unwrap();
    fs::remove_file(&recipient).unwrap();
    let remedy = format!(
        "age-keygen -y -o '{}' '{}'",
        recipient.display(),
        identity.display()
    );
    let missing = found(&recipient, "is missing: nothing can be sealed", &remedy);
    let told = keyfob.run(["doctor"]);
    assert_eq!((told.code, told.stdout), (1, missing.stdout));
    let mended = keyfob.run(["doctor", "--fix"]);
    let done = format!(
        "\u{2713} {}: written anew from the identity\n",
        recipient.display()
    );
    assert_eq!(mended.stdout, done);
    assert_eq!(fs::read(&recipient).unwrap(), before);
    assert_eq!(mode_of(&recipient), 0o600);
    assert_eq!(keyfob.run(["doctor"]).code, 0);
}

#[test]
fn an_open_identity_beside_a_sealed_one_is_named() {
    let keyfob = with_key();
    let right = keyfob.file("right", "correct horse\n");
    let open = keyfob.home().join("identity.txt");
    let identity = fs::read(&open).unwrap();
    let passwd = keyfob.run(["passwd", "--new-passphrase-file", &right]);
    assert_eq!(passwd.code, 0, "{passwd:?}");
    fs::write(&open, identity).unwrap();
    mode(&open, 0o600);
    assert_eq!(
        keyfob.run(["doctor", "--passphrase-file", &right]),
        found(
            &open,
            "stands beside identity.age: whoever reads it needs no passphrase",
            "keyfob passwd sets the passphrase once more and removes it"
        )
    );
}

#[test]
fn a_private_half_of_another_name_is_named() {
    let keyfob = with_key();
    let file = keyfob.key_file();
    edit(&file, |text| text.replace("kid: \"k\"", "kid: \"other\""));
    assert_eq!(
        keyfob.run(["doctor"]),
        found(
            &file,
            "other is not used: its private half was sealed as k, ES256; its file is left as it is",
            BACKUP
        )
    );
}

#[test]
fn two_keys_of_one_kid_are_named() {
    let keyfob = with_key();
    keyfob.run_with(
        ["keys", "import", "-", "--kid", "other"],
        &vector("p256.pem"),
    );
    let folder = keyfob.home().join("keys");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        edit(&path, |text| text.replace("kid: \"other\"", "kid: \"k\""));
    }
    let printed = keyfob.run(["--json", "doctor"]);
    let report: Value = serde_json::from_str(&printed.stdout).unwrap();
    let problems: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["problem"].as_str())
        .filter(|problem| problem.starts_with("has the kid k, and so has "))
        .collect();
    assert_eq!(problems.len(), 1, "{report}");
}

#[test]
fn an_expired_certificate_is_named() {
    let keyfob = Keyfob::new();
    let pem = vector("p256.pem") + &vector("expired.pem");
    keyfob.run_with(["keys", "import", "-", "--kid", "k"], &pem);
    assert_eq!(
        keyfob.run(["doctor"]),
        found(
            &keyfob.key_file(),
            "the certificate of k expired on 2020-01-02",
            ANEW
        )
    );
}

#[test]
fn a_certificate_that_ends_soon_is_named() {
    let keyfob = Keyfob::new();
    let folder = keyfob.home().join("certificates");
    fs::create_dir(&folder).unwrap();
    let profile = "name: short\ndescription: ten days\ndays: 10\nca: false\n";
    fs::write(folder.join("short.yaml"), profile).unwrap();
    keyfob.run(["keys", "new", "k", "--alg", "ES256", "--cert", "short"]);
    let shown = keyfob.run(["--json", "cert", "show", "k"]);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    let end = &shown["not_after"].as_str().unwrap()[..10];
    assert_eq!(
        keyfob.run(["doctor"]),
        found(
            &keyfob.key_file(),
            &format!("the certificate of k ends on {end}, in 9 d (within 30)"),
            ANEW
        )
    );
}

#[test]
fn a_certificate_of_another_key_is_named() {
    let keyfob = Keyfob::new();
    keyfob.run_with(["keys", "import", "-", "--kid", "k"], &vector("p384.pem"));
    let file = keyfob.key_file();
    let spki = keyfob.run(["keys", "export", "k", "--as", "spki"]).stdout;
    edit(&file, |text| {
        text.replace(&spki, &(spki.clone() + &vector("odd.pem")))
    });
    let shown = file.display();
    assert_eq!(
        keyfob.run(["doctor"]),
        ended(
            1,
            format!(
                "! {shown}: the certificate of k is another key's\n  bring the file back from a \
                 backup, or move it out of the folder\n\
                 ! {shown}: k is not used: its certificate is another key's; its file is left as \
                 it is\n  {BACKUP}\n"
            )
        )
    );
}

#[test]
fn registrations_of_another_key_and_of_no_endpoint_are_named() {
    let keyfob = with_key();
    let file = keyfob.key_file();
    let place = |endpoint: &str, thumbprint: &str| {
        format!(
            "{{\"endpoint\":\"{endpoint}\",\"id\":\"k\",\"at\":\"2026-11-23T14:00:00Z\",\
             \"thumbprint\":\"{thumbprint}\"}}"
        )
    };
    let shown = keyfob.run(["--json", "keys", "show", "k"]).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let own = shown["thumbprint"].as_str().unwrap();
    let places = [place("gone", own), place("sandbox", "another")].join(",");
    edit(&file, |text| {
        text.replace("registrations: []", &format!("registrations: [{places}]"))
    });
    let file = file.display();
    assert_eq!(
        keyfob.run(["doctor"]),
        ended(
            1,
            format!(
                "! {file}: k is recorded at gone, which is not configured any more\n  \
                 configure it again, then keyfob unregister k --at gone where it is done with\n\
                 ! {file}: k is recorded at sandbox with another key's thumbprint\n  \
                 keyfob register k --at sandbox\n"
            )
        )
    );
}

#[test]
fn a_configuration_that_does_not_parse_is_named() {
    let keyfob = with_key();
    let config = keyfob.home().join("config.yaml");
    fs::write(&config, "defaults: {theme: pink}\n").unwrap();
    assert_eq!(
        keyfob.run(["doctor"]),
        found(
            &config,
            "defaults.theme: unknown theme pink: write dark, light or high-contrast \
             at line 1 column 19",
            "edit it as told"
        )
    );
}

#[test]
fn a_profile_and_a_preset_that_do_not_parse_are_named() {
    let keyfob = with_key();
    for folder in ["certificates", "endpoints"] {
        let folder = keyfob.home().join(folder);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("mine.yaml"), "# mine\nday: 1\n").unwrap();
    }
    let printed = keyfob.run(["--json", "doctor"]);
    let report: Value = serde_json::from_str(&printed.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!((printed.code, findings.len()), (1, 2), "{report}");
    for (finding, folder) in findings.iter().zip(["endpoints", "certificates"]) {
        let text = format!("{} {}", finding["file"], finding["problem"]);
        assert!(text.contains(&format!("{folder}/mine.yaml")), "{text}");
        assert!(text.contains("at line 2 column 1"), "{text}");
    }
}

#[test]
fn sealed_private_halves_are_opened_with_a_passphrase_only() {
    let keyfob = Keyfob::empty();
    let right = keyfob.file("right", "correct horse\n");
    let init = ["init", "--passphrase-file", &right];
    assert_eq!(keyfob.run(init).code, 0);
    keyfob.run(["keys", "new", "k", "--alg", "ES256"]);
    assert_eq!(
        keyfob.run(["doctor"]),
        Ended {
            code: 0,
            stdout: "nothing to mend\n".to_owned(),
            stderr: "the private halves were not opened: say --passphrase-file FILE to have them \
                     checked\n"
                .to_owned(),
        }
    );
    let file = keyfob.key_file();
    edit(&file, |text| text.replace("kid: \"k\"", "kid: \"other\""));
    assert_eq!(
        keyfob.run(["doctor", "--passphrase-file", &right]),
        found(
            &file,
            "other is not used: its private half was sealed as k, ES256; its file is left as it is",
            BACKUP
        )
    );
}

#[test]
fn a_secret_that_does_not_open_is_named() {
    let keyfob = with_key();
    let file = keyfob.home().join("secrets/token.age");
    fs::write(&file, "no age file").unwrap();
    mode(&file, 0o600);
    let told = keyfob.run(["doctor"]);
    assert_eq!((told.code, told.stderr.as_str()), (1, ""));
    let lines: Vec<&str> = told.stdout.lines().collect();
    let start = format!("! {}: cannot open secrets/token.age: ", file.display());
    assert!(lines[0].starts_with(&start), "{told:?}");
    assert_eq!(
        lines[1..],
        ["  bring it back from a backup, or remove it and set the secret again"]
    );
}
