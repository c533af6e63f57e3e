//! Clients in `config.d`, written and taken away.

use std::path::absolute;

use super::shared::Shared;
use crate::{
    config::added::{self, AddedError, Section},
    tui::app::{
        effect::{ClientOrder, Saving},
        msg::SavedClient,
    },
};

/// Writes a client.
pub(super) fn save(order: &ClientOrder, shared: &Shared) -> Result<SavedClient, String> {
    let mut settings = order.settings.clone();
    if let Some(file) = &settings.ca_file {
        let found = absolute(file).and_then(|file| file.canonicalize());
        let wrong = |error| format!("ca_file {}: {error}", file.display());
        settings.ca_file = Some(found.map_err(wrong)?);
    }
    let (home, entry) = (shared.home(), settings.to_yaml());
    let written = match order.saving {
        Saving::Add => added::add(home, Section::Clients, &order.name, &entry),
        Saving::Replace => added::replace(home, Section::Clients, &order.name, &entry),
    };
    let file = written.map_err(words)?.display().to_string();
    Ok(SavedClient { settings, file })
}

/// Takes a client away.
pub(super) fn remove(name: &str, shared: &Shared) -> Result<(), String> {
    let removed = added::remove(shared.home(), Section::Clients, name);
    removed.map(drop).map_err(words)
}

fn words(error: AddedError) -> String {
    error.to_string()
}
