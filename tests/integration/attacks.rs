//! The attacks of `tests/vectors/attacks.yaml`, each on the binary, which has a second of the
//! processor and 512 MiB for it.

mod forger;
mod keys;
mod rsa;

use std::{io::Write, process::Stdio};

use jiff::Timestamp;
use keyfob::{
    jose::{
        reading::Reading,
        search::Search,
        verdict::{Candidates, Expectations, Outcome, Verdict},
    },
    secret::Secret,
    x509::verification::keys_of_file,
};
use serde::Deserialize;
use serde_json::Value;

use self::keys::Keys;
use crate::keyfob::{Ended, Keyfob, vector};

/// 2025-11-23T14:00:00Z.
const NOW: &str = "1763906400";

/// The bounds of one run: seconds of the processor, and KiB of address space.
const BOUNDED: &str = r#"ulimit -t 1 && ulimit -v 524288 && exec "$0" "$@""#;

/// One attack; what each member means stands at the top of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    attack: String,
    #[serde(rename = "from")]
    _from: Option<String>,
    #[serde(default = "rsa_key")]
    key: String,
    #[serde(default = "header")]
    header: String,
    #[serde(default = "claims")]
    claims: String,
    #[serde(default = "sign")]
    sign: String,
    #[serde(default = "compact")]
    token: String,
    #[serde(default)]
    say: Vec<String>,
    #[serde(default)]
    verdict: Judgement,
    told: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
enum Judgement {
    #[default]
    #[serde(rename = "invalid")]
    Invalid,
    #[serde(rename = "not checked")]
    NotChecked,
    #[serde(rename = "refused")]
    Refused,
    #[serde(rename = "valid")]
    Valid,
}

fn rsa_key() -> String {
    "rsa".to_owned()
}

fn header() -> String {
    r#"{"alg":"RS256","kid":"rsa"}"#.to_owned()
}

fn claims() -> String {
    r#"{"sub":"admin"}"#.to_owned()
}

fn sign() -> String {
    "RS256".to_owned()
}

fn compact() -> String {
    "HEADER.CLAIMS.SIGNATURE".to_owned()
}

#[test]
fn every_attack_is_refused_for_the_reason_it_should_be() {
    let rows: Vec<Row> = serde_yaml::from_str(&vector("attacks.yaml")).unwrap();
    assert!(rows.len() > 200, "{} rows", rows.len());
    let keys = Keys::new();
    let keyfob = Keyfob::new();
    let rsa = vector("rsa2048.pem");
    keyfob.run_with(["keys", "import", "-", "--kid", "rsa"], &rsa);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| mistake(row, &keys, &keyfob))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_attack_breaks_what_only_reads_it() {
    let rows: Vec<Row> = serde_yaml::from_str(&vector("attacks.yaml")).unwrap();
    let keys = Keys::new();
    let keyfob = Keyfob::new();
    for row in &rows {
        let token = forger::token(row, &keys);
        for command in ["decode", "why"] {
            let ended = bounded(&keyfob, &[command, "-"], &token);
            let ended = ended.unwrap_or_else(|| panic!("{}: over its bounds", row.attack));
            assert!((0..=2).contains(&ended.code), "{}: {ended:?}", row.attack);
            let is_plain = |text: &str| {
                let wild = |each: char| each.is_control() && each != '\n';
                !text.contains(wild) && !text.contains("panicked")
            };
            let texts = [&ended.stdout, &ended.stderr];
            assert!(
                texts.iter().all(|text| is_plain(text)),
                "{}: {ended:?}",
                row.attack
            );
        }
    }
}

/// The app takes a token out of what was pasted, and says what it took away or passed over: that
/// alone may make a good one of a text that the command line refuses.
#[test]
fn no_attack_is_taken_for_valid_when_it_is_pasted() {
    let rows: Vec<Row> = serde_yaml::from_str(&vector("attacks.yaml")).unwrap();
    let keys = Keys::new();
    let now = Timestamp::from_second(NOW.parse().unwrap()).unwrap();
    // The command line alone is told these.
    let plain = |row: &&Row| row.say.is_empty() && row.key != "keystore";
    for row in rows.iter().filter(plain) {
        let file = Secret::new(keys.file(&row.key).into_bytes());
        let Ok(known) = keys_of_file(&file) else {
            continue;
        };
        let known = Candidates::Among(known);
        let search = Search::of(&forger::token(row, &keys));
        for found in search.tokens {
            let Ok(token) = Reading::from(&found).unverified() else {
                continue;
            };
            let expectations = Expectations::default();
            let verdict = Verdict::of(&token, known.key_for(&token), &expectations, now);
            let is_told = !found.cleaned.is_empty() || search.skipped > 0;
            let is_good = row.verdict == Judgement::Valid || is_told;
            assert!(
                is_good || verdict.outcome != Outcome::Valid,
                "{}: {found:?}",
                row.attack
            );
        }
    }
}

/// What was wrong about the answer to an attack.
fn mistake(row: &Row, keys: &Keys, keyfob: &Keyfob) -> Option<String> {
    let mut options = vec!["--json", "verify", "-", "--now", NOW];
    let file = (row.key != "keystore").then(|| keyfob.file("key", keys.file(&row.key)));
    if let Some(file) = &file {
        options.extend(["--key", file]);
    }
    options.extend(row.say.iter().map(String::as_str));
    let ended = bounded(keyfob, &options, &forger::token(row, keys));
    let (judgement, told) = match &ended {
        None => return Some(format!("{}: over its bounds", row.attack)),
        Some(ended) => answer(ended, file.as_deref().unwrap_or_default()),
    };
    let wanted = |each: &String| match row.told.strip_suffix('…') {
        Some(beginning) => each.starts_with(beginning),
        None => *each == row.told,
    };
    let right = judgement == row.verdict && told.iter().any(wanted);
    (!right).then(|| {
        let told: Vec<&str> = told
            .iter()
            .map(|each| each.get(..200).unwrap_or(each))
            .collect();
        format!("{}: {judgement:?}: {told:#?}", row.attack)
    })
}

/// How the binary ends within its bounds; nothing where they end it.
fn bounded(keyfob: &Keyfob, options: &[&str], token: &str) -> Option<Ended> {
    let binary = keyfob.command();
    let mut child = keyfob
        .wrapped("/bin/sh")
        .args(["-c", BOUNDED])
        .arg(binary.get_program())
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // What refuses a token early reads no more of it.
    let _ = child.stdin.take().unwrap().write_all(token.as_bytes());
    let output = child.wait_with_output().unwrap();
    Some(Ended {
        code: output.status.code()?,
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    })
}

/// The judgement, and what tells of it: the failed checks, or those that were not made, or all.
fn answer(ended: &Ended, file: &str) -> (Judgement, Vec<String>) {
    if ended.stdout.is_empty() {
        assert_eq!(ended.code, 2, "{ended:?}");
        let line = ended.stderr.trim_end().replace(file, "FILE");
        return (
            Judgement::Refused,
            vec![line.trim_start_matches("keyfob: ").to_owned()],
        );
    }
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    let (judgement, code, outcomes): (_, _, &[&str]) = match answer["verdict"].as_str().unwrap() {
        "invalid" => (Judgement::Invalid, 1, &["failed"]),
        "not_checked" => (Judgement::NotChecked, 1, &["not_checked", "finding"]),
        _ => (Judgement::Valid, 0, &["passed", "finding"]),
    };
    assert_eq!(ended.code, code, "{ended:?}");
    let told = answer["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| outcomes.contains(&check["outcome"].as_str().unwrap()))
        .map(|check| {
            let text = |member: &str| check[member].as_str().unwrap().to_owned();
            format!("{}: {}", text("name"), text("detail"))
        });
    (judgement, told.collect())
}
