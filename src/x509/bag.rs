//! Certificates that came together, each read once: a file may hold thousands.

use std::collections::{HashMap, HashSet};

use der::Encode;

use super::{
    certificate::Certificate,
    details::Details,
    signature::{self, Check},
};
use crate::jose::key::{KeyError, PublicKey};

/// Certificates, and which of them belongs to whom.
#[derive(Debug)]
pub struct Bag<'a> {
    members: Vec<Member<'a>>,
    /// The member of each key; of several the one that ends last.
    leaves: HashMap<Vec<u8>, usize>,
    /// The members of each subject, its name as DER.
    subjects: HashMap<Vec<u8>, Vec<usize>>,
}

#[derive(Debug)]
struct Member<'a> {
    certificate: &'a Certificate,
    key: Result<PublicKey, KeyError>,
    /// The issuer's name as DER.
    issuer: Vec<u8>,
}

/// How many certificates of one name are tried for the one that signed.
const MOST_NAMESAKES: usize = 8;

impl<'a> Bag<'a> {
    /// Reads each certificate's key and names.
    pub fn new(certificates: &'a [Certificate]) -> Self {
        let mut bag = Self {
            members: Vec::new(),
            leaves: HashMap::new(),
            subjects: HashMap::new(),
        };
        for certificate in certificates {
            bag.put(certificate);
        }
        bag
    }

    /// The leaf of `key` first, then the issuers of each as far as they are there.
    pub fn chain_of(&self, key: &PublicKey) -> Vec<Certificate> {
        let mut positions = Vec::new();
        let mut next = self.leaves.get(key.spki_der());
        while let Some(&position) = next.filter(|position| !positions.contains(*position)) {
            positions.push(position);
            next = self.issuer_of(position);
        }
        positions
            .into_iter()
            .map(|position| self.members[position].certificate.clone())
            .collect()
    }

    /// The keys of those that issued no other one here, or why a key cannot be read.
    pub fn leaf_keys(&self) -> impl Iterator<Item = &Result<PublicKey, KeyError>> {
        let issuers: HashSet<usize> = self
            .members
            .iter()
            .enumerate()
            .filter_map(|(position, _)| {
                let issuer = self.issuer_of(position).copied();
                issuer.filter(|issuer| *issuer != position)
            })
            .collect();
        self.members
            .iter()
            .enumerate()
            .filter(move |(position, _)| !issuers.contains(position))
            .map(|(_, member)| &member.key)
    }

    /// The member of the issuer's name, of several the one whose key signed.
    fn issuer_of(&self, position: usize) -> Option<&usize> {
        let member = &self.members[position];
        let named = self.subjects.get(&member.issuer)?;
        if named.len() == 1 {
            return named.first();
        }
        let algorithm = Details::of(member.certificate).signature;
        let signed = named.iter().take(MOST_NAMESAKES).find(|candidate| {
            let key = self.members[**candidate].key.as_ref();
            key.is_ok_and(|key| {
                signature::check(member.certificate, &algorithm, key) == Check::Good
            })
        });
        signed.or(named.first())
    }

    fn put(&mut self, certificate: &'a Certificate) {
        let position = self.members.len();
        let key = certificate.public_key();
        let mut issuer = Vec::new();
        if let Ok(parsed) = certificate.parsed() {
            let tbs = parsed.tbs_certificate();
            issuer = tbs.issuer().to_der().unwrap_or_default();
            let subject = tbs.subject().to_der().unwrap_or_default();
            self.subjects.entry(subject).or_default().push(position);
        }
        if let Ok(key) = &key {
            let leaf = self
                .leaves
                .entry(key.spki_der().to_vec())
                .or_insert(position);
            let known = self.members.get(*leaf).map(|known| known.certificate);
            if known.is_some_and(|known| known.not_after() <= certificate.not_after()) {
                *leaf = position;
            }
        }
        self.members.push(Member {
            certificate,
            key,
            issuer,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_ordered_whatever_the_order_of_the_file() {
        let pem = include_str!("../../tests/vectors/chain.pem");
        let mut certificates = Certificate::all_from_pem(pem).unwrap();
        let key = certificates[0].public_key().unwrap();
        let expected = Bag::new(&certificates).chain_of(&key);
        assert_eq!(expected, certificates);
        certificates.reverse();
        let bag = Bag::new(&certificates);
        assert_eq!(bag.chain_of(&key), expected);
        let leaves: Vec<_> = bag.leaf_keys().collect();
        assert_eq!(leaves, [&Ok(key)]);
    }
}
