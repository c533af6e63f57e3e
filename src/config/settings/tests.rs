use std::{fs, os::unix::fs::PermissionsExt};

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
        "unknown section endpoint: write clients, defaults, endpoints or keys at line 2 column 1",
    ),
    (
        "defaults: {}\n\ndefaults: {}\n",
        "the section defaults stands twice: write it once, with everything in it \
             at line 3 column 1",
    ),
    (
        "- endpoints\n",
        "invalid type: sequence, expected the sections clients, defaults, endpoints and keys \
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
        "endpoints:\n  a: {url: 'https://a.example'}\n",
        "endpoints.a: missing field `preset` at line 2 column 6",
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
        "endpoints.a.token: a secret is never written here: write {env: NAME}, \
             {sealed: NAME}, {client: NAME} or {command: [PROGRAM, ARGUMENT, …]} at line 2 column 51",
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
    for yaml in [
        "endpoints:\n  a: {preset: gooddata, url: https://a.example, token: {command: [pass, a]}}\n",
        "clients:\n  a: {issuer: https://a.example, client_id: a, key: k, auth: client_secret_basic, \
         secret: {command: [pass, a]}}\n",
    ] {
        let folder = TempDir::new().unwrap();
        write(&folder, &[("config.yaml", yaml)]);
        let home = Home::at(folder.path());
        Settings::load(&home).unwrap();
        let file = folder.path().join("config.yaml");
        for (open, mode, words) in [
            (&*file, 0o620, "can be written by others"),
            (
                folder.path(),
                0o720,
                "lies in a folder that others can write",
            ),
        ] {
            let before = fs::metadata(open).unwrap().permissions();
            fs::set_permissions(open, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(
                Settings::load(&home).unwrap_err().to_string(),
                format!(
                    "{} names a program to run and {words}: chmod go-w '{}'",
                    file.display(),
                    open.display()
                )
            );
            fs::set_permissions(open, before).unwrap();
        }
    }
}

#[test]
fn a_client_is_read_with_every_field() {
    let yaml = "clients:\n  a:\n    token_url: https://a.example/token\n    client_id: 7\n    \
                key: k\n    algorithm: PS256\n    audience: https://a.example/\n    \
                lifetime: 5m\n    scope: read write\n    resource: https://api.example/\n    \
                request_audience: api\n    extra: {scopes: openid, n: 5}\n    \
                header: [kid, 'x5t#S256']\n    claims: {tenant: {id: 5}, big: 1.50}\n    \
                auth: private_key_jwt\n    ca_file: /ca.pem\n    allow_http: true\n\
                \x20 b: {issuer: 'https://b.example', client_id: b, key: k}\n";
    let settings = load(&[("config.yaml", yaml)]).1.unwrap();
    let server = ClientServer::TokenUrl("https://a.example/token".to_owned());
    let extra = [("n", "5"), ("scopes", "openid")];
    let claims = serde_json::json!({"tenant": {"id": 5}, "big": 1.5});
    assert_eq!(
        settings.clients["a"],
        ClientSettings {
            algorithm: Some(Algorithm::Ps256),
            audience: Audience::Text("https://a.example/".to_owned()),
            lifetime: Duration::from_secs(300),
            scope: Some("read write".to_owned()),
            resource: Some("https://api.example/".to_owned()),
            request_audience: Some("api".to_owned()),
            extra: extra
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            header: vec![AssertionHeader::Kid, AssertionHeader::X5tS256],
            claims: claims.as_object().unwrap().clone(),
            ca_file: Some("/ca.pem".into()),
            allow_http: true,
            ..ClientSettings::new(server, "7", "k")
        }
    );
    let issuer = ClientServer::Issuer("https://b.example".to_owned());
    assert_eq!(settings.clients["b"], ClientSettings::new(issuer, "b", "k"));
    assert_eq!(settings.clients["b"].audience, Audience::Issuer);
}

/// Fields of a client, and what is told of them.
const WRONG_CLIENTS: [(&str, &str); 16] = [
    ("client_id: b, key: k", "write its issuer, or its token_url"),
    (
        "issuer: 'https://i.example', token_url: 'https://t.example', client_id: b, key: k",
        "issuer and token_url: write one; of an issuer, its token_url is found",
    ),
    (
        "issuer: 'http://i.example', client_id: b, key: k",
        "its server is plain http, where anybody on the way can take the access token: write \
         https, or allow_http: true",
    ),
    (
        "issuer: 'https://i.example', key: k",
        "missing field `client_id`",
    ),
    (
        "issuer: 'https://i.example', client_id: '', key: k",
        "client_id is empty: write what the server calls the client",
    ),
    (
        "token_url: 'https://t.example', client_id: b, key: k, audience: issuer",
        "audience: issuer, and no issuer is named: write it as a text, or token_url",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, audience: ''",
        "audience is empty: write issuer, token_url or a text",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, lifetime: 25h",
        "lifetime: write 1s to 24h; many servers take 60s at most",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, extra: {scope: read}",
        "extra: scope is set by scope",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, extra: {audience: a}",
        "extra: audience is set by request_audience",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, claims: {jti: a}",
        "claims: jti is set by nothing: it is fresh on each try",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, header: [kid, jku]",
        ".header[1]: \"jku\": write kid, typ, x5t, x5t#S256 or x5c",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, auth: client_secret_post",
        ".auth: \"client_secret_post\": write private_key_jwt",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, auth: client_secret_basic",
        "client_secret_basic needs secret: write {env: NAME}",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, secret: s",
        ".secret: a secret is never written here",
    ),
    (
        "issuer: 'https://i.example', client_id: b, key: k, password: s",
        "unknown field `password`, expected one of",
    ),
];

#[test]
fn what_is_wrong_with_a_client_is_told() {
    for (fields, expected) in WRONG_CLIENTS {
        let yaml = format!("clients:\n  a: {{{fields}}}\n");
        let (at, result) = load(&[("config.yaml", &yaml)]);
        let error = result.unwrap_err().to_string();
        let told = error
            .strip_prefix(&format!("{at}/config.yaml: clients.a"))
            .unwrap_or(&error);
        assert!(
            told.trim_start_matches(": ").starts_with(expected),
            "{error}"
        );
        assert!(told.contains(" at line 2 column "), "{error}");
    }
}
