//! A key in the forms that others ask for.

use std::{io, path::Path};

pub use crate::disk::Existing;

use super::{
    error::KeystoreError,
    pkcs12,
    record::{Half, Record},
};
use crate::{
    disk,
    jose::{
        algorithm::KeyType,
        jwe,
        jwk::{Jwk, JwkSet, PublicJwk},
        key::PrivateKey,
        openssh, sealed_pkcs8,
    },
    secret::Secret,
    x509::certificate::Certificate,
};

/// A form a key can be written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// JSON Web Key.
    Jwk,
    /// JWK Set of one key.
    Jwks,
    /// PEM `SubjectPublicKeyInfo`.
    Spki,
    /// PEM PKCS#8.
    Pkcs8,
    /// PEM PKCS#8 sealed with a passphrase.
    Pkcs8Enc,
    /// PEM PKCS#1.
    Pkcs1,
    /// PEM SEC1.
    Sec1,
    /// PEM of the key's own certificate.
    Cert,
    /// PEM of the chain.
    Chain,
    /// PEM of the key and its chain.
    Bundle,
    /// DER of the key's own certificate.
    Der,
    /// PKCS#12.
    P12,
    /// The line of OpenSSH's `authorized_keys`.
    Ssh,
    /// OpenSSH's private key.
    SshPrivate,
    /// JWK sealed with a passphrase.
    Jwe,
}

/// Which halves a form holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Halves {
    /// Always the private half.
    Private,
    /// Never the private half.
    Public,
    /// The private half where it is asked for.
    Either,
}

/// Whether a passphrase seals a form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sealing {
    /// Always.
    Always,
    /// Never.
    Never,
    /// Where one is given.
    WhereGiven,
}

/// The one table of forms: value, name, what it is, halves, sealing.
const TABLE: [(Form, &str, &str, Halves, Sealing); 15] = {
    use Form::{
        Bundle, Cert, Chain, Der, Jwe, Jwk, Jwks, P12, Pkcs1, Pkcs8, Pkcs8Enc, Sec1, Spki, Ssh,
        SshPrivate,
    };
    use Halves::{Either, Private, Public};
    use Sealing::{Always, Never, WhereGiven};
    [
        (Jwk, "jwk", "JSON Web Key (RFC 7517)", Either, Never),
        (Jwks, "jwks", "JWK Set", Either, Never),
        (
            Spki,
            "spki",
            "PEM SubjectPublicKeyInfo, `BEGIN PUBLIC KEY`",
            Public,
            Never,
        ),
        (
            Pkcs8,
            "pkcs8",
            "PEM PKCS#8, `BEGIN PRIVATE KEY`",
            Private,
            Never,
        ),
        (
            Pkcs8Enc,
            "pkcs8-enc",
            "PEM PKCS#8 sealed with a passphrase",
            Private,
            Always,
        ),
        (
            Pkcs1,
            "pkcs1",
            "PEM PKCS#1, `BEGIN RSA PRIVATE KEY`",
            Private,
            Never,
        ),
        (
            Sec1,
            "sec1",
            "PEM SEC1, `BEGIN EC PRIVATE KEY`",
            Private,
            Never,
        ),
        (Cert, "cert", "PEM certificate of the key", Public, Never),
        (
            Chain,
            "chain",
            "PEM certificates, leaf first",
            Public,
            Never,
        ),
        (
            Bundle,
            "bundle",
            "PEM key and certificates in one",
            Either,
            Never,
        ),
        (Der, "der", "DER of the certificate", Public, Never),
        (
            P12,
            "p12",
            "PKCS#12 of key and certificates, sealed with a passphrase",
            Private,
            Always,
        ),
        (
            Ssh,
            "ssh",
            "OpenSSH public key, a line for authorized_keys",
            Public,
            Never,
        ),
        (
            SshPrivate,
            "ssh-private",
            "OpenSSH private key, sealed where there is a passphrase",
            Private,
            WhereGiven,
        ),
        (
            Jwe,
            "jwe",
            "JWK sealed with a passphrase (JWE, PBES2), as step writes it",
            Private,
            Always,
        ),
    ]
};

impl Form {
    /// All of them, in the order of the table.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Jwk; TABLE.len()];
        let mut row = 0;
        while row < TABLE.len() {
            all[row] = TABLE[row].0;
            row += 1;
        }
        all
    };

    /// The form of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// What it is called, `pkcs8` for example.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// One line for people.
    pub fn meaning(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// Which halves it holds.
    pub fn halves(self) -> Halves {
        TABLE[self as usize].3
    }

    /// Whether a passphrase seals it.
    pub fn sealing(self) -> Sealing {
        TABLE[self as usize].4
    }
}

/// The forms that `record`'s public half can be written in.
pub fn public_forms(record: &Record) -> Vec<(Form, Vec<u8>)> {
    let all = Form::ALL.into_iter();
    all.filter_map(|form| Some((form, public(record, form).ok()?)))
        .collect()
}

/// Every public form in which one file can hold all of the keys: a JWK Set, and the texts that can
/// follow each other.
pub fn public_forms_of_all(records: &[&Record]) -> Vec<(Form, Vec<u8>)> {
    let forms = [Form::Jwks, Form::Spki, Form::Cert, Form::Chain, Form::Ssh];
    let all = |form| -> Option<Vec<u8>> {
        if form == Form::Jwks {
            let keys: Vec<PublicJwk> = records.iter().map(|record| record.jwk()).collect();
            return Some(format!("{}\n", JwkSet::public_json(&keys)).into_bytes());
        }
        let each = records.iter().map(|record| public(record, form).ok());
        each.collect::<Option<Vec<_>>>().map(|each| each.concat())
    };
    forms
        .into_iter()
        .filter_map(|form| Some((form, all(form)?)))
        .collect()
}

/// Writes what was exported, 0600 and whole.
///
/// # Errors
/// `AlreadyExists` where a file is in the way and may not be, else what the system says.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> io::Result<()> {
    disk::write(path, bytes, existing)
}

/// The forms that `record`'s private half can be written in.
pub fn private_forms(record: &Record) -> Vec<Form> {
    if record.half == Half::PublicOnly {
        return Vec::new();
    }
    let key_type = record.public.key_type();
    let all = Form::ALL.into_iter();
    all.filter(|form| match form {
        Form::Pkcs1 => key_type == KeyType::Rsa,
        Form::Sec1 => !matches!(key_type, KeyType::Rsa | KeyType::Ed25519),
        form => form.halves() != Halves::Public,
    })
    .collect()
}

/// The public half in `form`; a form that holds only private keys is an error.
pub fn public(record: &Record, form: Form) -> Result<Vec<u8>, KeystoreError> {
    let text = match form {
        Form::Jwk => format!("{}\n", record.jwk().to_json_pretty()),
        Form::Jwks => format!("{}\n", JwkSet::public_json(&[record.jwk()])),
        Form::Spki => record.public.spki_pem(),
        Form::Cert => leaf(record)?.pem(),
        Form::Chain => {
            leaf(record)?;
            chain(record)
        }
        Form::Bundle => format!("{}{}", record.public.spki_pem(), chain(record)),
        Form::Der => return Ok(leaf(record)?.der().to_vec()),
        Form::Ssh => openssh::public_line(&record.public, &record.kid)?,
        Form::Pkcs8
        | Form::Pkcs8Enc
        | Form::Pkcs1
        | Form::Sec1
        | Form::P12
        | Form::SshPrivate
        | Form::Jwe => return Err(KeystoreError::NoSuchHalf(form.name())),
    };
    Ok(text.into_bytes())
}

/// The private half in `form`, from the system's randomness where a passphrase seals it; a form
/// that holds only public keys, or that nothing seals, is an error.
pub fn private(
    record: &Record,
    form: Form,
    key: &PrivateKey,
    passphrase: Option<&Secret<String>>,
) -> Result<Secret<Vec<u8>>, KeystoreError> {
    let sealed_with = || passphrase.ok_or(KeystoreError::NoSuchHalf(form.name()));
    let text = match form {
        Form::Jwk => Jwk::private_json(&record.jwk(), key)?,
        Form::Jwks => {
            let jwk = Jwk::private_json(&record.jwk(), key)?;
            Secret::new(format!("{{\"keys\":[{}]}}\n", jwk.expose().trim_end()))
        }
        Form::Pkcs8 => key.pkcs8_pem(),
        Form::Pkcs8Enc => Secret::new(sealed_pkcs8::seal(
            key,
            sealed_with()?,
            &sealed_pkcs8::Randomness {
                salt: random()?,
                iv: random()?,
            },
        )?),
        Form::Pkcs1 => key.pkcs1_pem()?,
        Form::Sec1 => key.sec1_pem()?,
        Form::Bundle => Secret::new([key.pkcs8_pem().expose(), chain(record).as_str()].concat()),
        Form::P12 => {
            return pkcs12::seal(&record.kid, key, &record.chain, sealed_with()?).map(Secret::new);
        }
        Form::SshPrivate => {
            let randomness = openssh::Randomness {
                salt: random()?,
                check: u32::from_be_bytes(random()?),
            };
            let seal = passphrase.map(|passphrase| (passphrase, &randomness));
            openssh::private_pem(key, &record.kid, seal)?
        }
        Form::Jwe => {
            let jwk = Jwk::private_json(&record.jwk(), key)?;
            let randomness = jwe::Randomness {
                salt: random()?,
                key: Secret::new(random()?),
                iv: random()?,
            };
            Secret::new(jwe::seal(&jwk, sealed_with()?, &randomness)?)
        }
        Form::Spki | Form::Cert | Form::Chain | Form::Der | Form::Ssh => {
            return Err(KeystoreError::NoSuchHalf(form.name()));
        }
    };
    Ok(Secret::new(text.expose().as_bytes().to_vec()))
}

/// The certificate of a key, which must have one.
pub fn leaf(record: &Record) -> Result<&Certificate, KeystoreError> {
    record.leaf().ok_or_else(|| {
        let kid = record.kid.clone();
        match record.half {
            Half::Private => KeystoreError::NoCertificate(kid),
            Half::PublicOnly => KeystoreError::NoCertificateOfPublic(kid),
        }
    })
}

fn chain(record: &Record) -> String {
    record.chain.iter().map(Certificate::pem).collect()
}

fn random<const N: usize>() -> Result<[u8; N], KeystoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(KeystoreError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
