//! A JWK Set in a file that a web server publishes.

use std::{
    fs::{self, File},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
};

use serde_json::Value;

use crate::{
    keyfob::{Ended, Keyfob},
    services::web_root::WebRoot,
};

const OTHER: &str = r#"{"kid":"theirs","kty":"RSA" , "n":"x","e":"AQAB"}"#;

struct Site {
    keyfob: Keyfob,
    root: WebRoot,
}

impl Site {
    /// A keystore with the key `k` and the endpoint `www`; `more` are options of `endpoints add`.
    fn new(more: &[&str]) -> Self {
        let site = Self {
            keyfob: Keyfob::new(),
            root: WebRoot::start(),
        };
        assert_eq!(site.run(&["keys", "new", "k", "--alg", "ES256"]).code, 0);
        let file = format!("file={}", site.root.file().display());
        let add = ["endpoints", "add", "www", "--preset", "jwks-local", "--set"];
        let added = site.run(&[&add[..], &[&file], more].concat());
        assert_eq!(added.code, 0, "{added:?}");
        site
    }

    fn run(&self, words: &[&str]) -> Ended {
        self.keyfob.run(words)
    }

    /// What a command says, with the places of this run named.
    fn told(&self, words: &[&str]) -> (i32, String) {
        let ended = self.run(words);
        let text = ended.stderr.replace(&self.root.url(), "URL");
        let file = self.root.file();
        let text = text.replace(file.to_str().unwrap(), "FILE");
        let folder = file.parent().unwrap().to_str().unwrap().to_owned();
        (ended.code, text.replace(&folder, "FOLDER"))
    }

    fn register(&self) -> (i32, String) {
        self.told(&["register", "k", "--at", "www"])
    }

    fn unregister(&self) -> (i32, String) {
        self.told(&["unregister", "k", "--at", "www"])
    }

    /// `registrations --refresh` as its state and detail.
    fn state(&self) -> (i32, String) {
        let seen = self.run(&["registrations", "--refresh", "--json"]);
        let rows: Value = serde_json::from_str(&seen.stdout).unwrap();
        let text = |name: &str| rows[0][name].as_str().unwrap().to_owned();
        (seen.code, format!("{}: {}", text("state"), text("detail")))
    }

    fn content(&self) -> String {
        fs::read_to_string(self.root.file()).unwrap()
    }

    fn put(&self, text: &str) {
        fs::write(self.root.file(), text).unwrap();
    }
}

#[test]
fn a_key_joins_a_file_is_read_back_and_leaves_it() {
    let site = Site::new(&[]);
    let dry = site.run(&["register", "k", "--at", "www", "--dry-run"]);
    let file = site.root.file();
    assert!(
        dry.stdout
            .starts_with(&format!("write {}\n\n{{", file.display()))
            && dry.stdout.contains("‹the keys that are there›"),
        "{dry:?}"
    );
    assert_eq!(
        dry.stderr,
        "dry run: this would be written, and nothing was\n"
    );
    assert!(!file.exists());
    assert_eq!(
        site.register(),
        (0, "k at www: registered, read back as k\n".to_owned())
    );
    let mode = fs::metadata(&file).unwrap().mode() & 0o7777;
    assert_eq!(mode, 0o644, "a web server has to read it");
    let own = site.run(&["keys", "export", "k", "--as", "jwk"]).stdout;
    let own: Value = serde_json::from_str(&own).unwrap();
    let set: Value = serde_json::from_str(&site.content()).unwrap();
    assert_eq!(set, serde_json::json!({"keys": [own]}));
    assert_eq!(
        site.register(),
        (
            0,
            "k at www: already registered, read back as k\n".to_owned()
        )
    );
    assert_eq!(site.state(), (0, "registered: ".to_owned()));
    assert_eq!(
        site.unregister(),
        (0, "k at www: is not there any more\n".to_owned())
    );
    assert_eq!(site.content(), "{\"keys\":[]}\n");
    assert_eq!(
        site.unregister(),
        (0, "k at www: was not there\n".to_owned())
    );
    let left = fs::read_dir(file.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing but the file is left in the folder");
}

#[test]
fn what_is_not_ours_stays_as_it_stood_with_the_mode_and_the_layout() {
    let site = Site::new(&[]);
    let before =
        format!("{{\n  \"$about\": 1.0,\n  \"keys\": [\n    {OTHER}\n  ],\n  \"z\": [ ]\n}}\n");
    site.put(&before);
    fs::set_permissions(site.root.file(), fs::Permissions::from_mode(0o664)).unwrap();
    assert_eq!(site.register().0, 0);
    let with = site.content();
    let start = format!(
        "{{\n  \"$about\": 1.0,\n  \"keys\": [\n    {OTHER},\n    {{\n      \"kty\": \"EC\",\n"
    );
    assert!(with.starts_with(&start), "{with}");
    assert!(with.ends_with("\n    }\n  ],\n  \"z\": [ ]\n}\n"), "{with}");
    let mode = fs::metadata(site.root.file()).unwrap().mode() & 0o7777;
    assert_eq!(mode, 0o664);
    // What somebody else adds meanwhile stays too.
    let grown = with.replace("\"z\": [ ]", "\"z\": [ ], \"new\": {}");
    site.put(&grown);
    assert_eq!(site.unregister().0, 0);
    assert_eq!(
        site.content(),
        before.replace("\"z\": [ ]", "\"z\": [ ],\n  \"new\": {}")
    );
}

#[test]
fn drift_is_seen_in_the_file_and_mended() {
    let site = Site::new(&[]);
    site.register();
    let content = site.content();
    site.put(&content.replace("\"alg\":\"ES256\"", "\"alg\":\"ES384\""));
    assert_eq!(site.state(), (1, "differs: alg".to_owned()));
    let (code, told) = site.register();
    assert_eq!(code, 0);
    assert!(told.contains("was replaced"), "{told}");
    assert_eq!(site.content(), content);
    site.put("{\"keys\":[]}");
    assert_eq!(site.state(), (1, "not_there: ".to_owned()));
    fs::remove_file(site.root.file()).unwrap();
    assert_eq!(site.state(), (1, "not_there: ".to_owned()));
}

#[test]
fn what_is_no_set_a_link_and_a_private_key_are_left_alone() {
    let site = Site::new(&[]);
    for (content, expected) in [
        (
            "<html>",
            "www: FILE is no JWK Set: expected value at line 1 column 1: choose another file",
        ),
        (
            "",
            "www: FILE is no JWK Set: EOF while parsing a value at line 1 column 0: choose another file",
        ),
        (
            "{}",
            "www: FILE is no JWK Set: it has no keys: choose another file",
        ),
        (
            "{\"keys\":[{\"kid\":\"p\",\"kty\":\"EC\",\"d\":\"x\"}]}",
            "www: the set publishes a private key (p): take it out and revoke it; keyfob sends no \
             private key along",
        ),
    ] {
        site.put(content);
        assert_eq!(site.register(), (1, format!("keyfob: {expected}\n")));
        assert_eq!(site.content(), content);
    }
    let stranger = Keyfob::new();
    stranger.run(["keys", "new", "k", "--alg", "ES256"]);
    let theirs = stranger.run(["jwks", "k"]).stdout;
    site.put(&theirs);
    let another = "keyfob: www: another key stands there under the kid k, and it is left alone: give \
                   one of the two another kid\n";
    for told in [site.register(), site.unregister()] {
        assert_eq!(told, (1, another.to_owned()));
    }
    assert_eq!(site.content(), theirs);
    let file = site.root.file();
    let elsewhere = file.with_file_name("elsewhere.json");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    let link = "keyfob: www: FILE is a link to FOLDER/elsewhere.json: name the file itself\n";
    assert_eq!(site.register(), (1, link.to_owned()));
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), theirs);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(
        site.register(),
        (1, "keyfob: www: FILE is no file\n".to_owned())
    );
}

#[test]
fn another_writer_is_waited_for_and_a_folder_that_is_missing_is_told() {
    let site = Site::new(&[]);
    let folder = File::open(site.root.file().parent().unwrap()).unwrap();
    folder.lock().unwrap();
    let busy =
        "keyfob: www: FOLDER is locked by another keyfob for 5 s: try again when it is done\n";
    assert_eq!(site.register(), (6, busy.to_owned()));
    assert!(!site.root.file().exists());
    drop(folder);
    assert_eq!(site.register().0, 0);
    // Both of two writers at once are there afterwards.
    let kids = ["a", "b", "c", "d"];
    for kid in kids {
        site.run(&["keys", "new", kid, "--alg", "ES256"]);
    }
    let writers = kids.map(|kid| {
        let mut command = site.keyfob.command();
        command
            .args(["register", kid, "--at", "www"])
            .spawn()
            .unwrap()
    });
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let set: Value = serde_json::from_str(&site.content()).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 5);
    let add = [
        "endpoints",
        "add",
        "gone",
        "--preset",
        "jwks-local",
        "--set",
    ];
    let added = site.run(&[&add[..], &["file=/nowhere/at/all.json"]].concat());
    assert_eq!(added.code, 5);
    assert!(
        added.stderr.starts_with(
            "✗ reachable  gone: /nowhere/at: No such file or directory (os error 2)\n"
        ),
        "{}",
        added.stderr
    );
    let relative = site.run(&[&add[..], &["file=jwks.json"]].concat());
    assert_eq!(
        (relative.code, relative.stderr.as_str()),
        (2, "keyfob: gone: file must begin with /\n")
    );
}

#[test]
fn what_the_world_sees_is_looked_at_where_its_address_is_given() {
    let site = Site::new(&[]);
    let (file, url) = (site.root.file(), site.root.url());
    site.put("{\"keys\":[]}");
    let file = format!("file={}", file.display());
    let add = [
        "endpoints",
        "add",
        "world",
        "--preset",
        "jwks-local",
        "--set",
    ];
    let added = site.told(&[&add[..], &[&file, "--url", &url]].concat());
    assert_eq!(
        added,
        (
            0,
            format!(
                "✓ reachable  FILE: 0 keys are in it\n✓ secure     published at URL: 0 there\n\
                 ✓ token      none is needed\n✓ rights     may write it\nadded world in {}\n",
                site.keyfob
                    .home()
                    .join("config.d/endpoint-world.yaml")
                    .display()
            )
        )
    );
    site.root.caches(true);
    let register = ["register", "k", "--at", "world"];
    assert_eq!(
        site.told(&register),
        (
            0,
            "k at world: registered, read back as k\n! URL does not show it yet: keyfob registrations \
             --refresh looks again\n"
                .to_owned()
        )
    );
    assert_eq!(site.state(), (1, "differs: not published".to_owned()));
    let view = site.run(&["registrations", "--at", "world", "--refresh"]);
    assert!(view.stdout.contains("differs: not published"), "{view:?}");
    site.root.caches(false);
    assert_eq!(site.state(), (0, "registered: ".to_owned()));
    site.root.caches(true);
    assert_eq!(
        site.told(&["unregister", "k", "--at", "world"]),
        (
            0,
            "k at world: is not there any more\n! URL still shows it\n".to_owned()
        )
    );
    // Where the web server does not answer, nobody knows.
    site.root.caches(false);
    assert_eq!(site.told(&register).0, 0);
    let config = site.keyfob.home().join("config.d/endpoint-world.yaml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace(&url, &format!("{url}/elsewhere"))).unwrap();
    let (code, state) = site.state();
    assert_eq!(
        (code, state.contains("answered 404 instead of the set")),
        (1, true),
        "{state}"
    );
}
