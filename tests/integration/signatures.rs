//! The standards' own examples, judged by the binary.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;

use crate::keyfob::{Keyfob, vector};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    from: String,
    key: String,
    #[serde(default)]
    token: Vec<String>,
    json: Option<String>,
    told: Option<String>,
}

/// The second before the examples of RFC 7515 expire.
const NOW: &str = "1300819379";

#[test]
fn the_signatures_of_the_standards_verify() {
    let rows: Vec<Row> = serde_yaml::from_str(&vector("signatures.yaml")).unwrap();
    assert_eq!(rows.len(), 23);
    let keyfob = Keyfob::new();
    for row in rows {
        let key = keyfob.file("key", &row.key);
        let options = ["verify", "-", "--raw", "--now", NOW, "--key", &key];
        let token = row.json.unwrap_or_else(|| row.token.join("."));
        let ended = keyfob.run_with(options, &token);
        let told = row.told.as_deref().unwrap_or("valid");
        let (code, line) = match told.split_once(": ") {
            _ if ended.code == 2 => (2, format!("keyfob: {told}")),
            None => (0, told.to_owned()),
            Some((name, detail)) => (1, format!("✗ {name:<13}{detail}")),
        };
        assert_eq!(ended.code, code, "{}: {ended:?}", row.from);
        let output = format!("{}{}", ended.stdout, ended.stderr);
        assert!(
            output.lines().any(|each| each == line),
            "{}: {output}",
            row.from
        );
    }
}

#[test]
fn the_token_of_rfc_7515_a_2_is_minted_again() {
    let rows: Vec<Row> = serde_yaml::from_str(&vector("signatures.yaml")).unwrap();
    let mut rows = rows.into_iter();
    let row = rows.find(|row| row.from == "RFC 7515 A.2: RS256").unwrap();
    let keyfob = Keyfob::new();
    let key = keyfob.file("key.jwk", vector("rfc7515-a2.jwk"));
    let claims = Base64UrlUnpadded::decode_vec(&row.token[1]).unwrap();
    let claims = keyfob.file("claims.json", claims);
    let options = [
        "mint",
        "--key",
        &key,
        "--claims",
        &claims,
        "--without",
        "typ",
    ];
    let minted = keyfob.run(options);
    assert_eq!(
        minted.stdout,
        format!("{}\n", row.token.join(".")),
        "{minted:?}"
    );
}
