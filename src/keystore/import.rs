//! Putting what a file held into the keystore.

mod hashes;
mod jwk;
mod published;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io::{self, Read},
};

use jiff::Timestamp;

pub(crate) use crate::disk::{can_be_read, open};

use super::{
    certify,
    error::KeystoreError,
    kid::{check_given, check_imported},
    record::{Half, Record},
    store::{Keystore, Material, NewKey},
};
use crate::{
    jose::{algorithm::Algorithm, key::PublicKey, pem::Found, thumbprint::Thumbprint},
    secret::Secret,
    x509::{bag::Bag, certificate::Certificate, request::Request},
};

/// One key to import, its certificates found beside it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The name the file gave it (`kid` of a JWK).
    pub kid: Option<String>,
    /// What the file calls it, for people: an alias, a comment.
    pub called: Option<String>,
    /// The key's `alg`, else the default of its type.
    pub alg: Algorithm,
    /// The private key, or the public half where there is no more.
    pub material: Material,
    /// Certificates of this key, leaf first.
    pub chain: Vec<Certificate>,
    /// What the file held of it.
    pub source: Source,
}

/// What a file held of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// Certificates alone.
    Certificates,
    /// The key itself.
    Key,
}

/// What a file offers for import.
#[derive(Debug, Default)]
pub struct Offer {
    /// The keys, each once.
    pub keys: Vec<Candidate>,
    /// Why parts were left out.
    pub refused: Vec<String>,
    /// Members of JWKs that are not kept, by name.
    pub unkept: BTreeSet<String>,
}

/// How a candidate stands to the keystore.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The same key is there, under this kid.
    Here(String),
    /// Another key has its name, there or earlier in the offer.
    NameTaken(String),
    /// The same key is there, under this kid, and lacks something that the file has.
    Lacking(String),
    /// It can be imported.
    New,
    /// It cannot, and why.
    Refused(String),
}

/// What became of a candidate.
#[derive(Debug)]
pub enum Imported {
    /// It is in the keystore now.
    Added(Record),
    /// The same key was there before; nothing was changed.
    AlreadyHere(Record),
    /// The same key was there before; it has the file's certificates now.
    Certified(Record),
    /// Its public half was there before; the private one is now too.
    Completed(Record),
}

impl Candidate {
    /// The public half.
    pub fn public(&self) -> &PublicKey {
        self.material.public()
    }

    /// A key that nothing stands beside.
    fn bare(material: Material, called: Option<String>) -> Self {
        Self {
            kid: None,
            called,
            alg: material.public().key_type().default_algorithm(),
            material,
            chain: Vec::new(),
            source: Source::Key,
        }
    }

    /// How it stands to `record`, the same key.
    fn beside(&self, record: Record) -> Standing {
        let completes =
            matches!(self.material, Material::Private(_)) && record.half == Half::PublicOnly;
        match self.chain_for(&record) {
            Err(error) => Standing::Refused(error.to_string()),
            Ok(None) if !completes => Standing::Here(record.kid),
            Ok(_) => Standing::Lacking(record.kid),
        }
    }

    /// The certificates that `record`, the same key, is to have from now on, where they change.
    fn chain_for(&self, record: &Record) -> Result<Option<Vec<Certificate>>, KeystoreError> {
        match (self.source, record.leaf()) {
            // A certificate that comes alone is meant; one beside a key may be an old one.
            (Source::Certificates, _) | (Source::Key, None) if !self.chain.is_empty() => {
                let chain = certify::answer(record, &self.chain)?.chain;
                Ok(Some(chain).filter(|chain| *chain != record.chain))
            }
            _ => Ok(None),
        }
    }

    /// Puts what `record`, the same key, lacks beside it.
    fn join(
        self,
        keystore: &Keystore,
        record: Record,
        chain: Option<Vec<Certificate>>,
    ) -> Result<Imported, KeystoreError> {
        let certified = match chain {
            Some(chain) => Some(keystore.set_chain(&record, chain, None)?),
            None => None,
        };
        let current = certified.as_ref().unwrap_or(&record);
        if let Material::Private(private) = &self.material
            && current.half == Half::PublicOnly
        {
            return keystore.complete(current, private).map(Imported::Completed);
        }
        Ok(match certified {
            Some(record) => Imported::Certified(record),
            None => Imported::AlreadyHere(record),
        })
    }

    /// The kid that it gets: its own, else its thumbprint.
    pub fn name(&self) -> String {
        let own = self.kid.clone();
        own.unwrap_or_else(|| self.public().thumbprint().to_string())
    }
}

impl Standing {
    /// Whether an import changes the keystore.
    #[must_use]
    pub fn can_be_imported(&self) -> bool {
        matches!(self, Self::Lacking(_) | Self::New)
    }
}

impl Offer {
    /// Sorts what was found: a public half beside its private one is one key; certificates go to
    /// the key they were made for.
    pub fn of(found: Vec<Found>) -> Self {
        let jwks = found.iter().filter_map(|part| match part {
            Found::Jwk(jwk) => jwk.public(),
            _ => None,
        });
        hashes::compute(&jwks.map(|public| &public.key).collect::<Vec<_>>());
        let mut offer = Self::default();
        let mut places = HashMap::new();
        let mut certificates = Vec::new();
        for part in found {
            match part {
                Found::Private(private, called) => {
                    let new = Candidate::bare(Material::Private(private), called);
                    offer.push(new, None, &mut places);
                }
                Found::Public(public, called) => {
                    let new = Candidate::bare(Material::Public(public), called);
                    offer.push(new, None, &mut places);
                }
                Found::Request(der) => match Request::from_der(&der) {
                    Ok(request) => {
                        let public = Material::Public(request.public().clone());
                        offer.push(Candidate::bare(public, None), None, &mut places);
                    }
                    Err(error) => offer.refused.push(error.to_string()),
                },
                Found::Certificate(der) => match Certificate::from_der(&der) {
                    Ok(certificate) => certificates.push(certificate),
                    Err(error) => offer.refused.push(error.to_string()),
                },
                Found::Jwk(jwk) => offer.push_jwk(*jwk, &mut certificates, &mut places),
                Found::Refused(error) => offer.refused.push(error.to_string()),
            }
        }
        offer.hand_out(&certificates, &mut places);
        offer
    }

    /// Gives each key without a kid the name that the file calls it by, where that can be given and
    /// no other key has it.
    pub fn take_names(&mut self, keystore: &Keystore) -> Result<(), KeystoreError> {
        let called = |key: &Candidate| {
            let name = key.called.clone().filter(|_| key.kid.is_none());
            name.filter(|name| check_given(name).is_ok())
        };
        if self.keys.iter().all(|key| called(key).is_none()) {
            return Ok(());
        }
        let mut kids = keystore.kids()?;
        kids.extend(self.keys.iter().filter_map(|key| key.kid.clone()));
        for key in &mut self.keys {
            if let Some(name) = called(key)
                && kids.insert(name.clone())
            {
                key.kid = Some(name);
            }
        }
        Ok(())
    }

    /// The keys at some places, without what was left out.
    #[must_use]
    pub fn only(&self, places: &[usize]) -> Self {
        let keys = places.iter().filter_map(|place| self.keys.get(*place));
        Self {
            keys: keys.cloned().collect(),
            ..Self::default()
        }
    }

    /// Leaves out, of several keys, those that cannot be imported, each with its reason.
    pub fn leave_out(&mut self, keystore: &Keystore) -> Result<(), KeystoreError> {
        if self.keys.len() < 2 {
            return Ok(());
        }
        self.take_names(keystore)?;
        let standings = self.standings(keystore)?;
        let keys = std::mem::take(&mut self.keys);
        for (key, standing) in keys.into_iter().zip(standings) {
            match standing {
                Standing::NameTaken(kid) => self.refused.push(format!(
                    "{} {}: another key is called {kid}: import it from a file of its own with \
                     --kid NAME",
                    key.public().label(),
                    key.public().thumbprint(),
                )),
                Standing::Refused(reason) => self.refused.push(reason),
                Standing::Here(_) | Standing::Lacking(_) | Standing::New => self.keys.push(key),
            }
        }
        Ok(())
    }

    /// How each key stands to what is stored.
    pub fn standings(&self, keystore: &Keystore) -> Result<Vec<Standing>, KeystoreError> {
        let mut kids = keystore.kids()?;
        let mut stored = keystore.stored_of(self.thumbprints())?;
        let standings = self.keys.iter().map(|candidate| {
            Ok(match stored.remove(&candidate.public().thumbprint()) {
                Some(record) => candidate.beside(record),
                None => match check_imported(&candidate.name()) {
                    Err(error) => Standing::Refused(error.to_string()),
                    Ok(()) if kids.insert(candidate.name()) => Standing::New,
                    Ok(()) => Standing::NameTaken(candidate.name()),
                },
            })
        });
        standings.collect()
    }

    fn thumbprints(&self) -> impl Iterator<Item = Thumbprint> {
        self.keys.iter().map(|key| key.public().thumbprint())
    }

    /// Puts a key in, or what is new of it; `places` knows where each public half stands.
    fn push(
        &mut self,
        new: Candidate,
        alg: Option<Algorithm>,
        places: &mut HashMap<Thumbprint, usize>,
    ) {
        let next = self.keys.len();
        let place = *places.entry(new.public().thumbprint()).or_insert(next);
        if place == next {
            self.keys.push(new);
        } else {
            let known = &mut self.keys[place];
            known.kid = known.kid.take().or(new.kid);
            known.called = known.called.take().or(new.called);
            if let Material::Private(_) = new.material {
                known.material = new.material;
            }
        }
        if let Some(alg) = alg {
            self.keys[place].alg = alg;
        }
    }

    /// Gives each key its leaf and the certificates above it. A leaf of no key here is refused, and
    /// with it a private key that stands alone beside it.
    fn hand_out(&mut self, certificates: &[Certificate], places: &mut HashMap<Thumbprint, usize>) {
        let bag = Bag::new(certificates);
        if self.keys.is_empty() {
            // Certificates alone: the keys of others.
            for key in bag.leaf_keys() {
                match key {
                    Ok(public) => {
                        let mut new = Candidate::bare(Material::Public(public.clone()), None);
                        new.source = Source::Certificates;
                        self.push(new, None, places);
                    }
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

/// Everything that `reader` gives: at most 4 MiB, for no key or token is larger; of JSON, which may
/// be a JWK Set, at most 128 MiB.
pub fn read(mut reader: impl Read) -> io::Result<Secret<Vec<u8>>> {
    const LIMIT: u64 = 4 << 20;
    const SET_LIMIT: u64 = 128 << 20;
    let mut bytes = Secret::new(Vec::new());
    let mut is_longer = |limit: u64, bytes: &mut Secret<Vec<u8>>| {
        let read = bytes.expose().len() as u64;
        let mut rest = reader.by_ref().take(limit + 1 - read);
        let more = rest.read_to_end(bytes.expose_mut())? as u64;
        io::Result::Ok(read + more > limit)
    };
    let too_large = |reason: &str| io::Error::new(io::ErrorKind::FileTooLarge, reason);
    if is_longer(LIMIT, &mut bytes)? {
        let begins = |bytes: &[u8]| bytes.trim_ascii_start().first().copied();
        if begins(bytes.expose()) != Some(b'{') {
            return Err(too_large("it is larger than 4 MiB: no key or token is"));
        }
        if is_longer(SET_LIMIT, &mut bytes)? {
            return Err(too_large(
                "it is larger than 128 MiB: no JWK Set is taken whole",
            ));
        }
    }
    Ok(bytes)
}

/// Adds every key of `offer`; `kid` names a single one. All new ones are checked before the first is
/// written; a key that is here already gets what it lacks.
pub fn add_all(
    keystore: &Keystore,
    mut offer: Offer,
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
    match kid {
        None => offer.take_names(keystore)?,
        Some(kid) => check_certificate_is_for(kid, &offer, keystore)?,
    }
    // What is added goes where none stands.
    let mut imported = Vec::new();
    let mut planned = Vec::new();
    let mut stored = keystore.stored_of(offer.thumbprints())?;
    for candidate in offer.keys {
        match stored.remove(&candidate.public().thumbprint()) {
            Some(record) => {
                let chain = candidate.chain_for(&record)?;
                imported.push(Some((candidate, record, chain)));
            }
            None => {
                if let Some(kid) = kid {
                    check_given(kid)?;
                }
                let kid = kid.map_or_else(|| candidate.name(), str::to_owned);
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
    imported
        .into_iter()
        .filter_map(|here| match here {
            Some((candidate, record, chain)) => Some(candidate.join(keystore, record, chain)),
            None => added.next().map(|record| Ok(Imported::Added(record))),
        })
        .collect()
}

/// Refuses certificates without a key for a kid that is here and another key's.
fn check_certificate_is_for(
    kid: &str,
    offer: &Offer,
    keystore: &Keystore,
) -> Result<(), KeystoreError> {
    let [only] = offer.keys.as_slice() else {
        return Ok(());
    };
    match keystore.find(kid) {
        Ok(record) if only.source == Source::Certificates && record.public != *only.public() => {
            certify::answer(&record, &only.chain).map(|_| ())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
