//! Certificates in order.

use std::collections::HashMap;

use super::{
    certificate::Certificate,
    details::{Authority, Details, authority},
    signature::{self, Check, SignatureAlgorithm, Strength},
};
use crate::jose::key::PublicKey;

/// One certificate of a chain, and what holds it to the next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    /// Whom the certificate is about.
    pub subject: String,
    /// What it is signed with.
    pub signature: SignatureAlgorithm,
    /// Whether it holds.
    pub state: LinkState,
}

/// Whether a link of a chain holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LinkState {
    /// Its signature is not the issuer's.
    BadSignature,
    /// Its issuer's certificate is here, but does not follow it.
    IssuerElsewhere {
        /// The issuer's name.
        issuer: String,
        /// Where the issuer stands; the first place is 1.
        place: usize,
    },
    /// Its issuer's certificate is not here.
    IssuerMissing {
        /// The issuer's name.
        issuer: String,
    },
    /// The signature is right, but the next certificate may not issue any.
    IssuerNoCa,
    /// The signature cannot be checked, and why.
    NotChecked(String),
    /// The certificate is signed by its own key.
    SelfSigned,
    /// The next certificate's key signed it.
    SignedByNext,
}

impl Link {
    /// What holds the certificate to the next one; the texts of names are raw.
    pub fn words(&self) -> String {
        let weak = if self.signature.strength == Strength::Weak {
            format!(", but weak: {}", self.signature.name)
        } else {
            String::new()
        };
        match &self.state {
            LinkState::BadSignature => "✗ its signature is not its issuer's".to_owned(),
            LinkState::IssuerElsewhere { issuer, place } => format!(
                "! its issuer {issuer} stands at {place}: a chain is in order, each certificate \
                 before its issuer"
            ),
            LinkState::IssuerMissing { issuer } if issuer.is_empty() => {
                "○ its issuer, an empty name, is not here".to_owned()
            }
            LinkState::IssuerMissing { issuer } => format!("○ its issuer {issuer} is not here"),
            LinkState::IssuerNoCa => {
                format!("✗ signed by the next, which may not act as a CA{weak}")
            }
            LinkState::NotChecked(why) => format!("○ its signature was not checked: {why}"),
            LinkState::SelfSigned => format!("✓ signed by itself{weak}"),
            LinkState::SignedByNext => format!("✓ signed by the next{weak}"),
        }
    }
}

/// Every certificate of `chain`, leaf first, with what holds it to the next.
pub fn links(chain: &[Certificate]) -> Vec<Link> {
    let all: Vec<Details> = chain.iter().map(Details::of).collect();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (position, details) in all.iter().enumerate() {
        places.entry(&details.subject.text).or_insert(position);
    }
    let link = |(position, certificate)| {
        let details: &Details = &all[position];
        let mut state = state(certificate, details, chain.get(position + 1));
        if let LinkState::IssuerMissing { issuer } = &state
            && let Some(place) = places.get(issuer.as_str())
        {
            state = LinkState::IssuerElsewhere {
                issuer: issuer.clone(),
                place: place + 1,
            };
        }
        Link {
            state,
            subject: details.subject.text.clone(),
            signature: details.signature.clone(),
        }
    };
    chain.iter().enumerate().map(link).collect()
}

/// Whether `certificate` was made for `key`.
pub fn belongs(certificate: &Certificate, key: &PublicKey) -> bool {
    certificate.public_key().is_ok_and(|own| own == *key)
}

/// Whether a certificate is its key's own work, as far as that can be checked.
pub fn is_self_signed(certificate: &Certificate) -> bool {
    let state = state(certificate, &Details::of(certificate), None);
    // Nothing else than its own signature was there to be checked.
    matches!(state, LinkState::SelfSigned | LinkState::NotChecked(_))
}

fn state(certificate: &Certificate, details: &Details, next: Option<&Certificate>) -> LinkState {
    let check = |signer: &Certificate| match signer.public_key() {
        Ok(key) => signature::check(certificate.der(), &details.signature, &key),
        Err(error) => Check::NotChecked(format!("the issuer's key is not usable: {error}")),
    };
    if details.subject == details.issuer {
        match check(certificate) {
            Check::Good => return LinkState::SelfSigned,
            Check::NotChecked(why) => return LinkState::NotChecked(why),
            // A new key of the same name, signed by the old one, is no self-signed certificate.
            Check::Bad => {}
        }
    }
    let issuer = next.filter(|next| Details::of(next).subject == details.issuer);
    match issuer.map(|issuer| (check(issuer), authority(issuer))) {
        Some((Check::Good, Authority::Ca)) => LinkState::SignedByNext,
        Some((Check::Good, Authority::EndEntity)) => LinkState::IssuerNoCa,
        Some((Check::NotChecked(why), _)) => LinkState::NotChecked(why),
        Some((Check::Bad, _)) => LinkState::BadSignature,
        None if details.subject == details.issuer => LinkState::BadSignature,
        None => LinkState::IssuerMissing {
            issuer: details.issuer.text.clone(),
        },
    }
}
