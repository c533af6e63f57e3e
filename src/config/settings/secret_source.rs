//! Where the configuration says that a secret comes from.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Unexpected, Visitor},
};

/// Where a secret that the configuration names comes from; never plain text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SecretSource {
    /// The access token of a client of the configuration, by its name.
    Client(String),
    /// A program and its arguments, run without a shell; the first line it prints.
    Command(Vec<String>),
    /// An environment variable.
    Env(String),
    /// A secret sealed in the keystore, by its name.
    Sealed(String),
}

/// By hand, so that a token written in plain text is never repeated in the error.
impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Source;
        impl<'de> Visitor<'de> for Source {
            type Value = SecretSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "{env: NAME}, {sealed: NAME}, {client: NAME} or {command: [PROGRAM, ARGUMENT, …]}",
                )
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<SecretSource, E> {
                Err(E::custom(
                    "a secret is never written here: \
                     write {env: NAME}, {sealed: NAME}, {client: NAME} or \
                     {command: [PROGRAM, ARGUMENT, …]}",
                ))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretSource, A::Error> {
                let source = match map.next_key::<String>()?.as_deref() {
                    Some("client") => SecretSource::Client(map.next_value()?),
                    Some("env") => SecretSource::Env(map.next_value()?),
                    Some("command") => SecretSource::Command(map.next_value()?),
                    Some("sealed") => SecretSource::Sealed(map.next_value()?),
                    _ => return Err(A::Error::invalid_type(Unexpected::Map, &self)),
                };
                if source == SecretSource::Command(Vec::new()) {
                    return Err(A::Error::custom(
                        "the command is empty: write [PROGRAM, ARGUMENT, …]",
                    ));
                }
                match map.next_key::<String>()? {
                    None => Ok(source),
                    Some(_) => Err(A::Error::custom("name one source of the token, not two")),
                }
            }
        }
        deserializer.deserialize_any(Source)
    }
}

/// `of the client admin`, `from $GOODDATA_TOKEN`, `from the command pass`, `from the sealed secret idp`.
impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(name) => write!(f, "of the client {name}"),
            Self::Command(words) => {
                let program = words.first().map_or("", String::as_str);
                write!(f, "from the command {program}")
            }
            Self::Env(name) => write!(f, "from ${name}"),
            Self::Sealed(name) => write!(f, "from the sealed secret {name}"),
        }
    }
}
