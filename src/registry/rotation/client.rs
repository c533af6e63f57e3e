//! A client that signs with another key from now on.

use std::fs;

use crate::{
    config::{
        added::{self, AddedError, Section},
        settings::{ClientServer, Settings},
    },
    keystore::{record::Record, store::Keystore},
    registry::{book::SANDBOX, endpoint::Endpoint, error::RegistryError, registration::remote_id},
};

/// What became of it.
pub(super) enum Switched {
    /// It does so already, or was changed.
    Done,
    /// It stands in a file of the user's own, or one that was changed by hand: what to do there.
    ByHand(String),
    /// It is no matter of this rotation, and why.
    Skipped(String),
}

/// Lets the client `name`, which signs with `from`, sign with `to`. At the running sandbox a client
/// is called as its key is.
pub(super) fn switch(
    keystore: &Keystore,
    name: &str,
    (from, to): (&Record, &Record),
    sandbox: Option<&Endpoint>,
) -> Result<Switched, RegistryError> {
    let settings = Settings::load(keystore.home())?;
    let Some(client) = settings.clients.get(name) else {
        return Ok(Switched::Skipped(format!("there is no client {name} now")));
    };
    if !client.uses(&from.kid) {
        return Ok(if client.uses(&to.kid) {
            Switched::Done
        } else {
            let kid = client.key.as_deref().unwrap_or("no key");
            Switched::Skipped(format!("it signs with {kid}"))
        });
    }
    let mut changed = client.clone();
    let signs = client.key.as_deref() == Some(&from.kid);
    if signs {
        changed.key = Some(to.kid.clone());
    }
    if client.dpop_key.as_deref() == Some(&from.kid) {
        changed.dpop_key = Some(to.kid.clone());
    }
    let (ClientServer::Issuer(url) | ClientServer::TokenUrl(url)) = &client.server;
    if signs
        && sandbox.is_some_and(|sandbox| url.starts_with(&sandbox.url))
        && client.client_id == remote_id(from, SANDBOX)
    {
        changed.client_id = remote_id(to, SANDBOX);
    }
    let member = if signs { "key" } else { "dpop_key" };
    match added::replace(keystore.home(), Section::Clients, name, &changed.to_yaml()) {
        Ok(_) => Ok(Switched::Done),
        Err(AddedError::Name { .. } | AddedError::NotAdded { .. } | AddedError::NotOurs(_)) => {
            let file = settings.client_files.get(name).map_or("", String::as_str);
            let text = fs::read_to_string(file).unwrap_or_default();
            let line = line_of(&text, name, member)
                .map_or_else(String::new, |line| format!(", line {line}"));
            Ok(Switched::ByHand(format!(
                "{file}{line}: in the client {name}, write {}: {} in the place of {}",
                member, to.kid, from.kid
            )))
        }
        Err(error) => Err(error.into()),
    }
}

/// The line, from 1, on which the client `name` says its `member`, `key` for example.
fn line_of(text: &str, name: &str, member: &str) -> Option<usize> {
    let is_named = |line: &&str| {
        let line = line.trim_start().trim_start_matches(['"', '\'']);
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
    };
    let lines = || text.lines().enumerate();
    let clients = lines()
        .find(|(_, line)| line.trim_start().starts_with("clients"))?
        .0;
    let (begin, _) = lines().skip(clients).find(|(_, line)| is_named(line))?;
    lines()
        .skip(begin)
        .find(|(_, line)| {
            let mut words = line.split([' ', ',', '{']);
            words.any(|word| {
                let word = word.strip_suffix(':').unwrap_or_default();
                word.trim_matches(['\'', '"']) == member
            })
        })
        .map(|(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_key_is_found_in_both_forms_of_yaml() {
        for (text, expected) in [
            (
                "endpoints: {}\nclients:\n  a: {key: k}\n  b: {client_id: 1, key: k}\n",
                Some(4),
            ),
            (
                "clients:\n  \"b\":\n    client_id: key\n    key: k\n",
                Some(4),
            ),
            ("clients: {b: {\"key\": k}}\n", None),
            ("clients:\n  b: {\"key\": k}\n", Some(2)),
            ("clients:\n  bb: {key: k}\n", None),
            ("b: {key: k}\n", None),
        ] {
            assert_eq!(line_of(text, "b", "key"), expected, "{text}");
        }
    }
}
