//! Clients in `config.d`, written and taken away.

use std::path::absolute;

use super::shared::Shared;
use crate::{
    oauth::saving::{self, SavingError},
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
    let (home, name, secret) = (shared.home(), &order.name, order.secret.as_ref());
    let written = match order.saving {
        Saving::Add => saving::add(home, name, &settings, secret),
        Saving::Replace => saving::replace(home, name, &settings, secret),
    };
    let file = written.map_err(words)?.display().to_string();
    Ok(SavedClient { settings, file })
}

/// Takes a client away.
pub(super) fn remove(name: &str, shared: &Shared) -> Result<(), String> {
    let removed = saving::remove(shared.home(), name);
    removed.map(drop).map_err(words)
}

fn words(error: SavingError) -> String {
    error.to_string()
}
