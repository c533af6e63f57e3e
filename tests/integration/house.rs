//! What holds for the whole house: its layers, its documents, its dependencies.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use keyfob::{
    cli::Exit,
    sandbox::fault::Fault,
    tui::app::action::{Context, of},
};

use crate::keyfob::Keyfob;

/// Which rooms a room may name, besides itself.
const BELOW: [(&str, &[&str]); 15] = [
    ("browser", &[]),
    ("disk", &[]),
    ("secret", &[]),
    ("display", &[]),
    ("jose", &["secret"]),
    ("x509", &["jose", "secret"]),
    ("net", &["display", "secret"]),
    ("clipboard", &["secret"]),
    (
        "config",
        &["disk", "display", "jose", "net", "secret", "x509"],
    ),
    (
        "keystore",
        &["config", "disk", "display", "jose", "secret", "x509"],
    ),
    (
        "sandbox",
        &[
            "config", "disk", "jose", "keystore", "net", "secret", "x509",
        ],
    ),
    (
        "oauth",
        &["config", "jose", "keystore", "net", "secret", "x509"],
    ),
    (
        "registry",
        &[
            "config", "disk", "jose", "keystore", "net", "oauth", "sandbox", "secret", "x509",
        ],
    ),
    (
        "tui",
        &[
            "browser",
            "clipboard",
            "config",
            "display",
            "jose",
            "keystore",
            "net",
            "oauth",
            "registry",
            "sandbox",
            "secret",
            "x509",
        ],
    ),
    (
        "cli",
        &[
            "browser",
            "clipboard",
            "config",
            "display",
            "jose",
            "keystore",
            "net",
            "oauth",
            "registry",
            "sandbox",
            "secret",
            "tui",
            "x509",
        ],
    ),
];

/// What a pure room must not name: I/O, the clock, randomness.
const IMPURE: [&str; 13] = [
    "std::fs",
    "std::env",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime",
    "Timestamp::now",
    "getrandom",
    "SysRng",
    "SystemRandom",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file below `src`, tests and fixtures left out, with its path from there.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let is_test = |path: &PathBuf| {
        let ends = ["tests.rs", "fixture.rs"];
        ends.iter().any(|end| path.ends_with(end)) || path.iter().any(|folder| folder == "tests")
    };
    files
        .into_iter()
        .filter(|path| !is_test(path))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let name = path.strip_prefix(root().join("src")).unwrap();
            (name.to_str().unwrap().to_owned(), code.to_owned())
        })
        .collect()
}

/// The names right behind `crate::`, in groups too.
fn named(code: &str) -> BTreeSet<String> {
    let ident = |text: &str| -> String {
        text.chars()
            .take_while(|character| character.is_alphanumeric() || *character == '_')
            .collect()
    };
    let mut names = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(ident(rest));
            continue;
        };
        let mut depth = 0;
        let mut at_start = true;
        for (offset, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => at_start = true,
                c if at_start && depth == 0 && c.is_alphabetic() => {
                    names.insert(ident(&group[offset..]));
                    at_start = false;
                }
                _ => {}
            }
        }
    }
    names
}

#[test]
fn a_room_names_only_rooms_below_it() {
    let below: BTreeMap<_, _> = BELOW.into_iter().collect();
    for (file, code) in sources() {
        let room = file.split(['/', '.']).next().unwrap();
        let Some(allowed) = below.get(room) else {
            assert!(matches!(room, "main" | "lib"), "{file} is in no room");
            continue;
        };
        for name in named(&code) {
            assert!(
                name == room || allowed.contains(&name.as_str()),
                "{file} names {name}"
            );
        }
    }
}

#[test]
fn the_pure_rooms_read_no_clock_and_do_no_io() {
    for (file, code) in sources() {
        let is_pure = ["jose", "x509", "tui/app"]
            .iter()
            .any(|room| file.starts_with(room));
        for word in IMPURE.iter().filter(|_| is_pure) {
            assert!(!code.contains(word), "{file} names {word}");
        }
        let names_view = code.contains("tui::view") || code.contains("tui::run");
        assert!(
            !file.starts_with("tui/app") || !names_view,
            "{file} looks up"
        );
        let names_async = code.contains("axum::") || code.contains("tokio::");
        assert!(
            file.starts_with("sandbox") || !names_async,
            "{file} names axum or tokio"
        );
    }
}

#[test]
fn no_file_is_longer_than_a_room_should_be() {
    for (file, code) in sources() {
        let lines = code.lines().count();
        assert!(lines <= 500, "{file} has {lines} lines: split it");
    }
}

/// The text between two marks of the README.
fn of_readme(mark: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let start = readme.find(&begin).unwrap() + begin.len();
    let length = readme[start..].find(&end).unwrap();
    readme[start..start + length].trim().to_owned()
}

#[test]
fn the_readme_lists_every_key_of_the_table() {
    let mut table = vec![
        "| where | key | what it does |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    for context in Context::ALL {
        for (place, binding) in of(context).enumerate() {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
            let title = if place == 0 { context.title() } else { "" };
            table.push(format!(
                "| {title} | {} | {} |",
                keys.join(" "),
                binding.description
            ));
        }
    }
    assert_eq!(of_readme("keys"), table.join("\n"));
}

#[test]
fn the_readme_and_the_help_tell_every_exit_code() {
    let help = Keyfob::empty().run(["--help"]).stdout;
    let mut table = vec!["| exit code | meaning |".to_owned(), "|---|---|".to_owned()];
    for (exit, meaning) in Exit::TABLE {
        table.push(format!("| {} | {meaning} |", exit.code()));
        assert!(
            help.contains(&format!("  {}  {meaning}", exit.code())),
            "{help}"
        );
    }
    assert_eq!(of_readme("exit codes"), table.join("\n"));
}

#[test]
fn the_readme_and_the_help_tell_every_fault() {
    let help = Keyfob::empty().run(["sandbox", "--help"]).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let names = Fault::ALL.map(Fault::name).join(", ");
    assert!(help.contains(&names), "{help}");
    let mut table = vec![
        "| fault | what it does |".to_owned(),
        "|---|---|".to_owned(),
    ];
    table.extend(Fault::ALL.map(|fault| format!("| `{fault}` | {} |", fault.effect())));
    assert_eq!(of_readme("faults"), table.join("\n"));
}

#[test]
fn the_readme_names_every_command() {
    let help = Keyfob::empty().run(["--help"]).stdout;
    let commands = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let names: Vec<&str> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() > 10, "{help}");
    for name in names {
        assert!(
            readme.contains(&format!("keyfob {name}")),
            "README lacks {name}"
        );
    }
}

/// Crates that are there twice, and who brings the older one.
const TWICE: [(&str, &[&str]); 5] = [
    (
        "age stands on the RustCrypto generation before ours",
        &[
            "aead",
            "aes",
            "aes-gcm",
            "base16ct",
            "block-buffer",
            "chacha20",
            "cipher",
            "const-oid",
            "cpufeatures",
            "crypto-bigint",
            "crypto-common",
            "ctr",
            "curve25519-dalek",
            "der",
            "digest",
            "elliptic-curve",
            "ff",
            "getrandom",
            "ghash",
            "group",
            "hmac",
            "hybrid-array",
            "inout",
            "p256",
            "pbkdf2",
            "poly1305",
            "polyval",
            "primeorder",
            "rand",
            "rand_core",
            "salsa20",
            "scrypt",
            "sec1",
            "sha2",
            "universal-hash",
        ],
    ),
    (
        "age translates its messages, and its translators lag behind",
        &[
            "i18n-embed",
            "thiserror",
            "thiserror-impl",
            "unic-langid",
            "unic-langid-impl",
            "syn",
        ],
    ),
    (
        "two halves of one table each: a library and what it is built with",
        &["foldhash", "hashbrown", "serde", "serde_core"],
    ),
    ("ureq and age take different lines of it", &["base64"]),
    (
        "p12-keystore reads certificates with x509-parser, age its files with a later line",
        &["nom"],
    ),
];

#[test]
fn every_crate_that_is_there_twice_has_its_reason() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "-d",
            "--offline",
            "--locked",
            "-e",
            "normal",
            "--depth",
            "0",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let known: BTreeSet<&str> = TWICE
        .iter()
        .flat_map(|(_, names)| names.iter().copied())
        .collect();
    let found: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(found, known);
}
