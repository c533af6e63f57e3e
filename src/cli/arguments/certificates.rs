//! The arguments that say what a certificate is to say.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::x509::{
    profile::{
        ExtendedKeyUsage, KeyUsage, NetscapeCertType, Profile, Subject, SubjectAltName, list::List,
        rules,
    },
    serial::Serial,
};

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(in crate::cli) enum CertCommand {
    /// Show what a certificate says, whose it is, and its chain with every signature checked
    Show {
        /// A kid of the keystore, or a file (PEM, DER, a JWK with x5c)
        #[arg(value_name = "KID|FILE")]
        source: String,
    },
    /// Make a new certificate for a key, signed by the key itself, in the place of the old one
    New(CertNewOptions),
    /// Make the certificate of a key anew: same key, same fields, a new life
    Renew {
        /// The key
        kid: String,
    },
    /// Print a certification request (PKCS#10) for a CA to sign
    Csr(CsrOptions),
    /// Take the certificate that a CA signed, with or without its chain, in any order
    Import {
        kid: String,
        /// Certificates (PEM, DER, a JWK with x5c), or - for stdin
        #[arg(value_name = "FILE|-")]
        file: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(in crate::cli) struct CertNewOptions {
    pub(in crate::cli) kid: String,
    /// Certificate profile [default: the one the last certificate was made by; else minimal]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) subject: SubjectOptions,
    #[command(flatten)]
    pub(in crate::cli) names: NameOptions,
    #[command(flatten)]
    pub(in crate::cli) uses: UseOptions,
    /// How long it is valid from now, in days [default: the profile's]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) days: Option<u16>,
    /// Its serial number, at most 20 octets [default: a random one]
    #[arg(long, value_name = "HEX")]
    pub(in crate::cli) serial: Option<Serial>,
    /// Also in the place of a certificate that a CA signed or that was imported
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct CsrOptions {
    pub(in crate::cli) kid: String,
    /// Certificate profile [default: as the certificate there is; else minimal]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) subject: SubjectOptions,
    #[command(flatten)]
    pub(in crate::cli) names: NameOptions,
    #[command(flatten)]
    pub(in crate::cli) uses: UseOptions,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SubjectOptions {
    /// Certificate subject: country (C), its two letters
    #[arg(long, value_name = "C", value_parser = country)]
    country: Option<String>,
    /// Certificate subject: state or province (ST)
    #[arg(long, value_name = "ST", value_parser = long_attribute)]
    state: Option<String>,
    /// Certificate subject: locality (L)
    #[arg(long, value_name = "L", value_parser = long_attribute)]
    locality: Option<String>,
    /// Certificate subject: organization (O)
    #[arg(long, value_name = "O", value_parser = short_attribute)]
    organization: Option<String>,
    /// Certificate subject: organizational unit (OU)
    #[arg(long, value_name = "OU", value_parser = short_attribute)]
    unit: Option<String>,
    /// Certificate subject: common name (CN) [default: the kid]; of any of these '' is none
    #[arg(long, visible_alias = "cn", value_name = "CN", value_parser = short_attribute)]
    common_name: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct NameOptions {
    /// An alternative name: dns:NAME, ip:ADDRESS, uri:URI or email:ADDRESS; several make a list
    /// that takes the place of the profile's
    #[arg(long, value_name = "KIND:NAME")]
    san: Vec<SubjectAltName>,
}

// What the certificate is good for, where the profile says something else. A doc comment here would
// take the place of what each command says of itself.
#[derive(Args, Debug)]
pub(in crate::cli) struct UseOptions {
    /// Whether it may issue certificates [default: the profile's]
    #[arg(long, value_name = "true|false")]
    ca: Option<bool>,
    /// Its keyUsage, digitalSignature,keyAgreement for example, or none [default: the profile's]
    #[arg(long, value_name = "LIST")]
    key_usage: Option<List<KeyUsage>>,
    /// Its extendedKeyUsage, clientAuth,serverAuth for example, or none [default: the profile's]
    #[arg(long, value_name = "LIST")]
    extended_key_usage: Option<List<ExtendedKeyUsage>>,
    /// Its Netscape certificate type, client,email for example, or none [default: the profile's]
    #[arg(long, value_name = "LIST")]
    netscape_cert_type: Option<List<NetscapeCertType>>,
}

impl SubjectOptions {
    pub(in crate::cli) fn subject(&self) -> Subject {
        Subject {
            country: self.country.clone(),
            state: self.state.clone(),
            locality: self.locality.clone(),
            organization: self.organization.clone(),
            unit: self.unit.clone(),
            common_name: self.common_name.clone(),
        }
    }
}

impl UseOptions {
    /// Puts what was given in the place of the profile's.
    pub(in crate::cli) fn override_in(&self, profile: &mut Profile) {
        if let Some(ca) = self.ca {
            profile.ca = ca;
        }
        if let Some(List(usages)) = &self.key_usage {
            profile.key_usage.clone_from(usages);
        }
        if let Some(List(purposes)) = &self.extended_key_usage {
            profile.extended_key_usage.clone_from(purposes);
        }
        if let Some(List(types)) = &self.netscape_cert_type {
            profile.netscape_cert_type.clone_from(types);
        }
    }
}

impl NameOptions {
    /// The names given; none where none was.
    pub(in crate::cli) fn names(&self) -> Option<SubjectAltName> {
        if self.san.is_empty() {
            return None;
        }
        let mut all = SubjectAltName::default();
        all.extend(self.san.iter().cloned());
        Some(all)
    }
}

fn country(text: &str) -> Result<String, String> {
    unless_empty(text, rules::country)
}

fn long_attribute(text: &str) -> Result<String, String> {
    unless_empty(text, rules::long_attribute)
}

fn short_attribute(text: &str) -> Result<String, String> {
    unless_empty(text, rules::short_attribute)
}

/// An empty text takes the profile's attribute away.
fn unless_empty(text: &str, rule: fn(&str) -> Result<String, String>) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    rule(text)
}
