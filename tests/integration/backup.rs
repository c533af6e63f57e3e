use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use keyfob::{config::home::Home, keystore::store::Keystore, secret::Secret};
use serde_json::{Value, json};

use crate::keyfob::{Ended, Keyfob};

/// A keystore with two keys, one in the trash, a secret and some configuration.
fn full() -> Keyfob {
    let keyfob = Keyfob::new();
    for kid in ["a", "b", "old"] {
        keyfob.run(["keys", "new", kid, "--alg", "ES256"]);
    }
    assert_eq!(keyfob.run(["keys", "rm", "old"]).code, 0);
    set_secret(&keyfob, "hunter2");
    configure(&keyfob, "defaults: {bits: 3072}\n");
    let folder = keyfob.home().join("claims");
    fs::create_dir(&folder).unwrap();
    fs::copy("assets/claims/blank.yaml", folder.join("mine.yaml")).unwrap();
    keyfob
}

fn set_secret(keyfob: &Keyfob, value: &str) {
    let keystore = Keystore::open(&Home::at(&keyfob.home())).unwrap();
    let value = Secret::new(value.to_owned());
    keystore.set_secret("token", &value).unwrap();
}

fn configure(keyfob: &Keyfob, text: &str) {
    fs::write(keyfob.home().join("config.yaml"), text).unwrap();
}

fn backup(keyfob: &Keyfob) -> (PathBuf, String) {
    let passphrase = keyfob.file("passphrase", "correct horse\n");
    let file = keyfob.path("backup.age");
    let ended = keyfob.run([
        "backup",
        file.to_str().unwrap(),
        "--file-passphrase-file",
        &passphrase,
    ]);
    assert_eq!(
        ended,
        Ended {
            code: 0,
            stdout: String::new(),
            stderr: format!(
                "wrote and read back {}: 2 keys, 1 in the trash, 1 secret, 2 files of the \
                 configuration\n",
                file.display()
            ),
        }
    );
    (file, passphrase)
}

fn restore(keyfob: &Keyfob, backup: &(PathBuf, String), options: &[&str]) -> Ended {
    let mut arguments = vec!["restore", backup.0.to_str().unwrap()];
    arguments.extend(["--file-passphrase-file", &backup.1]);
    arguments.extend(options);
    keyfob.run(arguments)
}

/// Every file under a folder with its content, the lock left out.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(snapshot(&path));
        } else if path.file_name().unwrap() != "lock" {
            let content = fs::read(&path).unwrap();
            all.insert(path, content);
        }
    }
    all
}

fn json_of(keyfob: &Keyfob, arguments: &[&str]) -> Value {
    let mut all = vec!["--json"];
    all.extend(arguments);
    let ended = keyfob.run(all);
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"))
}

#[test]
fn everything_comes_back_in_an_empty_home() {
    let from = full();
    let file = backup(&from);
    let mode = fs::metadata(&file.0).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let to = Keyfob::empty();
    let ended = restore(&to, &file, &["--no-passphrase"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    let words: Vec<&str> = ended.stderr.lines().skip(1).collect();
    let mut sorted = words.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "restored configuration claims/mine.yaml",
            "restored configuration config.yaml",
            "restored key a",
            "restored key b",
            "restored secret token",
            "restored trashed key old",
        ]
    );
    for arguments in [["keys", "list"], ["keys", "trash"]] {
        assert_eq!(json_of(&from, &arguments), json_of(&to, &arguments));
    }
    // The private halves are sealed to the new identity, and sign.
    assert_eq!(to.run(["doctor"]).stdout, "nothing to mend\n");
    let token = to.run(["mint", "--key", "a"]).stdout;
    assert_eq!(from.run(["verify", token.trim()]).code, 0);
    assert_eq!(to.run(["keys", "restore", "old"]).code, 0);
    let home = Home::at(&to.home());
    let keystore = Keystore::open(&home).unwrap();
    let unlocked = keystore.unlock(None).unwrap();
    let secret = keystore.secret("token", &unlocked).unwrap();
    assert_eq!(secret.expose(), "hunter2");
    let identity = |keyfob: &Keyfob| fs::read(keyfob.home().join("identity.txt")).unwrap();
    assert_ne!(identity(&from), identity(&to));
}

#[test]
fn a_sealed_keystore_is_backed_up_and_restored_with_passphrases_of_their_own() {
    let keyfob = Keyfob::empty();
    let own = keyfob.file("own", "own passphrase\n");
    let with_own = |arguments: &[&str]| {
        let mut all = vec!["--passphrase-file", &own];
        all.extend(arguments);
        keyfob.run(all)
    };
    assert_eq!(with_own(&["init"]).code, 0);
    assert_eq!(with_own(&["keys", "new", "k", "--alg", "ES256"]).code, 0);
    let of_file = keyfob.file("of-file", "another one\n");
    let backup = ["backup", "b.age", "--file-passphrase-file", &of_file];
    // Nobody is there to be asked.
    assert_eq!(keyfob.run(backup).code, 4);
    assert!(!keyfob.path("b.age").exists());
    assert_eq!(with_own(&backup).code, 0);
    fs::rename(keyfob.home(), keyfob.path("gone")).unwrap();
    let restore = ["restore", "b.age", "--file-passphrase-file", &of_file];
    assert_eq!(keyfob.run(restore).code, 4);
    assert!(!keyfob.home().exists());
    assert_eq!(with_own(&restore).code, 0);
    assert!(keyfob.home().join("identity.age").exists());
    assert_eq!(with_own(&["mint", "--key", "k"]).code, 0);
}

#[test]
fn what_is_here_already_stays_as_it_is() {
    let keyfob = full();
    let file = backup(&keyfob);
    let before = snapshot(&keyfob.home());
    let again = restore(&keyfob, &file, &[]);
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (0, "6 of 6 were here already\n")
    );
    assert_eq!(snapshot(&keyfob.home()), before);
}

#[test]
fn what_differs_here_is_kept_and_told() {
    let keyfob = full();
    let file = backup(&keyfob);
    keyfob.run(["cert", "renew", "a"]);
    keyfob.run(["keys", "rm", "b"]);
    set_secret(&keyfob, "changed");
    configure(&keyfob, "defaults: {bits: 4096}\n");
    let before = snapshot(&keyfob.home());
    let ended = restore(&keyfob, &file, &["--json"]);
    assert_eq!(ended.code, 1);
    let items: Value = serde_json::from_str(&ended.stdout).unwrap();
    let mut fates: Vec<(String, &Value, &Value)> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let name = format!("{} {}", item["kind"], item["name"]);
            (name.replace('"', ""), &item["fate"], &item["why"])
        })
        .collect();
    fates.sort_by(|one, other| one.0.cmp(&other.0));
    let (kept, same, added) = (json!("kept"), json!("same"), json!("added"));
    let (certificate, value, text, null) = (
        json!("the one here differs in certificate"),
        json!("another value is here"),
        json!("another text is here"),
        Value::Null,
    );
    assert_eq!(
        fates,
        [
            ("configuration claims/mine.yaml".to_owned(), &same, &null),
            ("configuration config.yaml".to_owned(), &kept, &text),
            ("key a".to_owned(), &kept, &certificate),
            ("key b".to_owned(), &added, &null),
            ("secret token".to_owned(), &kept, &value),
            ("trashed key old".to_owned(), &same, &null),
        ]
    );
    let after = snapshot(&keyfob.home());
    assert_eq!(after.len(), before.len() + 1);
    for (path, content) in before {
        assert_eq!(after[&path], content, "{}", path.display());
    }
}

#[test]
fn a_kid_of_another_key_stops_everything() {
    let from = full();
    let file = backup(&from);
    let to = Keyfob::new();
    to.run(["keys", "new", "b", "--alg", "ES256"]);
    let before = snapshot(&to.home());
    let ended = restore(&to, &file, &[]);
    assert_eq!(
        ended,
        Ended {
            code: 2,
            stdout: String::new(),
            stderr: "keyfob: nothing was restored: the key b here is another than the backup's: \
                     keyfob keys rename b NEW, then restore again
"
            .to_owned(),
        }
    );
    assert_eq!(snapshot(&to.home()), before);
}

#[test]
fn a_file_that_is_there_is_not_overwritten_unasked() {
    let keyfob = full();
    let (file, passphrase) = backup(&keyfob);
    let before = fs::read(&file).unwrap();
    let again = |force: &[&str]| {
        let mut arguments = vec![
            "backup",
            "backup.age",
            "--file-passphrase-file",
            &passphrase,
        ];
        arguments.extend(force);
        keyfob.run(arguments)
    };
    assert_eq!(
        again(&[]),
        Ended {
            code: 2,
            stdout: String::new(),
            stderr: "keyfob: backup.age: it is there already: say --force to replace it\n"
                .to_owned(),
        }
    );
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(again(&["--force"]).code, 0);
    assert_ne!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_backup_comes_in_by_stdin_and_goes_to_a_file_alone() {
    let from = full();
    let (file, passphrase) = backup(&from);
    let to = Keyfob::empty();
    let script = "\"$0\" restore - --no-passphrase --file-passphrase-file \"$2\" < \"$1\"";
    let ended = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_keyfob")])
        .args([file.as_os_str(), passphrase.as_ref()])
        .env("KEYFOB_HOME", to.home())
        .output()
        .unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(
        json_of(&from, &["keys", "list"]),
        json_of(&to, &["keys", "list"])
    );
    let told = |arguments: [&str; 4]| {
        let ended = from.run(arguments);
        (ended.code, ended.stderr)
    };
    let option = "--file-passphrase-file";
    assert_eq!(
        told(["backup", "-", option, &passphrase]),
        (
            2,
            "keyfob: a backup is read back before it is done, and what went to stdout cannot be: \
             name a file\n"
                .to_owned()
        )
    );
    let folder = from.home().to_str().unwrap().to_owned();
    assert_eq!(
        told(["restore", &folder, option, &passphrase]),
        (
            2,
            format!("keyfob: {folder} is a folder: a backup is one file\n")
        )
    );
}

#[test]
fn a_wrong_passphrase_or_a_damaged_file_changes_nothing() {
    let from = full();
    let (file, passphrase) = backup(&from);
    let to = Keyfob::empty();
    let wrong = to.file("wrong", "battery staple\n");
    let told = |file: &Path, passphrase: &str| {
        let ended = restore(
            &to,
            &(file.to_owned(), passphrase.to_owned()),
            &["--no-passphrase"],
        );
        assert_eq!(ended.stdout, "");
        (ended.code, ended.stderr)
    };
    assert_eq!(
        told(&file, &wrong),
        (
            4,
            format!("keyfob: wrong passphrase for {}\n", file.display())
        )
    );
    let mut bytes = fs::read(&file).unwrap();
    bytes.truncate(bytes.len() - 1);
    let cut = PathBuf::from(to.file("cut.age", &bytes));
    assert_eq!(told(&cut, &passphrase).0, 2);
    let other = PathBuf::from(to.file("other.age", "no age file"));
    assert_eq!(told(&other, &passphrase).0, 2);
    let missing = to.path("missing.age");
    assert_eq!(
        told(&missing, &passphrase),
        (
            3,
            format!("keyfob: there is no file {}\n", missing.display())
        )
    );
    assert!(!to.home().exists());
}

#[test]
fn a_file_that_cannot_be_opened_is_left_out_and_named() {
    let keyfob = full();
    let passphrase = keyfob.file("passphrase", "correct horse\n");
    let hex = "0".repeat(64);
    let path = keyfob.home().join(format!("keys/{hex}.key"));
    fs::write(&path, "---\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let ended = keyfob.run(["backup", "b.age", "--file-passphrase-file", &passphrase]);
    assert_eq!(ended.code, 1);
    let first = ended.stderr.lines().next().unwrap();
    assert!(
        first.starts_with(&format!("! left out keys/{hex}.key: ")),
        "{first}"
    );
    assert!(keyfob.path("b.age").exists());
}

#[test]
fn a_backup_takes_the_place_of_no_folder_and_comes_back_only_whole() {
    let keyfob = full();
    let (file, passphrase) = backup(&keyfob);
    let run = |command: &str, file: &Path, force: &[&str]| {
        let words = [
            command,
            file.to_str().unwrap(),
            "--file-passphrase-file",
            &passphrase,
        ];
        keyfob.run(words.iter().chain(force))
    };
    let refused = |code, stderr: String| Ended {
        code,
        stdout: String::new(),
        stderr,
    };
    let home = keyfob.home();
    assert_eq!(
        run("backup", &home, &["--force"]),
        refused(
            6,
            format!(
                "keyfob: cannot write {}: it is there, and is no file\n",
                home.display()
            )
        )
    );
    let nowhere = keyfob.path("nowhere/backup.age");
    assert_eq!(
        run("backup", &nowhere, &[]),
        refused(
            6,
            format!(
                "keyfob: cannot write {}: No such file or directory (os error 2)\n",
                nowhere.display()
            )
        )
    );
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (content, reason) in [
        (&whole[..whole.len() - 100], "decryption error"),
        (&flipped, "decryption error"),
        (b"keyfob", "failed to fill whole buffer"),
    ] {
        let damaged = keyfob.file("damaged.age", content);
        assert_eq!(
            run("restore", Path::new(&damaged), &[]),
            refused(
                2,
                format!(
                    "keyfob: {damaged}: it is no whole backup: another file, or one damaged or \
                     cut off ({reason}); nothing was restored: take another copy\n"
                )
            )
        );
    }
}

#[test]
fn a_backup_without_a_passphrase_names_the_option_that_gives_one() {
    let keyfob = full();
    let (file, _) = backup(&keyfob);
    for words in [["backup", "other.age"], ["restore", file.to_str().unwrap()]] {
        assert_eq!(
            keyfob.run(words),
            Ended {
                code: 4,
                stdout: String::new(),
                stderr: "keyfob: the file's passphrase is needed and nobody is here to be asked: \
                         say --file-passphrase-file FILE\n"
                    .to_owned(),
            }
        );
    }
}
