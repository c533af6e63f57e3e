//! The client of the configuration that comes and goes with an endpoint that is one.

use super::{endpoint::Endpoint, preset::Service};
use crate::{
    config::{
        added::{self, AddedError, Section},
        home::Home,
        settings::{ClientServer, ClientSettings, Settings},
    },
    net::policy::PlainHttp,
};

/// Adds the client of the endpoint's name, where the endpoint makes one and there is none. A word on
/// what was done, or why not: what is registered stays registered either way.
pub(super) fn add(home: &Home, endpoint: &Endpoint, kid: &str) -> Option<String> {
    let client_id = client_id(endpoint)?;
    let name = &endpoint.name;
    let settings = match Settings::load(home) {
        Ok(settings) => settings,
        Err(error) => return Some(format!("! no client {name} was added: {error}")),
    };
    match settings.clients.get(name) {
        Some(known) if known.client_id == client_id => return None,
        Some(_) => {
            return Some(format!(
                "! the client {name} of the configuration is another one than {client_id} there, \
                 and it is left alone"
            ));
        }
        None => {}
    }
    let server = ClientServer::Issuer(endpoint.url.clone());
    let client = ClientSettings {
        scope: endpoint.scope.clone(),
        ca_file: endpoint.policy.ca_file.clone(),
        allow_http: endpoint.policy.plain_http == PlainHttp::Allowed,
        ..ClientSettings::new(server, &client_id, kid)
    };
    Some(
        match added::add(home, Section::Clients, name, &client.to_yaml()) {
            Ok(file) => format!("added the client {name} in {}", file.display()),
            Err(error) => format!("! no client {name} was added: {error}"),
        },
    )
}

/// Takes the client away with its last key, and says so where it signs with a key that is gone.
pub(super) fn settle(home: &Home, endpoint: &Endpoint, kid: &str) -> Option<String> {
    let Service::Document(document) = &endpoint.preset.service else {
        return None;
    };
    document.client.as_ref()?;
    let name = &endpoint.name;
    let settings = Settings::load(home).ok()?;
    let client = settings.clients.get(name)?;
    if !endpoint.memory.is_empty() {
        return (client.key.as_deref() == Some(kid)).then(|| {
            format!(
                "! the client {name} of the configuration still signs with {kid}: change its key"
            )
        });
    }
    match added::remove(home, Section::Clients, name) {
        Ok(file) => Some(format!(
            "removed the client {name}: {} is gone",
            file.display()
        )),
        Err(AddedError::NotAdded { .. }) => Some(format!(
            "! the client {name} of the configuration is not there any more: take it out"
        )),
        Err(error) => Some(format!("! the client {name} was not removed: {error}")),
    }
}

/// The `client_id` that was given out there.
fn client_id(endpoint: &Endpoint) -> Option<String> {
    let Service::Document(document) = &endpoint.preset.service else {
        return None;
    };
    let place = document.client.as_ref()?;
    let id = endpoint.memory.recall(&place.client_id)?;
    Some(id.expose().clone())
}
