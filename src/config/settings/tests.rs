use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;

fn write(folder: &TempDir, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn load(files: &[(&str, &str)]) -> (String, Result<Settings, SettingsError>) {
    let folder = TempDir::new().unwrap();
    write(&folder, files);
    let at = folder.path().display().to_string();
    (at, Settings::load(&Home::at(folder.path())))
}

#[test]
fn no_file_an_empty_file_and_empty_sections_are_the_defaults() {
    assert_eq!(load(&[]).1.unwrap(), Settings::default());
    for yaml in ["", "# nothing\n", "endpoints:\ndefaults:\nkeys:\n"] {
        assert_eq!(
            load(&[("config.yaml", yaml)]).1.unwrap(),
            Settings::default()
        );
    }
}

#[test]
fn endpoints_come_from_every_file() {
    let yaml = "endpoints:\n  a: {preset: gooddata, url: https://a.example, \
                token: {env: A_TOKEN}, timeout: 5s, scope: read, values: {region: eu, id: 5}}\n";
    let more = "endpoints:\n  b: {preset: gooddata, url: https://b.example}\n";
    let settings = load(&[("config.yaml", yaml), ("config.d/b.yaml", more)])
        .1
        .unwrap();
    let names: Vec<&String> = settings.endpoints.keys().collect();
    assert_eq!(names, ["a", "b"]);
    let values = [("id", "5"), ("region", "eu")];
    assert_eq!(
        settings.endpoints["a"],
        EndpointSettings {
            preset: "gooddata".to_owned(),
            url: "https://a.example".to_owned(),
            token: Some(SecretSource::Env("A_TOKEN".to_owned())),
            ca_file: None,
            allow_http: false,
            timeout: Some(Duration::from_secs(5)),
            scope: Some("read".to_owned()),
            values: values
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    );
}

#[test]
fn every_default_can_be_set_and_a_later_file_wins() {
    let yaml = "defaults: {algorithm: ES256, bits: 3072, certificate: gooddata, endpoint: a, \
                ttl: 5m, clear_clipboard: 10s, lock_after: 1h30m, theme: high-contrast}\n";
    let defaults = Defaults {
        algorithm: Algorithm::Es256,
        bits: 3072,
        certificate: "gooddata".to_owned(),
        endpoint: "a".to_owned(),
        ttl: Some(Duration::from_secs(300)),
        clear_clipboard: Duration::from_secs(10),
        lock_after: Duration::from_secs(5400),
        theme: ThemeName::HighContrast,
    };
    assert_eq!(load(&[("config.yaml", yaml)]).1.unwrap().defaults, defaults);
    let later = load(&[
        ("config.yaml", yaml),
        ("config.d/x.yaml", "defaults: {theme: light}\n"),
    ]);
    assert_eq!(
        later.1.unwrap().defaults,
        Defaults {
            theme: ThemeName::Light,
            ..defaults
        }
    );
}

#[test]
fn keys_of_actions_come_with_their_file() {
    let (at, settings) = load(&[
        ("config.yaml", "keys: {register: r}\n"),
        ("config.d/k.yaml", "keys: {mint: 'Ctrl-T'}\n"),
    ]);
    let settings = settings.unwrap();
    let of = |map: &BTreeMap<String, String>, action: &str| map[action].clone();
    assert_eq!(of(&settings.keys, "register"), "r");
    assert_eq!(of(&settings.keys, "mint"), "Ctrl-T");
    assert_eq!(
        of(&settings.key_files, "mint"),
        format!("{at}/config.d/k.yaml")
    );
}

/// A file, and what is told of it after its name.
const WRONG: [(&str, &str); 24] = [
    (
        "defaults: {}\nendpoint: {}\n",
        "unknown section endpoint: write defaults, endpoints or keys at line 2 column 1",
    ),
    (
        "defaults: {}\n\ndefaults: {}\n",
        "the section defaults stands twice: write it once, with everything in it \
             at line 3 column 1",
    ),
    (
        "- endpoints\n",
        "invalid type: sequence, expected the sections defaults, endpoints and keys \
             at line 1 column 1",
    ),
    (
        "endpoints: [a]\n",
        "endpoints: invalid type: sequence, expected names with their values, NAME: … \
             at line 1 column 12",
    ),
    (
        "endpoints:\n  a: https://a.example\n",
        "endpoints.a: invalid type: string \"https://a.example\", expected an endpoint: \
             {preset: NAME, url: URL, …} at line 2 column 6",
    ),
    (
        "endpoints:\n  a: {preset: p, url: 'https://a.example', tokn: {env: A}}\n",
        "endpoints.a: unknown field `tokn`, expected one of `preset`, `url`, `token`, \
             `ca_file`, `allow_http`, `timeout`, `scope`, `values` at line 2 column 44",
    ),
    (
        "endpoints:\n  a: {preset: p}\n",
        "endpoints.a: missing field `url` at line 2 column 6",
    ),
    (
        "endpoints:\n  a: {preset: p, url: a.example}\n",
        "endpoints.a.url: the URL must be whole, with https:// at its beginning \
             at line 2 column 23",
    ),
    (
        "endpoints:\n  a:\n    preset: p\n    url: https://u:secret@a.example\n",
        "endpoints.a.url: the URL holds a user name or password: leave them out, credentials \
             go into the endpoint's `token` at line 4 column 10",
    ),
    (
        "endpoints:\n  a: {preset: p, url: 'http://a.example'}\n",
        "endpoints.a: its url is plain http, which anybody on the way can read: write https, \
             or allow_http: true at line 2 column 6",
    ),
    (
        "endpoints:\n  a: {preset: p, url: 'https://a.example', token: secret}\n",
        "endpoints.a.token: an API token is never written here: write {env: NAME}, \
             {sealed: NAME} or {command: [PROGRAM, ARGUMENT, …]} at line 2 column 51",
    ),
    (
        "endpoints:\n  a: {preset: p, url: 'https://a.example', token: {command: []}}\n",
        "endpoints.a.token: the command is empty: write [PROGRAM, ARGUMENT, …] \
             at line 2 column 51",
    ),
    (
        "endpoints:\n  a: {preset: p, url: 'https://a.example', timeout: soon}\n",
        "endpoints.a.timeout: \"soon\" is no duration: write 90s, 5m, 1h30m or 2d \
             at line 2 column 53",
    ),
    (
        "endpoints:\n  a: {preset: p, url: 'https://a.example', allow_http: perhaps}\n",
        "endpoints.a.allow_http: invalid type: string \"perhaps\", expected a boolean \
             at line 2 column 56",
    ),
    (
        "endpoints:\n  a: {preset: p, url: 'https://a.example'}\n\
             \x20 a: {preset: p, url: 'https://b.example'}\n",
        "endpoints: a is defined twice: rename one or take it out at line 3 column 3",
    ),
    (
        "keys: {register: r,\n  register: R}\n",
        "keys: register is defined twice: rename one or take it out at line 2 column 3",
    ),
    (
        "keys: {register: [r]}\n",
        "keys.register: invalid type: sequence, expected a string at line 1 column 18",
    ),
    (
        "defaults: {bits: many}\n",
        "defaults.bits: invalid type: string \"many\", expected the bits of an RSA key, \
             a number from 2048 to 8192 at line 1 column 18",
    ),
    (
        "defaults: {bits: 1024}\n",
        "defaults.bits: 1024 bits: write 2048 to 8192, a multiple of 8 at line 1 column 18",
    ),
    (
        "defaults:\n  algorithm: HS256\n",
        "defaults.algorithm: unknown algorithm HS256: keyfob knows RS256, RS384, RS512, \
             PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519 at line 2 column 14",
    ),
    (
        "defaults: {ttl: 5}\n",
        "defaults.ttl: invalid type: integer `5`, expected a duration with its unit: 90s, \
             5m, 1h30m or 2d at line 1 column 17",
    ),
    (
        "defaults: {lock_after: never}\n",
        "defaults.lock_after: \"never\" is no duration: write 90s, 5m, 1h30m or 2d \
             at line 1 column 24",
    ),
    (
        "defaults: {theme: pink}\n",
        "defaults.theme: unknown theme pink: write dark, light or high-contrast \
             at line 1 column 19",
    ),
    (
        "defaults: {colour: dark}\n",
        "defaults: unknown field `colour`, expected one of `algorithm`, `bits`, \
             `certificate`, `endpoint`, `ttl`, `clear_clipboard`, `lock_after`, `theme` \
             at line 1 column 12",
    ),
];

#[test]
fn what_is_wrong_is_told_with_file_line_and_what_to_write() {
    for (yaml, expected) in WRONG {
        let (at, result) = load(&[("config.yaml", yaml)]);
        assert_eq!(
            result.unwrap_err().to_string(),
            format!("{at}/config.yaml: {expected}")
        );
    }
}

#[test]
fn broken_yaml_is_told_with_its_line() {
    let (at, result) = load(&[("config.yaml", "defaults: {\n")]);
    assert_eq!(
        result.unwrap_err().to_string(),
        format!(
            "{at}/config.yaml: did not find expected node content at line 2 column 1, while parsing \
             a flow node"
        )
    );
}

#[test]
fn a_name_defined_in_two_files_names_both() {
    let yaml = "endpoints:\n  a: {preset: gooddata, url: https://a.example}\n";
    let (at, result) = load(&[("config.yaml", yaml), ("config.d/a.yaml", yaml)]);
    assert_eq!(
        result.unwrap_err().to_string(),
        format!(
            "{at}/config.d/a.yaml: endpoints: a is defined in {at}/config.yaml too: rename one \
             or take it out at line 2 column 3"
        )
    );
}

#[test]
fn a_file_that_names_a_program_must_not_be_written_by_others() {
    let folder = TempDir::new().unwrap();
    let yaml = "endpoints:\n  a: {preset: gooddata, url: https://a.example, \
                token: {command: [pass, a]}}\n";
    write(&folder, &[("config.yaml", yaml)]);
    let home = Home::at(folder.path());
    assert!(Settings::load(&home).is_ok());
    let path = folder.path().join("config.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
    let path = path.display();
    assert_eq!(
        Settings::load(&home).unwrap_err().to_string(),
        format!("{path} names a program to run and can be written by others: chmod go-w '{path}'")
    );
}
