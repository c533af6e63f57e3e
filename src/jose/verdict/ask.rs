//! What the caller can say to have more checked.

/// Something a caller can expect of a token, or give for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ask {
    /// The expected audience.
    Aud,
    /// The expected issuer.
    Iss,
    /// A key to check with.
    Key,
    /// That any payload is taken.
    Raw,
    /// The expected type.
    Typ,
}

impl Ask {
    /// The option of the command line.
    pub fn option(self) -> &'static str {
        match self {
            Self::Aud => "--aud",
            Self::Iss => "--iss",
            Self::Key => "--key",
            Self::Raw => "--raw",
            Self::Typ => "--typ",
        }
    }
}
