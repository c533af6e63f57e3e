//! The arguments that say what a certificate is to say.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::x509::{
    profile::{Subject, SubjectAltName},
    serial::Serial,
};

#[derive(Debug, Subcommand)]
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
    Renew { kid: String },
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
    /// How long it is valid from now, in days [default: the profile's]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) days: Option<u16>,
    /// Its serial number, at most 20 octets [default: a random one]
    #[arg(long, value_name = "HEX")]
    pub(in crate::cli) serial: Option<Serial>,
    /// Also in the place of a certificate that a CA signed
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
}

#[derive(Args, Debug)]
pub(in crate::cli) struct SubjectOptions {
    /// Certificate subject: country (C)
    #[arg(long, value_name = "C")]
    country: Option<String>,
    /// Certificate subject: state or province (ST)
    #[arg(long, value_name = "ST")]
    state: Option<String>,
    /// Certificate subject: locality (L)
    #[arg(long, value_name = "L")]
    locality: Option<String>,
    /// Certificate subject: organization (O)
    #[arg(long, value_name = "O")]
    organization: Option<String>,
    /// Certificate subject: common name (CN) [default: the kid]
    #[arg(long, value_name = "CN")]
    common_name: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct NameOptions {
    /// An alternative name: dns:NAME, ip:ADDRESS, uri:URI or email:ADDRESS; several make a list
    /// that takes the place of the profile's
    #[arg(long, value_name = "KIND:NAME")]
    san: Vec<SubjectAltName>,
}

impl SubjectOptions {
    pub(in crate::cli) fn subject(&self) -> Subject {
        Subject {
            country: self.country.clone(),
            state: self.state.clone(),
            locality: self.locality.clone(),
            organization: self.organization.clone(),
            common_name: self.common_name.clone(),
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
