//! Certificates in order.

use super::certificate::Certificate;
use crate::jose::key::PublicKey;

/// Of a bag of certificates those that belong to `key`: its leaf first, then the issuers of each
/// as far as they are there. Several leaves: the one that ends last.
pub fn ordered(key: &PublicKey, certificates: &[Certificate]) -> Vec<Certificate> {
    let leaf = certificates
        .iter()
        .filter(|certificate| belongs(certificate, key))
        .max_by_key(|certificate| certificate.not_after());
    let Some(leaf) = leaf else {
        return Vec::new();
    };
    let mut chain = vec![leaf.clone()];
    while let Some(issuer) = chain.last().and_then(|last| issuer_of(last, certificates)) {
        if chain.contains(issuer) {
            break;
        }
        chain.push(issuer.clone());
    }
    chain
}

/// Whether `certificate` was made for `key`.
pub fn belongs(certificate: &Certificate, key: &PublicKey) -> bool {
    certificate.public_key().is_ok_and(|own| own == *key)
}

fn issuer_of<'a>(
    certificate: &Certificate,
    certificates: &'a [Certificate],
) -> Option<&'a Certificate> {
    let issuer = certificate
        .parsed()
        .ok()?
        .tbs_certificate()
        .issuer()
        .clone();
    certificates.iter().find(|candidate| {
        candidate
            .parsed()
            .is_ok_and(|parsed| parsed.tbs_certificate().subject() == &issuer)
    })
}
