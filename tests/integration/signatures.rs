//! The standards' own examples, judged by the binary.

use serde::Deserialize;

use crate::keyfob::{Keyfob, vector};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    from: String,
    key: String,
    token: Vec<String>,
    told: Option<String>,
}

/// The second before the examples of RFC 7515 expire.
const NOW: &str = "1300819379";

#[test]
fn the_signatures_of_the_standards_verify() {
    let rows: Vec<Row> = serde_yaml::from_str(&vector("signatures.yaml")).unwrap();
    assert_eq!(rows.len(), 13);
    let keyfob = Keyfob::new();
    for row in rows {
        let key = keyfob.file("key", &row.key);
        let options = ["verify", "-", "--raw", "--now", NOW, "--key", &key];
        let ended = keyfob.run_with(options, &row.token.join("."));
        let (code, line) = match &row.told {
            None => (0, "valid".to_owned()),
            Some(told) => {
                let (name, detail) = told.split_once(": ").unwrap();
                (1, format!("✗ {name:<13}{detail}"))
            }
        };
        assert_eq!(ended.code, code, "{}: {ended:?}", row.from);
        assert!(
            ended.stdout.lines().any(|each| each == line),
            "{}: {}",
            row.from,
            ended.stdout
        );
    }
}
