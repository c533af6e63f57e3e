//! Keys to check a token with: of a file, or as they are published.

use super::{files, shared::Shared};
use crate::{
    jose::verdict::Candidates,
    tui::app::{
        effect::{KeySource, Source},
        msg::ReadKeys,
    },
    x509::verification,
};

/// Reads keys; what was fetched once serves again in this run.
pub(super) fn read(source: &KeySource, shared: &Shared) -> ReadKeys {
    match source {
        KeySource::File(path) => {
            let content = files::read(&Source::File(path.clone()));
            let keys = content.and_then(|content| {
                let keys = verification::keys_of_file(&content).map_err(|error| error.to_string());
                keys.map_err(|reason| format!("{}: {reason}", path.display()))
            });
            ReadKeys {
                name: path.display().to_string(),
                keys: keys.map(Candidates::Among),
                remarks: Vec::new(),
                exchanges: Vec::new(),
            }
        }
        KeySource::Published { place, kid } => {
            let mut exchanges = Vec::new();
            let set = place.keys(kid.as_deref(), shared.discovery(), &mut exchanges);
            ReadKeys {
                name: place.url().to_owned(),
                remarks: set
                    .as_ref()
                    .map_or_else(|_| Vec::new(), |set| set.remarks()),
                keys: set
                    .map(|set| Candidates::Among(set.verification_keys()))
                    .map_err(|error| error.to_string()),
                exchanges,
            }
        }
    }
}
