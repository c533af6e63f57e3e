//! Reading the user's files.

use super::TuiError;
use crate::{
    config::{home::Home, own_files, settings::Settings},
    jose::template::Template,
    registry::book::Endpoints,
    tui::app::msg::Configuration,
    x509::profile::Profile,
};

/// The configuration, the presets, the templates and the profiles; the user's own come first.
pub(super) fn load(home: &Home) -> Result<Configuration, TuiError> {
    let settings = Settings::load(home)?;
    let endpoints = Endpoints::load(home, &settings)?;
    let own = own_files::templates(home)?;
    let templates = Template::all(&own).map_err(own_files::OwnFileError::from)?;
    let mut profiles = own_files::profiles(home)?;
    profiles.extend(Profile::builtin().map_err(own_files::OwnFileError::from)?);
    Ok(Configuration {
        settings,
        endpoints,
        templates,
        profiles,
    })
}
