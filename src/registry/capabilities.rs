//! What a service takes.

use std::{fmt, time::Duration};

use serde::Deserialize;

use super::error::RegistryError;
use crate::jose::{
    algorithm::{Algorithm, KeyType},
    jwk::PublicJwk,
    time,
};

/// What a service takes; checked before anything is sent.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Capabilities {
    /// Empty: all that keyfob signs with.
    pub algorithms: Vec<AlgorithmName>,
    /// Empty: all.
    pub key_types: Vec<KeyTypeName>,
    /// Of an RSA key, in bits.
    pub rsa_bits: Bits,
    pub certificate: Certificate,
    pub id: IdRule,
    /// The most keys that can be there at once, where there is a limit.
    pub most_keys: Option<usize>,
    pub overlap: Overlap,
    /// How long those who read the keys may go on with what they read before, where that is known
    /// of every such service.
    pub caches: Option<Span>,
}

/// The sizes a service takes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Bits {
    pub least: u32,
    pub most: u32,
}

/// `RSA`, `EC` or `OKP` (RFC 7518 section 6.1, RFC 8037 section 2).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum KeyTypeName {
    #[serde(rename = "EC")]
    Ec,
    #[serde(rename = "OKP")]
    Okp,
    #[serde(rename = "RSA")]
    Rsa,
}

/// Whether a key can be there beside the one that follows it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The next key takes the place of the one before.
    Impossible,
    #[default]
    Possible,
}

/// A length of time as people write it: `0s`, `5m`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

/// Whether a key must come with its certificate.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    #[default]
    Optional,
    Required,
}

/// Which ids a service takes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct IdRule {
    /// Empty: all.
    pub characters: Vec<Characters>,
    pub not_first: Vec<Characters>,
    /// In characters.
    pub shortest: usize,
    /// In characters.
    pub longest: usize,
}

/// One character, or a range of them: `_`, `A-Z`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Characters {
    first: char,
    last: char,
}

/// The name of an algorithm that keyfob signs with.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct AlgorithmName(pub Algorithm);

impl Capabilities {
    /// Whether `service` takes `jwk` under `id`; the error says what does not fit and what would.
    pub fn check(&self, service: &str, jwk: &PublicJwk, id: &str) -> Result<(), RegistryError> {
        let alg = jwk.alg.as_deref().unwrap_or("without alg");
        let fits = self.algorithms.iter().any(|each| each.0.name() == alg);
        if !self.algorithms.is_empty() && !fits {
            let names: Vec<_> = self.algorithms.iter().map(|each| each.0.name()).collect();
            return Err(RegistryError::DoesNotFit(format!(
                "{service} takes {}; this key is {alg}",
                listed(&names)
            )));
        }
        let kty = KeyTypeName::of(jwk.key.key_type());
        if !self.key_types.is_empty() && !self.key_types.contains(&kty) {
            let names: Vec<_> = self.key_types.iter().map(|each| each.name()).collect();
            return Err(RegistryError::DoesNotFit(format!(
                "{service} takes {} keys; this key is {}",
                listed(&names),
                jwk.key.label()
            )));
        }
        let bits = jwk.key.bits();
        if kty == KeyTypeName::Rsa && !(self.rsa_bits.least..=self.rsa_bits.most).contains(&bits) {
            return Err(RegistryError::DoesNotFit(format!(
                "{service} takes RSA keys of {} bits; this key has {bits}",
                self.rsa_bits
            )));
        }
        if self.certificate == Certificate::Required && jwk.x5c.is_empty() {
            return Err(RegistryError::DoesNotFit(format!(
                "{service} takes no key without a certificate: make one with `keyfob cert new`"
            )));
        }
        // An id of dots alone would be a step in the path of the URL (RFC 3986 section 5.2.4).
        if !self.id.allows(id) || id.chars().all(|c| c == '.') {
            return Err(RegistryError::DoesNotFit(format!(
                "{service} takes ids of {}; this key's kid is {id}: rename it",
                self.id
            )));
        }
        Ok(())
    }
}

impl KeyTypeName {
    fn of(key_type: KeyType) -> Self {
        match key_type {
            KeyType::P256 | KeyType::P384 | KeyType::P521 => Self::Ec,
            KeyType::Ed25519 => Self::Okp,
            KeyType::Rsa => Self::Rsa,
        }
    }

    /// As `kty` says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ec => "EC",
            Self::Okp => "OKP",
            Self::Rsa => "RSA",
        }
    }
}

impl Default for Bits {
    /// All that keyfob makes.
    fn default() -> Self {
        Self {
            least: 0,
            most: u32::MAX,
        }
    }
}

/// `2048 to 4096`, `2048 or more`, `at most 4096`.
impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (least, u32::MAX) => write!(f, "{least} or more"),
            (0, most) => write!(f, "at most {most}"),
            (least, most) => write!(f, "{least} to {most}"),
        }
    }
}

impl IdRule {
    fn allows(&self, id: &str) -> bool {
        let among = |set: &[Characters], c| set.iter().any(|each| each.contains(c));
        (self.shortest..=self.longest).contains(&id.chars().count())
            && (self.characters.is_empty() || id.chars().all(|c| among(&self.characters, c)))
            && !id.starts_with(|c| among(&self.not_first, c))
    }
}

impl Default for IdRule {
    /// Any text up to 255 characters.
    fn default() -> Self {
        Self {
            characters: Vec::new(),
            not_first: Vec::new(),
            shortest: 1,
            longest: 255,
        }
    }
}

/// `1 to 255 characters of A-Z a-z 0-9 . _ -, not beginning with .`
impl fmt::Display for IdRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |set: &[Characters]| {
            let names: Vec<_> = set.iter().map(ToString::to_string).collect();
            names.join(" ")
        };
        write!(f, "{} to {} characters", self.shortest, self.longest)?;
        if !self.characters.is_empty() {
            write!(f, " of {}", joined(&self.characters))?;
        }
        if !self.not_first.is_empty() {
            write!(f, ", not beginning with {}", joined(&self.not_first))?;
        }
        Ok(())
    }
}

impl Characters {
    pub(super) fn contains(self, c: char) -> bool {
        (self.first..=self.last).contains(&c)
    }
}

impl TryFrom<String> for Characters {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let characters: Vec<char> = text.chars().collect();
        match characters[..] {
            [one] => Ok(Self {
                first: one,
                last: one,
            }),
            [first, '-', last] if first <= last => Ok(Self { first, last }),
            _ => Err(format!(
                "`{text}` is neither one character nor a range of them: write `_` or `A-Z`"
            )),
        }
    }
}

impl fmt::Display for Characters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let span = time::parse_duration(&text);
        span.map(Self).map_err(|error| error.to_string())
    }
}

impl TryFrom<String> for AlgorithmName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            let names: Vec<_> = Algorithm::ALL.into_iter().map(Algorithm::name).collect();
            format!("unknown algorithm `{text}`: known are {}", listed(&names))
        })
    }
}

/// `RS256, RS384 or RS512`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}
