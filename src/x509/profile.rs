//! Certificate profiles: `assets/certificates/*.yaml`.

pub mod list;
mod of_certificate;
pub mod rules;
mod schema;

use std::{net::IpAddr, str::FromStr};

use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error},
};

/// What a certificate is issued with, as its YAML file says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// What `--cert` names.
    pub name: String,
    /// One line.
    pub description: String,
    /// How long it is valid, from now.
    pub days: u16,
    /// basicConstraints: whether it may issue certificates.
    pub ca: bool,
    /// keyUsage (RFC 5280 section 4.2.1.3).
    pub key_usage: Vec<KeyUsage>,
    /// extendedKeyUsage (RFC 5280 section 4.2.1.12).
    pub extended_key_usage: Vec<ExtendedKeyUsage>,
    /// nsCertType (OID 2.16.840.1.113730.1.1).
    pub netscape_cert_type: Vec<NetscapeCertType>,
    /// subjectAltName.
    pub subject_alt_name: SubjectAltName,
    /// The subject; `{kid}` stands for the key's kid.
    pub subject: Subject,
}

/// A bit of keyUsage.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum KeyUsage {
    /// Signatures on data.
    DigitalSignature,
    /// contentCommitment, as RFC 5280 renamed it.
    NonRepudiation,
    /// Encrypting keys.
    KeyEncipherment,
    /// Encrypting data.
    DataEncipherment,
    /// Agreeing on keys.
    KeyAgreement,
    /// Signing certificates.
    KeyCertSign,
    /// Signing revocation lists.
    #[serde(rename = "cRLSign")]
    CrlSign,
}

/// A purpose of extendedKeyUsage.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum ExtendedKeyUsage {
    /// TLS servers.
    ServerAuth,
    /// TLS clients.
    ClientAuth,
    /// Signed programs.
    CodeSigning,
    /// Mail.
    EmailProtection,
    /// Time stamps.
    TimeStamping,
}

/// A bit of nsCertType; the value is its place in the BIT STRING.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub enum NetscapeCertType {
    /// SSL client.
    #[serde(rename = "client")]
    Client = 0,
    /// SSL server.
    #[serde(rename = "server")]
    Server = 1,
    /// S/MIME.
    #[serde(rename = "email")]
    Email = 2,
    /// Object signing.
    #[serde(rename = "objsign")]
    ObjectSigning = 3,
    /// SSL CA.
    #[serde(rename = "sslCA")]
    SslCa = 5,
    /// S/MIME CA.
    #[serde(rename = "emailCA")]
    EmailCa = 6,
    /// Object signing CA.
    #[serde(rename = "objCA")]
    ObjectSigningCa = 7,
}

/// subjectAltName (RFC 5280 section 4.2.1.6).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SubjectAltName {
    /// uniformResourceIdentifier.
    pub uri: Vec<String>,
    /// iPAddress.
    pub ip: Vec<IpAddr>,
    /// dNSName.
    pub dns: Vec<String>,
    /// rfc822Name.
    pub email: Vec<String>,
}

/// The attributes of a subject (RFC 4519 names).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Subject {
    /// countryName, two letters.
    pub country: Option<String>,
    /// stateOrProvinceName.
    pub state: Option<String>,
    /// localityName.
    pub locality: Option<String>,
    /// organizationName.
    pub organization: Option<String>,
    /// organizationalUnitName.
    pub unit: Option<String>,
    /// commonName.
    pub common_name: Option<String>,
}

/// Why a profile cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProfileError {
    /// The YAML is wrong.
    #[error("{file}: {reason}")]
    File {
        /// Its name.
        file: String,
        /// What the parser said, with line and column.
        reason: String,
    },
    /// Two files of the user have one name.
    #[error("{file}: {other} is named {name} too: rename one of them")]
    Twice {
        /// The later file.
        file: String,
        /// The earlier one.
        other: String,
        /// The name.
        name: String,
    },
    /// No such profile.
    #[error("no certificate profile {name}: there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
}

/// The built-in profiles, file by file.
const BUILTIN: [(&str, &str); 5] = [
    (
        "minimal.yaml",
        include_str!("../../assets/certificates/minimal.yaml"),
    ),
    (
        "gooddata.yaml",
        include_str!("../../assets/certificates/gooddata.yaml"),
    ),
    (
        "client-auth.yaml",
        include_str!("../../assets/certificates/client-auth.yaml"),
    ),
    (
        "server.yaml",
        include_str!("../../assets/certificates/server.yaml"),
    ),
    ("ca.yaml", include_str!("../../assets/certificates/ca.yaml")),
];

impl Profile {
    /// `minimal`, `gooddata`, `client-auth`, `server`, `ca`.
    pub fn builtin() -> Result<Vec<Self>, ProfileError> {
        BUILTIN
            .iter()
            .map(|(file, yaml)| Self::parse(file, yaml))
            .collect()
    }

    /// The profile `name` of the user's own, else of the built-in ones.
    pub fn named(name: &str, own: &[Self]) -> Result<Self, ProfileError> {
        let builtin = Self::builtin()?;
        let all = || own.iter().chain(&builtin);
        all()
            .find(|profile| profile.name == name)
            .cloned()
            .ok_or_else(|| {
                let mut names: Vec<&str> = Vec::new();
                for Self { name, .. } in all() {
                    // One of the user's own may stand before a built-in one.
                    if !names.contains(&name.as_str()) {
                        names.push(name);
                    }
                }
                ProfileError::Unknown {
                    name: name.to_owned(),
                    known: names.join(", "),
                }
            })
    }

    /// Reads a profile's YAML; `file` is named in errors.
    pub fn parse(file: &str, yaml: &str) -> Result<Self, ProfileError> {
        schema::parse(yaml).map_err(|reason| ProfileError::File {
            file: file.to_owned(),
            reason,
        })
    }
}

/// The name that a profile has for it.
macro_rules! named_as_in_a_profile {
    ($($type:ident),*) => {$(
        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::deserialize(text.into_deserializer())
            }
        }
    )*};
}

named_as_in_a_profile!(ExtendedKeyUsage, KeyUsage, NetscapeCertType);

impl FromStr for SubjectAltName {
    type Err = String;

    /// One name: `dns:NAME`, `ip:ADDRESS`, `uri:URI` or `email:ADDRESS`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, value) = text
            .split_once(':')
            .filter(|(_, value)| !value.is_empty())
            .ok_or("write dns:NAME, ip:ADDRESS, uri:URI or email:ADDRESS")?;
        let mut names = Self::default();
        match kind {
            "dns" => names.dns.push(rules::dns(value)?),
            "email" => names.email.push(rules::email(value)?),
            "ip" => names.ip.push(rules::ip(value)?),
            "uri" => names.uri.push(rules::uri(value)?),
            _ => return Err(format!("{kind}: is none of dns:, ip:, uri: and email:")),
        }
        Ok(names)
    }
}

impl Extend<SubjectAltName> for SubjectAltName {
    fn extend<T: IntoIterator<Item = SubjectAltName>>(&mut self, others: T) {
        for other in others {
            self.uri.extend(other.uri);
            self.ip.extend(other.ip);
            self.dns.extend(other.dns);
            self.email.extend(other.email);
        }
    }
}

impl Subject {
    /// These attributes where they are given, else `other`'s.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let either = |own: &Option<String>, other: &Option<String>| own.clone().or(other.clone());
        Self {
            country: either(&self.country, &other.country),
            state: either(&self.state, &other.state),
            locality: either(&self.locality, &other.locality),
            organization: either(&self.organization, &other.organization),
            unit: either(&self.unit, &other.unit),
            common_name: either(&self.common_name, &other.common_name),
        }
    }
}
