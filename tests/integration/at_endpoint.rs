//! A keystore with one endpoint, and what is asked of both.

use crate::keyfob::{Ended, Keyfob};

/// A keystore with the endpoint `there`.
pub(crate) struct AtEndpoint {
    pub(crate) keyfob: Keyfob,
}

impl AtEndpoint {
    /// Adds the endpoint to a new keystore; `more` are options of `endpoints add`.
    pub(crate) fn add(preset: &str, url: &str, token: &str, more: &[&str]) -> (Self, Ended) {
        let keyfob = Keyfob::new();
        let words = [
            "endpoints",
            "add",
            "there",
            "--preset",
            preset,
            "--url",
            url,
        ];
        let words = words.iter().chain(&["--token-sealed"]).chain(more);
        let added = keyfob.run_with(words, &format!("{token}\n"));
        (Self { keyfob }, added)
    }

    /// As [`Self::add`], where nothing is amiss.
    pub(crate) fn new(preset: &str, url: &str, token: &str, more: &[&str]) -> Self {
        let (at, added) = Self::add(preset, url, token, more);
        assert_eq!(added.code, 0, "{added:?}");
        at
    }

    pub(crate) fn new_key(&self, kid: &str, alg: &str) {
        assert_eq!(self.keyfob.run(["keys", "new", kid, "--alg", alg]).code, 0);
    }

    pub(crate) fn jwk(&self, kid: &str) -> serde_json::Value {
        let jwk = self.keyfob.run(["keys", "export", kid, "--as", "jwk"]);
        serde_json::from_str(&jwk.stdout).unwrap()
    }

    pub(crate) fn register(&self, kid: &str) -> Ended {
        self.keyfob.run(["register", kid, "--at", "there"])
    }

    pub(crate) fn unregister(&self, kid: &str) -> Ended {
        self.keyfob.run(["unregister", kid, "--at", "there"])
    }

    /// The last line that a refused registration says, after `keyfob: `.
    pub(crate) fn refusal(&self, kid: &str) -> (i32, String) {
        let refused = self.register(kid);
        let last = refused.stderr.lines().last().unwrap();
        (refused.code, last.trim_start_matches("keyfob: ").to_owned())
    }

    /// `registrations --refresh` as `kid: state: detail`, and its exit code.
    pub(crate) fn states(&self, more: &[&str]) -> (i32, Vec<String>) {
        let words = ["registrations", "--at", "there", "--refresh", "--json"];
        let seen = self.keyfob.run(words.iter().chain(more));
        let rows: Vec<serde_json::Value> = serde_json::from_str(&seen.stdout).unwrap();
        let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
        let line = |row: &serde_json::Value| {
            let parts = [text(row, "kid"), text(row, "state"), text(row, "detail")];
            parts.join(": ").trim_end_matches(": ").to_owned()
        };
        (seen.code, rows.iter().map(line).collect())
    }

    /// The id under which a key is noted.
    pub(crate) fn id(&self, kid: &str) -> String {
        let seen = self.keyfob.run(["registrations", "--json"]);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&seen.stdout).unwrap();
        let row = rows.iter().find(|row| row["kid"] == kid).unwrap();
        row["id"].as_str().unwrap().to_owned()
    }

    /// Forgets that a key is registered: as if its keystore had lost the note.
    pub(crate) fn forget(&self, kid: &str) {
        let folder = self.keyfob.home().join("keys");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            if text.contains(&format!("kid: \"{kid}\"\n")) {
                let lines = text.lines().map(|line| {
                    if line.starts_with("registrations:") {
                        "registrations: []"
                    } else {
                        line
                    }
                });
                let text: String = lines.map(|line| format!("{line}\n")).collect();
                std::fs::write(&path, text).unwrap();
            }
        }
    }
}
