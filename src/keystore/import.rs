//! Putting what a file held into the keystore.

use std::{
    collections::HashSet,
    io::{self, Read},
};

use jiff::Timestamp;

use super::{
    error::KeystoreError,
    kid::check_given,
    record::Record,
    store::{Keystore, Material, NewKey},
};
use crate::{
    jose::{
        algorithm::Algorithm,
        jwk::{Jwk, PublicJwk},
        key::PublicKey,
        pem::Found,
    },
    secret::Secret,
    x509::{bag::Bag, certificate::Certificate, chain},
};

/// One key to import, its certificates found beside it.
#[derive(Debug)]
pub struct Candidate {
    /// The name the file gave it (`kid` of a JWK).
    pub kid: Option<String>,
    /// The key's `alg`, else the default of its type.
    pub alg: Algorithm,
    /// The private key, or the public half where there is no more.
    pub material: Material,
    /// Certificates of this key, leaf first.
    pub chain: Vec<Certificate>,
}

/// What a file offers for import.
#[derive(Debug, Default)]
pub struct Offer {
    /// The keys, each once.
    pub keys: Vec<Candidate>,
    /// Why parts were left out.
    pub refused: Vec<String>,
}

/// What became of a candidate.
#[derive(Debug)]
pub enum Imported {
    /// It is in the keystore now.
    Added(Record),
    /// The same key was there before; nothing was changed.
    AlreadyHere(Record),
}

impl Candidate {
    /// The public half.
    pub fn public(&self) -> &PublicKey {
        self.material.public()
    }
}

impl Offer {
    /// Sorts what was found: a public half beside its private one is one key; certificates go to
    /// the key they were made for.
    pub fn of(found: Vec<Found>) -> Self {
        let mut offer = Self::default();
        let mut certificates = Vec::new();
        for part in found {
            match part {
                Found::Private(private) => offer.push(None, None, Material::Private(private)),
                Found::Public(public) => offer.push(None, None, Material::Public(public)),
                Found::Certificate(der) => match Certificate::from_der(&der) {
                    Ok(certificate) => certificates.push(certificate),
                    Err(error) => offer.refused.push(error.to_string()),
                },
                Found::Jwk(jwk) => offer.push_jwk(*jwk, &mut certificates),
                Found::Refused(error) => offer.refused.push(error.to_string()),
            }
        }
        offer.hand_out(&certificates);
        offer
    }

    fn push_jwk(&mut self, jwk: Jwk, certificates: &mut Vec<Certificate>) {
        let (public, material) = match jwk {
            Jwk::Public(public) => {
                let material = Material::Public(public.key.clone());
                (public, material)
            }
            Jwk::Private { public, private } => (public, Material::Private(private)),
            Jwk::Symmetric { .. } => {
                self.refused.push(
                    "a symmetric key (oct): name its file with keyfob verify --key FILE instead"
                        .to_owned(),
                );
                return;
            }
        };
        let alg = match algorithm_of(&public) {
            Ok(alg) => alg,
            Err(alg) => {
                self.refused.push(format!(
                    "a key for {alg}: keyfob keeps signature keys of RS, PS, ES and EdDSA"
                ));
                return;
            }
        };
        for (position, der) in public.x5c.iter().enumerate() {
            match Certificate::from_der(der) {
                // RFC 7517 section 4.7: the first one is the key's own.
                Ok(leaf) if position == 0 && !chain::belongs(&leaf, &public.key) => {
                    self.refused
                        .push("a JWK whose x5c belongs to another key".to_owned());
                    return;
                }
                Ok(certificate) => certificates.push(certificate),
                Err(error) => self.refused.push(format!("x5c: {error}")),
            }
        }
        self.push(public.kid, alg, material);
    }

    fn push(&mut self, kid: Option<String>, alg: Option<Algorithm>, material: Material) {
        let alg_of = |key: &PublicKey| alg.unwrap_or_else(|| key.key_type().default_algorithm());
        let new = Candidate {
            kid,
            alg: alg_of(material.public()),
            material,
            chain: Vec::new(),
        };
        match self
            .keys
            .iter_mut()
            .find(|known| known.public() == new.public())
        {
            None => self.keys.push(new),
            Some(known) => {
                known.kid = known.kid.take().or(new.kid);
                if alg.is_some() {
                    known.alg = new.alg;
                }
                if let Material::Private(_) = new.material {
                    known.material = new.material;
                }
            }
        }
    }

    /// Gives each key its leaf and the certificates above it. A leaf of no key here is refused, and
    /// with it a private key that stands alone beside it.
    fn hand_out(&mut self, certificates: &[Certificate]) {
        let bag = Bag::new(certificates);
        if self.keys.is_empty() {
            // Certificates alone: the keys of others.
            for key in bag.leaf_keys() {
                match key {
                    Ok(public) => self.push(None, None, Material::Public(public.clone())),
                    Err(error) => self.refused.push(format!("a certificate: {error}")),
                }
            }
        }
        for key in &mut self.keys {
            key.chain = bag.chain_of(key.public());
        }
        if let [key] = self.keys.as_slice()
            && matches!(key.material, Material::Private(_))
            && key.chain.is_empty()
            && !certificates.is_empty()
        {
            self.refused.push(format!(
                "a private key ({}) whose certificate belongs to another: import them apart",
                key.public().label()
            ));
            self.keys.clear();
        }
        if self.keys.is_empty() {
            return;
        }
        let used: HashSet<&[u8]> = self
            .keys
            .iter()
            .flat_map(|key| key.chain.iter().map(Certificate::der))
            .collect();
        for certificate in certificates {
            if !used.contains(certificate.der()) {
                self.refused.push(
                    "a certificate that belongs to none of the keys beside it: it was left out"
                        .to_owned(),
                );
            }
        }
    }
}

/// Everything that `reader` gives, at most 4 MiB: no key or token is larger.
pub fn read(reader: impl Read) -> io::Result<Secret<Vec<u8>>> {
    const LIMIT: u64 = 4 << 20;
    let mut bytes = Secret::new(Vec::new());
    let length = reader.take(LIMIT + 1).read_to_end(bytes.expose_mut())?;
    if length as u64 > LIMIT {
        let kind = io::ErrorKind::FileTooLarge;
        return Err(io::Error::new(
            kind,
            "it is larger than 4 MiB: no key or token is",
        ));
    }
    Ok(bytes)
}

/// Adds every key of `offer`; `kid` names a single one. All are checked before the first is
/// written.
pub fn add_all(
    keystore: &Keystore,
    offer: Offer,
    kid: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Imported>, KeystoreError> {
    if kid.is_some() && offer.keys.len() > 1 {
        return Err(KeystoreError::Damaged {
            file: "--kid".to_owned(),
            reason: format!(
                "it names one key, and there are {}: import without it",
                offer.keys.len()
            ),
        });
    }
    // What is added goes where none stands.
    let mut imported = Vec::new();
    let mut planned = Vec::new();
    for candidate in offer.keys {
        let thumbprint = candidate.public().thumbprint();
        match keystore.stored(&thumbprint)? {
            Some(record) => imported.push(Some(record)),
            None => {
                if let Some(kid) = kid {
                    check_given(kid)?;
                }
                let name = kid.map(str::to_owned).or(candidate.kid);
                let kid = name.unwrap_or_else(|| thumbprint.to_string());
                imported.push(None);
                planned.push(NewKey {
                    kid,
                    alg: candidate.alg,
                    material: candidate.material,
                    chain: candidate.chain,
                    profile: None,
                });
            }
        }
    }
    let mut added = keystore.add_all(planned, now)?.into_iter();
    Ok(imported
        .into_iter()
        .filter_map(|here| {
            here.map(Imported::AlreadyHere)
                .or_else(|| added.next().map(Imported::Added))
        })
        .collect())
}

/// The `alg` of a JWK where it names a signature algorithm that fits; the error is its text.
fn algorithm_of(jwk: &PublicJwk) -> Result<Option<Algorithm>, String> {
    let Some(name) = &jwk.alg else {
        return Ok(None);
    };
    match name.parse::<Algorithm>() {
        Ok(alg) if jwk.key.supports(alg) => Ok(Some(alg)),
        _ => Err(name.clone()),
    }
}
