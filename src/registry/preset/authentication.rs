//! How a request proves that it may.

use serde::Deserialize;

use super::{super::template::Template, values::Help};

/// Where one of several ways to prove oneself is chosen, the name of the endpoint's value that says
/// which.
pub const CHOICE: &str = "authentication";

/// How a request proves that it may; the first of these that the preset names, unless the endpoint
/// says otherwise.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct Authentication {
    /// `Authorization: SSWS` (Okta).
    pub ssws: Option<Help>,
    /// `Authorization: Bearer` (RFC 6750).
    pub bearer: Option<Help>,
    /// `Authorization: Basic` (RFC 7617); the token is `NAME:PASSWORD`.
    pub basic: Option<Help>,
    /// The token alone in a header of the service's own.
    pub header: Option<OwnHeader>,
    /// Where the token may be an access token of a client of keyfob's: the scope to ask for.
    pub client_scope: Option<String>,
}

/// A header of the service's own.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct OwnHeader {
    /// Its name; `{VALUE}` names one of the preset's values.
    pub name: Template,
    /// What goes into it.
    pub help: String,
}

/// One way to prove oneself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    Basic,
    Bearer,
    Header,
    Ssws,
}

impl Scheme {
    const ALL: [Self; 4] = [Self::Ssws, Self::Bearer, Self::Basic, Self::Header];

    /// As presets and endpoints write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bearer => "bearer",
            Self::Header => "header",
            Self::Ssws => "ssws",
        }
    }
}

impl Authentication {
    /// The ways there are, the usual one first; empty where nothing is asked for.
    pub fn schemes(&self) -> Vec<Scheme> {
        let mut all = Scheme::ALL.to_vec();
        all.retain(|scheme| self.help(*scheme).is_some());
        all
    }

    /// The way that an endpoint chose by name, else the usual one.
    pub fn chosen(&self, choice: Option<&str>) -> Result<Option<Scheme>, String> {
        let schemes = self.schemes();
        let Some(choice) = choice else {
            return Ok(schemes.first().copied());
        };
        let found = schemes.iter().find(|scheme| scheme.name() == choice);
        found.copied().map(Some).ok_or_else(|| {
            let names: Vec<&str> = schemes.iter().map(|scheme| scheme.name()).collect();
            format!("{CHOICE}: {choice}: write {}", names.join(" or "))
        })
    }

    /// What a person is told when asked for the token of that way.
    pub fn help(&self, scheme: Scheme) -> Option<&str> {
        let help = match scheme {
            Scheme::Basic => &self.basic,
            Scheme::Bearer => &self.bearer,
            Scheme::Ssws => &self.ssws,
            Scheme::Header => return self.header.as_ref().map(|header| header.help.as_str()),
        };
        help.as_ref().map(|help| help.help.as_str())
    }

    /// What a person is told when asked for the usual token; nothing where none is asked for.
    pub fn token_help(&self) -> Option<&str> {
        self.schemes().first().and_then(|scheme| self.help(*scheme))
    }
}
