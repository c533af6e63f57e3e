//! Certificate profiles: `assets/certificates/*.yaml`.

/// What a certificate is issued with, as its YAML file says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    pub name: String,
    pub description: String,
    pub is_ca: bool,
}

/// Why a profile file cannot be used: file, line, remedy. (owner: x509)
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ProfileError(pub String);

/// Fields given by the user that win over the profile's.
#[derive(Clone, Debug, Default)]
pub struct SubjectOverrides {
    pub country: Option<String>,
    pub state: Option<String>,
    pub locality: Option<String>,
    pub organization: Option<String>,
    pub common_name: Option<String>,
}

impl Profile {
    /// `minimal`, `gooddata` (later: `client-auth`, `server`, `ca`).
    pub fn builtin() -> Vec<Self> {
        unimplemented!()
    }
    pub fn parse(file: &str, yaml: &str) -> Result<Self, ProfileError> {
        unimplemented!("{file}{yaml}")
    }
}
