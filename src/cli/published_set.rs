//! `keyfob jwks --from URL`: the keys that are published there.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};

use super::{
    arguments::JwksOptions,
    exit::Exit,
    failure::Failure,
    output::{Format, Output},
    session::Session,
    table::Table,
};
use crate::{
    jose::{
        jwk::{Fault, PublicJwk, PublishedKey},
        thumbprint::Thumbprint,
    },
    keystore::{record::Entry, store::Keystore},
    oauth::{discovery::Discovery, key_place::KeyPlace, remote_set::RemoteSet},
};

/// The kids of the keystore.
type Here = HashMap<Thumbprint, String>;

pub(super) fn run(
    url: &str,
    options: &JwksOptions,
    session: &Session,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let set = fetch(url)?;
    let words = options.search.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    let is_wanted = |key: &&PublishedKey| {
        let name = key.name();
        let is_named = options.kids.is_empty() || options.kids.contains(&name);
        is_named && (words.is_empty() || has_all(key, &words))
    };
    let keys: Vec<&PublishedKey> = set.keys().iter().filter(is_wanted).collect();
    for kid in &options.kids {
        if !set.keys().iter().any(|key| key.name() == *kid) {
            let text = format!("no key {kid} is published at {url}");
            return Err(Failure::new(Exit::NotFound, text));
        }
    }
    print(&keys, &here(session, output)?, output)?;
    let faulty = keys.iter().filter(|key| !key.faults.is_empty()).count();
    let (shown, all) = (keys.len(), set.keys().len());
    let of = if shown == all {
        String::new()
    } else {
        format!(" of {all}")
    };
    output.say(&format!(
        "{shown}{of} {}, {} something speaks against",
        if all == 1 { "key" } else { "keys" },
        match faulty {
            0 => "none that".to_owned(),
            many => format!("{many} that"),
        }
    ));
    Ok(if faulty == 0 { Exit::Done } else { Exit::No })
}

/// The set at `url`.
pub(super) fn fetch(url: &str) -> Result<Arc<RemoteSet>, Failure> {
    let place = KeyPlace::Set(url.to_owned());
    Ok(place.keys(None, &Discovery::default(), &mut Vec::new())?)
}

fn here(session: &Session, output: &mut Output) -> Result<Here, Failure> {
    let mut here = HashMap::new();
    if Keystore::exists(session.home()) {
        for entry in session.keystore()?.list()? {
            match entry {
                Entry::Key(record) => {
                    here.insert(record.thumbprint(), record.kid.clone());
                }
                Entry::Unreadable { file, reason } => output.say(&format!("! {file}: {reason}")),
            }
        }
    }
    Ok(here)
}

fn has_all(key: &PublishedKey, words: &[&str]) -> bool {
    let public = key.public().map(|public| {
        format!(
            "{} {} {} {}",
            public.key.label(),
            public.alg.as_deref().unwrap_or_default(),
            public.usage.as_deref().unwrap_or_default(),
            public.key.thumbprint()
        )
    });
    let text = format!("{} {}", key.name(), public.unwrap_or_default()).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

fn print(keys: &[&PublishedKey], here: &Here, output: &mut Output) -> Result<(), Failure> {
    let ours = |public: &PublicJwk| here.get(&public.key.thumbprint()).map(String::as_str);
    if output.format() == Format::Json {
        let all = keys.iter().map(|key| {
            let public = key.public();
            let faults = key.faults.iter();
            json!({
                "place": key.place,
                "kid": key.kid,
                "key": public.map(|public| public.key.label()),
                "alg": public.and_then(|public| public.alg.as_deref()),
                "use": public.and_then(|public| public.usage.as_deref()),
                "thumbprint": public.map(|public| public.key.thumbprint().to_string()),
                "here": public.and_then(ours),
                "faults": faults.map(fault_json).collect::<Vec<_>>(),
                "jwk": public.map(|public| Value::Object(public.to_value())),
            })
        });
        return output.json(&Value::Array(all.collect()));
    }
    if keys.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&["KID", "KEY", "ALG", "USE", "HERE", "AGAINST IT"]);
    for key in keys {
        let public = key.public();
        let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let faults: Vec<String> = key.faults.iter().map(Fault::to_string).collect();
        table.row(vec![
            key.name(),
            public.map_or_else(|| "-".to_owned(), |public| public.key.label()),
            or_dash(public.and_then(|public| public.alg.as_deref())),
            or_dash(public.and_then(|public| public.usage.as_deref())),
            or_dash(public.and_then(ours)),
            if faults.is_empty() {
                "-".to_owned()
            } else {
                format!("! {}", faults.join("; "))
            },
        ]);
    }
    output.result(&table.to_string())
}

fn fault_json(fault: &Fault) -> Value {
    json!({"fault": fault.name(), "detail": fault.to_string()})
}
