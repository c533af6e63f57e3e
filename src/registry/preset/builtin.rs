//! The presets that keyfob comes with.

/// Pairs of a preset's name and its YAML.
macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/endpoints/", $name, ".yaml")))),*]
    };
}

/// The built-in presets by name, in the order in which they are offered.
pub(super) const BUILTIN: &[(&str, &str)] = presets![
    "sandbox",
    "gooddata",
    "jwks-file",
    "jwks-local",
    "oidc",
    "okta",
    "okta-client",
    "keycloak",
    "auth0",
    "entra",
    "google",
    "bcgov",
    "manual",
    "http",
];
