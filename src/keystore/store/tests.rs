use std::{
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    sync::OnceLock,
};

use tempfile::TempDir;

use super::*;
use crate::jose::pem::fixture;

/// A keystore without a passphrase.
fn open_store() -> (TempDir, Keystore, Unlocked) {
    let folder = TempDir::new().unwrap();
    let home = Home::at(&folder.path().join("home"));
    let (keystore, unlocked) = Keystore::create(&home, &Protection::None).unwrap();
    (folder, keystore, unlocked)
}

fn now() -> Timestamp {
    Timestamp::from_second(1_763_906_400).unwrap()
}

fn new(kid: &str, pem: &str, alg: Algorithm) -> NewKey {
    let material = Material::Private(fixture::private(pem));
    NewKey {
        kid: kid.to_owned(),
        alg,
        material,
        chain: Vec::new(),
        profile: None,
    }
}

fn add(keystore: &Keystore, kid: &str, pem: &str, alg: Algorithm) -> Record {
    keystore.add(new(kid, pem, alg), now()).unwrap()
}

fn key_file(keystore: &Keystore, record: &Record) -> PathBuf {
    keystore.key_path(&record.thumbprint())
}

#[test]
fn a_key_comes_back_as_it_was_stored() {
    let (_folder, keystore, unlocked) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    assert_eq!(keystore.find("k").unwrap(), record);
    assert_eq!(keystore.find(&record.thumbprint().hex()).unwrap(), record);
    assert_eq!(
        keystore.find(&record.thumbprint().to_string()).unwrap(),
        record
    );
    let private = keystore.private(&record, &unlocked).unwrap();
    assert_eq!(private.public(), &record.public);
}

#[test]
fn files_are_0600_and_folders_0700() {
    let (_folder, keystore, _) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&key_file(&keystore, &record)), 0o600);
    assert_eq!(mode(&keystore.path("identity.txt")), 0o600);
    assert_eq!(mode(&keystore.path("recipient.txt")), 0o600);
    for folder in ["keys", "secrets", "state", "trash", "."] {
        assert_eq!(mode(&keystore.path(folder)), 0o700, "{folder}");
    }
}

#[test]
fn a_file_open_to_others_is_listed_with_the_command_that_mends_it() {
    let (_folder, keystore, _) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    add(&keystore, "other", fixture::ED25519, Algorithm::EdDsa);
    let path = key_file(&keystore, &record);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let entries = keystore.list().unwrap();
    let [Entry::Key(other), Entry::Unreadable { reason, .. }] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(other.kid, "other");
    let shown = path.display();
    assert_eq!(
        reason,
        &format!("it is open to others (mode 644): chmod 600 '{shown}'")
    );
    assert!(matches!(
        keystore.find("k"),
        Err(KeystoreError::Unsafe { .. })
    ));
}

#[test]
fn a_symbolic_link_is_refused() {
    let (folder, keystore, _) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let path = key_file(&keystore, &record);
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    symlink(&elsewhere, &path).unwrap();
    let error = keystore.find("k").unwrap_err().to_string();
    assert!(error.contains("is a symbolic link"), "{error}");
}

#[test]
fn a_truncated_file_is_listed_and_left_alone() {
    let (_folder, keystore, _) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let path = key_file(&keystore, &record);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..100]).unwrap();
    let entries = keystore.list().unwrap();
    assert!(
        matches!(&entries[..], [Entry::Unreadable { .. }]),
        "{entries:?}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text[..100]);
}

#[test]
fn a_kid_and_a_key_are_there_once() {
    let (_folder, keystore, _) = open_store();
    add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let taken = keystore
        .add(new("k", fixture::ED25519, Algorithm::EdDsa), now())
        .unwrap_err();
    assert_eq!(
        taken.to_string(),
        "there is a key k already: choose another name, or keyfob keys rename it"
    );
    let same = keystore
        .add(new("l", fixture::P256, Algorithm::Es256), now())
        .unwrap_err();
    assert_eq!(same.to_string(), "this key is here already as k");
}

#[test]
fn of_many_keys_none_is_written_where_one_cannot_be() {
    let (_folder, keystore, _) = open_store();
    let clash = vec![
        new("k", fixture::P256, Algorithm::Es256),
        new("k", fixture::ED25519, Algorithm::EdDsa),
    ];
    assert!(matches!(
        keystore.add_all(clash, now()),
        Err(KeystoreError::Taken(kid)) if kid == "k"
    ));
    assert!(keystore.list().unwrap().is_empty());
    let both = || {
        vec![
            new("k", fixture::P256, Algorithm::Es256),
            new("l", fixture::ED25519, Algorithm::EdDsa),
        ]
    };
    let in_the_way = key_file(
        &keystore,
        &add(&keystore, "l", fixture::ED25519, Algorithm::EdDsa),
    );
    fs::remove_file(&in_the_way).unwrap();
    fs::create_dir(&in_the_way).unwrap();
    let failed = keystore.add_all(both(), now());
    assert!(
        matches!(failed, Err(KeystoreError::Disk { .. })),
        "{failed:?}"
    );
    assert!(keystore.kids().unwrap().is_empty());
    fs::remove_dir(&in_the_way).unwrap();
    let added = keystore.add_all(both(), now()).unwrap();
    for record in added {
        assert_eq!(keystore.find(&record.kid).unwrap(), record);
    }
}

#[test]
fn a_write_that_ended_midway_leaves_the_old_file() {
    let (_folder, keystore, _) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let text = fs::read(key_file(&keystore, &record)).unwrap();
    fs::write(keystore.path("keys/.new-x.key"), &text[..40]).unwrap();
    let entries = keystore.list().unwrap();
    assert!(
        matches!(&entries[..], [Entry::Key(listed)] if **listed == record),
        "{entries:?}"
    );
}

#[test]
fn a_scan_hands_over_many_keys_in_the_order_of_their_names_until_it_is_broken_off() {
    let (_folder, keystore, _) = open_store();
    for number in 0..1000_u32 {
        let path = keystore.path(&format!("keys/{number:04}.key"));
        fs::write(&path, "").unwrap();
    }
    let mut names = Vec::new();
    let mut sizes = Vec::new();
    keystore
        .scan(&mut |chunk| {
            sizes.push(chunk.len());
            names.extend(chunk.into_iter().map(|entry| match entry {
                Entry::Unreadable { file, .. } => file,
                Entry::Key(record) => record.kid.clone(),
            }));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(sizes, [100, 250, 250, 250, 150]);
    assert!(names.is_sorted() && names.len() == 1000);
    let mut chunks = 0;
    keystore
        .scan(&mut |_| {
            chunks += 1;
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!(chunks, 1);
}

#[test]
fn another_keys_private_half_is_never_used() {
    let (_folder, keystore, unlocked) = open_store();
    let one = add(&keystore, "one", fixture::P256, Algorithm::Es256);
    let two = add(&keystore, "two", fixture::ED25519, Algorithm::EdDsa);
    let mut file = KeyFile::read(&key_file(&keystore, &one)).unwrap();
    let own = file.sealed.clone();
    file.sealed = KeyFile::read(&key_file(&keystore, &two)).unwrap().sealed;
    file.write(&key_file(&keystore, &one), Existing::Replace)
        .unwrap();
    assert_eq!(
        keystore.private(&one, &unlocked).unwrap_err().to_string(),
        "one is not used: its private half is another key's; its file is left as it is"
    );
    // It stays so where the file is put right behind keyfob's back.
    assert_eq!(
        unlocked.quarantined(&one.thumbprint()).as_deref(),
        Some("its private half is another key's")
    );
    let file = KeyFile {
        record: one.clone(),
        sealed: own,
    };
    file.write(&key_file(&keystore, &one), Existing::Replace)
        .unwrap();
    assert!(keystore.private(&one, &unlocked).is_err());
    let unlocked = keystore.unlock(None).unwrap();
    assert!(keystore.private(&one, &unlocked).is_ok());
}

#[test]
fn a_kid_changed_by_hand_is_seen_at_the_first_use() {
    let (_folder, keystore, unlocked) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let path = key_file(&keystore, &record);
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("kid: \"k\"", "kid: \"admin\"");
    fs::write(&path, text).unwrap();
    let changed = keystore.find("admin").unwrap();
    assert_eq!(
        keystore
            .private(&changed, &unlocked)
            .unwrap_err()
            .to_string(),
        "admin is not used: its private half was sealed as k, ES256; its file is left as it is"
    );
}

#[test]
fn a_file_named_for_another_key_is_not_used() {
    let (_folder, keystore, _) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let other = keystore
        .path("keys")
        .join(format!("{}.key", "0".repeat(64)));
    fs::rename(key_file(&keystore, &record), other).unwrap();
    let entries = keystore.list().unwrap();
    let [Entry::Unreadable { reason, .. }] = entries.as_slice() else {
        panic!("{entries:?}")
    };
    assert_eq!(
        reason,
        "its name is not its key's thumbprint: another key was put in"
    );
}

#[test]
fn a_renamed_key_can_still_be_used() {
    let (_folder, keystore, unlocked) = open_store();
    add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let renamed = keystore.rename("k", "new", &unlocked).unwrap();
    assert_eq!(renamed.kid, "new");
    assert!(keystore.private(&renamed, &unlocked).is_ok());
    assert_eq!(
        keystore.find("k").unwrap_err().to_string(),
        "no key k: it is called new now"
    );
    assert!(keystore.rename("new", "../x", &unlocked).is_err());
}

#[test]
fn the_names_that_a_key_had_stay_known_each_once() {
    let (_folder, keystore, unlocked) = open_store();
    add(&keystore, "a", fixture::P256, Algorithm::Es256);
    for (kid, new, former) in [
        ("a", "b", vec!["a"]),
        ("b", "c", vec!["a", "b"]),
        ("c", "a", vec!["b", "c"]),
        ("a", "c", vec!["b", "a"]),
    ] {
        let renamed = keystore.rename(kid, new, &unlocked).unwrap();
        assert_eq!(renamed.former, former);
        assert_eq!(keystore.find(new).unwrap(), renamed);
    }
}

#[test]
fn tags_and_status_change_without_a_passphrase() {
    let (_folder, keystore, _) = open_store();
    let thumbprint = add(&keystore, "k", fixture::P256, Algorithm::Es256).thumbprint();
    let tags = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let mut change = TagChange {
        add: tags(&["one", "two", "one"]),
        remove: tags(&["three"]),
    };
    let record = keystore.change_tags(&thumbprint, &change).unwrap();
    assert_eq!(record.tags, ["one", "two"]);
    change.remove = tags(&["one"]);
    change.add = tags(&["three"]);
    assert_eq!(
        keystore.change_tags(&thumbprint, &change).unwrap().tags,
        ["two", "three"]
    );
    keystore.set_status(&thumbprint, Status::Retired).unwrap();
    assert_eq!(keystore.find("k").unwrap().status, Status::Retired);
}

#[test]
fn the_trash_gives_back_what_it_took() {
    let (_folder, keystore, _) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    keystore.trash("k").unwrap();
    assert!(keystore.list().unwrap().is_empty());
    let trashed = Trashed {
        kid: "k".to_owned(),
        thumbprint: record.thumbprint(),
    };
    assert_eq!(keystore.trashed().unwrap(), [trashed]);
    assert_eq!(keystore.restore("k").unwrap(), record);
    assert_eq!(keystore.trashed().unwrap(), []);
}

#[test]
fn a_private_half_in_the_trash_outlives_its_public_half() {
    let (_folder, keystore, unlocked) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    keystore.trash("k").unwrap();
    let public = NewKey {
        material: Material::Public(record.public.clone()),
        ..new("seen", fixture::P256, Algorithm::Es256)
    };
    keystore.add(public, now()).unwrap();
    let thumbprint = record.thumbprint();
    let seen = Registration {
        endpoint: "sandbox".to_owned(),
        id: "a".to_owned(),
        at: now(),
        thumbprint: thumbprint.to_string(),
        evidence: crate::keystore::record::Evidence::Seen,
    };
    keystore
        .set_registration(&thumbprint, seen.clone())
        .unwrap();
    keystore.trash("seen").unwrap();
    assert!(keystore.list().unwrap().is_empty());
    let back = keystore.restore("k").unwrap();
    let expected = Record {
        registrations: vec![seen],
        ..record
    };
    assert_eq!(back, expected);
    keystore.private(&back, &unlocked).unwrap();
}

#[test]
fn registrations_are_kept_one_an_endpoint() {
    let (_folder, keystore, _) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let thumbprint = record.thumbprint();
    let seen = |id: &str| Registration {
        endpoint: "sandbox".to_owned(),
        id: id.to_owned(),
        at: now(),
        thumbprint: thumbprint.to_string(),
        evidence: crate::keystore::record::Evidence::Seen,
    };
    keystore.set_registration(&thumbprint, seen("a")).unwrap();
    keystore.set_registration(&thumbprint, seen("b")).unwrap();
    assert_eq!(keystore.find("k").unwrap().registrations, [seen("b")]);
    keystore
        .remove_registration(&thumbprint, "sandbox")
        .unwrap();
    assert_eq!(keystore.find("k").unwrap().registrations, []);
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let (_folder, keystore, _) = open_store();
    let thumbprint = add(&keystore, "k", fixture::P256, Algorithm::Es256).thumbprint();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let keystore = keystore.clone();
            scope.spawn(move || {
                let registration = Registration {
                    endpoint: format!("e{writer}"),
                    id: "k".to_owned(),
                    at: now(),
                    thumbprint: thumbprint.to_string(),
                    evidence: crate::keystore::record::Evidence::Seen,
                };
                keystore
                    .set_registration(&thumbprint, registration)
                    .unwrap();
            });
        }
    });
    assert_eq!(keystore.find("k").unwrap().registrations.len(), 8);
}

#[test]
fn a_replaced_recipient_is_told_with_the_keys_since() {
    let (_folder, keystore, _) = open_store();
    let other = format!("{}\n", Unlocked::generate().recipient().text());
    let path = keystore.path("recipient.txt");
    files::write(&path, other.as_bytes(), Existing::Replace).unwrap();
    add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let error = keystore.unlock(None).unwrap_err();
    assert!(matches!(error, KeystoreError::RecipientChanged { since } if since == "k"));
}

/// The one keystore with a passphrase; deriving its key takes a second each time.
fn sealed_store() -> &'static (TempDir, Keystore) {
    static STORE: OnceLock<(TempDir, Keystore)> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let home = Home::at(&folder.path().join("home"));
        let passphrase = Secret::new("correct horse".to_owned());
        let (keystore, _) = Keystore::create(&home, &Protection::Passphrase(passphrase)).unwrap();
        (folder, keystore)
    })
}

#[test]
fn a_passphrase_opens_what_was_sealed_without_it_and_a_wrong_one_does_not() {
    let (_folder, keystore) = sealed_store();
    let record = add(keystore, "k", fixture::P384, Algorithm::Es384);
    assert_eq!(keystore.sealed(), Sealed::Passphrase);
    let wrong = keystore
        .unlock(Some(&Secret::new("wrong".to_owned())))
        .unwrap_err();
    assert_eq!(wrong.to_string(), "wrong passphrase");
    let unlocked = keystore
        .unlock(Some(&Secret::new("correct horse".to_owned())))
        .unwrap();
    assert_eq!(
        keystore.private(&record, &unlocked).unwrap().public(),
        &record.public
    );
    assert_eq!(format!("{unlocked:?}"), "Unlocked([redacted])");
    let identity = fs::read_to_string(keystore.path("identity.age")).unwrap();
    assert!(!identity.contains("AGE-SECRET-KEY"));
}

#[test]
fn taking_the_passphrase_away_leaves_every_key_usable() {
    let (folder, keystore, unlocked) = open_store();
    let record = add(&keystore, "k", fixture::P256, Algorithm::Es256);
    let before = fs::read(key_file(&keystore, &record)).unwrap();
    keystore
        .change_protection(&unlocked, &Protection::None)
        .unwrap();
    assert_eq!(fs::read(key_file(&keystore, &record)).unwrap(), before);
    let again = Keystore::open(&Home::at(&folder.path().join("home"))).unwrap();
    let unlocked = again.unlock(None).unwrap();
    assert!(again.private(&record, &unlocked).is_ok());
}
