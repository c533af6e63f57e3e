//! Endpoints in `config.d`, looked at, written and taken away.

use std::path::absolute;

use super::{registering::resolved, shared::Shared};
use crate::{
    config::settings::{EndpointSettings, Settings},
    registry::{checkup::Finding, saving},
    sandbox::server::Sandbox,
    tui::app::effect::{EndpointOrder, Saving},
};

/// Looks whether an endpoint could be used, were it saved.
pub(super) fn check(order: EndpointOrder, shared: &Shared) -> Result<Vec<Finding>, String> {
    let settings = found(&order)?;
    let endpoints = shared.endpoints()?;
    let endpoints = endpoints.with(&order.name, settings).map_err(words)?;
    let endpoint = match order.token {
        Some(token) => {
            let sandbox = Sandbox::running(shared.home()).map(|running| running.auth);
            endpoints.endpoint(&order.name, Some(token), sandbox.as_deref())
        }
        None => {
            let keystore = shared.keystore().map_err(words)?;
            resolved(&endpoints, &order.name, &keystore, shared)
        }
    };
    Ok(endpoint.map_err(words)?.check())
}

/// Writes an endpoint; returns the file.
pub(super) fn save(order: &EndpointOrder, shared: &Shared) -> Result<String, String> {
    let (home, endpoint) = (shared.home(), found(order)?);
    let settings = Settings::load(home).map_err(words)?;
    let keystore = shared.keystore().map_err(words)?;
    let token = order.token.as_ref();
    let saved = match order.saving {
        Saving::Add => {
            let token = token.map(|token| (&keystore, token));
            saving::add(home, &settings, &order.name, &endpoint, token)
        }
        Saving::Replace => {
            saving::replace(home, &settings, &order.name, &endpoint, &keystore, token)
        }
    };
    saved.map(|file| file.display().to_string()).map_err(words)
}

/// Takes an endpoint away; returns its name.
pub(super) fn remove(name: String, shared: &Shared) -> Result<String, String> {
    let home = shared.home();
    let settings = Settings::load(home).map_err(words)?;
    let keystore = shared.keystore().ok();
    saving::remove(home, &settings, &name, keystore.as_ref()).map_err(words)?;
    Ok(name)
}

/// The settings with the place of the file of certificates.
fn found(order: &EndpointOrder) -> Result<EndpointSettings, String> {
    let mut settings = order.settings.clone();
    if let Some(file) = &settings.ca_file {
        let found = absolute(file).and_then(|file| file.canonicalize());
        let wrong = |error| format!("ca_file {}: {error}", file.display());
        settings.ca_file = Some(found.map_err(wrong)?);
    }
    Ok(settings)
}

fn words(error: impl ToString) -> String {
    error.to_string()
}
