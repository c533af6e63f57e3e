//! Certificates that came together, each read once: a file may hold thousands.

use std::{
    cell::{Cell, OnceCell},
    collections::{HashMap, HashSet},
};

use super::{
    certificate::Certificate,
    details::{Details, DistinguishedName},
    signature::{self, Check},
};
use crate::jose::key::{KeyError, PublicKey};

/// Certificates, and which of them belongs to whom.
#[derive(Debug)]
pub struct Bag<'a> {
    members: Vec<Member<'a>>,
    /// The member of each key; of several the one that ends last.
    leaves: HashMap<Vec<u8>, usize>,
    /// The members of each subject, by its name's text.
    subjects: HashMap<String, Vec<usize>>,
    /// How many signatures may still be checked.
    checks_left: Cell<usize>,
}

#[derive(Debug)]
struct Member<'a> {
    certificate: &'a Certificate,
    key: Result<PublicKey, KeyError>,
    /// The issuer's name as text.
    issuer: String,
    /// The member that issued it, once it was looked for.
    issued_by: OnceCell<Option<usize>>,
}

/// How many certificates of one name are tried for the one that signed.
const MOST_NAMESAKES: usize = 8;
/// How many signatures are checked in all: a fifth of a second of the dearest kind.
const MOST_CHECKS: usize = 1024;
/// No chain that anybody checks has more members.
const LONGEST_CHAIN: usize = 32;

impl<'a> Bag<'a> {
    /// Reads each certificate's key and names.
    pub fn new(certificates: &'a [Certificate]) -> Self {
        let mut bag = Self {
            members: Vec::new(),
            leaves: HashMap::new(),
            subjects: HashMap::new(),
            checks_left: Cell::new(MOST_CHECKS),
        };
        for certificate in certificates {
            bag.put(certificate);
        }
        bag
    }

    /// The leaf of `key` first, then the issuers of each as far as they are there.
    pub fn chain_of(&self, key: &PublicKey) -> Vec<Certificate> {
        let mut positions = Vec::new();
        let mut next = self.leaves.get(key.spki_der()).copied();
        while let Some(position) = next.filter(|position| !positions.contains(position)) {
            if positions.len() == LONGEST_CHAIN {
                break;
            }
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
                self.issuer_of(position)
                    .filter(|issuer| *issuer != position)
            })
            .collect();
        self.members
            .iter()
            .enumerate()
            .filter(move |(position, _)| !issuers.contains(position))
            .map(|(_, member)| &member.key)
    }

    /// The member of the issuer's name, of several the one whose key signed.
    fn issuer_of(&self, position: usize) -> Option<usize> {
        let member = &self.members[position];
        *member.issued_by.get_or_init(|| self.find_issuer_of(member))
    }

    fn find_issuer_of(&self, member: &Member<'_>) -> Option<usize> {
        let named = self.subjects.get(&member.issuer)?;
        if named.len() == 1 {
            return named.first().copied();
        }
        let algorithm = Details::of(member.certificate).signature;
        let signed = named.iter().take(MOST_NAMESAKES).find(|candidate| {
            let Some(left) = self.checks_left.get().checked_sub(1) else {
                return false;
            };
            self.checks_left.set(left);
            let key = self.members[**candidate].key.as_ref();
            key.is_ok_and(|key| {
                signature::check(member.certificate.der(), &algorithm, key) == Check::Good
            })
        });
        signed.or(named.first()).copied()
    }

    fn put(&mut self, certificate: &'a Certificate) {
        let position = self.members.len();
        let key = certificate.public_key();
        let mut issuer = String::new();
        if let Ok(parsed) = certificate.parsed() {
            let tbs = parsed.tbs_certificate();
            issuer = DistinguishedName::of(tbs.issuer()).text;
            let subject = DistinguishedName::of(tbs.subject()).text;
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
            issued_by: OnceCell::new(),
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

    #[test]
    fn a_chain_is_taken_no_further_than_anybody_checks_it() {
        let pem = include_str!("../../tests/vectors/long-chain.pem");
        let certificates = Certificate::all_from_pem(pem).unwrap();
        let key = certificates[0].public_key().unwrap();
        assert!(certificates.len() > LONGEST_CHAIN);
        assert_eq!(
            Bag::new(&certificates).chain_of(&key),
            certificates[..LONGEST_CHAIN]
        );
    }
}
